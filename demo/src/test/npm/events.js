'use strict';
// Usage: node events.js URL
// Listens to ticks, loses its connection, comes back, and prints one line of JSON: the ids before and after.

const { EventSource } = require('eventsource');
const url = process.argv[2];
const result = { before: [], after: [], names: new Set(), lastEventIds: [] };
let abort;

const source = new EventSource(url, {
  fetch: (input, init) => {
    abort = new AbortController();
    result.lastEventIds.push(init.headers['Last-Event-ID'] ?? null);
    return fetch(input, { ...init, signal: abort.signal }).then(response => cutOff(response));
  },
});

// After two ticks of the first connection its body ends, as if the network had failed.
function cutOff(response) {
  if (result.lastEventIds.length > 1) return response;
  const reader = response.body.getReader();
  const body = new ReadableStream({
    async pull(controller) {
      if (result.before.length >= 2) {
        await reader.cancel();
        controller.close();
        return;
      }
      const { value, done } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  });
  return new Proxy(response, { get: (target, name) => (name === 'body' ? body : typeof target[name] === 'function' ? target[name].bind(target) : target[name]) });
}

source.addEventListener('tick', event => {
  const ids = result.lastEventIds.length > 1 ? result.after : result.before;
  ids.push(Number(event.lastEventId));
  result.names.add(event.type);
  if (result.after.length >= 3) {
    source.close();
    console.log(JSON.stringify({ ...result, names: [...result.names] }));
    process.exit(0);
  }
});
setTimeout(() => { console.error('no end in sight', JSON.stringify(result)); process.exit(3); }, 40000).unref();

'use strict';
// Usage: node stay-away.js URL
// Listens, comes back when the stream ends, and prints one line of JSON when it is told not to: what it got and why it ended.

const { EventSource } = require('eventsource');
const source = new EventSource(process.argv[2]);
const result = { ids: [] };
source.onmessage = event => result.ids.push(event.lastEventId);
source.onerror = event => {
  if (source.readyState !== EventSource.CLOSED) return;
  console.log(JSON.stringify({ ...result, code: event.code ?? null }));
};
setTimeout(() => { console.error('no end in sight', JSON.stringify(result)); process.exit(3); }, 40000).unref();

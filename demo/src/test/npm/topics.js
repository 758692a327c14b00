'use strict';
// Usage: node topics.js URL
// Listens to a topic until it says "end", whatever that takes, and prints one line of JSON: what came, data or "reset".

const { EventSource } = require('eventsource');
const source = new EventSource(process.argv[2]);
const heard = [];
source.addEventListener('hawser.reset', () => heard.push('reset'));
source.onmessage = event => {
  heard.push(event.data);
  if (event.data !== 'end') return;
  source.close();
  console.log(JSON.stringify(heard));
};
setTimeout(() => { console.error('no end in sight', JSON.stringify(heard)); process.exit(3); }, 80000).unref();

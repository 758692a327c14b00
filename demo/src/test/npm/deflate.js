'use strict';
// Usage: node deflate.js ws|faye-websocket URL
// Connects to an echo with permessage-deflate in every combination of its four parameters, on the client's and on the
// server's side, and prints one line of JSON: for each combination what was agreed on, and whatever came back wrong.

const [, , library, url] = process.argv;
const json = Array.from({ length: 40 }, (_, i) => ({ id: i * 7919, name: 'rope ' + i, tags: ['quay', 'ship'], at: 1e12 + i }));
let noise = 1;
const random = Buffer.from(Array.from({ length: 50000 }, () => (noise = (noise * 48271) % 2147483647) & 255));
const messages = [
  'Hello', JSON.stringify(json), JSON.stringify(json).replace(/rope/g, 'line'), '', 'Grüße, мир, 世界, 😀 '.repeat(50),
  random, 'x'.repeat(300000), random, 'Hello',
];

const open = {
  ws(path, offer) {
    const WebSocket = require('ws');
    const socket = new WebSocket(url + path, {
      perMessageDeflate: {
        threshold: 0,
        serverNoContextTakeover: offer[0] || undefined, // false would be a refusal
        clientNoContextTakeover: offer[1] || undefined,
        serverMaxWindowBits: offer[2] ? 8 : undefined,
        clientMaxWindowBits: offer[3] ? 10 : true,
      },
    });
    let header;
    socket.on('upgrade', response => (header = response.headers['sec-websocket-extensions']));
    return {
      onopen: f => socket.on('open', f),
      onmessage: f => socket.on('message', (data, binary) => f(binary ? data : data.toString())),
      onend: f => { socket.on('error', f); socket.on('close', code => f('closed with ' + code)); },
      send: (data, i) => {
        if (i === 2) { // in two fragments
          socket.send(data.slice(0, 1000), { fin: false });
          socket.send(data.slice(1000), { fin: true });
        } else {
          socket.send(data, { compress: i !== 4 });
        }
      },
      agreed: () => header,
      close: () => socket.close(),
    };
  },
  'faye-websocket'(path, offer) {
    const WebSocket = require('faye-websocket');
    const deflate = require('permessage-deflate').configure({
      requestNoContextTakeover: offer[0],
      noContextTakeover: offer[1],
      requestMaxWindowBits: offer[2] ? 9 : undefined,
      maxWindowBits: offer[3] ? 10 : undefined,
    });
    const socket = new WebSocket.Client(url + path, [], { extensions: [deflate] });
    return {
      onopen: f => socket.on('open', f),
      onmessage: f => socket.on('message', event => f(event.data)),
      onend: f => { socket.on('error', event => f(event.message)); socket.on('close', event => f('closed with ' + event.code)); },
      send: data => socket.send(data),
      agreed: () => socket.headers['sec-websocket-extensions'],
      close: () => socket.close(),
    };
  },
}[library];

const flags = bits => [8, 4, 2, 1].map(bit => (bits & bit) !== 0);

function run(server, client) {
  return new Promise(resolve => {
    const [serverForgets, clientForgets, serverBits, clientBits] = flags(server);
    const path = `?serverForgets=${serverForgets}&clientForgets=${clientForgets}&serverBits=${serverBits ? 9 : 15}&clientBits=${clientBits ? 9 : 15}`;
    const socket = open(path, flags(client));
    let next = 0;
    let agreed = null;
    let wrong = null;
    socket.onopen(() => {
      agreed = socket.agreed();
      messages.forEach(socket.send);
    });
    socket.onmessage(data => {
      const want = messages[next++];
      const same = typeof want === 'string' ? data === want : Buffer.isBuffer(data) && want.equals(data);
      if (!same && !wrong) wrong = `echo ${next}: expected ${String(want).slice(0, 40)} but was ${String(data).slice(0, 40)}`;
      if (next === messages.length) socket.close();
    });
    socket.onend(how => resolve({ server, client, agreed, wrong, missing: messages.length - next, how: String(how) }));
  });
}

(async () => {
  const results = [];
  for (let server = 0; server < 16; server++) {
    for (let client = 0; client < 16; client++) results.push(await run(server, client));
  }
  console.log(JSON.stringify(results));
  process.exit(0);
})();
setTimeout(() => { console.error('no end in sight'); process.exit(3); }, 110000).unref();

'use strict';
// Usage: node websockets.js ws|ws@8|faye-websocket|websocket|websocket@8 URL
// @8: an older version of the protocol, with its own name for the origin.
// Talks to an echo and prints one line of JSON: what came back, in order, and how the connection ended.

const [, , client, url] = process.argv;
const [library, version] = client.split('@');
const origin = url.replace('ws:', 'http:').replace(/\/[^/]*$/, '');

// One small interface over three libraries: open, send(text or Buffer), ping, close; onmessage, onpong, onclose.
const open = {
  ws() {
    const WebSocket = require('ws');
    const socket = new WebSocket(url, { perMessageDeflate: false, protocolVersion: Number(version || 13), origin });
    return adapt({
      onopen: f => socket.on('open', f),
      onmessage: f => socket.on('message', (data, binary) => f(binary ? data : data.toString())),
      onpong: f => socket.on('pong', data => f(data.toString())),
      onclose: f => socket.on('close', (code, reason) => f(code, reason.toString())),
      onerror: f => socket.on('error', f),
      send: data => socket.send(data),
      fragments: parts => parts.forEach((part, i) => socket.send(part, { fin: i === parts.length - 1 })),
      ping: text => socket.ping(text),
      close: (code, reason) => socket.close(code, reason),
    });
  },
  'faye-websocket'() {
    const WebSocket = require('faye-websocket');
    const socket = new WebSocket.Client(url);
    let pong;
    return adapt({
      onopen: f => socket.on('open', f),
      onmessage: f => socket.on('message', event => f(event.data)),
      onpong: f => (pong = f),
      onclose: f => socket.on('close', event => f(event.code, event.reason)),
      onerror: f => socket.on('error', f),
      send: data => socket.send(data),
      ping: text => socket.ping(text, () => pong(text)),
      close: (code, reason) => socket.close(code, reason),
    });
  },
  websocket() {
    const { client: Client } = require('websocket');
    const client = new Client({ maxReceivedFrameSize: 1 << 24, maxReceivedMessageSize: 1 << 24, fragmentOutgoingMessages: true, webSocketVersion: Number(version || 13) });
    let connection;
    const listeners = {};
    client.on('connectFailed', error => listeners.error(error));
    client.on('connect', opened => {
      connection = opened;
      connection.on('message', m => listeners.message(m.type === 'utf8' ? m.utf8Data : m.binaryData));
      connection.on('pong', data => listeners.pong(data.toString()));
      connection.on('close', (code, reason) => listeners.close(code, reason));
      connection.on('error', error => listeners.error(error));
      listeners.open();
    });
    const result = adapt({
      onopen: f => (listeners.open = f),
      onmessage: f => (listeners.message = f),
      onpong: f => (listeners.pong = f),
      onclose: f => (listeners.close = f),
      onerror: f => (listeners.error = f),
      send: data => (typeof data === 'string' ? connection.sendUTF(data) : connection.sendBytes(data)),
      ping: text => connection.ping(Buffer.from(text)),
      close: (code, reason) => connection.close(code, reason),
    });
    client.connect(url, [], origin);
    return result;
  },
}[library];

function adapt(socket) {
  const texts = ['Hello', 'Grüße, мир, 世界, 😀', '', 'x'.repeat(1 << 20)];
  const binary = Buffer.from(Array.from({ length: 70000 }, (_, i) => i & 255));
  const numbers = Array.from({ length: 100 }, (_, i) => 'message ' + i);
  const expected = [...texts, binary, ...numbers];
  const fragments = socket.fragments ? ['Hel', 'lo in ', 'pieces'] : [];
  if (socket.fragments) expected.push(fragments.join(''));
  const result = { echoed: 0, pong: null, code: null, reason: null };
  let wrong = null;

  socket.onerror(error => { console.error(error); process.exit(2); });
  socket.onopen(() => {
    for (const data of [...texts, binary, ...numbers]) socket.send(data);
    if (socket.fragments) socket.fragments(fragments);
    socket.ping('are you there');
  });
  socket.onpong(text => { result.pong = text; finish(); });
  socket.onmessage(data => {
    const want = expected[result.echoed++];
    const same = typeof want === 'string' ? data === want : Buffer.isBuffer(data) && want.equals(data);
    if (!same && !wrong) wrong = `echo ${result.echoed}: expected ${String(want).slice(0, 40)} but was ${String(data).slice(0, 40)}`;
    finish();
  });
  socket.onclose((code, reason) => {
    console.log(JSON.stringify({ ...result, code, reason, wrong, missing: expected.length - result.echoed }));
    process.exit(0);
  });
  function finish() {
    if (result.echoed === expected.length && result.pong !== null) socket.close(4001, 'bye');
  }
  return socket;
}

setTimeout(() => { console.error('no end in sight'); process.exit(3); }, 30000).unref();
open();

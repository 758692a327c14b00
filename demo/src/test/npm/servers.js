'use strict';
// Usage: node servers.js ws|websocket|faye-websocket plain|deflate
// An echo on a free port of 127.0.0.1, which it prints, until its standard input ends. Answers "close CODE REASON" by closing.

const http = require('http');
const [, , library, mode] = process.argv;
const deflate = mode === 'deflate';
const server = http.createServer((request, response) => {
  response.writeHead(404, { 'X-Server': library, 'Content-Type': 'text/plain' });
  response.end('nothing here');
});

const wanted = text => /^close (\d+) (.*)$/.exec(text);

({
  ws() {
    const { WebSocketServer } = require('ws');
    const sockets = new WebSocketServer({
      server,
      maxPayload: 1 << 26,
      perMessageDeflate: deflate && { threshold: 0 },
      handleProtocols: protocols => (protocols.has('chat') ? 'chat' : false),
    });
    sockets.on('connection', socket => {
      socket.on('message', (data, binary) => {
        const close = !binary && wanted(data.toString());
        if (close) socket.close(Number(close[1]), close[2]);
        else socket.send(binary ? data : data.toString());
      });
    });
  },
  websocket() {
    const { server: WebSocketServer } = require('websocket');
    const sockets = new WebSocketServer({
      httpServer: server,
      maxReceivedFrameSize: 1 << 26,
      maxReceivedMessageSize: 1 << 26,
      fragmentOutgoingMessages: true,
    });
    sockets.on('request', request => {
      const chat = request.requestedProtocols.includes('chat') ? 'chat' : null;
      const connection = request.accept(chat, request.origin);
      connection.on('message', message => {
        const close = message.type === 'utf8' && wanted(message.utf8Data);
        if (close) connection.close(Number(close[1]), close[2]);
        else if (message.type === 'utf8') connection.sendUTF(message.utf8Data);
        else connection.sendBytes(message.binaryData);
      });
    });
  },
  'faye-websocket'() {
    const WebSocket = require('faye-websocket');
    const extensions = deflate ? [require('permessage-deflate')] : [];
    server.on('upgrade', (request, socket, body) => {
      const connection = new WebSocket(request, socket, body, ['chat'], { extensions });
      connection.on('message', event => {
        const close = typeof event.data === 'string' && wanted(event.data);
        if (close) connection.close(Number(close[1]), close[2]);
        else connection.send(event.data);
      });
    });
  },
})[library]();

server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.stdin.on('end', () => process.exit(0)).resume();

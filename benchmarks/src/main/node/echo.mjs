// Usage: node --expose-gc echo.mjs PORT
// Echoes every message, and compresses every answer. GET /gc collects garbage, so that memory can be measured.

import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

const server = createServer((request, response) => {
  if (request.url === '/gc') {
    gc();
    gc();
  }
  response.end();
});
const sockets = new WebSocketServer({ server, perMessageDeflate: { threshold: 0 } });
sockets.on('connection', socket => socket.on('message', (data, binary) => socket.send(data, { binary })));
server.listen(Number(process.argv[2]), '127.0.0.1');

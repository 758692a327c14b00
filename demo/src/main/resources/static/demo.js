'use strict';

const $ = id => document.getElementById(id);
const SHOWN = 50;

function setState(id, state) {
  $(id).textContent = state;
  $(id).dataset.state = state;
}

function addLine(list, text, note) {
  const line = document.createElement('li');
  for (const part of [text, note]) {
    const span = document.createElement('span');
    span.textContent = part;
    line.append(span);
  }
  list.prepend(line);
  while (list.children.length > SHOWN) list.lastChild.remove();
}

// The echo. A WebSocket does not reconnect by itself: wait longer after each failure, and not all at the same moment.
const socketUrl = new URL('echo', location.href);
socketUrl.protocol = socketUrl.protocol === 'https:' ? 'wss:' : 'ws:';
let socket;
let failures = 0;
let echoed = 0;
let sent = [];
const roundTrips = [];

function connect() {
  setState('socket-state', 'connecting');
  socket = new WebSocket(socketUrl);
  socket.binaryType = 'arraybuffer';
  socket.onopen = () => { failures = 0; setState('socket-state', 'open'); $('send').disabled = $('send-binary').disabled = false; };
  socket.onmessage = event => received(event.data);
  socket.onclose = () => {
    sent = [];
    $('send').disabled = $('send-binary').disabled = true;
    setState('socket-state', 'reconnecting');
    const wait = Math.min(5000, 250 * 2 ** failures++);
    setTimeout(connect, wait * (0.5 + Math.random() / 2));
  };
}

function send(data) {
  if (socket.readyState === WebSocket.OPEN) {
    sent.push(performance.now());
    socket.send(data);
  }
}

function received(data) {
  const time = performance.now() - sent.shift();
  roundTrips.push(time);
  document.dispatchEvent(new CustomEvent('echo', { detail: time }));
  if (roundTrips.length > 50) roundTrips.shift();
  const sorted = [...roundTrips].sort((a, b) => a - b);
  $('round-trip').textContent = time.toFixed(1) + ' ms';
  $('round-trip-median').textContent = sorted[sorted.length >> 1].toFixed(1) + ' ms';
  $('echoed').textContent = ++echoed;
  const text = typeof data === 'string' ? data : `${data.byteLength} bytes of binary`;
  addLine($('log'), text, time.toFixed(1) + ' ms');
}

$('echo-form').addEventListener('submit', event => {
  event.preventDefault();
  send($('message').value);
  $('message').value = '';
  $('message').focus();
});
$('send-binary').addEventListener('click', () => send(crypto.getRandomValues(new Uint8Array(1024))));

// The ticks. An EventSource reconnects by itself, and says which tick it had last.
const events = new EventSource('events');
let lastId = 0;
let count = 0;
let repeated = 0;
events.onopen = () => setState('events-state', 'open');
events.onerror = () => {
  setState('events-state', 'reconnecting');
};
events.addEventListener('tick', event => {
  const id = Number(event.lastEventId);
  if (id <= lastId) $('repeated').textContent = ++repeated;
  lastId = Math.max(lastId, id);
  $('last-id').textContent = event.lastEventId;
  $('received').textContent = ++count;
  addLine($('ticks'), event.data, new Date().toLocaleTimeString());
});

// The chat. Messages have ids: a socket that connects again asks for what came after the last one.
let chat;
let chatLast = '';
let chatFailures = 0;

function joinRoom() {
  const url = new URL('chat/' + encodeURIComponent($('chat-room').value), socketUrl);
  url.searchParams.set('name', $('chat-name').value.trim() || 'somebody');
  if (chatLast) url.searchParams.set('from', chatLast);
  const joined = chat = new WebSocket(url);
  setState('chat-state', 'connecting');
  joined.onopen = () => { chatFailures = 0; setState('chat-state', 'open'); $('chat-send').disabled = false; };
  joined.onmessage = event => {
    const message = JSON.parse(event.data);
    chatLast = message.id;
    if (message.event === 'hawser.reset') $('chat-log').replaceChildren();
    else if (message.data) addLine($('chat-log'), message.data, new Date().toLocaleTimeString());
  };
  joined.onclose = () => {
    if (chat !== joined) return;
    $('chat-send').disabled = true;
    setState('chat-state', 'reconnecting');
    setTimeout(() => { if (chat === joined) joinRoom(); }, Math.min(5000, 250 * 2 ** chatFailures++) * (0.5 + Math.random() / 2));
  };
}

function leaveRoom() {
  const left = chat;
  chat = undefined;
  if (left) left.close();
  joinRoom();
}

$('chat-name').value = 'guest ' + Math.floor(Math.random() * 1000);
$('chat-room').addEventListener('change', () => { chatLast = ''; $('chat-log').replaceChildren(); leaveRoom(); });
$('chat-name').addEventListener('change', leaveRoom);
$('chat-form').addEventListener('submit', event => {
  event.preventDefault();
  if (chat.readyState === WebSocket.OPEN && $('chat-text').value) {
    chat.send($('chat-text').value);
    $('chat-text').value = '';
  }
  $('chat-text').focus();
});

$('send').disabled = $('send-binary').disabled = $('chat-send').disabled = true;
joinRoom();
connect();

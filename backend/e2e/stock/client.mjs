// Socket.IO's own client, led by lines of JSON on standard input, telling what it
// hears by lines of JSON on standard output. It has no code for this server.
import { createInterface } from 'node:readline';
import { io } from 'socket.io-client';

const [url, transports, namespace = '/'] = process.argv.slice(2);
const tell = (event, ...args) => process.stdout.write(JSON.stringify({ event, args }) + '\n');
const open = (name) => {
  const socket = io(url + name, { transports: transports.split(','), reconnectionDelay: 100, reconnectionDelayMax: 500 });
  const mark = name === '/' ? '' : `${name} `;
  socket.on('connect', () => tell(`${mark}connect`, { recovered: Boolean(socket.recovered), transport: socket.io.engine.transport.name }));
  socket.on('disconnect', (reason) => tell(`${mark}disconnect`, { reason }));
  socket.on('connect_error', (error) => tell(`${mark}connect_error`, { message: error.message }));
  socket.onAny((event, ...args) => tell(mark + event, ...args));
  return socket;
};
const socket = open('/');
const second = namespace === '/' ? null : open(namespace);
socket.io.engine?.on('upgrade', (transport) => tell('upgrade', { transport: transport.name }));

// What is done to the client itself, beside the events that it sends.
const commands = {
  drop: () => socket.io.engine.close(),
  second: (event, ...args) => second.emit(event, ...args, (...answer) => tell(`${namespace} ack ${event}`, ...answer)),
  timeout: (ms, event, ...args) => socket.timeout(ms).emit(event, ...args, (error, ...answer) => tell(`timeout ${event}`, error ? { message: error.message } : null, ...answer)),
};

for await (const line of createInterface({ input: process.stdin })) {
  const { event, args: given } = JSON.parse(line);
  const args = given ?? [];
  if (event.startsWith('$')) {
    commands[event.slice(1)](...args);
    continue;
  }
  socket.emit(event, ...args, (...answer) => tell(`ack ${event}`, ...answer));
}
socket.close();
if (second) second.close();

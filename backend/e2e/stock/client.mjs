// Socket.IO's own client, led by lines of JSON on standard input, telling what it
// hears by lines of JSON on standard output. It has no code for this server.
import { createInterface } from 'node:readline';
import { io } from 'socket.io-client';

const [url, transport] = process.argv.slice(2);
const tell = (event, ...args) => process.stdout.write(JSON.stringify({ event, args }) + '\n');
const socket = io(url, { transports: [transport], reconnectionDelay: 100, reconnectionDelayMax: 500 });

socket.on('connect', () => tell('connect', socket.recovered));
socket.on('disconnect', (reason) => tell('disconnect', reason));
socket.on('connect_error', (error) => tell('connect_error', error.message));
socket.onAny((event, ...args) => tell(event, ...args));

for await (const line of createInterface({ input: process.stdin })) {
  const { event, args } = JSON.parse(line);
  socket.emit(event, ...args, (...answer) => tell(`ack ${event}`, ...answer));
}
socket.close();

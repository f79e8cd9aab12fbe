/**
 * Parley inside a server of `node:http`: the phone at its carriers' paths, your own pages at all others.
 * Run: npx tsx examples/servers/node-http.ts (PARLEY_SIMULATE=true: no account needed), then npx parley call --url http://127.0.0.1:3000
 */
import { createServer } from 'node:http';
import { createWorker } from 'parley-voice';

const worker = await createWorker({ agent: 'examples/clinic.ts' });

const server = createServer((request, response) => {
  if (worker.handleRequest(request, response)) return; // Parley's: it answers
  response.end('The clinic');
});
server.on('upgrade', (request, socket, head) => {
  if (!worker.handleUpgrade(request, socket, head)) socket.destroy(); // nobody's
});
server.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1', () => console.log('listening', server.address()));

async function leave() {
  await worker.drain(); // no new calls; the server stays, for those that were promised a place
  await worker.close();
  server.close();
}
process.once('SIGTERM', () => void leave());

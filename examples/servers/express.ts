/**
 * Parley inside Express, before whatever parses bodies: its webhooks are signed, byte for byte.
 * Run: npx tsx examples/servers/express.ts (PARLEY_SIMULATE=true: no account needed), then npx parley call --url http://127.0.0.1:3000
 */
import express from 'express';
import { createWorker } from 'parley-voice';

const worker = await createWorker({ agent: 'examples/clinic.ts' });

const app = express();
app.use(worker.handleRequest);
app.use(express.json());
app.get('/', (_request, response) => void response.send('The clinic'));

const server = app.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1', () =>
  console.log('listening', server.address()),
);
server.on('upgrade', (request, socket, head) => {
  if (!worker.handleUpgrade(request, socket, head)) socket.destroy(); // nobody's
});

async function leave() {
  await worker.drain(); // no new calls; the server stays, for those that were promised a place
  await worker.close();
  server.close();
}
process.once('SIGTERM', () => void leave());

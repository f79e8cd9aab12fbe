/**
 * Parley inside Fastify: a hook takes what is Parley's before anything of it is read.
 * Run: npx tsx examples/servers/fastify.ts (PARLEY_SIMULATE=true: no account needed), then npx parley call --url http://127.0.0.1:3000
 */
import fastify from 'fastify';
import { createWorker } from 'parley-voice';

const worker = await createWorker({ agent: 'examples/clinic.ts' });

const app = fastify();
app.addHook('onRequest', (request, reply, next) => {
  if (worker.handleRequest(request.raw, reply.raw)) reply.hijack();
  else next();
});
app.get('/', () => 'The clinic');
app.server.on('upgrade', (request, socket, head) => {
  if (!worker.handleUpgrade(request, socket, head)) socket.destroy(); // nobody's
});

await app.listen({ port: Number(process.env['PORT'] ?? 3000), host: '127.0.0.1' });
console.log('listening', app.server.address());

async function leave() {
  await worker.drain(); // no new calls; the server stays, for those that were promised a place
  await worker.close();
  await app.close();
}
process.once('SIGTERM', () => void leave());

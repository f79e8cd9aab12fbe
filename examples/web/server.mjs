/**
 * The server behind a page that calls an agent: it keeps the worker's token, which no page may see, and asks for one that is
 * good once whenever a visitor wants to call. Nothing but Node is needed.
 *
 *   export PARLEY_BRIDGE_TOKEN=a-token-of-16-or-more PARLEY_WEB_ORIGINS=http://localhost:3000
 *   npx parley serve --simulate --agent examples/clinic.ts
 *   node examples/web/server.mjs          # and open http://localhost:3000
 */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';

const { PARLEY_BRIDGE_TOKEN = '', WORKER_URL = 'http://localhost:8080', PORT = '3000' } = process.env;
const ORIGIN = `http://localhost:${PORT}`;
const FILES = {
  '/': ['index.html', 'text/html'],
  '/page.css': ['page.css', 'text/css'],
  '/page.js': ['page.js', 'text/javascript'],
};
// all that a page with a call needs; the `blob:` is what renders its sound
const POLICY = `default-src 'self'; script-src 'self' blob: ${WORKER_URL}; connect-src 'self' ${WORKER_URL.replace('http', 'ws')}`;

async function newCall(visitor) {
  const response = await fetch(`${WORKER_URL}/web/calls`, {
    method: 'POST',
    headers: { authorization: `Bearer ${PARLEY_BRIDGE_TOKEN}` },
    body: JSON.stringify({ origin: ORIGIN, from: visitor, parameters: { page: 'home' } }),
  });
  return { status: response.status, body: await response.text() };
}

createServer(async (request, response) => {
  const [file, type] = FILES[request.url] ?? [];
  if (request.method === 'POST' && request.url === '/call') {
    const { status, body } = await newCall('a visitor').catch((error) => ({
      status: 502,
      body: JSON.stringify({ error: error.message }),
    }));
    return response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  }
  if (request.url === '/favicon.ico') return response.writeHead(204).end(); // it has none
  if (file === undefined) return response.writeHead(404).end();
  const text = await readFile(new URL(file, import.meta.url));
  const cookie = `worker=${encodeURIComponent(WORKER_URL)}; SameSite=Strict`;
  response.writeHead(200, { 'content-type': type, 'content-security-policy': POLICY, 'set-cookie': cookie }).end(text);
}).listen(Number(PORT), 'localhost', () => process.stdout.write(`${ORIGIN}\n`));

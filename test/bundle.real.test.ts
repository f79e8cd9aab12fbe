/**
 * A program of a user's, bundled with the package into one file as `docs/operations.md` says, and run where nothing else is.
 *
 * Real time: a bundler, and a program in a process of its own.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, expect, test } from 'vitest';
import { WAYS_IN } from '../bundle.config.ts';
import { buildCommand, ROOT } from './cli/helpers/build.ts';

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'parley-bundle-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A worker of stand-ins takes a call with sound, which is recorded and drawn; then a conversation in text. */
const PROGRAM = `
import { createAgent, createParley, startWorker } from 'parley-voice';
import { startElectronSimulator, startPhone } from 'parley-voice/testing';
const agent = await createAgent({ name: 'bundled', instructions: 'Be brief.', greeting: 'Hello.' });
const worker = await startWorker({ simulate: true, port: 0, recordDirectory: 'calls', logLevel: 'silent' }, agent);
const socket = new WebSocket(worker.url.replace('http', 'ws') + '/twilio/media');
const start = { streamSid: 'MZ1', callSid: 'CA1', accountSid: 'AC1', tracks: ['inbound'], customParameters: {},
  mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 } };
let bytes = 0;
await new Promise((resolve, reject) => {
  socket.onerror = reject;
  socket.onopen = () => {
    socket.send(JSON.stringify({ event: 'connected', protocol: 'Call', version: '1.0.0' }));
    socket.send(JSON.stringify({ event: 'start', sequenceNumber: '1', streamSid: 'MZ1', start }));
  };
  socket.onmessage = ({ data }) => {
    const frame = JSON.parse(data);
    if (frame.event === 'media') bytes += frame.media.payload.length;
    if (frame.event === 'mark') resolve();
  };
});
socket.close();
await worker.drain(1_000);
await worker.close();
const simulator = await startElectronSimulator();
const parley = createParley({ baseUrl: simulator.url, apiKey: 'sk_simulated' });
const call = parley.startCall(agent);
const turn = await call.say('hello');
call.hangUp();
await call.ended;
await parley.close();
await simulator.close();
console.log(JSON.stringify({ bytes, outcome: turn.outcome, phone: typeof startPhone }));
`;

/** What the documentation has users type. */
function documented(): { banner: string; flags: string } {
  const page = readFileSync(join(ROOT, 'docs/operations.md'), 'utf8');
  const [, flags = '', banner = ''] = /npx esbuild \S+ (--bundle [^\\]*)[^]*?--banner:js="([^"]+)"/.exec(page) ?? [];
  return { banner, flags };
}

test('esbuild bundles of a program that imports parley-voice work, alone in a folder: sound, recordings, text', async () => {
  const { banner, flags } = documented();
  expect(flags).toContain('--bundle --platform=node --format=esm');
  const dist = dirname(dirname(buildCommand()));
  await build({
    stdin: { contents: PROGRAM, resolveDir: ROOT, sourcefile: 'program.mjs' },
    ...{ bundle: true, platform: 'node', format: 'esm', outfile: join(folder, 'program.mjs'), logLevel: 'error' },
    banner: { js: banner },
    alias: {
      'parley-voice/testing': join(dist, 'testing/index.js'),
      'parley-voice': join(dist, 'index.js'),
    },
    nodePaths: [join(ROOT, 'node_modules')],
  });
  const { stdout } = await run(process.execPath, ['--experimental-websocket', 'program.mjs'], { cwd: folder });
  const told = JSON.parse(stdout) as { bytes: number; outcome: string; phone: string };
  expect(told).toMatchObject({ outcome: 'replied', phone: 'function' });
  expect(told.bytes).toBeGreaterThan(1_000);
  const [call = ''] = readdirSync(join(folder, 'calls'));
  expect(existsSync(join(folder, 'calls', call, 'call.html'))).toBe(true);
  expect(existsSync(join(folder, 'calls', call, 'call.wav'))).toBe(true);
});

/** Is in all that a page loads to hear and speak, and nowhere else. */
const FOR_PAGES = 'registerProcessor(';

/** What is loaded with a file of the package, itself included, and what it may load later on. */
async function loadedWith(dist: string, name: string): Promise<{ atOnce: string[]; all: string[] }> {
  const { metafile } = await build({
    entryPoints: [join(dist, name)],
    ...{ bundle: true, write: false, metafile: true, platform: 'node', format: 'esm', packages: 'external' },
  });
  const atOnce = new Set(Object.keys(metafile.inputs).filter((path) => path.endsWith(name)));
  for (const path of atOnce) {
    const { imports = [] } = metafile.inputs[path] ?? {};
    for (const one of imports) if (one.kind === 'import-statement' && !one.external) atOnce.add(one.path);
  }
  return { atOnce: [...atOnce], all: Object.keys(metafile.inputs) };
}

test.each(WAYS_IN.map((name) => name.replace(/^src(.*)ts$/, '$1js')))(
  '%s is loaded without what is for web pages',
  async (name) => {
    const { atOnce } = await loadedWith(dirname(dirname(buildCommand())), name);
    expect(atOnce).not.toEqual([]);
    expect(atOnce.filter((path) => readFileSync(path, 'utf8').includes(FOR_PAGES))).toEqual([]);
  },
);

test('a worker and the command have it, for when it is asked for', async () => {
  for (const name of ['/index.js', '/cli/serve-process.js', '/cli/main.js']) {
    const { all } = await loadedWith(dirname(dirname(buildCommand())), name);
    expect(all.some((path) => readFileSync(path, 'utf8').includes(FOR_PAGES))).toBe(true);
  }
});

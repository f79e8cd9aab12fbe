/**
 * The examples of servers of one's own, each in the one command that it names: a call, its own page, and an end in peace.
 *
 * Real time: each is a process.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { dialMedia } from '../../src/simulate/twilio/media.ts';
import { understand } from '../../src/testing/phone.ts';
import { cleanEnvironment } from '../cli/helpers/environment.ts';
import { until } from '../helpers/until.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const TSX = resolve(ROOT, 'node_modules/tsx/dist/esm/index.mjs');
const PATIENCE_MS = 60_000;

test.each(['node-http', 'express', 'fastify'])('servers/%s.ts', { timeout: 120_000 }, async (name) => {
  const env = { ...cleanEnvironment(), PORT: '0', PARLEY_SIMULATE: 'true', PARLEY_MAX_LAG_MS: '60000' };
  const child = spawn(process.execPath, ['--import', TSX, `examples/servers/${name}.ts`], { cwd: ROOT, env });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += String(text)));
  const port = await until('it to listen', () => /listening .*port: (\d+)/s.exec(output)?.[1], PATIENCE_MS);
  expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('The clinic');

  const caller = await dialMedia({ url: `ws://127.0.0.1:${port}/twilio/media`, from: '+15550100', to: '+15550199' });
  await caller.waitForSpeech({ fromMs: 0 });
  await caller.waitForSilence({ forMs: 900 });
  const heard = understand(caller.heard).map(({ text }) => text);
  expect(heard.join(' ')).toContain('Acme Clinic');
  child.kill('SIGTERM');
  await caller.hangUp();
  const [code] = (await once(child, 'close')) as [number | null];
  expect(code).toBe(0);
});

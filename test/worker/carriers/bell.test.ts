/** A carrier whose lines come over TCP, to a port of its own: in one process, and in two that share both ports. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { VirtualClock } from '../../../src/lib/clock.ts';
import { CARRIERS } from '../../../src/worker/carriers.ts';
import { RESERVED_MS } from '../../../src/worker/arbiter.ts';
import { until } from '../../helpers/until.ts';
import { NEVER_LATE, withStandIns } from '../../helpers/worker.ts';
import { bell } from './bell.ts';

const KEY = 'the-key-of-the-bell';
const carriers = [...CARRIERS, bell];
const start = withStandIns([{ when: 'hours', say: 'We open at nine.' }]);

interface Ports {
  http: string;
  bell: string;
}

async function openHere(options: { clock?: VirtualClock } = {}) {
  const one = await start({ PARLEY_BELL_KEY: KEY, PARLEY_MAX_CALLS: '2' }, { carriers, ...options });
  return { one, ports: { http: one.url, bell: one.worker.addresses.get('bell') ?? '' } };
}

/** Says that a call is to come; answers with the process that was told. */
async function expectCall({ http }: Ports, key: string, shown = KEY): Promise<string | number> {
  const body = new URLSearchParams({ key, from: '+15550100' });
  const response = await fetch(`${http}/bell/expect`, { method: 'POST', headers: { 'x-bell': shown }, body });
  return response.status === 200 ? response.text() : response.status;
}

/** A line, which says its key. */
function dial({ bell: address }: Ports, key: string) {
  const { hostname, port } = new URL(address);
  const socket = connect(Number(port), hostname, () => socket.write(`${key}\n`));
  onTestFinished(() => void socket.destroy());
  const line = { socket, heard: '', isOver: false };
  socket.setEncoding('utf8').on('data', (text: string) => (line.heard += text));
  socket.once('close', () => (line.isOver = true)).on('error', () => {});
  return line;
}

test('a call comes to its own port, is recognised by its key, and is a call like any other', async () => {
  const { one, ports } = await openHere();
  expect(ports.bell).toMatch(/^tcp:\/\/127\.0\.0\.1:\d+$/);
  await expectCall(ports, 'key-1');
  expect(one.worker.load).toMatchObject({ places: 1, waiting: 1 });
  const line = dial(ports, 'key-1');
  await until('the greeting', () => line.heard.includes('Hello.'));
  expect(one.worker.load).toMatchObject({ places: 1, waiting: 0 });
  line.socket.write('What are your hours?\n');
  await until('the answer', () => line.heard.includes('We open at nine.'));
  line.socket.end();
  await until('the end of the call', () => one.worker.calls.size === 0);
  expect(one.worker.load.places).toBe(0);
});

test('a line that nobody expects, one that comes too late, and one that comes twice is closed without a word', async () => {
  const clock = new VirtualClock();
  const { one, ports } = await openHere({ clock });
  await expectCall(ports, 'key-2');
  const first = dial(ports, 'key-2');
  await until('the greeting', () => first.heard.includes('Hello.'));
  await expectCall(ports, 'key-3');
  clock.advanceBy(RESERVED_MS);
  for (const key of ['key-2', 'key-3', 'made-up', '']) {
    const line = dial(ports, key);
    await until('it to be closed', () => line.isOver);
    expect(line.heard).toBe('');
  }
  expect(one.calls).toHaveLength(1);
  expect(await expectCall(ports, 'key-4', 'guess')).toBe(403);
});

test('when it is full a line is closed, and when the worker closes all of them are', async () => {
  const { one, ports } = await openHere();
  const lines = await Promise.all(
    ['key-5', 'key-6'].map(async (key) => {
      await expectCall(ports, key);
      return dial(ports, key);
    }),
  );
  await until('both to be answered', () => lines.every(({ heard }) => heard.includes('Hello.')));
  expect(await expectCall(ports, 'key-7')).toBe(503);
  const late = dial(ports, 'key-7');
  await until('it to be closed', () => late.isOver);
  await one.worker.close();
  await until('all to be closed', () => lines.every(({ isOver }) => isOver));
  const refused = dial(ports, 'key-8');
  await until('nobody to be there', () => refused.isOver);
});

test('a port that is taken names whose it is', async () => {
  const { ports } = await openHere();
  const env = { PARLEY_BELL_KEY: KEY, PARLEY_BELL_PORT: new URL(ports.bell).port };
  await expect(start(env, { carriers })).rejects.toThrow(
    /another program listens there; .* with the settings of bell$/,
  );
});

test('two processes share both ports: a call that one was told of may come to the other, and no key is good twice', async () => {
  const script = join(import.meta.dirname, 'bell-processes.ts');
  const env = { PARLEY_AGENT: 'x', PARLEY_PORT: '0', PARLEY_SIMULATE: 'true', PARLEY_BELL_KEY: KEY, ...NEVER_LATE };
  const primary = spawn(process.execPath, ['--import', 'tsx', script], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(async () => {
    primary.kill('SIGTERM');
    if (primary.exitCode === null) await once(primary, 'exit');
  });
  const [first] = (await once(createInterface({ input: primary.stdout }), 'line')) as [string];
  const ports = JSON.parse(first) as Ports;
  const processes: { told: string; answered: string }[] = [];
  for (let index = 0; index < 6; index++) {
    const told = String(await expectCall(ports, `key-${index}`));
    const line = dial(ports, `key-${index}`);
    const answered = await until('the greeting', () => /Process (\d+)\./.exec(line.heard)?.[1]);
    processes.push({ told, answered });
  }
  expect(new Set(processes.map(({ answered }) => answered)).size).toBe(2);
  expect(processes.some(({ told, answered }) => told !== answered)).toBe(true);
  for (let index = 0; index < 6; index++) {
    const again = dial(ports, `key-${index}`);
    await until('it to be closed', () => again.isOver);
    expect(again.heard).toBe('');
  }
});

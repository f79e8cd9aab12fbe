/** Pages are made where they keep no call waiting: `renderPage` of this thread is a dummy here, that of others is not. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { renderPage } from '../../src/page/page.ts';
import { PageThread, pageThread } from '../../src/page/thread.ts';
import { CallRecording } from '../../src/record/recording.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { createLog } from '../../src/lib/log.ts';
import { until } from '../helpers/until.ts';
import { agentVoice, end, start, turnStart } from './helpers/events.ts';
import { openWorld } from '../helpers/world.ts';

vi.mock('../../src/page/page.ts', () => ({ renderPage: vi.fn(() => 'made in this thread') }));
afterEach(() => void vi.mocked(renderPage).mockClear());

const folder = mkdtempSync(join(tmpdir(), 'parley-page-'));
afterAll(() => rmSync(folder, { recursive: true }));

const WHOLE = /^<!doctype html>.*<\/html>\s*$/s;

const EVENTS = [start(), turnStart(100, 1, 'Hello'), ...agentVoice(1, 200, 900), end(1_000)];

function jobOf(name: string, events: readonly object[] = EVENTS) {
  const paths = { events: join(folder, `${name}.jsonl`), page: join(folder, `${name}.html`) };
  writeFileSync(paths.events, events.map((event) => `${JSON.stringify(event)}\n`).join(''));
  return { ...paths, audio: undefined, startedAt: new Date('2026-11-23T03:04:05Z'), loudness: undefined };
}

const read = ({ page }: { page: string }): string => readFileSync(page, 'utf8');

test('a recorded call has its page, and this thread has not made it', async () => {
  const recording = new CallRecording({
    directory: folder,
    callId: 'one',
    clock: systemClock,
    format: undefined,
    drawPage: (call, log) => pageThread.make(call, log),
  });
  const { open } = await openWorld();
  const { call } = open({ record: recording.machineLine, listen: (started) => recording.attach(started) });
  await call.say('a story');
  call.hangUp();
  const { page } = await recording.done;
  expect(read({ page })).toMatch(WHOLE);
  expect(read({ page })).toContain('a small clinic by the sea');
  expect(renderPage).not.toHaveBeenCalled();
});

test('many that end at once are made by one thread, and none in this one', async () => {
  const jobs = Array.from({ length: 20 }, (_, index) => jobOf(`many-${index}`));
  await Promise.all(jobs.map((job) => pageThread.make(job)));
  for (const job of jobs) expect(read(job)).toMatch(WHOLE);
  expect(renderPage).not.toHaveBeenCalled();
});

test('what of the events was not written, or only in part, is left out', async () => {
  const job = jobOf('torn', [start(), end(10)]);
  writeFileSync(job.events, `${readFileSync(job.events, 'utf8')}{"type":"call-`);
  await pageThread.make(job);
  expect(read(job)).toMatch(WHOLE);
  expect(read(job)).toContain('2 events');
});

test('a page that cannot be made is an error that says why, and the next one can', async () => {
  await expect(pageThread.make({ ...jobOf('lost'), page: join(folder, 'no-such-folder/call.html') })).rejects.toThrow(
    /ENOENT.*no-such-folder/,
  );
  const job = jobOf('found');
  await pageThread.make(job);
  expect(read(job)).toMatch(WHOLE);
});

test('a thread with nothing to do is let go of, and there again when it is needed', async () => {
  const entry = new URL('../../src/page/worker.ts', import.meta.url);
  const thread = new PageThread({ entry, idleMs: 1 });
  for (const name of ['before', 'after']) {
    const job = jobOf(name);
    await thread.make(job);
    expect(read(job)).toMatch(WHOLE);
    await until('it to be let go of', () => !thread.isRunning);
  }
});

test('without a thread pages are made in this one, and that is said once', async () => {
  const lines: string[] = [];
  const log = createLog({ level: 'warn', stream: { write: (line: string) => void lines.push(line) } });
  const thread = new PageThread({ entry: pathToFileURL(join(folder, 'nowhere.js')) });
  const jobs = [jobOf('first'), jobOf('second')];
  await Promise.all(jobs.map((job) => thread.make(job, log)));
  expect(jobs.map(read)).toEqual(['made in this thread', 'made in this thread']);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/nowhere\.js.*there is no thread to make pages in/);
});

test('a thread that dies takes one page with it; the next has a new one', async () => {
  const entry = pathToFileURL(join(folder, 'mortal.mjs'));
  const script = `import { parentPort, threadId } from 'node:worker_threads';
    parentPort.postMessage('ready');
    parentPort.on('message', (job) => job.audio === 'die' ? process.exit(3) : parentPort.postMessage({ problem: 'thread ' + threadId }));`;
  writeFileSync(entry, script);
  const thread = new PageThread({ entry });
  const make = (audio: string) => thread.make({ ...jobOf('mortal'), audio });
  const results = await Promise.allSettled([make('live'), make('die'), make('live'), make('live')]);
  const [first, second, third, fourth] = results.map((one) => (one.status === 'rejected' ? String(one.reason) : ''));
  expect(first).toMatch(/thread \d+/);
  expect(second).toMatch(/the thread that makes pages ended with code 3/);
  expect(third).toMatch(/thread \d+/);
  expect(third).not.toBe(first);
  expect(fourth).toBe(third);
});

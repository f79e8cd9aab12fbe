/**
 * `parley serve --processes`: calls of one machine in several processes, as one worker to the world.
 *
 * Real time: workers of several processes share a port, and some are killed.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readWav } from '../../src/audio/wav.ts';
import { newSid } from '../../src/simulate/phone/connect.ts';
import { dialMedia, type MediaCaller } from '../../src/simulate/twilio/media.ts';
import { dialRelay } from '../../src/simulate/twilio/relay.ts';
import { after } from '../helpers/phone.ts';
import { until } from '../helpers/until.ts';
import { plan, run } from './helpers/processes.ts';
import { dial, logOf, mediaOf, serve, WAIT_MS, type Serving } from './helpers/serving.ts';

const planned = plan();
const TIMEOUT = { timeout: 120_000 };
const AGENT = 'test/cli/agents/rogue.ts';
const MAX_CALLS = 5;

const folder = mkdtempSync(join(tmpdir(), 'parley-processes-'));
afterAll(() => rmSync(folder, { recursive: true }));

const get = async (url: string, path: string) => (await fetch(url + path)).text();
const readyOf = async (url: string) =>
  JSON.parse(await get(url, '/readyz')) as { status: string; calls: number; processes: number };

/** Once it has so many calls: a process tells of its own with its next sign of life. */
const readyWith = (url: string, calls: number) =>
  until(
    `${calls} calls`,
    async () => {
      const state = await readyOf(url);
      return state.calls === calls && state;
    },
    WAIT_MS,
  );

async function ring(url: string, callSid: string): Promise<string> {
  const body = new URLSearchParams({ CallSid: callSid, From: '+15550100', To: '+15550199' });
  return (await fetch(`${url}/twilio/voice`, { method: 'POST', body })).text();
}

const tokenOf = (twiml: string): string => /name="parleyToken" value="([^"]+)"/.exec(twiml)?.[1] ?? '';

/** What a process has said when it began, or a call in it, in the log so far. */
const linesOf = ({ output }: Serving, msg: string): Record<string, unknown>[] =>
  output()
    .split('\n')
    .filter((line) => line.includes(`"msg":"${msg}"`))
    .map((line) => JSON.parse(line) as Record<string, unknown>);

const startsOf = (serving: Serving, callSid: string) =>
  linesOf(serving, 'call started').filter(({ carrierCallId }) => carrierCallId === callSid);
const startOf = (serving: Serving, { callSid }: MediaCaller) => startsOf(serving, callSid)[0];
const processOf = (serving: Serving, caller: MediaCaller): unknown => startOf(serving, caller)?.['process'];

describe('several processes', TIMEOUT, () => {
  const whole = planned(async () => {
    const serving = await serve(
      ['--simulate', '--processes', '2', '--record', folder],
      { PARLEY_MAX_CALLS: String(MAX_CALLS) },
      AGENT,
    );
    const { url } = serving;
    const atFirst = await readyOf(url);

    // all at once, as a burst of webhooks; then their sockets, which land wherever
    const callSids = Array.from({ length: MAX_CALLS }, () => newSid('CA'));
    const tokens = (await Promise.all(callSids.map((callSid) => ring(url, callSid)))).map(tokenOf);
    await until('all places to be promised', async () => (await readyOf(url)).status === 'full', WAIT_MS);
    const oneTooMany = await ring(url, newSid('CA'));
    const stranger = await dial(url).then(
      async (caller) => (await caller.ended).code, // it might have been one of those announced
      (error: { status?: number }) => error.status,
    );
    const callers = await Promise.all(
      callSids.map((callSid, index) =>
        dialMedia({
          ...{ url: mediaOf(url), callSid, from: '+15550100', to: '+15550199' },
          parameters: { parleyToken: tokens[index] ?? '' },
        }),
      ),
    );
    await Promise.all(callers.map((caller) => caller.waitForSpeech({ fromMs: 0 })));
    const again = await dialMedia({
      ...{ url: mediaOf(url), callSid: callSids[0] ?? '', from: '+15550100', to: '+15550199' },
      parameters: { parleyToken: tokens[0] ?? '' },
    }).then(
      async (caller) => (await caller.ended).code,
      (error: { status?: number }) => error.status,
    );
    const full = await readyWith(url, MAX_CALLS);
    const metrics = await get(url, '/metrics');
    const processes = callers.map((caller) => processOf(serving, caller));

    // one process dies in the middle of its calls
    await after(1_500); // of sound, so that there is something to keep
    const victim = linesOf(serving, 'takes calls').find(({ process }) => process === processes[0]);
    process.kill(Number(victim?.['pid']), 'SIGKILL');
    const lost = callers.filter((_, index) => processes[index] === processes[0]);
    const others = callers.filter((caller) => !lost.includes(caller));
    await Promise.all(lost.map((caller) => caller.ended));
    const stillThere = others.map(({ isOver }) => isOver);
    const records = lost.map((caller) => {
      const callFolder = join(folder, String(startOf(serving, caller)?.['callId']));
      const files = readdirSync(callFolder);
      const { sampleRateHz, channels } = readWav(readFileSync(join(callFolder, 'call.wav')));
      const events = readFileSync(join(callFolder, 'events.jsonl'), 'utf8').trim().split('\n');
      return {
        files,
        seconds: (channels[0]?.length ?? 0) / sampleRateHz,
        events: events.map((line) => JSON.parse(line) as { type: string }),
      };
    });
    await until('another process', async () => (await readyOf(url)).processes === 2, WAIT_MS);
    const caller = await dial(url);
    await caller.waitForSpeech({ fromMs: 0 });
    const replaced = await readyWith(url, others.length + 1);
    const metricsAfter = await get(url, '/metrics');

    serving.child.kill('SIGTERM');
    await until('it to drain', async () => (await readyOf(url)).status === 'draining', WAIT_MS);
    const refused: unknown = await dial(url).catch((error: unknown) => error);
    const ends = await Promise.all([...others, caller].map((one) => one.hangUp()));
    return {
      ...{
        atFirst,
        oneTooMany,
        stranger,
        again,
        full,
        metrics,
        processes,
        lost,
        stillThere,
        records,
        replaced,
        metricsAfter,
      },
      ...{ refused, ends, result: await serving.exited },
    };
  });

  test('a call that one process announced gets in at any, each once, and no more than there are places', async () => {
    const { atFirst, oneTooMany, stranger, again, full, processes } = await whole();
    expect(atFirst).toEqual({ status: 'ready', calls: 0, processes: 2, simulated: true });
    expect(oneTooMany).toContain('<Say>');
    expect([503, 1008]).toContain(stranger);
    expect([503, 1008]).toContain(again);
    expect(full).toMatchObject({ status: 'full', calls: MAX_CALLS });
    const ofEach = [1, 2].map((process) => processes.filter((one) => one === process).length);
    expect(ofEach[0]! + ofEach[1]!).toBe(MAX_CALLS);
    expect(Math.abs(ofEach[0]! - ofEach[1]!)).toBeLessThanOrEqual(3);
  });

  test('metrics are those of all processes together', async () => {
    const { metrics } = await whole();
    const lines = metrics.split('\n');
    expect(lines).toEqual(
      expect.arrayContaining([`parley_calls ${MAX_CALLS}`, 'parley_ready 0', 'parley_processes 2']),
    );
    expect(metrics).toMatch(/parley_calls_refused_total\{reason="full"\} [1-9]/);
  });

  test('a process that is killed takes down its own calls only, leaves their records whole, and is replaced', async () => {
    const { lost, stillThere, records, replaced, metricsAfter, result } = await whole();
    expect(lost.length).toBeGreaterThan(0);
    expect(stillThere).toEqual(Array.from({ length: MAX_CALLS - lost.length }, () => false));
    for (const { seconds, events, files } of records) {
      expect(files).toEqual(expect.arrayContaining(['call.wav', 'events.jsonl', 'machine.jsonl']));
      expect(seconds).toBeGreaterThan(0.5);
      expect(events.map(({ type }) => type)).toEqual(expect.arrayContaining(['call-start', 'reply-audio-start']));
    }
    expect(replaced).toMatchObject({ status: 'ready', processes: 2, calls: MAX_CALLS - lost.length + 1 });
    expect(metricsAfter).toContain('parley_process_exits_total 1');
    const died = logOf(result).find(({ msg }) => msg === 'a process died, and its calls with it');
    expect(died).toMatchObject({ signal: 'SIGKILL', calls: lost.length });
  });

  test('SIGTERM lets the calls of every process end, takes no other, and ends with exit code 0', async () => {
    const { refused, ends, result } = await whole();
    expect(refused).toMatchObject({ status: 503 });
    expect(ends.map(({ by }) => by)).toEqual(ends.map(() => 'caller'));
    expect([result.code, result.stdout]).toEqual([0, '']);
    expect(result.stderr).not.toMatch(/\n\s+at /);
    expect(logOf(result).at(-1)).toMatchObject({ msg: 'stopped' });
  });

  const sameCall = planned(async () => {
    const serving = await serve(['--simulate', '--processes', '2'], {}, AGENT);
    const pairs: { processes: unknown[]; ends: unknown[]; left: MediaCaller[] }[] = [];
    for (let round = 0; round < 6; round++) {
      const callSid = newSid('CA');
      const numbers = { from: '+15550100', to: '+15550199' };
      const dialOnce = () => dialMedia({ url: mediaOf(serving.url), callSid, ...numbers });
      const callers = await Promise.all([dialOnce(), dialOnce()]);
      await Promise.race(callers.map(({ ended }) => ended));
      const [left] = callers.filter(({ isOver }) => !isOver);
      await left?.waitForSpeech({ fromMs: 0 });
      await until('both calls', () => startsOf(serving, callSid).length === 2, WAIT_MS);
      const ended = () => linesOf(serving, 'call ended').filter(({ carrierCallId }) => carrierCallId === callSid);
      await until('the end of one of them', () => ended().length > 0, WAIT_MS);
      pairs.push({
        processes: startsOf(serving, callSid).map(({ process }) => process),
        left: callers.filter(({ isOver }) => !isOver),
        ends: ended().map(({ reason }) => reason),
      });
      await Promise.all(callers.map((caller) => caller.hangUp()));
    }
    serving.child.kill('SIGTERM');
    return { pairs, result: await serving.exited };
  });

  test('two lines of one call in one moment, in whatever processes: one agent is left, and the other line has ended in good order', async () => {
    const { pairs, result } = await sameCall();
    expect(pairs.map(({ left }) => left.length)).toEqual(pairs.map(() => 1));
    expect(pairs.map(({ ends }) => ends)).toEqual(pairs.map(() => ['taken-over']));
    expect(pairs.some(({ processes }) => new Set(processes).size === 2)).toBe(true);
    expect(result.code).toBe(0);
  });

  const twice = planned(async () => {
    const serving = await serve(['--simulate', '--processes', '2'], {}, AGENT);
    const caller = await dial(serving.url);
    await caller.waitForSpeech({ fromMs: 0 });
    serving.child.kill('SIGTERM');
    await until('it to drain', () => serving.output().includes('no new calls'), WAIT_MS);
    serving.child.kill('SIGTERM');
    return { end: await caller.ended, result: await serving.exited };
  });

  test('a second SIGTERM ends all of them at once, with exit code 1', async () => {
    const { end, result } = await twice();
    expect(end.by).toBe('worker');
    expect(result.code).toBe(1);
    expect(logOf(result).map(({ msg }) => msg)).toContain('told twice: ending now');
  });

  const orphaned = planned(async () => {
    const serving = await serve(['--simulate', '--processes', '2'], {}, AGENT);
    const caller = await dial(serving.url);
    await caller.waitForSpeech({ fromMs: 0 });
    serving.child.kill('SIGKILL');
    await until('the process to know', () => serving.output().includes('primary-lost'), WAIT_MS);
    await caller.waitForSilence({ forMs: 100 });
    const { by } = await caller.hangUp();
    await serving.exited; // its output ends when the last process does
    return { by };
  });

  test('when the primary is killed, calls go on to their end, and their processes end with them', async () => {
    expect(await orphaned()).toEqual({ by: 'caller' });
  });

  const filled = planned(async () => {
    const serving = await serve(['--simulate', '--processes', '2'], { PARLEY_MAX_CALLS: '100' }, AGENT);
    const { url } = serving;
    const line = `${url.replace('http', 'ws')}/twilio/relay`;
    const dialOne = () => dialRelay({ url: line, from: '+15550100', to: '+15550199' });
    const announced = async () => {
      const callSid = newSid('CA');
      const parameters = { parleyToken: tokenOf(await ring(url, callSid)) };
      return dialRelay({ url: line, callSid, from: '+15550100', to: '+15550199', parameters });
    };
    const calls = Array.from({ length: 100 }, async (_, index) => {
      if (index % 3 === 0) await get(url, '/readyz'); // connections that are no calls, between those that are
      return index % 2 === 0 ? dialOne() : announced();
    });
    const callers = await Promise.all(calls);
    await until(
      'all of them to be greeted',
      () => callers.every(({ heard, isOver }) => isOver || heard.length > 0),
      WAIT_MS,
    );
    const taken = callers.filter(({ isOver }) => !isOver).length;
    const full = await readyWith(url, 100);
    const oneMore: unknown = await dialOne().catch((error: unknown) => error);
    await callers[0]?.hangUp();
    await until('a place', async () => (await readyOf(url)).status === 'ready', WAIT_MS);
    const another = await dialOne();
    await until('it to be greeted', () => another.heard.length > 0, WAIT_MS);
    await Promise.all([...callers.slice(1), another].map((caller) => caller.hangUp()));
    serving.child.kill('SIGTERM');
    return { taken, full, oneMore, result: await serving.exited };
  });

  test('100 places in two processes take 100 calls, and not one more', async () => {
    const { taken, full, oneMore, result } = await filled();
    expect(taken).toBe(100);
    expect(full).toMatchObject({ status: 'full', calls: 100 });
    expect(oneMore).toMatchObject({ status: 503 });
    expect(result.code).toBe(0);
  });

  const shown = planned(async () => {
    const serving = await serve(['--simulate', '--processes', '2'], {}, AGENT);
    const { url } = serving;
    const counts: number[] = [];
    for (let attempt = 0; attempt < 10; attempt++) {
      const callSid = newSid('CA');
      const parameters = { parleyToken: tokenOf(await ring(url, callSid)) };
      const facts = { url: mediaOf(url), callSid, from: '+15550100', to: '+15550199', parameters };
      const callers = await Promise.all([1, 2, 3, 4].map(() => dialMedia(facts)));
      const isCall = callers.map((caller) =>
        caller.waitForSpeech({ fromMs: 0 }).then(
          () => 1,
          () => 0,
        ),
      );
      counts.push((await Promise.all(isCall)).reduce((sum, one) => sum + one, 0));
      await Promise.all(callers.map((caller) => caller.hangUp()));
    }
    serving.child.kill('SIGTERM');
    return { counts, result: await serving.exited };
  });

  test('one token on 4 sockets in one moment is one call, decided in one place', async () => {
    const { counts, result } = await shown();
    expect(counts).toEqual(Array.from({ length: 10 }, () => 1));
    expect(result.code).toBe(0);
  });

  const handed = planned(async () => {
    const serving = await serve(['--simulate', '--processes', '2'], {}, AGENT);
    const pid = Number(linesOf(serving, 'takes calls')[0]?.['pid']);
    process.kill(pid, 'SIGSTOP');
    const { hostname, port } = new URL(serving.url);
    const peers = Array.from({ length: 12 }, async () => {
      const socket = connect(Number(port), hostname).on('error', () => {});
      let answer = '';
      socket.setEncoding('utf8').on('data', (text: string) => (answer += text));
      socket.write('GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
      await once(socket, 'close');
      return answer !== '';
    });
    const others = await Promise.race(peers); // by then all were handed over, half of them to the one that stands still
    process.kill(pid, 'SIGKILL');
    const answered = await Promise.all(peers);
    serving.child.kill('SIGTERM');
    return { others, answered, result: await serving.exited };
  });

  test('connections that were handed to a process which died before it took them go to another, and none hangs', async () => {
    const { others, answered, result } = await handed();
    expect(others).toBe(true);
    expect(answered).toEqual(answered.map(() => true));
    expect(result.code).toBe(0);
  });

  const slow = planned(async () => {
    const serving = await serve(['--simulate', '--processes', '2'], {}, AGENT);
    const pieces = {
      'a half-open upgrade': 'GET /twilio/media HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n',
      'dripped headers': 'GET /healthz HTTP/1.1\r\nHost: x\r\nX: ',
      'a dripped body': 'POST /twilio/voice HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 2000\r\n\r\n',
    };
    const ends = Object.entries(pieces).map(async ([kind, begin]) => {
      const sinceMs = performance.now();
      const { hostname, port } = new URL(serving.url);
      const socket = connect(Number(port), hostname).on('error', () => {});
      socket.write(begin);
      const drip = setInterval(() => socket.write('a'), 500);
      socket.resume();
      await once(socket, 'close');
      clearInterval(drip);
      return [kind, (performance.now() - sinceMs) / 1_000] as const;
    });
    const seconds = new Map(await Promise.all(ends));
    serving.child.kill('SIGTERM');
    await serving.exited;
    return seconds;
  });

  test('half-open upgrades, dripped headers and dripped bodies are let go after 5 and 10 s, as by one process', async () => {
    const seconds = await slow();
    const isWithin = (from: number, to: number) =>
      expect.toSatisfy((value: number) => value > from && value < to, `between ${from} and ${to} s`) as number;
    expect(Object.fromEntries(seconds)).toEqual({
      'a half-open upgrade': isWithin(4, 9),
      'dripped headers': isWithin(4, 9),
      'a dripped body': isWithin(9, 15),
    });
  });

  const refused = planned(async () => {
    writeFileSync(join(folder, 'broken.ts'), `throw new Error('no settings');\n`);
    return Promise.all([
      run(['serve', '--simulate', '--processes', 'many', '--agent', AGENT]),
      run(['serve', '--simulate', '--processes', '2', '--port', '0', '--agent', join(folder, 'broken.ts')]),
    ]);
  });

  test('what is wrong is told once, with the right exit code, however many processes there should be', async () => {
    const [many, broken] = await refused();
    expect(many).toMatchObject({ code: 2 });
    expect(many?.stderr).toMatch(/^parley: --processes: expected auto or a whole number from 1 to 256, got `many`/);
    expect(broken).toMatchObject({ code: 1, stdout: '' });
    expect(broken?.stderr.match(/no settings/g)).toHaveLength(1);
  });
});

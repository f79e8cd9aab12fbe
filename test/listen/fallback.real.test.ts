/**
 * A list of ears as one: it keeps the contract, wherever the first fails; no word is lost, and none comes twice.
 *
 * Real time: a list of ears on sockets; the others in it take their time from a clock of the test.
 */
import { describe, expect, onTestFinished, test } from 'vitest';
import { VirtualClock, type Clock } from '../../src/lib/clock.ts';
import { silentLog } from '../../src/lib/log.ts';
import { optionsOfList, type Successor } from '../../src/lib/succession.ts';
import type { Transcriber, TranscriptListener } from '../../src/listen/contract.ts';
import { createEarList } from '../../src/listen/fallback.ts';
import { createPulse } from '../../src/listen/pulse/transcriber.ts';
import { startPulseSimulator } from '../../src/simulate/pulse/server.ts';
import { transcriberContract, type EarWorld } from '../contracts/transcriber.suite.ts';
import { KEY, MULAW, openLine, pulseOf, simulate, spoken } from '../helpers/pulse.ts';
import { ScriptedEar } from '../helpers/scripted-ear.ts';
import { CountingClock } from '../speak/helpers/lightning.ts';

const LISTEN = { language: 'en', keywords: [] };

function listOf(ears: readonly Transcriber[], clock: Clock): Transcriber {
  return createEarList(
    ears.map((transcriber, at) => ({ name: ['one', 'two'][at] ?? '', transcriber })),
    { clock, log: silentLog },
  );
}

/** Each says what is in the script from the place on at which it was asked. */
function scriptedWorld(ears: readonly ScriptedEar[], clock: CountingClock): EarWorld {
  const [first] = ears;
  return {
    transcriber: listOf(ears, clock),
    format: MULAW,
    listen: LISTEN,
    unheard: { format: MULAW, listen: { language: '', keywords: [] } },
    audioOf: (callId, words, { atMs, silenceMs }) => {
      const endMs = Math.max(...ears.map((ear) => ear.say(callId, words, atMs)));
      return new Uint8Array((endMs - atMs + silenceMs) * 8).fill(0xff);
    },
    lose: () => first?.lose(),
    refuse: () => ears.forEach((ear) => (ear.isRefusing = true)),
    mute: () => ears.forEach((ear) => (ear.isMute = true)),
    timers: () => clock.pending,
    close: async () => {},
  };
}

transcriberContract('a list of two ears that are well', async () => {
  const clock = new CountingClock();
  return scriptedWorld(
    [1, 2].map(() => new ScriptedEar({ clock, closeTimeoutMs: 200 })),
    clock,
  );
});

/** Two stand-ins at two addresses; words are in the audio, so that whoever is asked later hears the same. */
async function pulseWorld(
  breakFirst: (first: Awaited<ReturnType<typeof startPulseSimulator>>) => void,
): Promise<EarWorld> {
  const options = { interimDelayMs: 0, finalDelayMs: 0 };
  const [broken, simulator] = [await startPulseSimulator(options), await startPulseSimulator(options)];
  breakFirst(broken);
  const clock = new CountingClock();
  const pulse = (baseUrl: string) =>
    createPulse({ apiKey: KEY, baseUrl, retryDelaysMs: [5, 5, 10, 15, 20], closeTimeoutMs: 2_000, clock });
  const sessions = () => simulator.sessions().filter(({ isOpen }) => isOpen);
  return {
    transcriber: listOf([pulse(broken.url), pulse(simulator.url)], clock),
    isList: true,

    format: MULAW,
    listen: LISTEN,
    unheard: { format: { encoding: 'mulaw', sampleRateHz: 16_000 }, listen: LISTEN },
    audioOf: (_callId, words, { silenceMs }) => spoken(words, MULAW, silenceMs),
    lose: () => sessions().forEach((session) => session.close(1011)),
    refuse: () => void simulator.fault({ type: 'refuse', status: 401, times: 100 }),
    mute: () => sessions().forEach((session) => session.fault({ type: 'mute' })),
    timers: () => clock.pending,
    close: async () => {
      await Promise.all([broken.close(), simulator.close()]);
    },
  };
}

describe.each([
  ['refuses the key', 401],
  ['allows no more', 429],
  ['is down', 503],
])('two addresses, the first of which %s:', (name, status) => {
  transcriberContract(`a list whose first ${name}`, () =>
    pulseWorld((first) => void first.fault({ type: 'refuse', status, times: 1_000 })),
  );
});

// ---- who hears ------------------------------------------------------------------------------------------------------

test('the first breaks off for good in the middle of a sentence: the next hears all of it, and says it once', async () => {
  const [one, two] = [await simulate(), await simulate()];
  const clock = new CountingClock();
  const list = listOf([pulseOf(one.url), pulseOf(two.url)], clock);
  const { line, told } = openLine(list);
  await expect.poll(() => told.log).toContain('up 0');
  for (const part of ['I would like to ']) line.push(spoken(part, MULAW, 0));
  await expect.poll(() => told.log.some((entry) => entry.startsWith('i:'))).toBe(true);
  one.fault({ type: 'refuse', status: 503, times: 100 });
  for (const session of one.sessions()) session.close(1011);
  line.push(spoken('book a table.', MULAW, 800));
  await expect
    .poll(() => told.finals.filter((text) => text !== ''), { timeout: 10_000 })
    .toEqual(['I would like to book a table.']);
  expect(told.errors).toEqual([]);
  expect(told.log.filter((entry) => entry === 'up 1')).toHaveLength(1);
  line.close();
  await list.close();
});

test('a final that was asked for when the first broke off is given by the next, once', async () => {
  const [one, two] = [await simulate(), await simulate()];
  const list = listOf([pulseOf(one.url), pulseOf(two.url)], new CountingClock());
  const { line, told } = openLine(list);
  await expect.poll(() => told.log).toContain('up 0');
  one.fault({ type: 'refuse', status: 401, times: 100 });
  line.push(spoken('Yes', MULAW, 40));
  for (const session of one.sessions()) session.close(1011);
  line.finalize();
  await expect.poll(() => told.finals, { timeout: 10_000 }).toEqual(['Yes']);
  line.close();
  await list.close();
});

/** Two scripted ears, in virtual time. */
function setUp() {
  const clock = new VirtualClock();
  const ears = ['one', 'two'].map((name) => new ScriptedEar({ name, clock, closeTimeoutMs: 200 }));
  const list = listOf(ears, clock);
  const who: Successor[] = [];
  const open = (callId: string) => {
    const log: string[] = [];
    const listener: TranscriptListener = {
      transcript: (text, isFinal) => isFinal && log.push(`f:${text}`),
      speech: () => {},
      failed: ({ code }) => log.push(`failed ${code}`),
      lost: () => log.push('lost'),
      connected: (count) => log.push(`up ${count}`),
    };
    const listen = optionsOfList([LISTEN, { ...LISTEN, language: 'hi' }]);
    const line = list.open({ callId, format: MULAW, listen, asks: (one) => void who.push(one) }, listener);
    return { line, log };
  };
  onTestFinished(async () => {
    const closing = list.close();
    clock.advanceBy(1_000);
    await closing;
    expect(clock.pending).toBe(0);
  });
  return { clock, first: ears[0]!, second: ears[1]!, list, open, who };
}

test('who is down is passed over by the calls that follow, tried when its time is over, and a call goes back at a final', () => {
  const { clock, first, second, list, open, who } = setUp();
  first.isRefusing = true;
  const a = open('a');
  clock.advanceBy(10);
  expect(a.log).toEqual(['up 0']);
  open('b');
  clock.advanceBy(10);
  expect(who.map(({ at }) => at)).toEqual([0, 1, 1]);
  first.isRefusing = false;
  clock.advanceBy(10_000);
  first.say('c', 'hello', 0);
  const c = open('c');
  clock.advanceBy(10);
  c.line.push(new Uint8Array(8 * 2_000));
  clock.advanceBy(10);
  expect(c.log).toEqual(['up 0', 'f:hello']);
  expect(list.health?.().every(({ isWell }) => isWell)).toBe(true);
  second.say('a', 'good morning', 0);
  a.line.push(new Uint8Array(8 * 2_000));
  clock.advanceBy(10);
  expect(a.log.filter((entry) => entry.startsWith('f:'))).toEqual(['f:good morning']);
  expect(who.at(-1)?.at).toBe(0);
});

test('when both are gone the call is told once', () => {
  const { clock, first, second, open } = setUp();
  first.isRefusing = second.isRefusing = true;
  const { log } = open('a');
  clock.advanceBy(10);
  expect(log).toEqual(['failed unauthorized']);
});

test('closed while another is being asked, nothing is told and nothing is left', () => {
  const { clock, first, open } = setUp();
  first.isRefusing = true;
  const { line, log } = open('a');
  clock.advanceBy(0);
  line.close();
  clock.advanceBy(5_000);
  expect(log.filter((entry) => entry.startsWith('failed'))).toEqual([]);
});

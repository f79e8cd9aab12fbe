/**
 * `--record`: what was said and heard, when, and why, is on disk, also when the process dies in the middle.
 *
 * Real time: it is written while the call goes on, to files that are read in the middle of it.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeToneSpeech, type SpokenWord } from '../../src/audio/tone-speech.ts';
import { readWav } from '../../src/audio/wav.ts';
import type { CallEvent } from '../../src/call/events.ts';
import { replay } from '../../src/record/machine-log.ts';
import {
  startPhone,
  understand,
  understandSamples,
  voiceOf,
  type Phone,
  type PhoneLine,
} from '../../src/testing/phone.ts';
import { lettersOf } from '../../src/testing/heard-words.ts';
import { agentWith, answering, reach, slackOf } from '../helpers/phone.ts';

const GREETING = 'Harbour office.';
const STORY = 'The lighthouse was built in eighteen hundred and two, and its light is seen from twenty miles away.';
const FINE = 'The sea is calm today.';

let directory: string;
let phone: Phone;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'parley-recording-'));
  phone = await startPhone(agentWith({ greeting: GREETING }), {
    ...answering({ when: 'story', say: STORY }, { say: FINE }),
    record: directory,
  });
});
afterAll(async () => {
  await phone.close();
  rmSync(directory, { recursive: true });
});

describe.concurrent('a recording', () => {
  test('holds both voices where they were heard, the events, the log that replays, and the page', async () => {
    const line = await phone.dial();
    await talk(line);
    await line.caller.hangUp();
    const files = await line.recording!.done;

    const { sampleRateHz, channels } = readWav(readFileSync(files.audio!));
    expect(channels).toHaveLength(2);
    expect(sampleRateHz).toBe(8_000);
    const [left, right] = channels.map(understandSamples);
    const slackMs = 150 + slackOf(line); // arrival times are all that the worker knows
    expectSame(left!, understand(line.caller.said), slackMs);
    expectSame(right!, line.heard(), slackMs);

    const events = readEvents(readFileSync(files.events, 'utf8'));
    expect(events).toEqual(JSON.parse(JSON.stringify(line.events)));
    expect(events[0]?.type).toBe('call-start');
    expect(events.at(-1)?.type).toBe('call-end');

    const replayed = replay(readFileSync(files.machine, 'utf8'));
    expect(replayed).toMatchObject({ callId: line.call.id, difference: undefined });
    expect(replayed.effects).toBeGreaterThan(20);

    const page = readFileSync(files.page, 'utf8');
    expect(page).toContain('call.wav');
    expect(page).toContain('calm');
  });

  test('of which the process died in the middle is readable up to about a second before', async () => {
    const line = await phone.dial();
    await talk(line);
    const atMs = line.caller.nowMs;
    const { files } = line.recording!;
    const dead = {
      audio: readFileSync(files.audio!),
      events: readFileSync(files.events, 'utf8'),
      machine: readFileSync(files.machine, 'utf8'),
    };
    await line.caller.hangUp();

    const { sampleRateHz, channels } = readWav(dead.audio);
    const lengthMs = ((channels[0]?.length ?? 0) * 1_000) / sampleRateHz;
    expect(lengthMs).toBeGreaterThan(atMs - 1_500 - slackOf(line));
    const heard = decodeToneSpeech(channels[1]!, sampleRateHz).map(({ text }) => text);
    expect(lettersOf(heard.join(''))).toContain(lettersOf(GREETING));
    expect(readEvents(dead.events).map(({ type }) => type)).toContain('interruption');
    expect(replay(dead.machine)).toMatchObject({ difference: undefined });
  });
});

/** A story that is cut off, and an answer that is not. */
async function talk(line: PhoneLine): Promise<void> {
  const { caller } = line;
  await caller.waitForSilence({ forMs: 300, fromMs: 1_200 });
  const { toMs } = await line.say('A story please');
  const startedMs = await caller.waitForSpeech({ fromMs: toMs });
  await reach(line, startedMs + 1_500);
  const cut = await caller.interrupt(voiceOf('No, wait, how is the sea?'));
  const answeredMs = await caller.waitForSpeech({ fromMs: cut.toMs });
  await caller.waitForSilence({ forMs: 900, fromMs: answeredMs });
}

/** The same words, each about when it was heard. Where the line was cut, half a word may be told otherwise. */
function expectSame(recorded: readonly SpokenWord[], heard: readonly SpokenWord[], slackMs: number): void {
  const pairs = heard.map((word) => ({
    word,
    twin: recorded.find(({ text, startMs }) => text === word.text && Math.abs(startMs - word.startMs) < slackMs),
  }));
  const missing = pairs.filter(({ twin }) => twin === undefined).map(({ word }) => word.text);
  expect(missing.length, `not recorded where it was heard: ${missing.join(' ')}`).toBeLessThanOrEqual(2);
  expect(Math.abs(recorded.length - heard.length)).toBeLessThanOrEqual(2);
}

const readEvents = (text: string): CallEvent[] =>
  text
    .split('\n')
    .filter((row) => row.endsWith('}'))
    .map((row) => JSON.parse(row) as CallEvent);

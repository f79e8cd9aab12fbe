/** What the caller does while the agent speaks or works, and what it does not do to either (R11, R13 to R15). */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { encodeMulaw } from '../../src/audio/g711.ts';
import { decodeToneSpeech, layOutToneSpeech } from '../../src/audio/tone-speech.ts';
import { startPhone, voiceOf, type Phone, type PhoneLine } from '../../src/testing/phone.ts';
import { defineTool } from '../../src/tool/define.ts';
import { Dice } from '../helpers/dice.ts';
import { lettersApart } from '../../src/testing/heard-words.ts';
import { after, agentWith, answering, atOnce, timeOf, messagesOf, reach, requestWith } from '../helpers/phone.ts';
import { until } from '../helpers/until.ts';

const ANSWER = 'The ferry leaves at nine in the morning from the northern pier, and it takes an hour to the island.';
const FILLER = 'I am booking it right now.';
const BOOKED = 'Your seat is booked.';
const BOOKING_MS = 4_000;

const runs: string[] = [];
const book = defineTool({
  name: 'book_seat',
  description: 'Books a seat.',
  input: z.object({ name: z.string() }),
  effect: 'write',
  run: async ({ name }) => {
    runs.push(name);
    await after(BOOKING_MS);
    return { reference: `seat of ${name}` };
  },
});

let phone: Phone;

beforeAll(async () => {
  phone = await startPhone(
    agentWith({ tools: [book] }),
    answering(
      { when: 'ferry', say: ANSWER },
      { when: 'book for (\\w+)', say: FILLER, call: { name: 'book_seat', arguments: { name: '$1' } } },
      { when: 'pier', say: 'It leaves from pier two.' },
      { when: 'thank', say: 'You are welcome.' },
      { say: BOOKED },
      { after: 'book_seat', say: BOOKED },
    ),
  );
});
afterAll(() => phone.close());

describe.concurrent('R11: what is no interruption', () => {
  test.each([
    ['a cough', encodeMulaw(noise(300))],
    ['"mm-hm"', voiceOf('mm-hm')],
    ['"okay"', voiceOf('okay')],
  ])('%s does not stop the answer: all of it is heard, and nothing twice', async (_what, sound) => {
    await atOnce(2, async (index) => {
      const line = await phone.dial();
      const { toMs } = await line.say('When is the ferry?');
      const startedMs = await line.caller.waitForSpeech({ fromMs: toMs });
      await reach(line, startedMs + 900 + 700 * index);
      await line.caller.interrupt(sound);
      await line.caller.waitForSilence({ forMs: 1_200, fromMs: startedMs });
      await line.caller.hangUp();
      expect(line.eventsOf('interruption')).toEqual([]);
      expect(line.caller.stats().clears).toBeGreaterThan(0);
      const { letters, ms } = offFrom(ANSWER, line, startedMs);
      const lateMs = line.caller.stats().mostLateMs; // where the voice was when it fell silent is known no better
      expect(Math.abs(ms)).toBeLessThan(20 + lateMs);
      expect(letters).toBeLessThanOrEqual(1 + lateMs / 67);
      expect(line.eventsOf('turn-end')).toMatchObject([{ outcome: 'replied', heard: ANSWER }]);
      expect(line.eventsOf('turn-start')).toHaveLength(1);
    });
  });
});

describe.concurrent('R13: the caller cuts in while a write tool runs', () => {
  test('it runs once, and its result is told with the next turn', async () => {
    const line = await phone.dial();
    const { toMs } = await line.say('Please book for Ada');
    await line.caller.waitForSpeech({ fromMs: toMs });
    await until('the tool to run', () => runs.includes('Ada'));
    await line.caller.interrupt(voiceOf('Which pier is it?'));
    const asked = await requestWith(phone, 'Which pier', (record) => bookedBy(record, 'Ada'));
    expect(JSON.stringify(messagesOf(asked))).toContain('Still running');
    await until('the result', () => line.eventsOf('tool-end').length > 0);
    await line.say('Thank you for that');
    const told = await requestWith(phone, 'Thank you', (record) => bookedBy(record, 'Ada'));
    await line.caller.hangUp();
    expect(runs.filter((name) => name === 'Ada')).toHaveLength(1);
    expect(line.eventsOf('tool-end')).toMatchObject([{ name: 'book_seat', ok: true }]);
    expect(JSON.stringify(messagesOf(told)).split('seat of Ada')).toHaveLength(2);
  });

  test('R14: a caller who then says nothing is told of it all the same', async () => {
    const line = await phone.dial();
    const { toMs } = await line.say('Please book for Bob');
    await line.caller.waitForSpeech({ fromMs: toMs });
    await until('the tool to run', () => runs.includes('Bob'));
    await line.caller.interrupt(voiceOf('Which pier is it?'));
    const told = await requestWith(phone, 'seat of Bob');
    const turn = await timeOf(line, 'turn-start', ({ text }) => text === '');
    await line.caller.waitForSpeech({ fromMs: turn });
    await line.caller.hangUp();
    expect(runs.filter((name) => name === 'Bob')).toHaveLength(1);
    expect(messagesOf(told).at(-1)?.role).not.toBe('assistant');
  });
});

const bookedBy = (record: Parameters<typeof messagesOf>[0], name: string): boolean =>
  JSON.stringify(messagesOf(record)).includes(`book for ${name}`);

/** A cough, as far as a line can tell: noise, loud at first. */
function noise(ms: number): Int16Array {
  const dice = new Dice(5);
  return Int16Array.from({ length: ms * 8 }, (_, at) => 9_000 * (dice.next() * 2 - 1) * (1 - at / (ms * 8)));
}

/** How much of the sound of `text` was lost (less than 0) or repeated, and what that makes of its letters. */
function offFrom(text: string, line: PhoneLine, fromMs: number): { letters: number; ms: number } {
  const sound = line.heardSound(fromMs - 50);
  const heard = decodeToneSpeech(sound, 8_000).map((character) => character.text);
  return { letters: lettersApart(text, heard.join('')), ms: sound.length / 8 - layOutToneSpeech(text).durationMs };
}

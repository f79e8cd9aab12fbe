/** What the caller does while the agent speaks or works, and what it does not do to either (R11, R13 to R15). */
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { encodeToneSpeech } from '../../src/audio/tone-speech.ts';
import type { CallerSound } from '../../src/testing/caller-end.ts';
import { lettersApart } from '../../src/testing/heard-words.ts';
import type { CallResult } from '../../src/testing/result.ts';
import { startTestCall, type TestCall } from '../../src/testing/test-call.ts';
import { defineTool } from '../../src/tool/define.ts';
import { Dice } from '../helpers/dice.ts';
import { agentWith } from '../helpers/phone.ts';

const ANSWER = 'The ferry leaves at nine in the morning from the northern pier, and it takes an hour to the island.';
const FILLER = 'I am booking it right now.';
const BOOKED = 'Your seat is booked.';
const BOOKING_MS = 4_000;

const book = defineTool({
  name: 'book_seat',
  description: 'Books a seat.',
  input: z.object({ name: z.string() }),
  effect: 'write',
  run: () => ({}),
});

const replies = [
  { when: 'ferry', say: ANSWER },
  { when: 'book for (\\w+)', say: FILLER, call: { name: 'book_seat', arguments: { name: '$1' } } },
  { when: 'pier', say: 'It leaves from pier two.' },
  { when: 'thank', say: 'You are welcome.' },
  { say: BOOKED },
  { after: 'book_seat', say: BOOKED },
];

const dial = (): Promise<TestCall> =>
  startTestCall(agentWith({ tools: [book] }), {
    model: { replies },
    tools: {
      book_seat: async ({ name }: { name: string }, { wait }) => {
        await wait(BOOKING_MS);
        return { reference: `seat of ${name}` };
      },
    },
  });

describe('R11: what is no interruption', () => {
  test.each<[string, CallerSound]>([
    ['a cough', noise(300)],
    ['"mm-hm"', 'mm-hm'],
    ['"okay"', encodeToneSpeech('okay', 8_000)],
  ])('%s does not stop the answer: all of it is heard, and nothing twice', async (_what, sound) => {
    const undisturbed = await askForFerry();
    for (const word of ['nine', 'northern', 'takes', 'hour']) {
      const result = await askForFerry(async (call) => {
        await call.hears(word);
        await call.make(sound);
      });
      expect(result.events.filter(({ type }) => type === 'interruption')).toEqual([]);
      expect(longestGapMs(result)).toBeGreaterThan(longestGapMs(undisturbed) + 50); // it fell silent until it knew
      expect(Math.abs(soundMs(result) - soundMs(undisturbed))).toBeLessThan(20);
      expect(lettersApart(ANSWER, (result.heard ?? []).map(({ text }) => text).join(''))).toBeLessThanOrEqual(1);
      expect(eventsOf(result, 'turn-end')).toMatchObject([{ outcome: 'replied', heard: ANSWER }]);
      expect(eventsOf(result, 'turn-start')).toHaveLength(1);
    }
  });
});

describe('R13: the caller cuts in while a write tool runs', () => {
  test('it runs once, and its result is told with the next turn', async () => {
    await using call = await dial();
    const first = call.say('Please book for Ada');
    await call.until('tool-start');
    await call.hears('booking');
    const second = call.say('Which pier is it?');
    await call.until('tool-end');
    expect((await first).outcome).toBe('interrupted');
    await second;
    await call.say('Thank you for that');
    const { runs, events, requests } = await call.hangUp();
    expect(runs).toMatchObject([{ name: 'book_seat', isDone: true }]);
    expect(events.filter(({ type }) => type === 'tool-end')).toMatchObject([{ name: 'book_seat', ok: true }]);
    const asked = requests.find(({ messages }) => messages.at(-1)?.content === 'Which pier is it?');
    expect(JSON.stringify(asked?.messages)).toContain('Still running');
    expect(JSON.stringify(requests.at(-1)?.messages).split('seat of Ada')).toHaveLength(2);
  });

  test('R14: a caller who then says nothing is told of it all the same', async () => {
    await using call = await dial();
    const first = call.say('Please book for Bob');
    await call.until('tool-start');
    await call.hears('booking');
    const second = call.say('Which pier is it?');
    await Promise.all([first, second]);
    const told = await call.until('turn-end');
    const { runs, requests } = await call.hangUp();
    expect(runs).toHaveLength(1);
    const request = requests.find(({ messages }) => JSON.stringify(messages).includes('seat of Bob'));
    expect(request?.messages.at(-1)?.role).not.toBe('assistant');
    expect(call.turns.map(({ said }) => said)).toEqual(['Please book for Bob', 'Which pier is it?', '']);
    expect(told).toMatchObject({ turn: 3, outcome: 'replied', heard: expect.stringMatching(/./) as string });
  });
});

/** A call with this question; something may be done over the answer to it. */
async function askForFerry(overTheAnswer: (call: TestCall) => Promise<void> = async () => {}): Promise<CallResult> {
  await using call = await dial();
  const turn = call.say('When is the ferry?');
  await overTheAnswer(call);
  await turn;
  await call.wait(1_500);
  return call.hangUp();
}

const eventsOf = ({ events }: CallResult, type: string) => events.filter((event) => event.type === type);

const soundMs = ({ agentSound = [] }: CallResult): number =>
  agentSound.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);

const longestGapMs = ({ agentSound = [] }: CallResult): number =>
  Math.max(...agentSound.slice(1).map(({ fromMs }, at) => fromMs - agentSound[at]!.toMs));

/** A cough, as far as a line can tell: noise, loud at first. */
function noise(ms: number): Int16Array {
  const dice = new Dice(5);
  return Int16Array.from({ length: ms * 8 }, (_, at) => 9_000 * (dice.next() * 2 - 1) * (1 - at / (ms * 8)));
}

/**
 * R11, R12, R22: the caller cuts in at many instants of a long answer. The agent is silent at once, and the model is told the
 * words that the caller heard, to the word, whether or not the voice tells when each was spoken.
 */
import { expect, test } from 'vitest';
import { checks } from '../../src/testing/checks/index.ts';
import type { CallResult } from '../../src/testing/result.ts';
import { startTestCall } from '../../src/testing/test-call.ts';
import { turnsOf } from '../../src/testing/turns.ts';
import { Dice } from '../helpers/dice.ts';
import { agentWith, quantile } from '../helpers/phone.ts';

const ANSWER =
  'The rain in Spain falls mainly on the plain, and we have had a lot of it this year. Tomorrow will be dry again, with ' +
  'some clouds in the north. On Friday there may be thunder near the coast; take an umbrella if you go out.';
const INSTANTS = 12;
const LATEST_MS = 6_000;

test.each([
  ['does not tell when each word was spoken', { id: 'magnus' }],
  ['tells it', { id: 'liam' }],
])('a voice that %s: silent at once, and the model is told what was heard', async (_what, voice) => {
  const dice = new Dice(1);
  const cuts: CallResult[] = [];
  for (let nth = 0; nth < INSTANTS; nth++) cuts.push(await cutIn(voice, dice.next() * LATEST_MS));
  const turns = cuts.map((cut) => turnsOf(cut)[0]!);
  expect(cuts.flatMap((cut) => checks.trueHistory(cut))).toEqual([]);
  expect(turns.filter(({ outcome }) => outcome !== 'interrupted')).toEqual([]);
  const yieldsMs = turns.flatMap(({ interruption }) => interruption?.yieldMs ?? []);
  expect(yieldsMs.length).toBeGreaterThan(INSTANTS / 2); // others cut in between two words
  expect(quantile(yieldsMs, 0.5)).toBeLessThan(100);
  expect(quantile(yieldsMs, 1)).toBeLessThan(250);
});

async function cutIn(voice: { id: string }, afterMs: number): Promise<CallResult> {
  await using call = await startTestCall(agentWith({ voice }), {
    model: { replies: [{ when: 'story', say: ANSWER }, { say: 'Fine.' }] },
  });
  const story = call.say('A story please');
  await call.until('reply-audio-start');
  await call.wait(afterMs);
  const turn = call.say('No, wait a moment');
  await Promise.all([story, turn]);
  return call.hangUp();
}

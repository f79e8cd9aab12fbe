/** The model fails in the middle of a call, in every way that its stand-in knows: R17 holds, and the call goes on. */
import { expect, test } from 'vitest';
import type { FaultInput } from '../../src/simulate/electron/faults.ts';
import { deadAirIn } from '../../src/testing/metrics/dead-air.ts';
import { scopeOf } from '../../src/testing/scope.ts';
import { lengthMs } from '../../src/testing/sound.ts';
import { startTestCall } from '../../src/testing/test-call.ts';
import { agentWith } from '../helpers/phone.ts';

const SILENCE_MS = 1_200;
const PROGRESS_MS = 2_000;
/** From a phrase that is due to its sound. */
const SPOKEN_WITHIN_MS = 100;
const FINE = 'The sea is calm today.';

const agent = agentWith({
  turn: { silenceMs: SILENCE_MS, progressMs: PROGRESS_MS, giveUpMs: 6_000 },
  phrases: {
    hold: 'One moment, please.',
    progress: ['I am still at it.', 'It takes a little longer.'],
    recovery: ['Sorry, could you say that again?', 'I lost that, once more please?'],
  },
});
const replies = [
  {
    when: 'light',
    say: 'The lighthouse was built in eighteen hundred and two, and its light is seen from twenty miles away.',
  },
  { say: FINE },
];

const faults: Record<string, FaultInput> = {
  refused: { type: 'refuse' },
  'an error before the answer': { type: 'status', status: 500 },
  'error after error': { type: 'status', status: 503, times: 10 },
  'too many requests': { type: 'status', status: 429, retryAfter: 1 },
  'a page instead of an answer': { type: 'status', status: 502, body: 'html' },
  'silence before the headers': { type: 'hang', at: 'headers' },
  'silence before the first word': { type: 'hang', at: 'first-token' },
  'silence for good in the middle': { type: 'stall', afterChunks: 4 },
  'a long pause in the middle': { type: 'stall', afterChunks: 4, forMs: 2_500 },
  'an end in the middle': { type: 'cut', afterChunks: 4 },
  'a reset in the middle': { type: 'cut', afterChunks: 4, how: 'reset' },
  'garbage in the middle': { type: 'garbage', afterChunks: 4 },
  'an error in the middle': { type: 'stream-error', afterChunks: 4 },
  'a slow start': { type: 'slow', firstTokenMs: 3_000 },
  'an empty body': { type: 'json-body', body: 'empty' },
};

test.each(Object.entries(faults))('%s: heard within the times of R17, and the call goes on', async (_name, fault) => {
  await using call = await startTestCall(agent, {
    model: { replies },
    faults: { model: [{ ...fault, when: { caller: 'light' } }] },
  });
  const failed = await call.say('What about the light?');
  const next = await call.say('How is the sea?');
  expect(failed.heard).toMatch(/miles away\.$|say that again\?$/); // all of it, or that it is lost
  const endpointingMs = failed.silence?.endpointingMs ?? 0;
  const [first = 0, ...later] = deadAirIn(scopeOf(failed)).map(lengthMs);
  expect(first).toBeLessThan(endpointingMs + SILENCE_MS + SPOKEN_WITHIN_MS);
  for (const ms of later) expect(ms).toBeLessThan(PROGRESS_MS + SPOKEN_WITHIN_MS);
  expect(next).toMatchObject({ heard: FINE, outcome: 'replied' });
});

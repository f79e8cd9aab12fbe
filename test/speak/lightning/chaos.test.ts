/** Many calls, every fault, interruptions at random: whatever happens, each utterance ends once, and nothing is left. */
import { expect, test } from 'vitest';
import type { LightningFault } from '../../../src/simulate/lightning/options.ts';
import { setUpLightning, speak, VOICE, type Utterance } from '../helpers/lightning.ts';
import { until } from '../../helpers/until.ts';

function random(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state = (state ^ (state << 13)) >>> 0;
    state = (state ^ (state >>> 17)) >>> 0;
    state = (state ^ (state << 5)) >>> 0;
    return state / 2 ** 32;
  };
}

const FAULTS: LightningFault[] = [
  { type: 'refuse', status: 503 },
  { type: 'refuse', status: 429, retryAfterSeconds: 0 },
  { type: 'cut', afterMs: 0 },
  { type: 'cut', afterMs: 300 },
  { type: 'close', afterMs: 0 },
  { type: 'close', afterMs: 300 },
  { type: 'hang' },
  { type: 'stall', afterMs: 200, forMs: 60 },
  { type: 'garbage' },
  { type: 'error', shape: 'object', message: 'lost', afterMs: 200 },
  { type: 'error', shape: 'message', message: 'Connection timed out after 60 seconds of inactivity' },
  { type: 'error', shape: 'errors', message: 'no' },
];
const WORDS = 'one two three four five six seven eight nine ten'.split(' ');

test.concurrent.for([
  [1, 1, 'close'],
  [2, 2, 'keep'],
  [3, 1, 'keep'],
] as const)('seed %i, %i at once, `%s` after complete', async ([seed, concurrency, afterComplete]) => {
  const next = random(seed * 7_919);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)]!;
  const world = await setUpLightning(
    { realTimeFactor: 400, firstByteMs: 1, afterComplete, concurrency, slotLagMs: 5, completeBackoffMs: 80 },
    { concurrency, firstAudioMs: 150, stallMs: 500, queueMs: 5_000, completeBackoffMs: 2 },
  );
  const { service, lightning, clock } = world;
  const spoken: { text: string; utterance: Utterance; isAborted: boolean }[] = [];
  const call = async (callId: string) => {
    const line = lightning.open({ callId, voice: VOICE });
    line.prewarm();
    for (let turn = 0; turn < 9; turn++) {
      if (next() < 0.35) service.fail(pick(FAULTS));
      const batch = Array.from({ length: next() < 0.4 ? 2 : 1 }, () => {
        const clauses = Array.from({ length: 1 + Math.floor(next() * 3) }, () => `${pick(WORDS)} ${pick(WORDS)}, `);
        const utterance = speak(line, clauses.slice(0, 1), { isOpen: true, restart: next() < 0.5 });
        const finish = () => {
          for (const clause of clauses.slice(1)) utterance.synthesis.speak(clause);
          utterance.synthesis.end();
        };
        if (next() < 0.5) finish();
        else setTimeout(finish, next() * 200);
        const entry = { text: clauses.join(''), utterance, isAborted: false };
        spoken.push(entry);
        return entry;
      });
      if (next() < 0.25) {
        await new Promise((resolve) => setTimeout(resolve, next() * 30));
        for (const entry of batch) {
          entry.isAborted = entry.utterance.outcome === undefined;
          entry.utterance.synthesis.abort();
        }
      } else await Promise.all(batch.map(({ utterance }) => utterance.ended));
    }
    if (next() < 0.5) line.close();
  };
  await Promise.all(Array.from({ length: 6 }, (_, i) => call(`call-${i}`)));

  for (const { text, utterance, isAborted } of spoken) {
    if (isAborted) expect(utterance.outcome).toBeUndefined();
    else if (utterance.outcome === 'done') expect(utterance.heard()).toBe(text);
    else expect(text.startsWith(utterance.heard())).toBe(true);
  }
  const done = spoken.filter(({ utterance }) => utterance.outcome === 'done').length;
  expect(done).toBeGreaterThan(spoken.length / 3);
  expect(lightning.figures()).toMatchObject({ queued: 0 });
  expect(service.sockets.most).toBeLessThanOrEqual(5 * concurrency);
  await lightning.close();
  expect(lightning.figures()).toMatchObject({ sockets: 0, active: 0 });
  expect(clock.pending).toBe(0);
  await until(() => service.sockets.open === 0);
  await world.close();
});

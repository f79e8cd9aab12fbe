/** One synthesis at a time, and a call while phrases are made ahead. */
import { expect, onTestFinished, test } from 'vitest';
import { setUpLightning, speak, VOICE } from '../helpers/lightning.ts';

const PHRASE =
  'This is a phrase that takes the service a rather long while to make, for it is long, and the service slow.';

test('live calls first, while phrases are made ahead: the call has the synthesis at once, and the phrase is made after it', async () => {
  const lightningOf = await setUpLightning({ concurrency: 1, realTimeFactor: 2 }, { concurrency: 1 });
  onTestFinished(() => lightningOf.close());
  const { service, lightning } = lightningOf;
  let isMade = false;
  const { signal } = new AbortController();
  const phrase = lightning.render(PHRASE, VOICE, signal).then((speech) => {
    isMade = true;
    return speech;
  });
  while (lightning.figures?.().active !== 1) await new Promise(setImmediate);
  const line = lightning.open({ callId: 'call-1', voice: VOICE });
  service.set({ realTimeFactor: 30 });
  const startedAtMs = performance.now();
  const live = speak(line, ['Hello. ']);
  await live.firstAudio;
  expect(isMade).toBe(false);
  expect(performance.now() - startedAtMs).toBeLessThan(1_500); // the phrase alone would have taken three seconds more
  expect(await live.ended).toBe('done');
  const { audio } = await phrase;
  expect(audio.length).toBeGreaterThan(10_000);
  expect(lightning.figures?.()).toMatchObject({ failed: 0, truncated: 0, unspoken: 0 });
  line.close();
});

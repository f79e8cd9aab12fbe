import { once } from 'node:events';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { decodeToneSpeech } from '../../src/audio/tone-speech.ts';
import type { MediaCaller } from '../../src/simulate/twilio/media.ts';
import { dialRelay } from '../../src/simulate/twilio/relay.ts';
import { newSid } from '../../src/simulate/phone/connect.ts';
import { CountingClock } from '../helpers/world.ts';
import { lettersApart } from '../../src/testing/heard-words.ts';
import { until } from '../helpers/until.ts';
import { withStandIns } from '../helpers/worker.ts';

const start = withStandIns();

/** The agent's words as they came out of the telephone. */
function heardBy({ heard }: MediaCaller): string {
  return decodeToneSpeech(heard.readSamples(), 8_000)
    .map(({ text }) => text)
    .join('');
}

test('a running call ends by itself, and then the worker has drained; nobody new gets in', async () => {
  const one = await start();
  const caller = await one.dial();
  await caller.waitForSpeech({ fromMs: 0 });
  const drained = one.worker.drain();
  await expect(one.dial()).rejects.toMatchObject({ status: 503 });
  expect((await one.ring()).body).toContain('<Say>');
  expect(one.worker.calls.size).toBe(1);
  await caller.waitForSilence({ forMs: 200 });
  expect(await caller.hangUp()).toMatchObject({ by: 'caller', code: 1000 });
  await drained;
  expect(lettersApart('Hello.', heardBy(caller))).toBeLessThanOrEqual(1);
});

test('when the time is over the caller hears a goodbye, in full, and then the line is hung up', async () => {
  const one = await start();
  const caller = await one.dial();
  await caller.waitForSpeech({ fromMs: 0 });
  await caller.waitForSilence({ forMs: 100 });
  const ends: string[] = [];
  one.calls[0]?.on('call-end', ({ reason }) => ends.push(reason));
  await one.worker.drain(50);
  expect(await caller.ended).toMatchObject({ by: 'worker', code: 1000 });
  expect(lettersApart('Hello.Bye bye.', heardBy(caller))).toBeLessThanOrEqual(2);
  expect(ends).toEqual(['worker-stopped']);
});

test('where the agent has somebody to transfer to, and the line can, the caller is handed over instead', async () => {
  const one = await start({}, { agent: { turn: { transferTo: '+15550142' }, phrases: { handover: 'To the desk.' } } });
  const url = one.mediaUrl.replace('media', 'relay');
  const relay = await dialRelay({ url, from: '+15550100', to: '+15550199', progress: true });
  const caller = await one.dial(); // by Media Streams without an account, which cannot transfer
  await caller.waitForSpeech({ fromMs: 0 });
  await one.worker.drain(10);
  const end = await relay.ended;
  expect(JSON.stringify(end)).toContain('+15550142');
  expect(
    relay.heard
      .map(({ text }) => text)
      .join('')
      .replace(/\s+/g, ' '),
  ).toContain('To the desk.');
  expect(lettersApart('Hello.Thank you for calling. Goodbye.', heardBy(caller))).toBeLessThanOrEqual(3);
  const reasons = await Promise.all(one.calls.map((call) => call.ended.then(({ reason }) => reason)));
  expect(reasons.sort()).toEqual(['transferred', 'worker-stopped']);
});

test('a call that was announced before may still arrive, and is waited for', async () => {
  const one = await start();
  const callSid = newSid('CA');
  const { body } = await one.ring({ CallSid: callSid });
  const token = /name="parleyToken" value="([^"]+)"/.exec(body)?.[1] ?? '';
  let isDrained = false;
  const drained = one.worker.drain().then(() => (isDrained = true));
  const caller = await one.dial({ callSid, parameters: { parleyToken: token } });
  await caller.waitForSpeech({ fromMs: 0 });
  expect(isDrained).toBe(false);
  await caller.hangUp();
  await drained;
});

test('without a call it has drained at once', async () => {
  const one = await start();
  await one.worker.drain();
});

test('to close is to hang up at once, and to leave no socket open', async () => {
  const one = await start();
  const caller = await one.dial();
  await caller.waitForSpeech({ fromMs: 0 });
  await one.worker.close();
  expect(await caller.ended).toMatchObject({ by: 'worker' });
  await expect(one.get('/healthz')).rejects.toThrow('fetch failed');
  await one.worker.close();
});

test('a line that was let in just before has not begun, and is answered all the same', async () => {
  const one = await start();
  const socket = new WebSocket(one.mediaUrl);
  await once(socket, 'open');
  let isDrained = false;
  const drained = one.worker.drain().then(() => (isDrained = true));
  await expect(one.dial()).rejects.toMatchObject({ status: 503 });
  expect(isDrained).toBe(false);
  socket.send(JSON.stringify({ event: 'start', start: { streamSid: 'MZ1', callSid: newSid('CA') } }));
  await until('the call', () => one.worker.calls.size === 1);
  socket.close();
  await drained;
});

test('neither to drain nor to close leaves a timer behind that waits for what has come', async () => {
  const clock = new CountingClock();
  const one = await start({}, { clock });
  const caller = await one.dial();
  await caller.waitForSpeech({ fromMs: 0 });
  const drained = one.worker.drain();
  await caller.hangUp();
  await drained;
  await one.worker.close();
  expect(clock.pending).toBe(0);
});

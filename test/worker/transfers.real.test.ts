/**
 * Callers who are handed over where stand-ins are asked.
 *
 * Real time: the worker asks accounts at sockets.
 */
import { expect, test } from 'vitest';
import { encodeMulaw } from '../../src/audio/g711.ts';
import { encodeToneSpeech } from '../../src/audio/tone-speech.ts';
import type { CallEvent } from '../../src/call/events.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { startCarrierAccounts } from '../../src/simulate/carrier-accounts.ts';
import { sendDigits, transferCall } from '../../src/tool/builtin/index.ts';
import { until } from '../helpers/until.ts';
import { withStandIns } from '../helpers/worker.ts';

const start = withStandIns([
  { when: 'human', say: 'One moment.', call: { name: 'transfer_call', arguments: { to: '+15551230000' } } },
  { when: 'keys', say: 'Pressing.', call: { name: 'send_digits', arguments: { digits: '12' } } },
  { when: '.*', say: 'Go on.' },
]);

const say = (text: string): Uint8Array => encodeMulaw(encodeToneSpeech(text, 8_000));

test('transfer: the stand-ins bring a carrier that can, and the caller sees what became of them', async () => {
  const accounts = await startCarrierAccounts(systemClock);
  const agent = { tools: [transferCall(), sendDigits] };
  const one = await start({}, { agent, accounts: accounts.settings });
  expect(one.logs.filter(({ msg }) => msg.includes('hand callers over'))).toEqual([]);
  const caller = await one.dial();
  const told: CallEvent[] = [];
  const call = await until('the call', () => one.calls[0]);
  call.on('transfer', (event) => told.push(event));
  await caller.waitForSilence();
  await caller.say(say('keys please'));
  await caller.waitForSpeech();
  await caller.waitForSilence();
  expect(caller.isOver).toBe(false); // keys need the telephone, which is elsewhere: that is refused, and the call goes on
  await caller.say(say('a human please'));
  expect(await caller.ended).toMatchObject({ by: 'worker', code: 1000, words: 'transferred' });
  expect(await call.ended).toMatchObject({ reason: 'transferred' });
  expect(told).toMatchObject([{ turn: 2, to: '+15551230000', ok: true }]);
  await one.worker.close();
  await accounts.close();
});

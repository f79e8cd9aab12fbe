/**
 * A phone call whose agent lists a second voice and a second ear, at addresses of their own: the first of each goes down in it.
 *
 * Real time: what goes down are servers with sockets, and the worker's metrics tell of them.
 */
import { expect, onTestFinished, test } from 'vitest';
import { startSpare } from '../../bench/faults/spare.ts';
import { startPhone } from '../../src/testing/phone.ts';
import { until } from '../helpers/until.ts';

const REPLIES = [
  { when: 'first', say: 'This is the first answer.' },
  { when: 'second', say: 'This is the second answer, and nobody has noticed anything.' },
];

test('voice and ear go down in the middle of a call: the next ones take over, the history is what was heard, and metrics tell', async () => {
  const spare = await startSpare(REPLIES);
  const { voice, listen } = spare.lists;
  const phone = await startPhone(
    { name: 'listed', instructions: 'Be brief.', voice, listen, turn: { silenceMs: 10_000 } },
    { electron: { replies: REPLIES } },
  );
  onTestFinished(async () => {
    await phone.close();
    await spare.close();
  });
  const line = await phone.dial();
  const ask = async (question: string) => {
    const goal = line.eventsOf('turn-end').length + 1;
    await line.say(question);
    await until('the end of the turn', () => line.eventsOf('turn-end').length >= goal);
    return line.eventsOf('turn-end').at(-1)?.heard;
  };
  expect(await ask('The first question?')).toBe('This is the first answer.');
  const { pulse, lightning } = phone.services;
  pulse.fault({ type: 'refuse', status: 401, times: 100 });
  for (const session of pulse.sessions()) session.close();
  lightning.fail({ type: 'refuse', status: 401 }, 100);
  lightning.dropIdle();
  expect(await ask('The second question?')).toBe('This is the second answer, and nobody has noticed anything.');
  expect(line.call.messages.at(-1)?.content).toBe('This is the second answer, and nobody has noticed anything.');
  expect(line.eventsOf('vendor-change').map(({ kind, from, to, code }) => ({ kind, from, to, code }))).toEqual([
    { kind: 'ear', from: 'pulse', to: 'spare-ear', code: 'unauthorized' },
    { kind: 'voice', from: 'lightning', to: 'spare-voice', code: 'unauthorized' },
  ]);
  expect(line.eventsOf('error')).toEqual([]);
  const metrics = await phone.worker.metrics.text();
  expect(metrics).toContain('parley_vendor_up{kind="voice",vendor="lightning"} 0');
  expect(metrics).toContain('parley_vendor_up{kind="voice",vendor="spare-voice"} 1');
  expect(metrics).toContain('parley_vendor_up{kind="ear",vendor="pulse"} 0');
  expect(metrics).toContain('parley_vendor_changes_total{kind="ear",to="spare-ear",code="unauthorized"} 1');
  const next = await phone.dial(); // who is down is not asked anew
  await until('the next call to be heard', () => next.eventsOf('vendor-change').length > 0);
  expect(next.eventsOf('vendor-change').map(({ to }) => to)).toEqual(['spare-ear']);
  expect(next.call.messages.length).toBeGreaterThan(0);
}, 60_000);

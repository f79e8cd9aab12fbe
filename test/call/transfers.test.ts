/** What is told of a caller who is handed over: to whom, and what became of it, once. */
import { expect, test } from 'vitest';
import { z } from 'zod';
import { TEXT } from '../../src/call/text-speaker.ts';
import { ProviderError } from '../../src/lib/errors.ts';
import { defineTool, transferTo, type ToolDefinition } from '../../src/tool/define.ts';
import { next, ofType, openWorld, wordsOf } from '../helpers/world.ts';

const TO = '+15551230000';
const passOn = defineTool({
  name: 'pass_on',
  description: 'Hands the caller over.',
  input: z.object({}),
  effect: 'terminal',
  run: () => transferTo(TO),
});
const replies = [
  { when: 'human', say: 'One moment.', call: { name: 'pass_on' } },
  { when: '.*', say: 'I am still here.' },
];

/** A call whose caller wants a human, on a line that hands over as `transfer` does. */
async function openCall(transfer?: (to: string) => Promise<void>) {
  const { open } = await openWorld({ agent: { tools: [passOn] }, electron: { replies } });
  const opened = open({ medium: { ...TEXT, transfer } });
  void opened.call.say('a human please');
  return opened;
}

test('transfer: an event carries to whom and that the caller is there, and the call ends', async () => {
  const asked: string[] = [];
  const { call, events } = await openCall(async (to) => void asked.push(to));
  expect(await call.ended).toMatchObject({ reason: 'transferred' });
  expect(asked).toEqual([TO]);
  expect(events.slice(-2)).toMatchObject([{ type: 'transfer', turn: 1, to: TO, ok: true }, { type: 'call-end' }]);
  expect(ofType(events, 'transfer')).toHaveLength(1);
});

test('transfer: one that the carrier refuses says why, and the call goes on', async () => {
  const refusal = new ProviderError('carrier', 'provider-failed', 'number not verified', { phase: 'connect' });
  const { call, events } = await openCall(() => Promise.reject(refusal));
  await next(call, 'turn-end', ({ turn }) => turn === 2);
  expect(ofType(events, 'transfer')).toMatchObject([{ to: TO, ok: false, error: 'carrier: number not verified' }]);
  expect(ofType(events, 'error')).toMatchObject([{ code: 'provider-failed' }]);
  expect(wordsOf(events, 2)).toContain('could not put you through');
  call.hangUp();
});

test('transfer: a line that cannot is no secret either, and the call goes on', async () => {
  const { call, events } = await openCall();
  await next(call, 'turn-end', ({ turn }) => turn === 2);
  const error = 'this line cannot transfer calls';
  expect(ofType(events, 'transfer')).toMatchObject([{ to: TO, ok: false, error }]);
  expect(ofType(events, 'error')).toMatchObject([{ code: 'request-invalid', message: error }]);
  call.hangUp();
});

test('transfer: a caller who hangs up first was not handed over, and what the carrier answers then is not told', async () => {
  let refuse = (_error: Error): void => {};
  const { call, events } = await openCall(() => new Promise((_resolve, reject) => (refuse = reject)));
  await call.whenQuiet();
  call.hangUp('caller-hung-up');
  await call.ended;
  refuse(new Error('no such call'));
  await new Promise(setImmediate);
  expect(ofType(events, 'transfer')).toMatchObject([{ ok: false, error: 'the call ended first: caller-hung-up' }]);
  expect(events.at(-1)?.type).toBe('call-end');
});

test('transfer: a carrier that ends the line before it has answered has handed the caller over', async () => {
  const { call, events } = await openCall(() => new Promise(() => {}));
  await call.whenQuiet();
  call.hangUp('transferred');
  await call.ended;
  expect(ofType(events, 'transfer')).toMatchObject([{ to: TO, ok: true }]);
});

const asked = (headers: Readonly<Record<string, string>>): ToolDefinition => ({
  ...passOn,
  run: () => transferTo(TO, { headers }),
});

test('transfer: SIP headers go to the line with whom to call', async () => {
  const given: unknown[] = [];
  const { open } = await openWorld({ agent: { tools: [asked({ 'X-Order': '17' })] }, electron: { replies } });
  const { call } = open({ medium: { ...TEXT, transfer: async (to, options) => void given.push([to, options]) } });
  void call.say('a human please');
  await call.ended;
  expect(given).toEqual([[TO, { headers: { 'X-Order': '17' } }]]);
});

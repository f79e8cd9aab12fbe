import { expect, test, vi } from 'vitest';
import { collectDigits, endCall, sendDigits, transferCall } from '../../src/tool/builtin/index.ts';
import type { TransferCallOptions } from '../../src/tool/builtin/transfer-call.ts';
import type { CollectDigitsOptions } from '../../src/tool/contract.ts';
import { transferTo } from '../../src/tool/define.ts';
import { createToolbox } from '../../src/tool/toolbox.ts';
import { createBench, flush } from './helpers/runner.ts';

test('the built-in tools are sound, and say what they do to the call', () => {
  const { facts } = createToolbox([endCall, transferCall(), sendDigits, collectDigits]);
  expect(facts.map(({ name, effect }) => [name, effect])).toEqual([
    ['end_call', 'terminal'],
    ['transfer_call', 'terminal'],
    ['send_digits', 'write'],
    ['collect_digits', 'read'],
  ]);
  expect(facts[0]?.filler).toContain('Thank you for calling. Goodbye.');
});

test('R19: end_call asks to hang up, with the reason that the model gives', async () => {
  const bench = createBench([endCall]);
  expect(await bench.outcome(bench.call('end_call'))).toMatchObject({
    control: { type: 'hang-up', reason: 'agent-hung-up' },
  });
  expect(await bench.outcome(bench.call('end_call', { reason: ' said goodbye ' }))).toMatchObject({
    control: { type: 'hang-up', reason: 'said goodbye' },
  });
});

test('R19: transfer_call asks for a transfer', async () => {
  const bench = createBench([transferCall()]);
  expect(await bench.outcome(bench.call('transfer_call', { to: ' +15551230000 ' }))).toMatchObject({
    control: { type: 'transfer', to: '+15551230000' },
  });
  expect(await bench.outcome(bench.call('transfer_call', { to: '' }))).toMatchObject({ failure: 'invalid-arguments' });
});

test('transfer_call with destinations shows the model the names only', async () => {
  const tool = transferCall({ destinations: { billing: '+15551230001', 'front desk': 'sip:desk@example.com' } });
  const { toolsJson } = createToolbox([tool]);
  expect(toolsJson).toContain('"enum":["billing","front desk"]');
  expect(toolsJson).not.toContain('+1555');
  const bench = createBench([tool]);
  expect(await bench.outcome(bench.call('transfer_call', { to: 'front desk' }))).toMatchObject({
    control: { type: 'transfer', to: 'sip:desk@example.com' },
  });
  const refused = await bench.outcome(bench.call('transfer_call', { to: '+19005551234' }));
  expect(refused).toMatchObject({ ok: false, failure: 'invalid-arguments' });
  expect(refused?.content).toContain('billing');
});

test('destinations that lead nowhere are refused', () => {
  expect(() => transferCall({ destinations: {} })).toThrow('Expected `destinations` to name at least one number');
  expect(() => transferCall({ destinations: { billing: ' ' } })).toThrow('got ` ` for `billing`');
  expect(() => transferCall({ destinations: { billing: '+1555\r\nX: y' } })).toThrow('for `billing`');
});

test.each([
  [{ destination: { a: '+1' } }, 'Expected the options of transferCall() to be `destinations` and `warm`'],
  [{ warm: { ringMS: 9_000 } }, 'got `warm.ringMS`'],
  [{ warm: { ringMs: 5 } }, 'Expected `warm` of transferCall() to have a `ringMs` of 5000 to 120000, got 5'],
  [{ warm: { waitSound: 'https://example.com/a.wav' } }, 'to have a path or a `file:` address as `waitSound`'],
  [{ warm: 'yes' }, 'Expected `warm` of transferCall() to be true, false or an object, got `yes`'],
  [{ warm: null }, 'to be true, false or an object'],
])('%o of transfer_call is refused where it is written, and not in a call', (options, message) => {
  expect(() => transferCall(options as TransferCallOptions)).toThrow(message);
});

test('a number with a line break in it goes nowhere', async () => {
  const bench = createBench([transferCall()]);
  const outcome = await bench.outcome(bench.call('transfer_call', { to: '+1555\r\nX-A: b' }));
  expect(outcome).toMatchObject({ failure: 'invalid-arguments' });
  expect(() => transferTo('sip:a@b.c\nX-A: b')).toThrow('Expected `to` of transferTo()');
});

test('send_digits presses keys, as often as it is asked', async () => {
  const sent = vi.fn(() => Promise.resolve());
  const bench = createBench([sendDigits], { line: { sendDigits: sent } });
  bench.call('send_digits', { digits: '1w#' });
  bench.call('send_digits', { digits: '1w#' });
  await flush();
  expect(sent.mock.calls).toEqual([['1w#'], ['1w#']]);
  expect(bench.settled[1]?.outcome).toEqual({ ok: true, content: '{"sent":"1w#"}' });
  expect(await bench.outcome(bench.call('send_digits', { digits: '1a' }))).toMatchObject({
    failure: 'invalid-arguments',
  });
});

test('collect_digits hands on what was pressed, and says when it was less than asked for', async () => {
  const answers = ['1234', '12', ''];
  const asked: CollectDigitsOptions[] = [];
  const bench = createBench([collectDigits], {
    line: {
      collectDigits: (options) => {
        asked.push(options);
        return Promise.resolve(answers.shift() ?? '');
      },
    },
  });
  const run = async (args: object) =>
    JSON.parse((await bench.outcome(bench.call('collect_digits', args)))?.content ?? '') as unknown;
  expect(await run({ count: 4 })).toEqual({ digits: '1234' });
  expect(await run({ count: 4, terminator: '#' })).toEqual({ digits: '12', note: 'The caller pressed 2 of 4.' });
  expect(await run({})).toEqual({ digits: '', note: 'The caller pressed nothing.' });
  expect(asked[1]).toMatchObject({ count: 4, terminator: '#', timeoutMs: 6_000 });
});

test('collect_digits stops listening when it is cancelled', async () => {
  let signal: AbortSignal | undefined;
  const bench = createBench([collectDigits], {
    line: { collectDigits: (options) => ((signal = options.signal), new Promise(() => undefined)) },
  });
  const id = bench.call('collect_digits');
  bench.runner.cancel(id);
  expect(await bench.outcome(id)).toMatchObject({ failure: 'cancelled' });
  expect(signal?.aborted).toBe(true);
});

test('on a line that cannot, the model is told so in plain words', async () => {
  const bench = createBench([sendDigits, collectDigits]);
  const send = await bench.outcome(bench.call('send_digits', { digits: '1' }));
  expect(send).toEqual({
    ok: false,
    failure: 'tool-error',
    content: '{"error":"This phone line cannot send digits."}',
  });
  const collect = await bench.outcome(bench.call('collect_digits'));
  expect(collect?.content).toBe('{"error":"This phone line cannot receive digits. Ask the caller to say them."}');
});

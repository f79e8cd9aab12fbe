/** How a call ends, and what keys do, as the caller hears it (R19, and the tools that wait for keys). */
import { describe, expect, test } from 'vitest';
import { startTestCall, type TestCall } from '../../src/testing/test-call.ts';
import { collectDigits, endCall } from '../../src/tool/builtin/index.ts';
import { agentWith } from '../helpers/phone.ts';

const GOODBYE = 'Thank you for calling the harbour office, goodbye.';
const ASK = 'Please enter the number of your berth.';

const replies = [
  { when: 'bye', say: GOODBYE, call: { name: 'end_call', arguments: { reason: 'said goodbye' } } },
  { when: 'berth', say: ASK, call: { name: 'collect_digits', arguments: { count: 4 } } },
  { when: 'code', say: ASK, call: { name: 'collect_digits', arguments: { terminator: '#' } } },
  { after: 'collect_digits', say: 'I have it.' },
  { say: 'All right, go on.' },
];

const dial = (): Promise<TestCall> =>
  startTestCall(agentWith({ tools: [endCall, collectDigits] }), { model: { replies } });

describe('R19: the end of a call', () => {
  test('the goodbye is heard in full before the agent hangs up, and then at once', async () => {
    await using call = await dial();
    const turn = await call.say('Good bye then');
    const { atMs, reason } = await call.until('call-end');
    const { agentSound = [] } = call.result();
    expect(turn.heard).toBe(GOODBYE);
    expect(reason).toBe('said goodbye');
    expect(atMs - agentSound.at(-1)!.toMs).toBeLessThan(200);
  });

  test.each(['Thank', 'calling', 'office,'])(
    'a caller who cuts in at "%s" is still there: the end is revoked, and the model told so',
    async (word) => {
      await using call = await dial();
      const goodbye = call.say('Good bye then');
      await call.hears(word);
      const turn = await call.say('Wait, one more thing');
      expect((await goodbye).outcome).toBe('interrupted');
      expect(turn.heard).toBe('All right, go on.');
      const request = call.requests.at(-1);
      expect(request?.messages.at(-1)?.content).toBe('Wait, one more thing');
      expect(JSON.stringify(request?.messages)).toContain('revoked');
      await call.wait(2_000);
      expect(call.result().end).toBeUndefined();
    },
  );
});

describe('keys', () => {
  test.each([
    ['as many as were asked for', 'My berth please', '4711', '4711'],
    ['up to the key that ends them', 'My code please', '12345#', '12345'],
  ])('collect_digits: %s', async (_what, question, keys, digits) => {
    await using call = await dial();
    const turn = call.say(question);
    await call.hears(ASK);
    await call.wait(500);
    await call.press(keys);
    expect(await turn).toMatchObject({ heard: `${ASK} I have it.`, tools: [{ ok: true, result: { digits } }] });
    expect(call.requests.at(-1)?.messages.at(-1)?.content).toBe(JSON.stringify({ digits }));
    expect(call.turns).toHaveLength(1); // the keys were no turn of their own
  });

  test('keys that nobody waits for are what the caller says', async () => {
    await using call = await dial();
    const turn = call.until('turn-start');
    await call.press('42#');
    expect(await turn).toMatchObject({ text: '(keypad) 42' });
    await call.hears('go on');
    expect(call.requests.at(-1)?.messages.at(-1)?.content).toBe('(keypad) 42');
    const pressed = call.events.flatMap((event) => (event.type === 'digit' ? [event.digit] : []));
    expect(pressed).toEqual(['4', '2', '#']);
  });
});

/** How calls end, are handed over, and what keys do (R19, and the tools that work on the line). */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startPhone, voiceOf, type Phone, type PhoneLine } from '../../src/testing/phone.ts';
import { collectDigits, endCall, sendDigits, transferCall } from '../../src/tool/builtin/index.ts';
import { agentWith, answering, expectHeard, messagesOf, reach, requestWith, slackOf } from '../helpers/phone.ts';
import { until } from '../helpers/until.ts';

const GOODBYE = 'Thank you for calling the harbour office, goodbye.';
const HANDOVER = 'I am putting you through to the harbour master.';
const ASK = 'Please enter the number of your berth.';
const MASTER = '+15550142';

const replies = answering(
  { when: 'bye', say: GOODBYE, call: { name: 'end_call', arguments: { reason: 'said goodbye' } } },
  { when: 'master', say: HANDOVER, call: { name: 'transfer_call', arguments: { to: 'harbour master' } } },
  { when: 'berth', say: ASK, call: { name: 'collect_digits', arguments: { count: 4 } } },
  { when: 'code', say: ASK, call: { name: 'collect_digits', arguments: { terminator: '#' } } },
  { when: 'dial', say: 'Dialling.', call: { name: 'send_digits', arguments: { digits: '12w3#' } } },
  { after: 'transfer_call', say: 'The harbour master does not answer.' },
  { after: 'collect_digits', say: 'I have it.' },
  { say: 'All right, go on.' },
);

let phone: Phone;

beforeAll(async () => {
  const tools = [endCall, transferCall({ destinations: { 'harbour master': MASTER } }), collectDigits, sendDigits];
  phone = await startPhone(agentWith({ tools }), { ...replies, hasAccount: true });
});
afterAll(() => phone.close());

describe.concurrent('R19: the end of a call', () => {
  test('the goodbye is heard in full before the agent hangs up, and then at once', async () => {
    const line = await phone.dial();
    await line.say('Good bye then');
    const end = await line.caller.ended;
    expectHeard(line, GOODBYE);
    expect(end.by).toBe('rest');
    expect(end.atMs - line.caller.heard.lastSoundMs).toBeLessThan(500 + slackOf(line));
    expect(await line.call.ended).toMatchObject({ reason: 'said goodbye' });
  });

  test('a caller who cuts in is still there: the end is revoked, and the model told so', async () => {
    const line = await phone.dial();
    const { toMs } = await line.say('Good bye then');
    const startedMs = await line.caller.waitForSpeech({ fromMs: toMs });
    await reach(line, startedMs + 800);
    await line.caller.interrupt(voiceOf('Wait, one more thing'));
    const request = await requestWith(phone, 'one more thing');
    expect(JSON.stringify(messagesOf(request))).toContain('revoked');
    await line.caller.waitForSpeech();
    await line.caller.waitForSilence({ forMs: 700 });
    expect(line.caller.isOver).toBe(false);
    expect(line.heardText()).toContain('All right, go on.');
    await line.caller.hangUp();
  });

  test('a transfer is carried out when the words before it have been heard', async () => {
    const line = await phone.dial();
    await line.say('The master please');
    const end = await line.caller.ended;
    expectHeard(line, HANDOVER);
    expect(end).toMatchObject({ by: 'rest', redirect: { twiml: expect.stringContaining(MASTER) as string } });
    expect(await line.call.ended).toMatchObject({ reason: 'transferred' });
  });

  test('a transfer that is refused is told to the model, and the call goes on', async () => {
    const ownPhone = await startPhone(
      agentWith({ tools: [transferCall({ destinations: { 'harbour master': MASTER } })] }),
      { ...replies, hasAccount: true },
    );
    const line = await ownPhone.dial();
    ownPhone.rest.failNext({ status: 400, code: 21220, message: 'Call is not in-progress' });
    await line.say('The master please');
    const request = await requestWith(ownPhone, 'The transfer failed');
    expect(messagesOf(request).at(-1)?.content).toContain('not in-progress');
    const heardMs = await line.caller.waitForSpeech();
    await line.caller.waitForSilence({ forMs: 700, fromMs: heardMs });
    expect(line.caller.isOver).toBe(false);
    expect(line.eventsOf('error')).toHaveLength(1);
    await line.caller.hangUp();
    await ownPhone.close();
  });
});

describe.concurrent('keys', () => {
  test.each([
    ['as many as were asked for', 'My berth please', '4711', '4711'],
    ['up to the key that ends them', 'My code please', '12345#', '12345'],
  ])('collect_digits: %s', async (_what, question, keys, digits) => {
    const line = await phone.dial();
    const { toMs } = await line.say(question);
    await heardAll(line, ASK, toMs);
    line.caller.press(keys);
    const request = await requestWith(phone, question, (record) => messagesOf(record).at(-1)?.role === 'tool');
    expect(messagesOf(request).at(-1)?.content).toBe(JSON.stringify({ digits }));
    await line.caller.waitForSpeech();
    await line.caller.hangUp();
    expect(line.eventsOf('turn-start')).toHaveLength(1); // the keys were no turn of their own
  });

  test('keys that nobody waits for are what the caller says', async () => {
    const line = await phone.dial();
    line.caller.press('42#');
    await requestWith(phone, '(keypad) 42');
    await line.caller.waitForSpeech();
    await line.caller.hangUp();
    expect(line.eventsOf('digit').map(({ digit }) => digit)).toEqual(['4', '2', '#']);
  });

  test('send_digits presses keys by the account, which ends the stream', async () => {
    const line = await phone.dial();
    await line.say('Please dial it');
    const end = await line.caller.ended;
    expect(end.redirect?.twiml).toContain('digits="12w3#"');
    expect(await line.call.ended).toMatchObject({ reason: 'digits-sent' });
  });

  test('a line without an account says that it cannot send any, and the call goes on', async () => {
    const plainPhone = await startPhone(agentWith({ tools: [sendDigits] }), replies);
    const line = await plainPhone.dial();
    await line.say('Please dial it');
    const request = await until('the result', () =>
      plainPhone.services.electron.requests().find((record) => messagesOf(record).at(-1)?.role === 'tool'),
    );
    expect(messagesOf(request).at(-1)?.content).toContain('cannot send digits');
    await line.caller.hangUp();
    await plainPhone.close();
  });
});

async function heardAll(line: PhoneLine, text: string, fromMs: number): Promise<void> {
  const startedMs = await line.caller.waitForSpeech({ fromMs });
  await line.caller.waitForSilence({ forMs: 500, fromMs: startedMs });
  expectHeard(line, text, fromMs);
}

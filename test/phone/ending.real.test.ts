/**
 * R19 where a call is ended, put through, or keys are pressed by the account at the carrier.
 *
 * Real time: a request to the carrier's API and the stream's end come by sockets of their own; what is heard of it: `ending.test.ts`.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startPhone, type Phone } from '../../src/testing/phone.ts';
import { endCall, sendDigits, transferCall } from '../../src/tool/builtin/index.ts';
import { agentWith, answering, expectHeard, messagesOf, requestWith, slackOf } from '../helpers/phone.ts';
import { until } from '../helpers/until.ts';

const GOODBYE = 'Thank you for calling the harbour office, goodbye.';
const HANDOVER = 'I am putting you through to the harbour master.';
const MASTER = '+15550142';

const replies = answering(
  { when: 'bye', say: GOODBYE, call: { name: 'end_call', arguments: { reason: 'said goodbye' } } },
  { when: 'master', say: HANDOVER, call: { name: 'transfer_call', arguments: { to: 'harbour master' } } },
  { when: 'dial', say: 'Dialling.', call: { name: 'send_digits', arguments: { digits: '12w3#' } } },
  { after: 'transfer_call', say: 'The harbour master does not answer.' },
  { say: 'All right, go on.' },
);

let phone: Phone;

beforeAll(async () => {
  const tools = [endCall, transferCall({ destinations: { 'harbour master': MASTER } }), sendDigits];
  phone = await startPhone(agentWith({ tools }), { ...replies, hasAccount: true });
});
afterAll(() => phone.close());

describe.concurrent('by the account at the carrier', () => {
  test('the goodbye is heard in full before the agent hangs up, and then at once', async () => {
    const line = await phone.dial();
    await line.say('Good bye then');
    const end = await line.caller.ended;
    expectHeard(line, GOODBYE);
    expect(end.by).toBe('rest');
    expect(end.atMs - line.caller.heard.lastSoundMs).toBeLessThan(500 + slackOf(line));
    expect(await line.call.ended).toMatchObject({ reason: 'said goodbye' });
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

/** Callers who were handed over and whom nobody took: one test for every door whose carrier asks what to do then. */
import { describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { SIGNATURE_HEADER, signRequest } from '../../../src/bridge/twilio/signature.ts';
import { newSid } from '../../../src/simulate/phone/connect.ts';
import { placeCall } from '../../../src/simulate/twilio/place-call.ts';
import { SimulatedTwilioRest } from '../../../src/simulate/twilio/rest-server.ts';
import { defineTool, transferTo } from '../../../src/tool/define.ts';
import { until } from '../../helpers/until.ts';
import { AUTH_TOKEN, PUBLIC_URL, SIGNED, withStandIns } from '../../helpers/worker.ts';
import { post } from './knocking.ts';
import { PLACING_CARRIERS } from './placing-carriers.ts';

const start = withStandIns([
  { when: 'human', say: 'One moment.', call: { name: 'pass_on' } },
  { when: '.*', say: 'Nobody is there.' },
]);

interface Asking {
  door: string;
  path: string;
  /** What it says of a call that `status` has become of. */
  body(status: string): string;
  type?: string;
  /** Each of its words for nobody having taken it. */
  missed: readonly string[];
  talked: string;
  /** The caller is with the agent again. */
  back: RegExp;
  over: RegExp;
}

const form = (fields: Record<string, string>) =>
  new URLSearchParams({ From: '+15550100', To: '+15550199', ...fields }).toString();
const STREAM = /wss:\/\/voice\.example\.com\//;
const HANGUP = /<Hangup\/>/;

const DOORS: Asking[] = [
  ...['twilio', 'signalwire', 'telnyx'].map((door) => ({
    ...{ door, path: `/${door}/dialled`, talked: 'completed', back: STREAM, over: HANGUP },
    missed: ['busy', 'no-answer', 'failed', 'canceled'],
    body: (status: string) => form({ CallSid: 'CA1', AccountSid: 'AC1', DialCallStatus: status }),
  })),
  {
    ...{ door: 'plivo', path: '/plivo/dialled', talked: 'completed', back: STREAM, over: HANGUP },
    missed: ['busy', 'no-answer', 'failed', 'cancel', 'timeout'],
    body: (status) => form({ CallUUID: 'u-1', DialStatus: status }),
  },
  {
    ...{ door: 'vonage', path: '/vonage/dialled/u-1?from=15550100&to=15550199', type: 'application/json' },
    ...{ talked: 'answered', back: STREAM, over: /^\{\}$/ },
    missed: ['busy', 'timeout', 'unanswered', 'rejected', 'failed', 'cancelled'],
    body: (status) => JSON.stringify({ uuid: 'leg-2', status }),
  },
  {
    ...{ door: 'jambonz', path: '/jambonz/dialled', type: 'application/json' },
    ...{ talked: 'completed', back: STREAM, over: /"hangup"/ },
    missed: ['busy', 'no-answer', 'failed'],
    body: (status) => JSON.stringify({ call_sid: 'c-1', from: '+1', to: '+2', dial_call_status: status }),
  },
];

const TWILIO = {
  env: SIGNED as Record<string, string>,
  credentials: ({ path, body }: { path: string; body: string }) => ({
    [SIGNATURE_HEADER]: signRequest(AUTH_TOKEN, PUBLIC_URL + path, new URLSearchParams(body)),
  }),
};
const carrierOf = (door: string) => {
  const carrier = door === 'twilio' ? TWILIO : PLACING_CARRIERS.find(({ line }) => line === door);
  if (!carrier?.credentials) throw new Error(`Expected ${door} to be known`);
  const nobody = 'apiEnv' in carrier ? { [carrier.apiEnv]: 'http://127.0.0.1:9' } : {};
  const credentials = (webhook: { path: string; body: string }) => carrier.credentials?.(webhook) ?? {};
  return { env: { ...carrier.env, ...nobody }, credentials };
};

describe.each(DOORS)('$door', ({ door, path, type = 'application/x-www-form-urlencoded', ...asking }) => {
  const { env, credentials } = carrierOf(door);
  const ask = async (status: string, shown = true) => {
    const worker = await start({ PARLEY_PUBLIC_URL: PUBLIC_URL, ...env });
    const body = asking.body(status);
    const headers = { 'content-type': type, ...(shown ? credentials({ path, body }) : {}) };
    return post(worker, { path, body, headers });
  };

  test.each(asking.missed)('transfer: `%s`, and the caller is with the agent again', async (status) => {
    const { status: code, text } = await ask(status);
    expect([code, text]).toEqual([200, expect.stringMatching(asking.back)]);
  });

  test('transfer: they have talked, and the call is over', async () => {
    const { text } = await ask(asking.talked);
    expect(text).toMatch(asking.over);
    expect(text).not.toMatch(STREAM);
  });

  test('transfer: nobody but the carrier is told anything', async () => {
    expect((await ask(asking.missed[0] ?? '', false)).status).toBe(403);
  });
});

test('transfer: a caller whom nobody took comes back to the agent, who knows it and what was said', async () => {
  const rest = new SimulatedTwilioRest({ accountSid: 'AC1', authToken: AUTH_TOKEN });
  await rest.listen();
  onTestFinished(() => rest.close());
  const passOn = defineTool({
    ...{ name: 'pass_on', description: 'Hands the caller over.', input: z.object({}), effect: 'terminal' },
    run: () => transferTo('sip:desk@example.com', { headers: { 'X-Order': 'A 17' } }),
  });
  const worker = await start(
    { ...SIGNED, PARLEY_TWILIO_ACCOUNT_SID: 'AC1', PARLEY_TWILIO_REST_URL: rest.account.baseUrl },
    { agent: { tools: [passOn] } },
  );
  const callSid = newSid('CA');
  const common = { from: '+15550100', to: '+15550199', authToken: AUTH_TOKEN, callSid, rest, reach: worker.reach };
  const placed = await placeCall({
    ...{ ...common, voiceUrl: `${PUBLIC_URL}/twilio/voice`, parameters: { account: '4711' } },
  });
  if (placed.type !== 'media') throw new Error('Expected a line of audio');
  await placed.caller.waitForSpeech();
  await placed.caller.waitForSilence();
  void worker.calls[0]?.say('a human please');
  const { redirect } = await placed.caller.ended;
  expect(await worker.calls[0]?.ended).toMatchObject({ reason: 'transferred' });
  const dial = `<Dial action="${PUBLIC_URL}/twilio/dialled" method="POST"><Sip>sip:desk@example.com?X-Order=A%2017</Sip></Dial>`;
  expect(redirect?.twiml).toContain(dial);

  const path = '/twilio/dialled';
  const body = form({ CallSid: callSid, DialCallStatus: 'busy' });
  const headers = { 'content-type': 'application/x-www-form-urlencoded', ...TWILIO.credentials({ path, body }) };
  const { text: document } = await post(worker, { path, body, headers });
  const back = await placeCall({ ...common, voiceUrl: `${PUBLIC_URL}/twilio/voice`, document });
  await until('the other line to be a call', () => worker.calls.length === 2);
  const [first, second] = worker.calls;
  expect(second?.caller).toMatchObject({ carrierCallId: callSid, parameters: { account: '4711' } });
  expect(second?.caller.earlier).toMatchObject({ callId: first?.id, reason: 'transferred' });
  await second?.say('and now?');
  const told = JSON.stringify(second?.messages);
  expect(told).toContain('nobody took them');
  expect(told).toContain('Caller: a human please');
  if (back.type === 'media') await back.caller.hangUp();
});

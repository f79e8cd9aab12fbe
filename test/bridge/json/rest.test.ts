/** The REST APIs of carriers that speak JSON, over real HTTP: what each is asked, and what an answer means. */
import { describe, expect, onTestFinished, test } from 'vitest';
import { CloudonixRest } from '../../../src/bridge/cloudonix/rest.ts';
import type { CarrierRest } from '../../../src/bridge/door.ts';
import { PlivoRest } from '../../../src/bridge/plivo/rest.ts';
import { SignalwireRest } from '../../../src/bridge/signalwire/rest.ts';
import { TelnyxRest } from '../../../src/bridge/telnyx/rest.ts';
import { openApi } from '../../helpers/api.ts';

const SECRET = 's3cret-of-the-account';
const basic = (user: string) => `Basic ${Buffer.from(`${user}:${SECRET}`).toString('base64')}`;

interface Account {
  name: string;
  open(baseUrl: string): CarrierRest;
  authorization: string;
  hangUp: { method: string; path: string; body: unknown };
  /** How it says that there is no such call. */
  gone: { status: number; json?: unknown };
}

const ACCOUNTS: Account[] = [
  {
    name: 'signalwire',
    open: (spaceUrl) => new SignalwireRest({ projectId: 'p 1', apiToken: SECRET, spaceUrl }),
    authorization: basic('p 1'),
    hangUp: {
      method: 'POST',
      path: '/api/laml/2010-04-01/Accounts/p%201/Calls/c%2F1.json',
      body: 'Status=completed',
    },
    gone: { status: 400, json: { code: 21220, message: 'The call is not in progress' } },
  },
  {
    name: 'plivo',
    open: (baseUrl) => new PlivoRest({ authId: 'MA1', authToken: SECRET, baseUrl }),
    authorization: basic('MA1'),
    hangUp: { method: 'DELETE', path: '/Account/MA1/Call/c%2F1/', body: '' },
    gone: { status: 404, json: { error: 'not found' } },
  },
  {
    name: 'cloudonix',
    open: (baseUrl) => new CloudonixRest({ domain: 'example.cloudonix.net', apiToken: SECRET, baseUrl }),
    authorization: `Bearer ${SECRET}`,
    hangUp: { method: 'DELETE', path: '/customers/self/domains/example.cloudonix.net/sessions/c%2F1', body: '' },
    gone: { status: 404 },
  },
  {
    name: 'telnyx',
    open: (baseUrl) => new TelnyxRest({ apiKey: SECRET, baseUrl }),
    authorization: `Bearer ${SECRET}`,
    hangUp: {
      ...{ method: 'POST', path: '/calls/c%2F1/actions/hangup' },
      body: expect.stringMatching(/^\{"command_id":"[0-9a-f-]{36}"\}$/),
    },
    gone: { status: 422, json: { errors: [{ code: '90018', title: 'Call has already ended' }] } },
  },
];

describe.each(ACCOUNTS)('$name', (account) => {
  async function open() {
    const api = await openApi();
    const rest = account.open(api.url);
    onTestFinished(() => rest.close());
    return { api, rest };
  }

  test('a hang-up', async () => {
    const { api, rest } = await open();
    await rest.hangUp('c/1');
    expect(api.asked).toMatchObject([{ ...account.hangUp, authorization: account.authorization }]);
  });

  test('a call that is gone has been hung up', async () => {
    const { api, rest } = await open();
    api.answerNext(account.gone);
    await rest.hangUp('c/1');
    expect(api.asked).toHaveLength(1);
  });

  test('a failure that may pass is tried once more, any other is told, and no secret with it', async () => {
    const { api, rest } = await open();
    api.answerNext({ status: 503 }, { status: 200 });
    await rest.hangUp('c/1');
    expect(api.asked).toHaveLength(2);
    api.answerNext({ status: 403, json: { message: `${account.authorization} may not` } });
    const failure: unknown = await rest.hangUp('c/1').catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'unauthorized', status: 403 });
    expect(String(failure)).not.toContain(SECRET);
  });
});

test('cloudonix is sent the document that the call is to run next (dograh cloudonix/strategies.py)', async () => {
  const api = await openApi();
  const rest = new CloudonixRest({ domain: 'example.cloudonix.net', apiToken: SECRET, baseUrl: api.url });
  onTestFinished(() => rest.close());
  await rest.transfer('16a7294c', 'sip:a&b@example.com');
  const [{ method, path, type, body }] = api.asked as [(typeof api.asked)[number]];
  expect([method, path, type]).toEqual([
    'POST',
    '/calls/example.cloudonix.net/sessions/16a7294c/application',
    'application/json',
  ]);
  const document =
    '<?xml version="1.0" encoding="UTF-8"?><Response><Dial><Sip>sip:a&amp;b@example.com</Sip></Dial></Response>';
  expect(JSON.parse(body)).toEqual({ cxml: document });
});

test('a command of telnyx that is tried again has the same `command_id`, and is carried out once (wire/telephony 3.4)', async () => {
  const api = await openApi();
  const rest = new TelnyxRest({ apiKey: SECRET, baseUrl: api.url });
  onTestFinished(() => rest.close());
  api.answerNext({ status: 503 });
  await rest.transfer('v3:a/b', ' +15550123 ');
  await rest.sendDigits('v3:a/b', '1w2');
  const [first, again, digits] = api.asked.map(({ path, body }) => [path, JSON.parse(body) as Record<string, unknown>]);
  expect(again).toEqual(first);
  expect(first).toMatchObject(['/calls/v3%3Aa%2Fb/actions/transfer', { to: '+15550123' }]);
  expect(digits).toMatchObject(['/calls/v3%3Aa%2Fb/actions/send_dtmf', { digits: '1w2', duration_millis: 250 }]);
});

test('a call of telnyx that runs TeXML is ended and sent on by its document, under the ids of its webhook', async () => {
  const api = await openApi();
  const rest = new TelnyxRest({ apiKey: SECRET, baseUrl: api.url });
  onTestFinished(() => rest.close());
  const ids = { accountSid: 'a-1', callSid: 'v2:c' };
  await rest.hangUpTexml(ids);
  await rest.transferTexml(ids, 'sip:desk@example.com');
  api.answerNext({ status: 404 });
  await rest.hangUpTexml(ids);
  expect(api.asked.map(({ path }) => path)).toEqual(Array(3).fill('/texml/Accounts/a-1/Calls/v2%3Ac'));
  expect(api.asked.map(({ body }) => Object.fromEntries(new URLSearchParams(body)))).toMatchObject([
    { Status: 'completed' },
    { Texml: expect.stringContaining('<Dial><Sip>sip:desk@example.com</Sip></Dial>') as string },
    { Status: 'completed' },
  ]);
});

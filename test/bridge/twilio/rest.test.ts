import { afterEach, beforeEach, expect, test } from 'vitest';
import { TwilioRest } from '../../../src/bridge/twilio/rest.ts';
import { ProviderError } from '../../../src/lib/errors.ts';
import { SimulatedTwilioRest } from '../../../src/simulate/twilio/rest-server.ts';

const SECRET = 's3cret-auth-token';
let server: SimulatedTwilioRest;
let rest: TwilioRest;
const done: string[] = [];

beforeEach(async () => {
  done.length = 0;
  server = new SimulatedTwilioRest({ accountSid: 'AC1', authToken: SECRET, apiKey: { sid: 'SK1', secret: 'k3y' } });
  await server.listen();
  rest = new TwilioRest(server.account, { timeoutMs: 1_000 });
  server.add({
    callSid: 'CA1',
    completed: () => done.push('completed'),
    redirected: ({ twiml }) => done.push(twiml ?? ''),
  });
});
afterEach(async () => {
  await server.close();
  await rest.close();
});

async function failure(running: Promise<void>): Promise<ProviderError> {
  const error: unknown = await running.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ProviderError)) throw new Error(`Expected a ProviderError, got ${String(error)}`);
  return error;
}

test('hanging up completes the call', async () => {
  await rest.hangUp('CA1');
  expect(done).toEqual(['completed']);
  expect(server.requests).toMatchObject([
    { method: 'POST', path: '/2010-04-01/Accounts/AC1/Calls/CA1.json', fields: { Status: 'completed' }, status: 200 },
  ]);
});

test('hanging up a call that is already gone is a success', async () => {
  await rest.hangUp('CA1');
  await rest.hangUp('CA1');
  await rest.hangUp('CA-never-seen');
  expect(server.requests.map(({ status }) => status)).toEqual([200, 404, 404]);
});

test('a transfer dials, with the number escaped and our own as the caller, when it is set', async () => {
  await rest.transfer('CA1', '+14155550102');
  const named = new TwilioRest({ ...server.account, callerId: '+14155550199' });
  await named.transfer('CA1', 'sip:a&b@example.com');
  await named.close();
  expect(done[0]).toContain('<Response><Dial>+14155550102</Dial></Response>');
  expect(done[1]).toContain('<Dial callerId="+14155550199"><Sip>sip:a&amp;b@example.com</Sip></Dial>');
});

test('a transfer of a call that is gone is a failure: nobody was transferred', async () => {
  const error = await failure(rest.transfer('CA2', '+14155550102'));
  expect(error).toMatchObject({ provider: 'twilio', code: 'provider-failed', status: 404, providerCode: '20404' });
});

test('digits are played, and what follows them is kept', async () => {
  await rest.sendDigits('CA1', '1w2#', { next: '<Redirect>https://h/again</Redirect>' });
  expect(done[0]).toContain('<Response><Play digits="1w2#"/><Redirect>https://h/again</Redirect></Response>');
  await expect(rest.sendDigits('CA1', '1"/><Hangup/>')).rejects.toMatchObject({ code: 'request-invalid' });
  expect(server.requests).toHaveLength(1);
});

test('an API key opens the account too', async () => {
  const keyed = new TwilioRest({ ...server.account, apiKeySid: 'SK1', authToken: 'k3y' });
  await keyed.hangUp('CA1');
  await keyed.close();
  expect(done).toEqual(['completed']);
});

test('wrong credentials are told apart, and never shown', async () => {
  const wrong = new TwilioRest({ ...server.account, authToken: 'wr0ng-token' });
  const error = await failure(wrong.transfer('CA1', '+1'));
  await wrong.close();
  expect(error).toMatchObject({ code: 'unauthorized', status: 401, providerCode: '20003', requestId: 'RQ1' });
  const shown = `${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`;
  expect(shown).not.toContain('wr0ng-token');
  expect(shown).not.toContain(Buffer.from('AC1:wr0ng-token').toString('base64'));
});

test('a secret that the answer repeats is blotted out', async () => {
  server.failNext({ status: 400, code: 21200, message: `you sent ${SECRET}` });
  const error = await failure(rest.transfer('CA1', '+1'));
  expect(error.message).toContain('you sent [redacted]');
});

test.each([[{ status: 503 }], [{ status: 429, headers: { 'retry-after': '0' } }], ['reset' as const]])(
  'a failure that may pass (%j) is tried once more',
  async (fault) => {
    server.failNext(fault);
    await rest.hangUp('CA1');
    expect(done).toEqual(['completed']);
  },
);

test('a failure that does not pass is an error with what is known of it', async () => {
  server.failNext({ status: 429, code: 20429, headers: { 'retry-after': '0' } }, { status: 429, code: 20429 });
  expect(await failure(rest.hangUp('CA1'))).toMatchObject({ code: 'rate-limited', status: 429, providerCode: '20429' });
  server.failNext('reset', 'reset');
  expect(await failure(rest.hangUp('CA1'))).toMatchObject({ code: 'connect-failed', status: undefined });
  expect(done).toEqual([]);
});

test('digits are not pressed twice: a lost answer is an error at once', async () => {
  server.failNext('reset');
  expect(await failure(rest.sendDigits('CA1', '1'))).toMatchObject({ code: 'connect-failed' });
  expect(server.requests).toHaveLength(1);
});

test('an API that does not answer is given up', async () => {
  const hasty = new TwilioRest(server.account, { timeoutMs: 100 });
  server.failNext('silence');
  expect(await failure(hasty.hangUp('CA1'))).toMatchObject({ code: 'connect-timeout' });
  await hasty.close();
});

test('a path in front of the API is kept', async () => {
  const behind = new TwilioRest({ ...server.account, baseUrl: `${server.account.baseUrl}/proxy/` });
  await failure(behind.transfer('CA1', '+1'));
  await behind.close();
  expect(server.requests[0]?.path).toBe('/proxy/2010-04-01/Accounts/AC1/Calls/CA1.json');
});

test('a call id cannot leave its place in the path', async () => {
  await failure(rest.transfer('../../CA1', '+1'));
  expect(server.requests[0]?.path).toBe('/2010-04-01/Accounts/AC1/Calls/..%2F..%2FCA1.json');
});

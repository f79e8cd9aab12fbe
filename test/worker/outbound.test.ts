/** Calls that a worker places, over HTTP: who may, what is asked for, and what becomes of calls that nobody answers. */
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Callee } from '../../src/simulate/phone/callee.ts';
import { SimulatedTwilioRest } from '../../src/simulate/twilio/rest-server.ts';
import type { PlacedCallState } from '../../src/worker/placed-call.ts';
import { until } from '../helpers/until.ts';
import { AUTH_TOKEN, SIGNED, withStandIns, type TestWorker } from '../helpers/worker.ts';

const start = withStandIns();
const OUT = { PARLEY_CALLS_FROM: '+15550199', PARLEY_CALLS_PER_SECOND: '100' };

/** A worker with an account at a Twilio where this one is called. */
async function withAccount(callee: Callee, env: Record<string, string> = {}) {
  const known: { worker?: TestWorker } = {};
  const reach = (url: string) => known.worker?.reach(url) ?? url;
  const rest = new SimulatedTwilioRest({
    ...{ accountSid: 'AC1', authToken: AUTH_TOKEN },
    placing: { calleeAt: () => callee, reach },
  });
  await rest.listen();
  onTestFinished(() => rest.close());
  const account = { PARLEY_TWILIO_ACCOUNT_SID: 'AC1', PARLEY_TWILIO_REST_URL: rest.account.baseUrl };
  const worker = await start({ ...SIGNED, ...account, ...OUT, ...env });
  known.worker = worker;
  return { rest, worker };
}

async function ask(
  worker: TestWorker,
  method: string,
  path: string,
  { body, token }: { body?: unknown; token?: string } = {},
) {
  const response = await fetch(`${worker.url}/calls${path}`, {
    method,
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    ...(token !== undefined && { headers: { authorization: `Bearer ${token}` } }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') ?? false;
  return {
    status: response.status,
    json: (isJson ? JSON.parse(text) : { text }) as PlacedCallState & { problems?: string[] },
  };
}

const ended = (worker: TestWorker, id: string) =>
  until('the call to be over', async () => {
    const { json } = await ask(worker, 'GET', `/${id}`);
    return json.state === 'ended' ? json : undefined;
  });

describe('POST /calls', () => {
  test('answers with the id at once, and the carrier is asked by its own form', async () => {
    const { rest, worker } = await withAccount({ type: 'busy', ringMs: 0 });
    const { status, json } = await ask(worker, 'POST', '', { body: { to: '+15550100', parameters: { order: '17' } } });
    expect(status).toBe(202);
    expect(json).toMatchObject({
      line: 'twilio',
      agent: 'front-desk',
      to: '+15550100',
      from: '+15550199',
      state: 'placing',
    });
    await ended(worker, json.id);
    const [request] = rest.requests;
    expect(request).toMatchObject({ method: 'POST', path: '/2010-04-01/Accounts/AC1/Calls.json', status: 201 });
    expect(request?.fields).toMatchObject({
      ...{ To: '+15550100', From: '+15550199', Timeout: '45', Method: 'POST' },
      Url: `https://voice.example.com/twilio/voice?call=${json.id}`,
      StatusCallback: `https://voice.example.com/twilio/status?call=${json.id}`,
    });
    expect(request?.fields['MachineDetection']).toBeUndefined();
  });

  test.each([
    ['busy', { type: 'busy', ringMs: 0 }],
    ['failed', { type: 'failed', ringMs: 0 }],
  ] as const)('a number that is %s: told, and its place is free again', async (outcome, callee) => {
    const { worker } = await withAccount(callee);
    const { json } = await ask(worker, 'POST', '', { body: { to: '+15550100' } });
    expect(worker.worker.load.places).toBe(1);
    expect(await ended(worker, json.id)).toMatchObject({
      state: 'ended',
      outcome,
      carrierCallId: expect.stringMatching(/^CA/) as string,
    });
    expect(worker.worker.load.places).toBe(0);
    expect(worker.calls).toEqual([]);
  });

  test('an account that refuses: the call has failed, with why and the id of the request, and the log says so', async () => {
    const { rest, worker } = await withAccount({ type: 'busy' });
    rest.failNext({ status: 400, code: 21_210, message: 'The source phone number is not verified' });
    const { json } = await ask(worker, 'POST', '', { body: { to: '+15550100' } });
    const state = await ended(worker, json.id);
    expect(state).toMatchObject({ outcome: 'failed', error: { code: 'provider-failed', requestId: 'RQ1' } });
    expect(state.error?.message).toContain('The source phone number is not verified');
    expect(worker.logs.find(({ msg }) => msg === 'a call could not be placed')).toMatchObject({
      callId: json.id,
      requestId: 'RQ1',
    });
    expect(worker.worker.load.places).toBe(0);
  });

  test('as many calls as the worker may have: 503, and nobody is called', async () => {
    const { rest, worker } = await withAccount({ type: 'no-answer' }, { PARLEY_MAX_CALLS: '1' });
    const first = await ask(worker, 'POST', '', { body: { to: '+15550100' } });
    await until('the first to be placed', () => rest.requests.length === 1);
    expect(await ask(worker, 'POST', '', { body: { to: '+15550101' } })).toMatchObject({
      status: 503,
      json: { reason: 'full' },
    });
    expect(rest.requests).toHaveLength(1);
    await ask(worker, 'DELETE', `/${first.json.id}`);
  });

  test('an order that is wrong: what, what was expected and what came, a sentence each', async () => {
    const { worker } = await withAccount({ type: 'busy' });
    const problemsOf = async (body: unknown) => (await ask(worker, 'POST', '', { body })).json.problems;
    expect(await problemsOf('to=+15550100')).toEqual([
      'Expected a JSON object such as {"to": "+15550100"}, got something else',
    ]);
    expect(await problemsOf({ To: 'x' })).toEqual([
      'Expected `to` to be a text, got nothing',
      '`To` is not a field of a call: did you mean `to`?',
    ]);
    expect(await problemsOf({ to: '+15550100', line: 'plivo', agent: 'other', voicemail: 'beep' })).toEqual([
      "Expected `voicemail` to be 'leave' or 'hang-up', got `\"beep\"`",
    ]);
    const both = await problemsOf({ to: '+15550100', line: 'nobody', agent: 'other' });
    expect(both).toEqual([
      '`line`: expected one of those that can place calls (twilio), got `nobody`',
      '`agent`: expected `front-desk`, who is the agent of this worker, got `other`',
    ]);
  });

  test('without an account: which setting is missing', async () => {
    const worker = await start({ ...SIGNED, ...OUT });
    const { status, json } = await ask(worker, 'POST', '', { body: { to: '+15550100', line: 'twilio' } });
    expect(status).toBe(400);
    expect(json.problems?.[0]).toContain('to place calls by Twilio set PARLEY_TWILIO_ACCOUNT_SID');
  });
});

describe('who may', () => {
  test('with PARLEY_BRIDGE_TOKEN: who shows it; nobody else, not from this machine either, and no web page', async () => {
    const { rest, worker } = await withAccount(
      { type: 'busy', ringMs: 0 },
      { PARLEY_BRIDGE_TOKEN: 'open-sesame-open-sesame' },
    );
    const body = { to: '+15550100' };
    for (const token of [undefined, 'wrong-wrong-wrong-wrong', AUTH_TOKEN]) {
      expect((await ask(worker, 'POST', '', { body, ...(token !== undefined && { token }) })).status).toBe(403);
      expect((await ask(worker, 'GET', '/call-1', token === undefined ? {} : { token })).status).toBe(403);
    }
    expect(rest.requests).toEqual([]);
    const { status, json } = await ask(worker, 'POST', '', { body, token: 'open-sesame-open-sesame' });
    expect(status).toBe(202);
    await until(
      'it to be over',
      async () =>
        (await ask(worker, 'GET', `/${json.id}`, { token: 'open-sesame-open-sesame' })).json.state === 'ended',
    );
    const page = await fetch(`${worker.url}/calls`, {
      ...{ method: 'POST', body: JSON.stringify(body) },
      headers: { authorization: 'Bearer open-sesame-open-sesame', origin: 'https://evil.example' },
    });
    expect(page.status).toBe(403);
  });

  test('a webhook about a call that was placed is signed like every other', async () => {
    const { worker } = await withAccount({ type: 'no-answer' });
    const { json } = await ask(worker, 'POST', '', { body: { to: '+15550100' } });
    for (const path of [`/twilio/status?call=${json.id}`, `/twilio/voice?call=${json.id}`]) {
      expect((await worker.ring({ CallStatus: 'busy' }, { path })).status).toBe(403);
    }
    expect((await ask(worker, 'GET', `/${json.id}`)).json.state).not.toBe('ended');
    const gone = await worker.ring({}, { path: '/twilio/voice?call=call-unknown', authToken: AUTH_TOKEN });
    expect(gone.body).toContain('<Hangup/>');
    await ask(worker, 'DELETE', `/${json.id}`);
  });
});

test('DELETE /calls/ID gives up a call that rings: the carrier is told, and a late answer finds nobody', async () => {
  const { rest, worker } = await withAccount({ type: 'no-answer' });
  const { json } = await ask(worker, 'POST', '', { body: { to: '+15550100' } });
  await until('it to ring', async () => (await ask(worker, 'GET', `/${json.id}`)).json.state === 'ringing');
  expect(await ask(worker, 'DELETE', `/${json.id}`)).toMatchObject({
    status: 202,
    json: { state: 'ended', outcome: 'cancelled' },
  });
  await until('the carrier to be told', () => rest.requests.some(({ fields }) => fields['Status'] === 'completed'));
  expect(worker.worker.load.places).toBe(0);
  expect((await ask(worker, 'DELETE', `/${json.id}`)).status).toBe(409);
  expect((await ask(worker, 'DELETE', '/call-nobody')).status).toBe(404);
  const late = await worker.ring({}, { path: `/twilio/voice?call=${json.id}`, authToken: AUTH_TOKEN });
  expect(late.body).toContain('<Hangup/>');
});

/** Calls that are placed by each carrier but Twilio: what it is asked for, what it tells, and who may tell it. */
import { describe, expect, test } from 'vitest';
import type { Callee } from '../../../src/simulate/phone/callee.ts';
import type { PlacedCallState } from '../../../src/worker/placed-call.ts';
import { until } from '../../helpers/until.ts';
import { PUBLIC_URL, withStandIns, type TestWorker } from '../../helpers/worker.ts';
import { post } from './knocking.ts';
import { askCalls, PLACING_CARRIERS, withAccountOf } from './placing-carriers.ts';

const start = withStandIns();

const stateOf = async (worker: TestWorker, id: string) =>
  (await askCalls<PlacedCallState>(worker, 'GET', `/${id}`)).json;

describe.each(PLACING_CARRIERS)('$line $how', (carrier) => {
  const open = (callee: Callee, env: Record<string, string> = {}) => withAccountOf(carrier, { callee, start, env });
  const place = async (worker: TestWorker) =>
    (await askCalls<PlacedCallState>(worker, 'POST', '', { to: '+15550100', line: carrier.line })).json;
  const ended = (worker: TestWorker, id: string) =>
    until('the call to be over', async () => {
      const state = await stateOf(worker, id);
      return state.state === 'ended' ? state : undefined;
    });
  const ringing = (worker: TestWorker, id: string) =>
    until('it to ring', async () => (await stateOf(worker, id)).state === 'ringing');

  test('the order is in its own words, and says nothing of a detection that nobody has asked for', async () => {
    const { account, worker } = await open({ type: 'busy', ringMs: 0 });
    const { id } = await place(worker);
    await ended(worker, id);
    const [order] = account.requests;
    expect(order?.fields).toMatchObject(carrier.order);
    for (const name of Object.keys(carrier.detection?.order ?? {})) expect(order?.fields[name]).toBeUndefined();
    if (carrier.busy) expect(JSON.stringify(order?.fields)).toContain(PUBLIC_URL.replace('https', ''));
  });

  if (carrier.detection) {
    const { env, order } = carrier.detection;
    test(`with ${env} it is asked to find out who answers`, async () => {
      const { account, worker } = await open({ type: 'busy', ringMs: 0 }, { [env]: 'true' });
      await ended(worker, (await place(worker)).id);
      expect(account.requests[0]?.fields).toMatchObject(order);
    });
  }

  test.each(['busy', 'failed'] as const)('a number that is %s: told, and its place is free again', async (outcome) => {
    const { worker } = await open({ type: outcome, ringMs: 0 });
    const { id } = await place(worker);
    expect(worker.worker.load.places).toBe(1);
    expect(await ended(worker, id)).toMatchObject({ outcome, line: carrier.line });
    expect((await stateOf(worker, id)).carrierCallId).toBeTruthy();
    expect(worker.worker.load.places).toBe(0);
    expect(worker.calls).toEqual([]);
  });

  test('an account that refuses: why is in the state and in the log, and no secret is anywhere', async () => {
    const { account, worker } = await open({ type: 'busy' });
    account.failNext({ status: 403, json: { message: `not with ${carrier.secrets[0] ?? ''}` } });
    const state = await ended(worker, (await place(worker)).id);
    expect(state).toMatchObject({ outcome: 'failed', error: { code: 'unauthorized' } });
    expect(worker.logs.some(({ msg }) => msg === 'a call could not be placed')).toBe(true);
    const told = JSON.stringify(worker.logs) + JSON.stringify(state);
    for (const secret of carrier.secrets) expect(told).not.toContain(secret);
  });

  test.skipIf(carrier.namesCalls)('an answer that names no call: the call has failed, and why is said', async () => {
    const { account, worker } = await open({ type: 'busy' });
    account.failNext({ status: 200, json: {} });
    const state = await ended(worker, (await place(worker)).id);
    expect(state.error?.message).toMatch(/^\w+: Expected the answer to a placed call to have `\w+`, got none$/);
  });

  test('DELETE gives up a call that rings, where the carrier can be asked to; nobody is answered any more', async () => {
    const { account, worker } = await open({ type: 'no-answer' });
    const { id } = await place(worker);
    await ringing(worker, id);
    expect((await askCalls(worker, 'DELETE', `/${id}`)).json).toMatchObject({ state: 'ended', outcome: 'cancelled' });
    expect(worker.worker.load.places).toBe(0);
    const { cancel } = carrier;
    if (!cancel) {
      const warned = await until('the log to say so', () =>
        worker.logs.find(({ msg }) => msg === 'a call that was placed could not be ended'),
      );
      expect(JSON.stringify(warned)).toContain('ends no call that rings');
      return;
    }
    const asked = await until('the carrier to be told', () => account.requests[1]);
    expect(asked).toMatchObject({ method: cancel.method, status: cancel.status ?? 200, fields: cancel.fields ?? {} });
    expect(asked.path).toMatch(cancel.path);
  });

  test.skipIf(!carrier.busy)('nobody but the carrier tells what becomes of a call', async () => {
    const { worker } = await open({ type: 'no-answer' });
    const { id } = await place(worker);
    await ringing(worker, id);
    const { path, type, body } = carrier.busy?.(id) ?? { path: '', type: '', body: '' };
    const headers = { 'content-type': type };
    expect((await post(worker, { path, body, headers })).status).toBe(403);
    expect((await stateOf(worker, id)).state).toBe('ringing');
    if (carrier.credentials) {
      const shown = carrier.credentials({ path, body });
      expect((await post(worker, { path, body, headers: { ...headers, ...shown } })).status).toBe(200);
      expect(await stateOf(worker, id)).toMatchObject({ state: 'ended', outcome: 'busy' });
    }
    await askCalls(worker, 'DELETE', `/${id}`);
  });

  test('without its account: which setting is missing', async () => {
    const door = Object.entries(carrier.env).filter(([name]) => carrier.missing.door.includes(name));
    const worker = await start({ PARLEY_PUBLIC_URL: PUBLIC_URL, PARLEY_CALLS_FROM: '+1', ...Object.fromEntries(door) });
    const { status, json } = await askCalls(worker, 'POST', '', { to: '+15550100', line: carrier.line });
    expect(status).toBe(400);
    expect(JSON.stringify(json)).toContain(`set ${carrier.missing.env}`);
  });
});

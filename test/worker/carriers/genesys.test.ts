/** Who comes in at Genesys' door: whoever signs with the client secret of the integration, once. */
import { expect, test } from 'vitest';
import { GENESYS_PHONE } from '../../../src/simulate/genesys/phone.ts';
import { until } from '../../helpers/until.ts';
import { PUBLIC_URL, withStandIns } from '../../helpers/worker.ts';
import { GENESYS_SECRET } from './binary-carriers.ts';
import { dial, NUMBERS, place } from './knocking.ts';

const start = withStandIns();
const PATH = '/genesys/audiohook';
const ENV = { PARLEY_PUBLIC_URL: PUBLIC_URL, PARLEY_GENESYS_CLIENT_SECRET: GENESYS_SECRET };
const CALLER = { line: 'genesys', secret: GENESYS_SECRET } as const;

const shown = (authToken: string | undefined, signedUrl = `wss://voice.example.com${PATH}`) =>
  GENESYS_PHONE.headersOf({ url: signedUrl, signedUrl, authToken, accountSid: undefined });

test('no signature, one of another secret or for another address: 403 before anything is read; a genuine one is good once', async () => {
  const one = await start(ENV);
  const another = Buffer.from('another-client-secret').toString('base64');
  for (const headers of [{}, shown(undefined), shown(another), shown(GENESYS_SECRET, `wss://example.org${PATH}`)]) {
    expect(await dial(one, PATH, headers)).toBe(403);
  }
  const genuine = shown(GENESYS_SECRET);
  expect(await dial(one, PATH, genuine)).toBe(101);
  expect(await dial(one, PATH, genuine)).toBe(403);
  expect(one.calls).toEqual([]);
  expect(JSON.stringify(one.logs)).not.toContain(GENESYS_SECRET);
});

test('without its secret it is closed, and with another API key than that of the integration', async () => {
  const closed = await start({ PARLEY_PUBLIC_URL: PUBLIC_URL });
  expect(await dial(closed, PATH, shown(GENESYS_SECRET))).toBe(403);
  expect(closed.logs.map(({ reason }) => reason).join()).toContain('PARLEY_GENESYS_CLIENT_SECRET');
  const foreign = await start({ ...ENV, PARLEY_GENESYS_API_KEY: 'another-key' });
  expect(await dial(foreign, PATH, shown(GENESYS_SECRET))).toBe(403);
});

test('its settings are refused without the address that is signed, and a secret that is none', async () => {
  await expect(start({ PARLEY_GENESYS_CLIENT_SECRET: GENESYS_SECRET })).rejects.toThrow('PARLEY_PUBLIC_URL: expected');
  await expect(start({ ...ENV, PARLEY_GENESYS_CLIENT_SECRET: 'short' })).rejects.toThrow('16 bytes or more in base64');
});

test('the agent hangs up: the flow is told that it is done, says so, and the line closes', async () => {
  const one = await start(ENV);
  const caller = await place(CALLER, one);
  const call = await until('a call', () => one.calls[0]);
  expect(call.caller).toMatchObject({ carrierCallId: caller.callSid, ...NUMBERS });
  call.sayGoodbye('Bye.', 'done');
  expect(await caller.ended).toMatchObject({ by: 'worker' });
  expect(await call.ended).toMatchObject({ reason: 'done' });
});

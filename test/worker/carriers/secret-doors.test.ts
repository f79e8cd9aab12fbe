/** Doors whose carriers sign nothing, but show a secret when they open a socket: nobody else comes in. */
import { describe, expect, test } from 'vitest';
import { basic } from '../../../src/simulate/phone/connect.ts';
import { PUBLIC_URL, withStandIns } from '../../helpers/worker.ts';
import { until } from '../../helpers/until.ts';
import { dial, place, type WholeCallCarrier } from './knocking.ts';
import { BINARY_CARRIERS } from './binary-carriers.ts';

const start = withStandIns();

interface SecretDoor {
  line: WholeCallCarrier['line'];
  path: string;
  /** The secret may be the end of the address, too. */
  hasAddress: boolean;
  opener: string;
}
const DOORS: SecretDoor[] = [
  { line: 'infobip', path: '/infobip/media', hasAddress: true, opener: 'PARLEY_INFOBIP_SECRET' },
  { line: 'freeswitch', path: '/freeswitch/media', hasAddress: false, opener: 'PARLEY_FREESWITCH_PASSWORD' },
];

describe.each(DOORS)('$line', ({ line, path, hasAddress, opener }) => {
  const { secret = '', env = {} } = BINARY_CARRIERS.find((one) => one.line === line) ?? {};

  test('without its secret it is closed', async () => {
    const one = await start({ PARLEY_PUBLIC_URL: PUBLIC_URL });
    expect(await dial(one, path, basic(secret))).toBe(403);
    expect(await dial(one, path, basic(''))).toBe(403);
    expect(one.logs.map(({ reason }) => reason).join()).toContain(`${opener} is not set`);
  });

  test('no secret, a wrong one, or none after all is 403 before anything is read; the right one is as good each time', async () => {
    const one = await start(env);
    const wrong = [
      {},
      basic('another-secret-of-somebody'),
      basic(''),
      { authorization: 'Basic' },
      { authorization: `Digest ${secret}` },
    ];
    for (const headers of wrong) expect(await dial(one, path, headers)).toBe(403);
    expect(await dial(one, `${path}/${'x'.repeat(secret.length)}`)).toBe(hasAddress ? 403 : 404);
    expect(one.calls).toEqual([]);
    for (const headers of [basic(secret), basic(secret), { authorization: `Bearer ${secret}` }])
      expect(await dial(one, path, headers)).toBe(101);
    if (hasAddress) expect(await dial(one, `${path}/${secret}`)).toBe(101);
  });

  test('two are good while it is being changed, and a short one is refused at the start', async () => {
    const one = await start({ ...env, [opener]: `${secret},another-secret-of-ours` });
    expect(await dial(one, path, basic('another-secret-of-ours'))).toBe(101);
    await expect(start({ [opener]: 'short' })).rejects.toThrow(opener);
  });

  test('no secret of it is in the log, not that of an address either', async () => {
    const one = await start(env);
    await dial(one, path, basic('wrong'));
    await dial(one, `${path}/${secret}`);
    await until('a refusal', () => one.logs.some(({ why }) => why === 'forbidden'));
    expect(JSON.stringify(one.logs)).not.toContain(secret);
  });

  test('a hang-up of ours ends the line', async () => {
    const one = await start(env);
    const caller = await place({ line, secret }, one);
    const call = await until('a call', () => one.calls[0]);
    expect(call.caller).toMatchObject({ carrierCallId: caller.callSid, from: '+15550100', to: '+15550199' });
    call.sayGoodbye('Bye.', 'done');
    expect(await caller.ended).toMatchObject({ by: 'worker', code: 1000 });
    expect(caller.stats().badFrames).toBe(0);
  });
});

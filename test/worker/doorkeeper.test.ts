import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { signRequest } from '../../src/bridge/twilio/signature.ts';
import type { Knock } from '../../src/bridge/door.ts';
import { Doorkeeper, WINDOW_SECONDS } from '../../src/worker/doorkeeper.ts';
import { readSettings } from '../../src/worker/settings.ts';
import { openDoor, TWILIO } from '../helpers/doors.ts';

const TOKEN = 'a-token-of-our-own';
const settings = (env: Record<string, string> = {}) =>
  readSettings({
    PARLEY_AGENT: 'x',
    PARLEY_TWILIO_AUTH_TOKEN: 'auth',
    PARLEY_PUBLIC_URL: 'https://voice.example.com',
    PARLEY_BRIDGE_TOKEN: TOKEN,
    PARLEY_MAX_FORBIDDEN: '3',
    PARLEY_MAX_UPGRADES: '5',
    ...env,
  });

const knock: Knock = { target: '/twilio/media', protocol: 'ws', headers: {}, remoteAddress: '203.0.113.7' };
const welcomed: Knock = { ...knock, headers: { authorization: `Bearer ${TOKEN}` } };
const wrong: Knock = { ...knock, protocol: 'http', headers: { authorization: 'Bearer guess' } };
const signature = signRequest('auth', 'wss://voice.example.com/twilio/media');

/** Whoever keeps Twilio's door. */
function keep(all: ReturnType<typeof settings>) {
  const keeper = new Doorkeeper(all);
  const open = openDoor(TWILIO, all);
  const [entrance] = open.door.upgrades ?? [];
  if (!entrance) throw new Error('Expected Twilio to have a socket');
  return {
    knock: async (one: Knock) => keeper.knock(one, await open.judge(one, entrance), open.rules),
    comeIn: () => keeper.comeIn(knock, { isCarrier: false, sendAway: () => {} }),
    watch: (one: Knock) => keeper.watch(one),
  };
}
type Door = ReturnType<typeof keep>;

async function typesOf(door: Door, knocks: Knock[]): Promise<string[]> {
  const types: string[] = [];
  for (const one of knocks) types.push((await door.knock(one)).type);
  return types;
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('who has guessed too often is not heard for the rest of the minute, even with the right token', async () => {
  const door = keep(settings());
  expect(await typesOf(door, [wrong, wrong, wrong])).toEqual(['forbidden', 'forbidden', 'forbidden']);
  expect(await typesOf(door, [wrong, { ...welcomed, protocol: 'http' }])).toEqual(['too-many', 'too-many']);
  expect(await door.knock(wrong)).toMatchObject({ retryAfterSeconds: WINDOW_SECONDS });
  vi.advanceTimersByTime(WINDOW_SECONDS * 1000 + 1);
  expect(await typesOf(door, [{ ...welcomed, protocol: 'http' }])).toEqual(['welcome']);
});

test('only its own address pays for it, and Twilio never does', async () => {
  const door = keep(settings());
  await typesOf(door, [wrong, wrong, wrong, wrong]);
  expect(await typesOf(door, [{ ...welcomed, remoteAddress: '203.0.113.8' }])).toEqual(['welcome']);
  expect(await typesOf(door, [{ ...knock, headers: { 'x-twilio-signature': signature } }])).toEqual(['welcome']);
});

test('sockets of one address have a limit in the minute; webhooks are not counted among them', async () => {
  const door = keep(settings());
  const webhook = { ...welcomed, protocol: 'http' } as const;
  expect(
    await typesOf(
      door,
      Array.from({ length: 6 }, () => welcomed),
    ),
  ).toEqual([...Array.from({ length: 5 }, () => 'welcome'), 'too-many']);
  expect(await typesOf(door, [webhook, { ...welcomed, remoteAddress: '203.0.113.8' }])).toEqual(['welcome', 'welcome']);
  vi.advanceTimersByTime(WINDOW_SECONDS * 1000 + 1);
  expect(await typesOf(door, [welcomed])).toEqual(['welcome']);
});

test('the log is told once a window that an address is over its limit', async () => {
  const door = keep(settings());
  const reasons: (string | undefined)[] = [];
  for (let i = 0; i < 8; i++) {
    const answer = await door.knock(welcomed);
    if (answer.type === 'too-many') reasons.push(answer.reason);
  }
  expect(reasons).toEqual([expect.stringContaining('upgrades'), undefined, undefined]);
});

test('behind a proxy that is trusted each caller is counted alone; behind one that is not they share its count', async () => {
  const from = (address: string): Knock => ({
    ...wrong,
    remoteAddress: '127.0.0.1',
    headers: { ...wrong.headers, 'x-forwarded-for': address },
  });
  const trusting = keep(settings({ PARLEY_TRUST_PROXY: '1' }));
  await typesOf(trusting, [from('1.1.1.1'), from('1.1.1.1'), from('1.1.1.1')]);
  expect(await typesOf(trusting, [from('1.1.1.1'), from('9.9.9.9, 1.1.1.1'), from('2.2.2.2')])).toEqual([
    'too-many',
    'too-many',
    'forbidden',
  ]);
  const other = keep(settings());
  await typesOf(other, [from('1.1.1.1'), from('2.2.2.2'), from('3.3.3.3')]);
  expect(await typesOf(other, [from('4.4.4.4')])).toEqual(['too-many']);
});

test('sockets that have not said who they are have a limit, and give their place back once', () => {
  const door = keep(settings({ PARLEY_MAX_CALLS: '1' }));
  const leave: (() => void)[] = [];
  for (let next = door.comeIn(); next !== undefined; next = door.comeIn()) leave.push(next);
  expect(leave.length).toBe(33);
  leave[0]?.();
  leave[0]?.();
  expect(door.comeIn()).toBeDefined();
  expect(door.comeIn()).toBeUndefined();
});

test.each([
  ['this machine without a token', {}, { remoteAddress: '127.0.0.1' }, true],
  ['another', {}, {}, false],
  [
    'another, by way of a proxy on this one',
    {},
    { remoteAddress: '127.0.0.1', headers: { 'x-forwarded-for': '1.1.1.1' } },
    false,
  ],
  ['another when all may', { PARLEY_METRICS_OPEN: 'true' }, {}, true],
  [
    'another with the token',
    { PARLEY_METRICS_TOKEN: 'm'.repeat(16) },
    { headers: { authorization: `Bearer ${'m'.repeat(16)}` } },
    true,
  ],
  [
    'this machine without the token that is asked for',
    { PARLEY_METRICS_TOKEN: 'm'.repeat(16) },
    { remoteAddress: '127.0.0.1' },
    false,
  ],
  [
    'a bridge with its own token',
    { PARLEY_METRICS_TOKEN: 'm'.repeat(16) },
    { headers: { authorization: `Bearer ${TOKEN}` } },
    false,
  ],
  [
    'a page that has pointed its name at this machine',
    {},
    { remoteAddress: '127.0.0.1', headers: { host: 'evil.example:8080' } },
    false,
  ],
])('whether it may read the metrics: %s', async (_, env, from, may) => {
  expect((await keep(settings(env)).watch({ ...knock, ...from })).type === 'welcome').toBe(may);
});

test('guesses of the token of the metrics are guesses like any other; who shows none has not guessed', async () => {
  const token = 'm'.repeat(16);
  const door = keep(settings({ PARLEY_METRICS_TOKEN: token }));
  const shows = (shown: string): Knock => ({
    ...knock,
    protocol: 'http',
    target: '/metrics',
    headers: { authorization: `Bearer ${shown}` },
  });
  for (let i = 0; i < 5; i++) {
    expect(await door.watch({ ...knock, protocol: 'http' })).toMatchObject({ type: 'forbidden', isGuess: false });
  }
  for (let i = 0; i < 3; i++)
    expect(await door.watch(shows('guess'))).toMatchObject({ type: 'forbidden', isGuess: true });
  expect(await door.watch(shows(token))).toMatchObject({ type: 'too-many', retryAfterSeconds: WINDOW_SECONDS });
  expect(await typesOf(door, [{ ...welcomed, protocol: 'http' }])).toEqual(['too-many']);
  expect(await door.watch({ ...shows(token), remoteAddress: '203.0.113.8' })).toEqual({ type: 'welcome' });
});

test('programs on this machine are never shut out, but the log hears of so many of their failures only', async () => {
  const door = keep(settings());
  const local: Knock = { ...wrong, remoteAddress: '127.0.0.1' };
  const reasons: boolean[] = [];
  for (let i = 0; i < 5; i++) {
    const answer = await door.knock(local);
    if (answer.type === 'forbidden') reasons.push(answer.reason !== undefined);
  }
  expect(reasons).toEqual([true, true, true, false, false]);
  expect(await typesOf(door, [{ ...welcomed, remoteAddress: '127.0.0.1' }])).toEqual(['welcome']);
});

import { expect, test } from 'vitest';
import { signRequest } from '../../src/bridge/twilio/signature.ts';
import type { Knock } from '../../src/bridge/door.ts';
import { addressOf, judge as judgeKnock } from '../../src/worker/gate.ts';
import { judgeAtTwilio as judge } from '../helpers/doors.ts';

const OPEN = { authTokens: [], publicUrl: undefined };
const SIGNED = { authTokens: ['new', 'old'], publicUrl: 'https://voice.example.com/' };
const local: Knock = { target: '/twilio/media', protocol: 'ws', headers: {}, remoteAddress: '127.0.0.1' };

const signed = (token: string, url: string, form?: URLSearchParams) => ({
  'x-twilio-signature': signRequest(token, url, form),
});

test.each(['127.0.0.1', '127.8.9.10', '::1', '::ffff:127.0.0.1'])('without a token %s is let in', (remoteAddress) => {
  expect(judge({ ...local, remoteAddress }, OPEN)).toBeUndefined();
});

test.each(['10.0.0.1', '::ffff:10.0.0.1', 'fe80::1', '1127.0.0.1', '', undefined])(
  'without a token %s is not',
  (remoteAddress) => {
    expect(judge({ ...local, remoteAddress }, OPEN)).toMatch(/from this machine only/);
  },
);

test.each([
  ...['forwarded', 'x-forwarded-for', 'x-real-ip', 'via', 'x-forwarded-host', 'x-forwarded-proto', 'x-forwarded-port'],
  ...['cf-connecting-ip', 'cf-connecting-ipv6', 'cf-ray', 'true-client-ip', 'x-client-ip', 'x-cluster-client-ip'],
  ...[
    'fastly-client-ip',
    'fly-client-ip',
    'do-connecting-ip',
    'x-azure-clientip',
    'x-original-forwarded-for',
    'cdn-loop',
  ],
  ...[
    'x-envoy-external-address',
    'x-amzn-trace-id',
    'x-appengine-user-ip',
    'x_forwarded_for',
    'x-forwarded',
    'x-scheme',
  ],
])('without a token nothing that a proxy brings, by whatever it says so: %s', (name) => {
  expect(judge({ ...local, headers: { [name]: '127.0.0.1' } }, OPEN)).toMatch(`a proxy has brought this one (${name})`);
});

test.each([
  ...[
    'accept',
    'authorization',
    'connection',
    'content-length',
    'content-type',
    'cookie',
    'user-agent',
    'upgrade',
    'te',
  ],
  ...['sec-websocket-key', 'sec-fetch-site', 'traceparent', 'x-request-id', 'x-twilio-signature', 'x-requested-with'],
])('what a program says of itself is no sign of a proxy: %s', (name) => {
  expect(judge({ ...local, headers: { [name]: 'x' } }, OPEN)).toBeUndefined();
});

test.each([
  ...['localhost', 'localhost:8080', 'LocalHost.', 'parley.localhost:1', '127.0.0.1', '127.8.9.10:80', '0.0.0.0:8080'],
  ...['[::1]', '[::1]:8080', '[::ffff:127.0.0.1]:1', '[::ffff:7f00:1]', undefined],
])('a program on this machine asks this machine, or nobody by name: %s', (host) => {
  expect(judge({ ...local, headers: { host } }, OPEN)).toBeUndefined();
});

test.each([
  ...[
    'evil.example',
    'evil.example:8080',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    'evil-localhost',
    '::1',
    '',
  ],
  ...[
    '10.0.0.1:8080',
    '[::2]:8080',
    '[2001:db8::1]',
    '127.0.0.1:8080:8080',
    'localhost@evil.example',
    'x'.repeat(9_000),
  ],
])('a page that has pointed its own name at this machine is no program on it: %s', (host) => {
  const reason = judge({ ...local, headers: { host } }, OPEN);
  expect(reason).toMatch(/from this machine only, and this one has asked for another host/);
  expect(reason?.length).toBeLessThan(300);
});

test('without a token nothing that a web page sends', () => {
  expect(judge({ ...local, headers: { origin: 'https://evil.example' } }, OPEN)).toMatch(/not from web pages/);
});

test('with a token the address does not matter, the signature does: of the public URL, as wss for a socket', () => {
  const knock = { ...local, remoteAddress: '54.1.2.3', headers: { 'x-forwarded-for': '54.1.2.3' } };
  const good = signed('new', 'wss://voice.example.com/twilio/media');
  expect(judge({ ...knock, headers: { ...knock.headers, ...good } }, SIGNED)).toBeUndefined();
  expect(judge({ ...knock, headers: signed('old', 'wss://voice.example.com/twilio/media') }, SIGNED)).toBeUndefined();
  expect(judge({ ...knock, headers: signed('new', 'wss://voice.example.com/twilio/media/') }, SIGNED)).toBeUndefined();
});

test('with a token nobody gets in unsigned, from this machine neither', () => {
  expect(judge(local, SIGNED)).toBe('the request is not signed');
});

test('a signature of something else says what was expected, and never the signature or the token', () => {
  for (const headers of [
    signed('other', 'wss://voice.example.com/twilio/media'),
    signed('new', 'https://voice.example.com/twilio/media'),
    signed('new', 'wss://voice.example.com/twilio/relay'),
    { 'x-twilio-signature': 'nonsense' },
  ]) {
    const reason = judge({ ...local, headers }, SIGNED);
    expect(reason).toMatch(/^the signature is not that of wss:\/\/voice\.example\.com\/twilio\/media: /);
    expect(reason).not.toContain(headers['x-twilio-signature']);
  }
});

test('the fields of a webhook are signed too', () => {
  const form = new URLSearchParams({ CallSid: 'CA1', From: '+1555' });
  const url = 'https://voice.example.com/twilio/voice?a=%20b';
  const knock: Knock = {
    ...local,
    protocol: 'http',
    target: '/twilio/voice?a=%20b',
    headers: signed('new', url, form),
    form,
  };
  expect(judge(knock, SIGNED)).toBeUndefined();
  expect(judge({ ...knock, form: new URLSearchParams({ CallSid: 'CA2', From: '+1555' }) }, SIGNED)).toBeDefined();
});

const TOKENS = { authTokens: [], publicUrl: undefined, bridgeTokens: ['new-token-of-ours', 'old-token-of-ours'] };
const remote: Knock = { ...local, remoteAddress: '203.0.113.7' };

test.each([
  ['a bearer token', { headers: { authorization: 'Bearer new-token-of-ours' } }],
  ['the token before it', { headers: { authorization: 'bearer  old-token-of-ours' } }],
  ['a token in the query', { target: '/twilio/media?a=1&token=new-token-of-ours' }],
])('a peer that cannot sign gets in with %s, from anywhere', (_, knock) => {
  expect(judge({ ...remote, ...knock }, TOKENS)).toBeUndefined();
  expect(judge({ ...remote, ...knock }, { ...SIGNED, bridgeTokens: TOKENS.bridgeTokens })).toBeUndefined();
});

test.each([
  ['none', {}],
  ['another', { headers: { authorization: 'Bearer other-token-of-ours' } }],
  ['the beginning of one', { headers: { authorization: 'Bearer new-token-of-our' } }],
  ['an empty one', { target: '/twilio/media?token=', headers: { authorization: 'Bearer ' } }],
  ['both as one', { headers: { authorization: 'Bearer new-token-of-ours,old-token-of-ours' } }],
  ['the right one under another scheme', { headers: { authorization: 'Basic new-token-of-ours' } }],
])('with %s nobody does, from this machine neither', (_, knock) => {
  for (const from of [remote, local]) {
    expect(judge({ ...from, ...knock }, TOKENS)).toBe('no token of PARLEY_BRIDGE_TOKEN was shown');
  }
});

test('a token of ours does not sign for Twilio, nor the other way round', () => {
  const settings = { ...SIGNED, bridgeTokens: TOKENS.bridgeTokens };
  expect(judge({ ...remote, headers: { authorization: 'Bearer new' } }, settings)).toMatch(/no token/);
  const forged = signed('new-token-of-ours', 'wss://voice.example.com/twilio/media');
  expect(judge({ ...remote, headers: forged }, settings)).toMatch(/^the signature is not that of/);
});

test('a web page is let in from a listed origin alone, and needs its token for all that', () => {
  const origins = ['https://desk.example.com'];
  const page = (origin: string, token = 'new-token-of-ours'): Knock => ({
    ...remote,
    target: `/twilio/media?token=${token}`,
    headers: { origin },
  });
  expect(judge(page('https://Desk.example.com'), { ...TOKENS, origins })).toBeUndefined();
  expect(judge(page('https://desk.example.com', 'wrong'), { ...TOKENS, origins })).toMatch(/no token/);
  for (const origin of ['https://desk.example.com.evil.example', 'http://desk.example.com', 'null', '']) {
    expect(judge(page(origin), { ...TOKENS, origins })).toMatch(/PARLEY_ORIGINS/);
    expect(judge({ ...local, headers: { origin } }, { ...OPEN, origins })).toMatch(/not from web pages/);
  }
  expect(judge(page('https://desk.example.com'), TOKENS)).toMatch(/PARLEY_ORIGINS/);
  expect(judge({ ...local, headers: { origin: 'https://desk.example.com' } }, { ...OPEN, origins })).toBeUndefined();
});

test('no reason repeats what a query holds', () => {
  const target = '/twilio/voice?token=canary-canary&tenant=canary';
  for (const headers of [{}, { 'x-twilio-signature': 'canary' }, { authorization: 'Bearer canary-canary' }]) {
    expect(judge({ ...remote, target, headers }, SIGNED)).not.toContain('canary');
    expect(judge({ ...remote, target, headers }, TOKENS)).not.toContain('canary');
  }
});

const forwarded = (list: string, remoteAddress = '10.0.0.9') => ({
  remoteAddress,
  headers: { 'x-forwarded-for': list },
});

test.each([
  ['nobody believes it by default', forwarded('1.1.1.1'), 0, '10.0.0.9'],
  [
    'the last one is who spoke to our proxy; what is before it anybody can write',
    forwarded('6.6.6.6, 2.2.2.2'),
    1,
    '2.2.2.2',
  ],
  ['behind two proxies it is the last but one', forwarded('6.6.6.6,1.1.1.1 , 2.2.2.2'), 2, '1.1.1.1'],
  ['who came around the proxies is who is connected', forwarded('1.1.1.1'), 2, '10.0.0.9'],
  ['what is no address is not believed', forwarded('evil'), 1, '10.0.0.9'],
  ['IPv4 in the clothes of IPv6', forwarded('', '::ffff:1.2.3.4'), 0, '1.2.3.4'],
  ['a network of IPv6 is one', forwarded('2001:0DB8::1:2:3', '::1'), 1, '2001:db8:0:0::/64'],
  ['another address of it is the same', forwarded('2001:db8:0:0:ffff:1:2:3', '::1'), 1, '2001:db8:0:0::/64'],
])('whose doing it is: %s', (_, knock, proxies, expected) => {
  expect(addressOf(knock, proxies)).toBe(expected);
});

test('by TCP nothing can be shown: with a token of ours the line has to show more, without one it has to be this machine', () => {
  const rules = {
    opener: { env: 'PARLEY_X', isSet: false },
    isOpenToPeers: true,
    origins: [],
    originsEnv: 'PARLEY_ORIGINS',
  };
  const knock = { protocol: 'tcp', target: '', headers: {}, remoteAddress: '203.0.113.7' } as const;
  const caller = { type: 'caller' } as const;
  const stranger = { type: 'stranger', reason: 'PARLEY_X is not set' } as const;
  const bridgeTokens = ['a-token-of-the-worker'];
  expect(judgeKnock(knock, caller, { ...rules, bridgeTokens })).toBeUndefined();
  expect(judgeKnock({ ...knock, protocol: 'http' }, caller, { ...rules, bridgeTokens })).toBeDefined();
  expect(judgeKnock(knock, caller, { ...rules, bridgeTokens, isOpenToPeers: false })).toBeDefined();
  expect(judgeKnock(knock, stranger, { ...rules, bridgeTokens: [] })).toContain('come from elsewhere');
  expect(
    judgeKnock({ ...knock, remoteAddress: '127.0.0.1' }, stranger, { ...rules, bridgeTokens: [] }),
  ).toBeUndefined();
});

import { expect, test } from 'vitest';
import { signRequest } from '../../src/bridge/twilio/signature.ts';
import { judge, type Knock } from '../../src/worker/gate.ts';

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

test.each(['forwarded', 'x-forwarded-for', 'x-real-ip'])('without a token nothing that a proxy brings: %s', (name) => {
  expect(judge({ ...local, headers: { [name]: '127.0.0.1' } }, OPEN)).toMatch(`a proxy has brought this one (${name})`);
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

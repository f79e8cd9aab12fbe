import { createHash } from 'node:crypto';
import fc from 'fast-check';
import twilio from 'twilio';
import { describe, expect, test } from 'vitest';
import { signRequest, verifySignature } from '../../../src/bridge/twilio/signature.ts';
import { publicUrl } from '../../../src/lib/public-url.ts';

const TOKEN = '12345678901234567890123456789012';
const STREAM = 'wss://bridge.example.com/twilio/stream';
const FORM = [
  ['To', '+14155550101'],
  ['CallSid', 'CA0123456789abcdef0123456789abcdef'],
  ['From', '+14155550100'],
] as const;

function isGenuine(url: string, signature: string | undefined, form?: Iterable<readonly [string, string]>): boolean {
  return verifySignature({ url, signature, authTokens: [TOKEN], form });
}

describe('the vectors of the reference', () => {
  test.each([
    [STREAM, undefined, 'DjnYaDIyj56MpR0C+xz32q6myxM='],
    [`${STREAM}/`, undefined, '/aJQpt+nHaIBcdGUmPqac33V63s='],
    ['https://bridge.example.com/voice?x=1', FORM, '4njKEG21Kzz2qzVUGBh+p83GCYI='],
  ])('%s', (url, form, signature) => {
    expect(signRequest(TOKEN, url, form)).toBe(signature);
    expect(isGenuine(url, signature, form)).toBe(true);
  });
});

test('an upgrade that was signed with a slash at its end is genuine', () => {
  expect(isGenuine(STREAM, '/aJQpt+nHaIBcdGUmPqac33V63s=')).toBe(true);
  expect(isGenuine(`${STREAM}x`, '/aJQpt+nHaIBcdGUmPqac33V63s=')).toBe(false);
});

test('no signature, an empty one, a cut one and a foreign one are refused', () => {
  const right = signRequest(TOKEN, STREAM);
  for (const signature of [
    undefined,
    '',
    right.slice(1),
    `${right}=`,
    right.toLowerCase(),
    signRequest('other', STREAM),
  ]) {
    expect(isGenuine(STREAM, signature)).toBe(false);
  }
});

test('either token is taken while it is being changed; an empty one opens nothing', () => {
  const verify = (authTokens: string[], signature: string) => verifySignature({ url: STREAM, signature, authTokens });
  expect(verify(['new', 'old'], signRequest('old', STREAM))).toBe(true);
  expect(verify(['new', 'old'], signRequest('new', STREAM))).toBe(true);
  expect(verify(['new'], signRequest('old', STREAM))).toBe(false);
  expect(verify([''], signRequest('', STREAM))).toBe(false);
  expect(verify([], signRequest('old', STREAM))).toBe(false);
});

test('the order of the fields does not matter, a changed, missing or added field does', () => {
  const url = 'https://bridge.example.com/voice';
  const signature = signRequest(TOKEN, url, FORM);
  expect(isGenuine(url, signature, [...FORM].reverse())).toBe(true);
  expect(isGenuine(url, signature, new URLSearchParams(Object.fromEntries(FORM)))).toBe(true);
  expect(isGenuine(url, signature, FORM.slice(1))).toBe(false);
  expect(isGenuine(url, signature, [...FORM, ['Digits', '1']])).toBe(false);
  expect(isGenuine(url, signature)).toBe(false);
});

test('a field that comes several times counts each different value once, in order', () => {
  const url = 'https://bridge.example.com/voice';
  const signature = twilio.getExpectedTwilioSignature(TOKEN, url, { MediaUrl: ['b', 'a', 'b'], To: '+1' });
  expect(
    isGenuine(url, signature, [
      ['MediaUrl', 'b'],
      ['To', '+1'],
      ['MediaUrl', 'a'],
      ['MediaUrl', 'b'],
    ]),
  ).toBe(true);
});

test('a JSON body is genuine when the signed URL carries its hash', () => {
  const rawBody = Buffer.from('{"CallSid":"CA1"}');
  const url = `https://bridge.example.com/events?bodySHA256=${createHash('sha256').update(rawBody).digest('hex')}`;
  const signature = signRequest(TOKEN, url);
  const verify = (body: Uint8Array | undefined, at = url) =>
    verifySignature({
      url: at,
      signature: at === url ? signature : signRequest(TOKEN, at),
      authTokens: [TOKEN],
      rawBody: body,
    });
  expect(twilio.validateRequestWithBody(TOKEN, signature, url, rawBody.toString())).toBe(true);
  expect(verify(rawBody)).toBe(true);
  expect(verify(Buffer.from('{"CallSid":"CA2"}'))).toBe(false);
  expect(verify(undefined)).toBe(false);
  expect(verify(rawBody, 'https://bridge.example.com/events')).toBe(false); // a body that nobody signed
});

test('the standard port may be written out or left out', () => {
  for (const [plain, ported] of [
    ['https://h.example.com/v?a=1', 'https://h.example.com:443/v?a=1'],
    ['wss://h.example.com/v', 'wss://h.example.com:443/v'],
    ['http://[::1]/v', 'http://[::1]:80/v'],
  ] as const) {
    expect(isGenuine(plain, signRequest(TOKEN, ported))).toBe(true);
    expect(isGenuine(ported, signRequest(TOKEN, plain))).toBe(true);
    expect(isGenuine(plain, signRequest(TOKEN, ported.replace(/:(443|80)\//, ':8443/')))).toBe(false);
  }
});

test('it signs exactly as the official package does, for any form', () => {
  const word = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 8 })
    .filter((name) => !/^(__proto__|\d+)$/.test(name));
  const fields = fc.dictionary(word, fc.oneof(fc.string(), fc.array(fc.string(), { minLength: 1, maxLength: 4 })));
  fc.assert(
    fc.property(fc.webUrl({ withQueryParameters: true }), fields, (url, byName) => {
      const pairs = Object.entries(byName).flatMap(([name, value]) =>
        (Array.isArray(value) ? value : [value]).map((one) => [name, one] as const),
      );
      const signature = twilio.getExpectedTwilioSignature(TOKEN, url, byName);
      expect(signRequest(TOKEN, url, pairs)).toBe(signature);
      expect(isGenuine(url, signature, pairs)).toBe(true);
      expect(twilio.validateRequest(TOKEN, signRequest(TOKEN, url, pairs), url, byName)).toBe(true);
    }),
    { numRuns: 100 },
  );
});

test('it never throws, whatever it is given', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (url, signature) => {
      expect(isGenuine(url, signature)).toBe(false);
    }),
    { numRuns: 1_000 },
  );
});

test('the public URL is made of configuration and path, encoding untouched', () => {
  expect(publicUrl('https://v.example.com/', '/twilio/media', 'ws')).toBe('wss://v.example.com/twilio/media');
  expect(publicUrl('https://v.example.com/base', '/twilio/voice?a=%2B1&b=', 'http')).toBe(
    'https://v.example.com/base/twilio/voice?a=%2B1&b=',
  );
  expect(publicUrl('wss://v.example.com', '/voice', 'http')).toBe('https://v.example.com/voice');
  expect(publicUrl('http://localhost:8080', 'http://evil.example.com/twilio/media', 'ws')).toBe(
    'ws://localhost:8080/twilio/media',
  );
});

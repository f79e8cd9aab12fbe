import { expect, test } from 'vitest';
import { isPublicKey, TOLERANCE_MS, verifyTelnyx } from '../../../src/bridge/telnyx/signature.ts';
import { publicKeyOf, signedHeaders } from '../../../src/simulate/telnyx/signed.ts';

const PRIVATE_KEY = Buffer.alloc(32, 1).toString('base64');
const PUBLIC_KEY = 'iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w=';
const OTHER_KEY = publicKeyOf(Buffer.alloc(32, 2).toString('base64'));
const TEXT =
  '{"data":{"event_type":"call.initiated","id":"0ccc7b54","payload":{"call_control_id":"v3:é","direction":"incoming"}}}';
const REQUEST = {
  timestamp: '1794847000',
  signature: 'E0SyRxOsP4i1uCZcqXTcDIcduLzynxslT/kDVLg4VEWHPZoJQUO5rOwvsdnT3dp6jS5Lm/50h54lfVxZuD4pBA==',
  body: Buffer.from(TEXT),
};
const NOW_MS = 1_794_847_000_000;

test('a request is signed as `webhooks.unwrap` of telnyx 7.24 has it, and by the stand-in', () => {
  expect(verifyTelnyx(REQUEST, [PUBLIC_KEY], NOW_MS)).toBe(true);
  expect(publicKeyOf(PRIVATE_KEY)).toBe(PUBLIC_KEY);
  expect(signedHeaders(TEXT, PRIVATE_KEY, NOW_MS)).toEqual({
    ...{ 'telnyx-timestamp': REQUEST.timestamp, 'telnyx-signature-ed25519': REQUEST.signature },
  });
});

test('either of two keys will do while they change, and no other', () => {
  expect(verifyTelnyx(REQUEST, [OTHER_KEY, PUBLIC_KEY], NOW_MS)).toBe(true);
  expect(verifyTelnyx(REQUEST, [OTHER_KEY], NOW_MS)).toBe(false);
  expect(verifyTelnyx(REQUEST, [], NOW_MS)).toBe(false);
});

test('a body, a time or a signature that is another one by a byte is refused', () => {
  const wrong = [
    { ...REQUEST, body: Buffer.from(`${TEXT} `) },
    { ...REQUEST, timestamp: '1794847001' },
    { ...REQUEST, timestamp: '01794847000' },
    { ...REQUEST, timestamp: '' },
    { ...REQUEST, timestamp: 'NaN' },
    { ...REQUEST, signature: REQUEST.signature.replace('E0', 'E1') },
    { ...REQUEST, signature: '' },
    { ...REQUEST, signature: 'AAAA' },
  ];
  for (const request of wrong) expect(verifyTelnyx(request, [PUBLIC_KEY], NOW_MS)).toBe(false);
});

test('a time that is further than five minutes from ours is refused, either way (wire/telephony 3.1)', () => {
  for (const apartMs of [TOLERANCE_MS, -TOLERANCE_MS])
    expect(verifyTelnyx(REQUEST, [PUBLIC_KEY], NOW_MS + apartMs)).toBe(true);
  for (const apartMs of [TOLERANCE_MS + 1, -TOLERANCE_MS - 1])
    expect(verifyTelnyx(REQUEST, [PUBLIC_KEY], NOW_MS + apartMs)).toBe(false);
});

test('a public key is 32 bytes in base64', () => {
  expect(isPublicKey(PUBLIC_KEY)).toBe(true);
  for (const key of ['', 'AAAA', `${PUBLIC_KEY}=`, PUBLIC_KEY.slice(1), 'x'.repeat(44)])
    expect(isPublicKey(key)).toBe(false);
});

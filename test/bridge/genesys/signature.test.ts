/** Genesys' signatures: what is signed, for whom, and for how long it is good. */
import { expect, test } from 'vitest';
import { signGenesys, verifyGenesys } from '../../../src/bridge/genesys/signature.ts';

const clientSecret = Buffer.from('a-client-secret-of-genesys').toString('base64');
const headers = {
  ...{ 'audiohook-organization-id': 'o-1', 'audiohook-session-id': 's-1', 'audiohook-correlation-id': 'c-1' },
  'x-api-key': 'k-1',
};
const upgrade = { target: '/genesys/audiohook', authority: 'voice.example.com', headers };
const nowSeconds = 1_800_000_000;
const signed = signGenesys(upgrade, { clientSecret, nowSeconds, nonce: 'n-1' });
const genuine = { ...upgrade, headers: { ...headers, ...signed } };
const secret = { clientSecret, nowSeconds };

test('a genuine one says its nonce', () => {
  expect(verifyGenesys(genuine, secret)).toEqual({ nonce: 'n-1' });
  expect(verifyGenesys(genuine, { ...secret, apiKey: 'k-1' })).toEqual({ nonce: 'n-1' });
});

test("the example of Genesys' own documentation is one: what is signed is written as Genesys writes it", () => {
  const session = {
    'audiohook-organization-id': 'd7934305-0972-4844-938e-9060eef73d05',
    'audiohook-session-id': '30b0e395-84d3-4570-ac13-9a62d8f514c0',
    'audiohook-correlation-id': 'e160e428-53e2-487c-977d-96989bf5c99d',
    'x-api-key': 'SGVsbG8sIEkgYW0gdGhlIEFQSSBrZXkh',
    signature: 'sig1=:NZBwyBHRRyRoeLqy1IzOa9VYBuI8TgMFt2GRDkDuJh4=:',
    'signature-input':
      'sig1=("@request-target" "@authority" "audiohook-organization-id" "audiohook-session-id" "audiohook-correlation-id" "x-api-key");' +
      'keyid="SGVsbG8sIEkgYW0gdGhlIEFQSSBrZXkh";nonce="VGhpc0lzQVVuaXF1ZU5vbmNl";alg="hmac-sha256";created=1641013200;expires=3282026430',
  };
  const shown = { target: '/api/v1/voicebiometrics/ws', authority: 'audiohook.example.com', headers: session };
  const theirs = { clientSecret: 'TXlTdXBlclNlY3JldEtleVRlbGxOby0xITJAMyM0JDU=', nowSeconds: 1_641_013_205 };
  expect(verifyGenesys(shown, theirs)).toEqual({ nonce: 'VGhpc0lzQVVuaXF1ZU5vbmNl' });
});

test.each([
  ['of another secret', genuine, { ...secret, clientSecret: Buffer.from('another').toString('base64') }],
  ['for another key than ours', genuine, { ...secret, apiKey: 'k-2' }],
  ['that is older than 10 s', genuine, { ...secret, nowSeconds: nowSeconds + 11 }],
  ['from the future', genuine, { ...secret, nowSeconds: nowSeconds - 11 }],
  ['for another path', { ...genuine, target: '/genesys/audiohook?x=1' }, secret],
  ['for another host', { ...genuine, authority: 'voice.example.org' }, secret],
  ['of another session', { ...genuine, headers: { ...genuine.headers, 'audiohook-session-id': 's-2' } }, secret],
  ['of a key that is not shown', { ...genuine, headers: { ...genuine.headers, 'x-api-key': 'k-2' } }, secret],
  ['that is not there', upgrade, secret],
])('one %s is none', (_, shown, against) => {
  expect(verifyGenesys(shown, against)).toHaveProperty('problem');
});

test('what is not signed is named: without the address a signature would be good for any', () => {
  const short = signed['signature-input'].replace('"@authority" ', '');
  const shown = { ...genuine, headers: { ...genuine.headers, 'signature-input': short } };
  expect(verifyGenesys(shown, secret)).toEqual({ problem: '@authority is not signed' });
});

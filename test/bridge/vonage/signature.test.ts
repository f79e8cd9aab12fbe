/** Vonage's JWT, as its own package makes and verifies it. */
import { createHash, generateKeyPairSync, verify } from 'node:crypto';
import { tokenGenerate, verifySignature } from '@vonage/jwt';
import { expect, test } from 'vitest';
import { applicationToken, bearerIn, signVonage, verifyVonage } from '../../../src/bridge/vonage/signature.ts';

const SECRET = 'a-signature-secret-of-an-account-that-is-long';
const NOW = 1_800_000_000;
const BODY = Buffer.from('{"uuid":"u-1","from":"447700900000"}');
const CLAIMS = { iat: NOW, jti: 'j-1', api_key: 'a1b2', application_id: 'app-1' };
const decode = (part = ''): unknown => JSON.parse(Buffer.from(part, 'base64url').toString());

const judge = (token: string, more: Partial<Parameters<typeof verifyVonage>[0]> = {}) =>
  verifyVonage({ token, secret: SECRET, nowSeconds: NOW, body: BODY, ...more });
const signedBody = (claims: object = {}) => signVonage({ ...CLAIMS, ...claims }, SECRET, BODY.toString());

test('a token is what `verifySignature` of @vonage/jwt 1.14 takes for genuine', () => {
  expect(verifySignature(signedBody(), SECRET)).toBe(true);
  expect(verifySignature(signedBody(), 'another')).toBe(false);
  expect(judge(signedBody())).toEqual({ jti: 'j-1' });
  expect(judge(signVonage(CLAIMS, SECRET), { body: undefined })).toEqual({ jti: 'j-1' });
});

test.each<[string, string, Partial<Parameters<typeof verifyVonage>[0]>?]>([
  ['another secret', signVonage(CLAIMS, 'another', BODY.toString())],
  ['no secret is configured', signVonage(CLAIMS, '', BODY.toString()), { secret: '' }],
  ['made more than five minutes ago', signedBody({ iat: NOW - 301 })],
  ['made more than five minutes from now', signedBody({ iat: NOW + 301 })],
  ['good no more', signedBody({ exp: NOW - 1 })],
  ['not good yet', signedBody({ nbf: NOW + 301 })],
  ['made at no time', signedBody({ iat: undefined })],
  ['without an id', signedBody({ jti: undefined })],
  ['another body', signVonage(CLAIMS, SECRET, '{}')],
  ['a body that it does not sign', signVonage(CLAIMS, SECRET)],
  ['made for a body, and there is none', signedBody(), { body: undefined }],
  ['another account', signedBody(), { apiKey: 'c3d4' }],
  ['another application', signedBody(), { applicationId: 'app-2' }],
  [
    'an application is asked for, and none named',
    signedBody({ application_id: undefined }),
    { applicationId: 'app-1' },
  ],
  ['no JWT', 'abc'],
  ['of four parts', `${signedBody()}.x`],
  ['without its signature', signedBody().replace(/[^.]*$/, '')],
])('is refused: %s', (_, token, more) => {
  expect(judge(token, more)).toHaveProperty('problem');
});

test.each(['none', 'HS512', 'RS256'])('a token of %s is refused, whatever it is signed with', (alg) => {
  const [, claims, signature] = signedBody().split('.');
  const head = Buffer.from(JSON.stringify({ alg, typ: 'JWT' })).toString('base64url');
  expect(judge(`${head}.${claims}.${signature}`)).toEqual({ problem: 'it is no JWT of HS256' });
  expect(judge(`${head}.${claims}.`)).toHaveProperty('problem');
});

test('a hash in capitals is the same hash', () => {
  const hash = createHash('sha256').update(BODY).digest('hex').toUpperCase();
  expect(judge(signVonage({ ...CLAIMS, payload_hash: hash }, SECRET))).toEqual({ jti: 'j-1' });
});

test('what we show to the API is made as `tokenGenerate` of @vonage/jwt 1.14 does', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const ours = applicationToken({ id: 'app-1', privateKey: pem, nowSeconds: NOW, jti: 'j-2' });
  const theirs = tokenGenerate('app-1', pem, { jti: 'j-2', issued_at: NOW, exp: NOW + 300 });
  const [[head, claims, signature], [theirHead, theirClaims]] = [ours.split('.'), theirs.split('.')];
  expect(decode(head)).toEqual(decode(theirHead));
  expect(decode(claims)).toEqual({ application_id: 'app-1', iat: NOW, jti: 'j-2', exp: NOW + 300 });
  expect(decode(theirClaims)).toMatchObject({ application_id: 'app-1', jti: 'j-2' });
  const isGenuine = verify(
    'RSA-SHA256',
    Buffer.from(`${head}.${claims}`),
    publicKey,
    Buffer.from(signature ?? '', 'base64url'),
  );
  expect(isGenuine).toBe(true);
});

test('it is shown as a bearer', () => {
  expect(['Bearer abc', 'bearer  abc', 'Basic abc', undefined].map(bearerIn)).toEqual([
    'abc',
    'abc',
    undefined,
    undefined,
  ]);
});

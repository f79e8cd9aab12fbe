/**
 * Whether a request really comes from Vonage: a JWT of HS256, made with the signature secret of the account, which says when
 * it was made, for whom, and of a webhook what it carries; and the JWT of RS256 that we show to its API. Pure: whoever asks
 * brings the time, and sees to it that a `jti` is good once.
 * @see https://developer.vonage.com/en/getting-started/concepts/webhooks#decoding-signed-webhooks
 */
import { createHash, createHmac, createSign, type KeyLike } from 'node:crypto';
import { z } from 'zod';
import { parseJson } from '../../lib/json.ts';
import { isEqual } from '../equal.ts';

/** So old, or so far ahead of our clock, a token may be, in seconds. */
export const MOST_SECONDS_APART = 300;
/** How long one of ours is good, in seconds. */
const OURS_GOOD_FOR_SECONDS = 300;

export interface VonageSigned {
  token: string;
  secret: string;
  nowSeconds: number;
  /** What a webhook carries. Absent or empty: nothing. */
  body?: Uint8Array | undefined;
  /** What it has to be made for, where that is configured. */
  apiKey?: string | undefined;
  applicationId?: string | undefined;
}

const seconds = z.number().optional();
const Claims = z.object({
  iat: z.number(),
  jti: z.string().regex(/^[^]{1,256}$/),
  exp: seconds,
  nbf: seconds,
  api_key: z.string().optional(),
  application_id: z.string().optional(),
  payload_hash: z.string().optional(),
});
const Header = z.object({ alg: z.literal('HS256') });

/** The `jti` of a token that is Vonage's, or what is wrong with it, for the log. */
export function verifyVonage(signed: VonageSigned): { jti: string } | { problem: string } {
  const [head = '', payload = '', signature = '', ...more] = signed.token.split('.');
  if (more.length > 0 || !Header.safeParse(decode(head)).success) return { problem: 'it is no JWT of HS256' };
  if (signed.secret === '' || !isEqual(hs256(`${head}.${payload}`, signed.secret), signature)) {
    return { problem: 'it was not made with the signature secret' };
  }
  const claims = Claims.safeParse(decode(payload)).data;
  if (!claims) return { problem: 'it does not say when it was made, or has no id' };
  const problem = problemIn(claims, signed);
  return problem === undefined ? { jti: claims.jti } : { problem };
}

function problemIn(claims: z.output<typeof Claims>, signed: VonageSigned): string | undefined {
  const { iat, exp = Infinity, nbf = -Infinity } = claims;
  const { nowSeconds, apiKey, applicationId, body } = signed;
  const isInTime = Math.abs(nowSeconds - iat) <= MOST_SECONDS_APART && nbf - MOST_SECONDS_APART <= nowSeconds;
  if (!isInTime || nowSeconds > exp) return 'it is too old, or the clocks are apart';
  if (apiKey !== undefined && claims.api_key !== apiKey) return 'it was made for another API key';
  if (applicationId !== undefined && claims.application_id !== applicationId)
    return 'it was made for another application';
  const isBare = body === undefined || body.length === 0;
  if (isBare && claims.payload_hash === undefined) return undefined;
  const hash = createHash('sha256')
    .update(body ?? '')
    .digest('hex');
  return isEqual(hash, (claims.payload_hash ?? '').toLowerCase()) ? undefined : 'it was made for another body';
}

/** What Vonage shows, for stand-ins and tests. `claims`: as they are, but for the hash of the body. */
export function signVonage(claims: Readonly<Record<string, unknown>>, secret: string, body?: string): string {
  const hash = body === undefined ? {} : { payload_hash: createHash('sha256').update(body).digest('hex') };
  const signed = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ iss: 'Vonage', ...claims, ...hash })}`;
  return `${signed}.${hs256(signed, secret)}`;
}

/** What we show to its API. `jti`: any text that never came before. */
export function applicationToken(app: { id: string; privateKey: KeyLike; nowSeconds: number; jti: string }): string {
  const iat = Math.floor(app.nowSeconds);
  const claims = { application_id: app.id, iat, jti: app.jti, exp: iat + OURS_GOOD_FOR_SECONDS };
  const signed = `${encode({ alg: 'RS256', typ: 'JWT' })}.${encode(claims)}`;
  return `${signed}.${createSign('RSA-SHA256').update(signed).sign(app.privateKey, 'base64url')}`;
}

/** `Authorization: Bearer ...` */
export const bearerIn = (header: string | undefined): string | undefined => /^Bearer +(\S+)$/i.exec(header ?? '')?.[1];

const hs256 = (text: string, secret: string): string => createHmac('sha256', secret).update(text).digest('base64url');
const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const decode = (part: string): unknown => parseJson(Buffer.from(part, 'base64url').toString(), { mostValues: 64 });

/**
 * Whether a webhook really comes from jambonz: `Jambonz-Signature: t=<seconds>,v1=<hex>`, HMAC-SHA256 over the time and the
 * body. Pure: whoever asks brings the time, and sees to it that a signature is good once.
 * @see https://docs.jambonz.org/webhooks/overview
 */
import { createHmac } from 'node:crypto';
import { isEqual } from '../equal.ts';

export const SIGNATURE_HEADER = 'jambonz-signature';
/** So old, or so far ahead of our clock, a signature may be, in seconds. */
export const MOST_SECONDS_APART = 300;

export interface SignedWebhook {
  /** The header. */
  signature: string;
  body: Uint8Array;
  secret: string;
  nowSeconds: number;
}

/** The signature that is right, of those that the header holds; undefined when none is, or it is too old. */
export function verifyJambonz({ signature, body, secret, nowSeconds }: SignedWebhook): string | undefined {
  const parts = signature.split(',').map((part) => part.trim().split('='));
  const time = parts.find(([name]) => name === 't')?.[1] ?? '';
  if (secret === '' || !/^\d{1,12}$/.test(time)) return undefined;
  const expected = hmac(time, body, secret);
  let right: string | undefined;
  for (const [name, value = ''] of parts) {
    if (name === 'v1' && isEqual(expected, value)) right = value;
  }
  return Math.abs(nowSeconds - Number(time)) <= MOST_SECONDS_APART ? right : undefined;
}

/** What jambonz puts into the header. */
export function signJambonz(body: string, secret: string, nowSeconds: number): string {
  const time = String(Math.floor(nowSeconds));
  return `t=${time},v1=${hmac(time, Buffer.from(body), secret)}`;
}

const hmac = (time: string, body: Uint8Array, secret: string): string =>
  createHmac('sha256', secret).update(`${time}.`).update(body).digest('hex');

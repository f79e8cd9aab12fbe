/**
 * Whether a request really comes from Plivo: `X-Plivo-Signature-V3`, HMAC-SHA256 over the address, the fields and a nonce.
 * Pure: the caller brings the URL as Plivo was given it, and sees to it that a nonce is good once.
 * @see https://www.plivo.com/docs/voice/concepts/signature-validation
 */
import { createHmac } from 'node:crypto';
import { isEqual } from '../equal.ts';
import type { FormFields } from '../signature.ts';

/** Of the account that has the number... */
export const SIGNATURE_HEADER = 'x-plivo-signature-v3';
/** ...and of the main account, where that is a sub-account. Either may hold several, separated by commas. */
export const MAIN_SIGNATURE_HEADER = 'x-plivo-signature-ma-v3';
export const NONCE_HEADER = 'x-plivo-signature-v3-nonce';

export interface SignedPlivoRequest {
  method: 'GET' | 'POST';
  url: string;
  /** Of a form. */
  form?: FormFields | undefined;
  nonce: string;
}

/** `signatures`: of either header. Compared in constant time, all of them. */
export function verifyPlivo(request: SignedPlivoRequest, signatures: readonly string[], authToken: string): boolean {
  const expected = signPlivo(request, authToken);
  let isSigned = false;
  for (const one of signatures.flatMap((list) => list.split(','))) {
    if (isEqual(expected, one.trim())) isSigned = true;
  }
  return isSigned && authToken !== '';
}

/** What Plivo puts into the header. */
export function signPlivo({ method, url, form, nonce }: SignedPlivoRequest, authToken: string): string {
  const [address = '', query = ''] = url.split(/\?(.*)/s);
  const sorted = sortedPairs(new URLSearchParams(query)).map(([name, value]) => `${name}=${value}`);
  const fields = method === 'POST' ? sortedPairs(form ?? []).map((pair) => pair.join('')) : [];
  const asked = sorted.length > 0 || fields.length > 0 ? `?${sorted.join('&')}` : '';
  const dot = sorted.length > 0 && fields.length > 0 ? '.' : '';
  const signed = `${address}${asked}${dot}${fields.join('')}.${nonce}`;
  return createHmac('sha256', authToken).update(signed, 'utf8').digest('base64');
}

/** By name, and of one name by value. */
function sortedPairs(fields: FormFields): (readonly [string, string])[] {
  const order = (one: string, other: string) => (one < other ? -1 : one > other ? 1 : 0);
  return [...fields].sort(([name, value], [otherName, other]) => order(name, otherName) || order(value, other));
}

/**
 * Whether a webhook really comes from Telnyx: Ed25519 over the time and the body, by a key that everybody may know. Pure: the
 * caller brings the time, and sees to it that a signature is good once.
 * @see https://developers.telnyx.com/docs/messaging/messages/receiving-webhooks
 */
import { createPublicKey, verify } from 'node:crypto';

export const SIGNATURE_HEADER = 'telnyx-signature-ed25519';
export const TIMESTAMP_HEADER = 'telnyx-timestamp';
/** Of the socket, where a call was answered by Call Control. */
export const TOKEN_HEADER = 'x-telnyx-streaming-auth-token';
/** So far the time of a request may be from ours, either way. */
export const TOLERANCE_MS = 300_000;

export interface SignedTelnyxRequest {
  /** Of the headers. */
  timestamp: string;
  signature: string;
  body: Uint8Array;
}

/** What stands before the 32 bytes of a key in the SPKI that OpenSSL reads. */
const SPKI_HEAD = Buffer.from('302a300506032b6570032100', 'hex');
const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;

/** `publicKeys`: as the portal shows them, in base64; two while they change. `wallMs`: now. */
export function verifyTelnyx(request: SignedTelnyxRequest, publicKeys: readonly string[], wallMs: number): boolean {
  const { timestamp, body } = request;
  if (!/^\d{1,12}$/.test(timestamp) || Math.abs(wallMs - Number(timestamp) * 1_000) > TOLERANCE_MS) return false;
  const signature = Buffer.from(request.signature, 'base64');
  if (signature.length !== SIGNATURE_BYTES) return false;
  const signed = Buffer.concat([Buffer.from(`${timestamp}|`), body]);
  return publicKeys.some((key) => isPublicKey(key) && verify(null, signed, spkiOf(key), signature));
}

/** Whether it is 32 bytes in base64. */
export const isPublicKey = (key: string): boolean => {
  const bytes = Buffer.from(key, 'base64');
  return bytes.length === KEY_BYTES && bytes.toString('base64') === key;
};

const spkiOf = (key: string) =>
  createPublicKey({ key: Buffer.concat([SPKI_HEAD, Buffer.from(key, 'base64')]), format: 'der', type: 'spki' });

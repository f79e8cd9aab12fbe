/** What Telnyx shows of itself with its webhooks: a time, and a signature by a key that it alone has. */
import { createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto';
import { SIGNATURE_HEADER, TIMESTAMP_HEADER } from '../../bridge/telnyx/signature.ts';

/** What stands before the 32 bytes of a private key in PKCS#8, and before those of a public one in SPKI. */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI_HEAD_BYTES = 12;

/** `privateKey`: 32 bytes in base64. @throws {Error} when it is none */
export function signedHeaders(body: string, privateKey: string, wallMs: number): Record<string, string> {
  const timestamp = String(Math.floor(wallMs / 1_000));
  const signature = sign(null, Buffer.from(`${timestamp}|${body}`), keyOf(privateKey)).toString('base64');
  return { [TIMESTAMP_HEADER]: timestamp, [SIGNATURE_HEADER]: signature };
}

/** What a worker has to know of it, as the portal would show it. */
export const publicKeyOf = (privateKey: string): string =>
  createPublicKey(keyOf(privateKey))
    .export({ format: 'der', type: 'spki' })
    .subarray(SPKI_HEAD_BYTES)
    .toString('base64');

function keyOf(privateKey: string): KeyObject {
  const bytes = Buffer.from(privateKey, 'base64');
  if (bytes.length !== 32) throw new Error('Expected a private key of 32 bytes in base64, got something else');
  return createPrivateKey({ key: Buffer.concat([PKCS8_HEAD, bytes]), format: 'der', type: 'pkcs8' });
}

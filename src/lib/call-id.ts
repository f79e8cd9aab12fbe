/**
 * Ids of calls: one for each time that a line is answered. A carrier's id will not do, for it comes again when the carrier
 * tries again, and when a call comes back after keys, a transfer or a lost connection.
 */
import { randomBytes } from 'node:crypto';
import { VoiceError } from './errors.ts';

/** By what a call is known: to Parley, and to whoever put it through. */
export interface CallIds {
  /** Of this one answered line, and of no other. */
  callId: string;
  /** Undefined where there is no carrier. */
  carrierCallId?: string | undefined;
}

/** Characters. Whatever is an id, ours or a carrier's, has no more: it stands in every line of the log, in paths and headers. */
export const LONGEST_ID = 128;

export interface CallIdOptions {
  /** Milliseconds since 1970. */
  wallMs: () => number;
  /** So many bytes that nobody can foresee. Default: those of node:crypto. */
  random?: ((bytes: number) => Uint8Array) | undefined;
}

/** What fits in the 12 bits that count within a millisecond. */
const MOST_IN_A_MS = 0xfff;

/**
 * Makes ids of `call-` and a UUID of version 7, whose first half is the time: in the order of their characters they stand in
 * the order in which they were made, those of one maker also when the clock is set back. Of several workers no two are the
 * same, and their order is as right as the clocks are.
 * @see https://www.rfc-editor.org/rfc/rfc9562#section-5.7
 */
export function callIdMaker({ wallMs, random = randomBytes }: CallIdOptions): () => string {
  let lastMs = 0;
  let count = 0;
  return () => {
    const nowMs = Math.floor(wallMs());
    if (nowMs > lastMs) [lastMs, count] = [nowMs, 0];
    else if (++count > MOST_IN_A_MS) [lastMs, count] = [lastMs + 1, 0];
    const bytes = Buffer.from(random(8));
    bytes[0] = 0x80 | (bytes[0]! & 0x3f); // the variant of RFC 9562
    const time = hex(lastMs, 12);
    const rest = bytes.toString('hex');
    return `call-${time.slice(0, 8)}-${time.slice(8)}-7${hex(count, 3)}-${rest.slice(0, 4)}-${rest.slice(4)}`;
  };
}

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');

/**
 * An id that a program gives to a call.
 * @throws {VoiceError} `options-invalid`, when it is empty or too long.
 */
export function checkCallId(callId: string): string {
  if (callId.length > 0 && callId.length <= LONGEST_ID) return callId;
  const message = `Expected \`callId\` to be 1 to ${LONGEST_ID} characters, got ${callId.length}`;
  throw new VoiceError('options-invalid', message);
}

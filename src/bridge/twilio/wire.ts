/** What the frames of both Twilio protocols have in common: their loose numbers, their keys. Pure. */
import { z } from 'zod';
import { VoiceError } from '../../lib/errors.ts';
import { isRecord, parseJson } from '../../lib/json.ts';

/** Under these names our TwiML hands over who calls whom, and the one-time token; both bridges read them back. */
export const PARAMETER_NAMES = { from: 'From', to: 'To', token: 'parleyToken' } as const;

/** Twilio writes counters as numbers in one message and as strings in the next. */
export const LooseNumber = z.union([
  z.number(),
  z
    .string()
    .regex(/^-?\d{1,18}(\.\d{1,9})?$/)
    .transform(Number),
]);

/**
 * Text that is not empty. Not by its length: zod looks at that of whatever has one, and `{"length":{"toString":0}}` makes it
 * throw.
 */
export const Text = z.string().regex(/[^]/, 'expected text that is not empty');

/** One key of a telephone. */
export const Digit = z.string().regex(/^[0-9A-D*#]$/, 'expected one of 0-9, A-D, * and #');

/** In a frame; a start has a few dozen. */
const MOST_VALUES = 256;

/** @throws {VoiceError} `frame-invalid`, when `text` is not a JSON object of a sensible size whose `discriminator` is a string. */
export function readObject(protocol: string, text: string, discriminator: string): Record<string, unknown> {
  const value = parseJson(text, { mostValues: MOST_VALUES });
  if (!isRecord(value)) throw frameInvalid(protocol, `Expected a JSON object of at most ${MOST_VALUES} values`);
  if (typeof value[discriminator] !== 'string') {
    throw frameInvalid(
      protocol,
      `Expected \`${discriminator}\` to be a string, got \`${typeof value[discriminator]}\``,
    );
  }
  return value;
}

/** @throws {VoiceError} `frame-invalid`, naming the first field that is wrong and never what it held. */
export function readFields<Schema extends z.ZodType>(
  protocol: string,
  schema: Schema,
  value: unknown,
): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issues = result.error.issues.slice(0, 1); // a peer may get thousands of fields wrong
  throw frameInvalid(protocol, z.prettifyError({ issues }));
}

export function frameInvalid(protocol: string, message: string): VoiceError {
  return new VoiceError('frame-invalid', `${protocol}: ${message}`);
}

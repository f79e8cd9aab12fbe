/** Plivo's lines: buffered by it, a second of audio a message at most, nothing of a mark behind a clear. */
import { bytesOf } from '../../audio/contract.ts';
import type { JsonDialect } from '../json/line.ts';
import { PLIVO_WIRE } from './wire.ts';

export const PLIVO_DIALECT: JsonDialect = {
  wire: PLIVO_WIRE,
  feed: (format) => ({
    pacing: 'peer',
    leastBytes: 0,
    mostBytes: bytesOf(1_000, format),
    multipleOfBytes: format.encoding === 'linear16' ? 2 : 1,
    tail: 'as-is',
  }),
};

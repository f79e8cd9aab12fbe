/** Exotel's lines: buffered by it, but not what comes much faster than it sounds; whole blocks of 320 bytes, 3,200 at least. */
import type { JsonDialect } from '../json/line.ts';
import { BLOCK_BYTES, EXOTEL_WIRE, LEAST_BYTES, readExotelEvent } from './wire.ts';

export const EXOTEL_DIALECT: JsonDialect = {
  ...{ wire: EXOTEL_WIRE, read: readExotelEvent },
  mostMs: 100, // what its own samples send; or the least that it takes, where that is longer
  frames: () => ({ leastBytes: LEAST_BYTES, multipleOfBytes: BLOCK_BYTES }),
  /** Calls end after some seconds where a whole greeting is sent at once. */
  fastest: 1.1,
};

/** SignalWire's lines: buffered by it, marks also returned by a clear, keys pressed by the socket, one in each frame. */
import { bytesOf } from '../../audio/contract.ts';
import type { JsonDialect } from '../json/line.ts';
import { SIGNALWIRE_WIRE } from './wire.ts';

export const SIGNALWIRE_DIALECT: JsonDialect = {
  wire: SIGNALWIRE_WIRE,
  feed: (format) => ({
    pacing: 'peer',
    leastBytes: 0,
    mostBytes: bytesOf(500, format),
    multipleOfBytes: format.encoding === 'linear16' ? 2 : 1,
    tail: 'as-is',
  }),
};

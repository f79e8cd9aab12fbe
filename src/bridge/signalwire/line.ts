/** SignalWire's lines: buffered by it, marks also returned by a clear, keys pressed by the socket, one in each frame. */
import type { JsonDialect } from '../json/line.ts';
import { readSignalwireEvent, SIGNALWIRE_WIRE } from './wire.ts';

export const SIGNALWIRE_DIALECT: JsonDialect = { wire: SIGNALWIRE_WIRE, read: readSignalwireEvent, mostMs: 500 };

/** Telnyx's lines: buffered by it, whole frames of 20 ms, marks also returned by a clear, keys pressed by its API. */
import type { JsonDialect } from '../json/line.ts';
import { framesOf, readTelnyxEvent, TELNYX_WIRE } from './wire.ts';

export const TELNYX_DIALECT: JsonDialect = {
  ...{ wire: TELNYX_WIRE, read: readTelnyxEvent, frames: framesOf },
  mostMs: 500, // it would take half a minute, but so a clear is quick
};

/** Plivo's lines: buffered by it, a second of audio a message at most, nothing of a mark behind a clear. */
import type { JsonDialect } from '../json/line.ts';
import { PLIVO_WIRE, readPlivoEvent } from './wire.ts';

export const PLIVO_DIALECT: JsonDialect = { wire: PLIVO_WIRE, read: readPlivoEvent, mostMs: 1_000 };

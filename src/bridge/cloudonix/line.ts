/** Cloudonix's lines: as Twilio's. */
import type { JsonDialect } from '../json/line.ts';
import { CLOUDONIX_WIRE, readCloudonixEvent } from './wire.ts';

export const CLOUDONIX_DIALECT: JsonDialect = { wire: CLOUDONIX_WIRE, read: readCloudonixEvent, mostMs: 1_000 };

/**
 * Infobip's lines: Vonage's messages, but nothing that throws away what was sent, and no marks. So we keep real time, a frame
 * each 20 ms, and have little on its way when the caller cuts in.
 */
import type { BinaryDialect } from '../binary/line.ts';
import { messageBytesOf } from '../binary/vonage-like/wire.ts';
import { INFOBIP_NAME, readInfobipEvent } from './wire.ts';

export const INFOBIP_DIALECT: BinaryDialect = {
  name: INFOBIP_NAME,
  read: readInfobipEvent,
  feed(format) {
    const bytes = messageBytesOf(format);
    return { pacing: 'us', leastBytes: bytes, mostBytes: bytes, multipleOfBytes: bytes, tail: 'pad' };
  },
};

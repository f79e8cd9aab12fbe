/** Vonage's lines: buffered by it, every message exactly one frame, since one of another size drops the line; `notify` for marks. */
import type { BinaryDialect } from '../binary/line.ts';
import { messageBytesOf } from '../binary/vonage-like/wire.ts';
import { readVonageEvent, VONAGE_NAME } from './wire.ts';

export const VONAGE_DIALECT: BinaryDialect = {
  name: VONAGE_NAME,
  read: readVonageEvent,
  feed(format) {
    const bytes = messageBytesOf(format);
    return { pacing: 'peer', leastBytes: bytes, mostBytes: bytes, multipleOfBytes: bytes, tail: 'pad' };
  },
  mark: (name) => JSON.stringify({ action: 'notify', payload: { mark: name } }),
  clear: '{"action":"clear"}',
};

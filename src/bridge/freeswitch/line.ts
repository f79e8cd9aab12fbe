/**
 * FreeSWITCH's lines by `mod_audio_fork`. What ends or hands over a call there is an event for a script beside it: the module
 * itself does nothing to the call.
 */
import { drachtioCommands, drachtioFeed } from '../binary/drachtio-like/wire.ts';
import type { BinaryDialect } from '../binary/line.ts';
import { FREESWITCH_NAME, readFreeswitchEvent } from './wire.ts';

export const FREESWITCH_DIALECT: BinaryDialect = {
  name: FREESWITCH_NAME,
  read: readFreeswitchEvent,
  feed: drachtioFeed,
  ...drachtioCommands,
  transfer: (to) => JSON.stringify({ type: 'transfer', data: { to } }),
};

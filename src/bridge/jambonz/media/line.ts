/** jambonz's audio lines: its module's, whose end runs the verb behind them, or asks what else there is. */
import { drachtioCommands, drachtioFeed } from '../../binary/drachtio-like/wire.ts';
import type { BinaryDialect } from '../../binary/line.ts';
import { JAMBONZ_MEDIA, readJambonzMedia } from './wire.ts';

export const JAMBONZ_DIALECT: BinaryDialect = {
  name: JAMBONZ_MEDIA,
  read: readJambonzMedia,
  feed: drachtioFeed,
  ...drachtioCommands,
};

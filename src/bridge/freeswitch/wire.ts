/** `mod_audio_fork` as a dialplan of FreeSWITCH starts it, by its name; how it is read, `binary/drachtio-like/wire.ts` says. */
import { drachtioReader, readDrachtioCommand } from '../binary/drachtio-like/wire.ts';
import { linear16 } from '../binary/wire.ts';

export const FREESWITCH_NAME = 'freeswitch-media';

/** What the module sends and plays where the metadata does not say. */
export const FREESWITCH_STANDARD = linear16(8_000);

/** @throws {VoiceError} `frame-invalid` */
export const readFreeswitchEvent = drachtioReader(FREESWITCH_NAME);
/** @throws {VoiceError} `frame-invalid` */
export const readFreeswitchCommand = (text: string) => readDrachtioCommand(FREESWITCH_NAME, text);

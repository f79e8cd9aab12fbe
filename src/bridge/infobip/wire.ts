/** Infobip's `WEBSOCKET_ENDPOINT`, by its name; how it is read, `binary/vonage-like/wire.ts` says. It understands no text. */
import { CONTENT_TYPES, vonageReader } from '../binary/vonage-like/wire.ts';

export const INFOBIP_NAME = 'infobip-media';

/** What it sends where its first text does not say. */
export const INFOBIP_STANDARD = CONTENT_TYPES['audio/l16;rate=24000'];

/** @throws {VoiceError} `frame-invalid` */
export const readInfobipEvent = vonageReader(INFOBIP_NAME, { isIdRequired: false });

/** The audio sockets of jambonz's `listen`, by their name; how they are read, `binary/drachtio-like/wire.ts` says. */
import { parseJson } from '../../../lib/json.ts';
import { drachtioReader, readDrachtioCommand } from '../../binary/drachtio-like/wire.ts';

export const JAMBONZ_MEDIA = 'jambonz-media';

/** What the first text says of the call beside the metadata of the verb. */
const FACTS = [
  ...['accountSid', 'applicationSid', 'callId', 'callStatus', 'callerName', 'direction', 'localSipAddress'],
  ...['originatingSipIp', 'originatingSipTrunkName', 'publicIp', 'sbcCallid', 'serviceUrl', 'sipReason', 'sipStatus'],
  ...['traceId', 'callTerminationBy', 'parentCallSid', 'apiBaseUrl'],
];

/** @throws {VoiceError} `frame-invalid` */
export const readJambonzMedia = drachtioReader(JAMBONZ_MEDIA, { facts: FACTS, readParameter: unescapeOnce });
/** @throws {VoiceError} `frame-invalid` */
export const readJambonzMediaCommand = (text: string) => readDrachtioCommand(JAMBONZ_MEDIA, text);

/** Metadata is escaped for JSON twice, so that one time is left; by releases that do not do so, it is what it is. */
function unescapeOnce(text: string): string {
  if (!text.includes('\\')) return text;
  const read = parseJson(`"${text}"`);
  return typeof read === 'string' ? read : text;
}

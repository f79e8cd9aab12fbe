/** Asterisk's lines, as the tests of whole calls know them: each in the forms that differ most. */
import type { AudioFormat } from '../../../src/audio/contract.ts';
import { dialAudioSocket, newChannelId } from '../../../src/simulate/asterisk/audiosocket.ts';
import { dialChannel, type DialChannelOptions } from '../../../src/simulate/asterisk/chan-websocket.ts';
import type { MediaCaller } from '../../../src/simulate/telephone.ts';
import type { TestWorker } from '../../helpers/worker.ts';
import { NUMBERS, type WholeCallCarrier } from './knocking.ts';

const PASSWORD = 'a-password-of-asterisk';
const ALAW_8: AudioFormat = { encoding: 'alaw', sampleRateHz: 8_000 };

/** Announced as a dialplan does it, and by the UUID that this is answered with. */
export async function dialAnnounced(
  one: TestWorker,
  options: { sampleRateHz?: number; headers?: Record<string, string>; fields?: Record<string, string> } = {},
): Promise<MediaCaller> {
  const { sampleRateHz, headers, fields } = options;
  const channel = newChannelId();
  const body = new URLSearchParams({ ...NUMBERS, channel, ...fields });
  const response = await fetch(`${one.url}/asterisk/calls`, { method: 'POST', body, ...(headers && { headers }) });
  const uuid = await response.text();
  if (!response.ok) throw new Error(`Expected the call to be announced, got ${response.status} ${uuid}`);
  const url = streamOf(one);
  return dialAudioSocket({ url, ...NUMBERS, callSid: channel, uuid, ...(sampleRateHz && { sampleRateHz }) });
}

export const streamOf = (one: TestWorker): string => one.worker.addresses.get('asterisk') ?? '';

export const dialMediaOf = (one: TestWorker, options: Partial<DialChannelOptions> = {}): Promise<MediaCaller> =>
  dialChannel({ url: `${one.url.replace('http', 'ws')}/asterisk/media`, ...NUMBERS, ...options });

/** Without a secret programs on this machine are believed; with the password it is as for everybody. */
const AUDIOSOCKET = { PARLEY_ASTERISK_AUDIOSOCKET_PORT: '0' };

export const ASTERISK_CARRIERS: WholeCallCarrier[] = [
  {
    ...{ line: 'audiosocket', secret: PASSWORD, hasInbandKeys: false, hasClear: false },
    env: AUDIOSOCKET,
    dial: (one) => dialAnnounced(one),
  },
  {
    ...{ line: 'audiosocket', secret: PASSWORD, hasInbandKeys: false, hasClear: false },
    env: AUDIOSOCKET,
    dial: (one) => dialAnnounced(one, { sampleRateHz: 48_000 }),
  },
  {
    ...{ line: 'chan_websocket', secret: PASSWORD, hasInbandKeys: false },
    env: { PARLEY_ASTERISK_PASSWORD: PASSWORD },
    dial: (one) => dialMediaOf(one, { authToken: PASSWORD }),
  },
  {
    ...{ line: 'chan_websocket', secret: PASSWORD, hasInbandKeys: false },
    env: {},
    dial: (one) => announceChannel(one, { control: 'plain-text', hasMarks: false, format: ALAW_8 }),
  },
];

/** Control in words says no variables: what they would say is announced, by the id of the channel that the WebSocket is. */
async function announceChannel(one: TestWorker, options: Partial<DialChannelOptions>): Promise<MediaCaller> {
  const [id, channel] = [newChannelId(), newChannelId()];
  const body = new URLSearchParams({ ...NUMBERS, channel, id });
  await fetch(`${one.url}/asterisk/calls`, { method: 'POST', body });
  return dialMediaOf(one, { ...options, streamSid: id, callSid: channel });
}

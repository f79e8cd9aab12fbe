/**
 * A whole call, from the ringing on: asks the worker's webhook what to do with it, as Twilio does, and does that, whichever
 * of the two protocols it is, or hears why the worker cannot take the call.
 */
import { SIGNATURE_HEADER, signRequest } from '../../bridge/twilio/signature.ts';
import { PARAMETER_NAMES } from '../../bridge/json/wire.ts';
import { newSid, type DialOptions } from '../phone/connect.ts';
import { dialMedia, type DialMediaOptions, type MediaCaller } from './media.ts';
import { dialRelay, type DialRelayOptions, type RelayCaller } from './relay.ts';
import { askWebhook, failed, followDocuments, parametersIn } from '../phone/document.ts';
import type { XmlElement } from '../phone/xml-reader.ts';

export interface PlaceCallOptions extends Omit<DialOptions, 'url' | 'signedUrl'> {
  /** The worker's webhook, `https://.../twilio/voice`. */
  voiceUrl: string;
  /**
   * Where an address of the worker's is really reached, when the world knows it by another one. What is signed is the
   * world's. Default: it is reached as it is written.
   */
  reach?: (publicUrl: string) => string;
  /** What the call runs at first: the TwiML that an update by the API has brought. Default: what the webhook answers. */
  document?: string;
  /** More fields of the webhook's form, such as `CallerName`. */
  fields?: Readonly<Record<string, string>>;
  /** For a call by Media Streams. */
  media?: Pick<DialMediaOptions, 'keep' | 'returnsMarks' | 'onEvent'>;
  /** For a call by ConversationRelay; what its TwiML says comes first. */
  relay?: Partial<Omit<DialRelayOptions, keyof DialOptions>>;
}

export type PlacedCall = {
  /** Keys that were pressed on the way, by `<Play digits>`. Absent when there were none. */
  pressed?: string;
} & (
  | { type: 'media'; caller: MediaCaller }
  | { type: 'relay'; caller: RelayCaller }
  /** The worker did not connect the call: what it had said to the caller, perhaps nothing. */
  | { type: 'refused'; said: string }
);

/**
 * Rings, and is done when the socket is open or the call is refused.
 * @throws {ProviderError} `connect-failed` or `unauthorized`, when the webhook or the socket could not be reached
 * @throws {VoiceError} `frame-invalid`, when the answer is not TwiML
 */
export async function placeCall(options: PlaceCallOptions): Promise<PlacedCall> {
  const { callSid = newSid('CA'), accountSid = newSid('AC'), reach = (url: string) => url } = options;
  const ids = { ...options, callSid, accountSid, reach };
  const { connect, said, pressed } = await followDocuments(options.voiceUrl, (url) => ask(url, ids), options.document);
  const keys = pressed === '' ? {} : { pressed };
  return connect ? { ...(await dial(connect, ids)), ...keys } : { type: 'refused', said, ...keys };
}

type Ids = PlaceCallOptions & { callSid: string; accountSid: string; reach: (url: string) => string };

function ask(url: string, { from, to, callSid, accountSid, authToken, reach, fields }: Ids): Promise<string> {
  const form = new URLSearchParams({
    AccountSid: accountSid,
    ApiVersion: '2010-04-01',
    CallSid: callSid,
    CallStatus: 'ringing',
    Called: to,
    Caller: from,
    Direction: 'inbound',
    From: from,
    To: to,
    ...fields,
  });
  const headers = authToken === undefined ? {} : { [SIGNATURE_HEADER]: signRequest(authToken, url, form) };
  const type = 'application/x-www-form-urlencoded';
  return askWebhook({ url, reachedAt: reach(url), type, body: form.toString(), headers });
}

async function dial(stream: XmlElement, options: Ids): Promise<PlacedCall> {
  const { name, attributes } = stream;
  const { media, relay, from, to, authToken, callSid, accountSid, rest, clock, connectTimeoutMs } = options;
  const signedUrl = attributes['url'] ?? '';
  const line = {
    ...{ url: options.reach(signedUrl), signedUrl, callSid, accountSid },
    ...(authToken !== undefined && { authToken }),
    ...(rest && { rest }),
    ...(clock && { clock }),
    ...(connectTimeoutMs !== undefined && { connectTimeoutMs }),
  };
  const parameters = { ...parametersIn(stream), ...options.parameters };
  if (name === 'Stream') {
    // a stream knows nothing of the numbers but what the TwiML hands on
    const { [PARAMETER_NAMES.from]: named = '', [PARAMETER_NAMES.to]: called = '', ...others } = parameters;
    return {
      type: 'media',
      caller: await dialMedia({ ...media, ...line, from: named, to: called, parameters: others }),
    };
  }
  if (name !== 'ConversationRelay') throw failed(`Expected <Stream> or <ConversationRelay>, got <${name}>`);
  return {
    type: 'relay',
    caller: await dialRelay({ ...relay, ...relayOptions(attributes), ...line, from, to, parameters }),
  };
}

function relayOptions(attributes: Record<string, string>): Partial<DialRelayOptions> {
  const { language, welcomeGreeting, partialPrompts, dtmfDetection, interruptible, events } = attributes;
  return {
    ...(language !== undefined && { language }),
    ...(welcomeGreeting !== undefined && { welcomeGreeting }),
    partialPrompts: partialPrompts === 'true',
    dtmfDetection: dtmfDetection === 'true',
    interruptible: interruptible !== 'none' && interruptible !== 'false',
    progress: events?.split(/\s+/).includes('tokens-played') ?? false,
  };
}

/** TwiML: what we have Twilio do with a call. Pure text, with everything that comes from outside escaped. */
import { z } from 'zod';
import { VoiceError } from '../../lib/errors.ts';
import { parseJson } from '../../lib/json.ts';
import { PARAMETER_NAMES, Text } from '../json/wire.ts';
import type { Handoff as HandoffData } from '../relay/line.ts';
import { dial, hangUp } from '../verbs.ts';
import { element, escapeText, response } from '../xml.ts';

export { dial, hangUp, redirect, redirectVerb, refuse, wasMissed, type DialOptions } from '../verbs.ts';

interface Connect {
  /** `wss://...` */
  url: string;
  from?: string | undefined;
  to?: string | undefined;
  /** A secret made for this call, which the socket's start has to show again. */
  token?: string | undefined;
  /** For the agent, by name. Name and value together stay under 500 characters. */
  parameters?: Readonly<Record<string, string>> | undefined;
  /** Asked what to do next when the socket has closed. Default: nothing, the call ends. */
  actionUrl?: string | undefined;
}

export interface ConnectStream extends Connect {
  statusCallbackUrl?: string | undefined;
}

export interface ConnectRelay extends Connect {
  /** Spoken by Twilio before anything else. Default: nothing; the agent's own greeting is sent as text. */
  welcomeGreeting?: string | undefined;
  /** Of both directions, such as `en-US`. */
  language?: string | undefined;
  ttsProvider?: string | undefined;
  voice?: string | undefined;
  transcriptionProvider?: string | undefined;
  speechModel?: string | undefined;
  /** What cuts the agent off. Default `any`. */
  interruptible?: 'none' | 'dtmf' | 'speech' | 'any' | undefined;
  /** Words to expect, separated by commas. */
  hints?: string | undefined;
  /** Report what was spoken and who is speaking; the bridge has to be told so. Default true. */
  progress?: boolean | undefined;
  /** Hand on what the caller says while they say it. Default true. */
  partialPrompts?: boolean | undefined;
  /** Any other attribute of `<ConversationRelay>`, by its name. */
  attributes?: Readonly<Record<string, string>> | undefined;
}

/** Answers `POST /twilio/voice`: the call's audio goes to `url`, both ways. Twilio drops a query, so there is none. */
export function connectStream(options: ConnectStream): string {
  if (options.url.includes('?')) {
    throw new VoiceError('options-invalid', `Expected the stream's URL to have no query, got \`${options.url}\``);
  }
  const attributes = { url: options.url, statusCallback: options.statusCallbackUrl };
  return connect(options, element('Stream', attributes, parameters(options)));
}

/** Answers `POST /twilio/voice`: Twilio hears and speaks, and the text goes to `url`, both ways. */
export function connectRelay(options: ConnectRelay): string {
  const attributes = {
    url: options.url,
    welcomeGreeting: options.welcomeGreeting,
    language: options.language,
    ttsProvider: options.ttsProvider,
    voice: options.voice,
    transcriptionProvider: options.transcriptionProvider,
    speechModel: options.speechModel,
    interruptible: options.interruptible,
    hints: options.hints,
    dtmfDetection: 'true',
    partialPrompts: String(options.partialPrompts ?? true),
    events: (options.progress ?? true) ? 'speaker-events tokens-played' : undefined,
    ...options.attributes,
  };
  return connect(options, element('ConversationRelay', attributes, parameters(options)));
}

/** Where a caller and whom we have called for them meet. `id`: of the second call. `eventUrl`: told who comes and goes. */
export interface JoinMeeting {
  id: string;
  as: 'caller' | 'person';
  eventUrl: string;
}

/**
 * Takes a call to where both meet: a conference that is over when either of them leaves. Whoever is alone there hears nothing.
 * @see https://www.twilio.com/docs/voice/twiml/conference
 */
export function joinMeeting({ id, as, eventUrl }: JoinMeeting): string {
  const attributes = {
    ...{
      startConferenceOnEnter: 'true',
      endConferenceOnExit: 'true',
      beep: 'false',
      waitUrl: '',
      maxParticipants: '2',
    },
    ...{
      participantLabel: as,
      statusCallback: eventUrl,
      statusCallbackMethod: 'POST',
      statusCallbackEvent: 'join leave',
    },
  };
  return response(element('Dial', {}, element('Conference', attributes, escapeText(`parley ${id}`))));
}

/** Who has come to a meeting, as its webhook tells. */
export function whoIsThere(form: URLSearchParams | undefined): 'caller' | 'person' | undefined {
  const who = form?.get('ParticipantLabel');
  const isJoin = form?.get('StatusCallbackEvent') === 'participant-join';
  return isJoin && (who === 'caller' || who === 'person') ? who : undefined;
}

/**
 * Presses keys: `0-9 * # w`, `w` being half a second. Replaces whatever runs, so a stream ends; `next` are the verbs
 * that follow, none by default, which ends the call.
 * @throws {VoiceError} `request-invalid`
 */
export function playDigits(digits: string, next = ''): string {
  if (!/^[0-9*#wW]{1,64}$/.test(digits)) {
    throw new VoiceError('request-invalid', 'Expected 1 to 64 digits of 0-9, *, # and w, got something else');
  }
  return response(element('Play', { digits }) + next);
}

const Handoff = z.discriminatedUnion('action', [
  z.object({ action: z.literal('transfer'), to: Text, headers: z.record(z.string(), Text).optional() }),
  z.object({ action: z.literal('hang-up') }),
]);

/** What the relay bridge says at the end of a session, for the action URL to act upon. */
export function handoff(what: HandoffData): string {
  return JSON.stringify(what);
}

/**
 * Answers the action URL: dials where the bridge wanted the caller to be; else the call is over. `actionUrl`: asked what to do
 * when nobody takes the call there. Default: nothing, the call ends.
 */
export function afterRelay(handoffData: string | undefined, actionUrl?: string): string {
  const { data } = Handoff.safeParse(parseJson(handoffData ?? ''));
  return data?.action === 'transfer' ? dial(data.to, { headers: data.headers, actionUrl }) : hangUp();
}

function connect({ actionUrl }: Connect, noun: string): string {
  return response(element('Connect', { action: actionUrl }, noun));
}

/** Twilio's limit, of name and value together. */
const LONGEST_PARAMETER = 499;

function parameters({ from, to, token, parameters }: Connect): string {
  const own = [
    [PARAMETER_NAMES.from, from],
    [PARAMETER_NAMES.to, to],
    [PARAMETER_NAMES.token, token],
  ] as const;
  const given = Object.entries(parameters ?? {});
  const tooLong = given.find(([name, value]) => name.length + value.length > LONGEST_PARAMETER);
  if (tooLong) {
    const length = tooLong[0].length + tooLong[1].length;
    throw new VoiceError(
      'options-invalid',
      `Expected parameter \`${tooLong[0]}\` to be under 500 characters, got ${length}`,
    );
  }
  return [...own, ...given]
    .filter((pair): pair is [string, string] => pair[1] !== undefined)
    .map(([name, value]) => element('Parameter', { name, value: value.slice(0, LONGEST_PARAMETER - name.length) }))
    .join('');
}

/**
 * Telnyx, as a worker sees it: calls that ring are announced by a webhook, signed with a key of its own, either a form that
 * is answered with TeXML, or an event of Call Control, whose call is answered by the API. Webhook and line have different ids,
 * so the line shows a token, in its address or a header. Where it is lost, Telnyx may open it again, and the call goes on.
 * By TeXML the line may be one of text, too, which Telnyx hears and speaks.
 */
import type { OpenSocket } from '../../lib/open-socket.ts';
import { isRecord, parseJson } from '../../lib/json.ts';
import { wallMsOf } from '../../lib/clock.ts';
import type { AudioLine, TextLine } from '../contract.ts';
import type { AcceptOptions, Answer, Desk, Door, Knock, Verdict } from '../door.ts';
import {
  announcedWith,
  announceLine,
  fieldsOf,
  headerOf,
  lastSegment,
  refusal,
  stranger,
  xml,
} from '../json/announced.ts';
import { acceptJsonLine, type CallFacts } from '../json/line.ts';
import type { LineRest } from '../line-requests.ts';
import { acceptRelay as acceptRelayLine, type RelayRest } from '../relay/line.ts';
import { hangUp, wasMissed } from '../verbs.ts';
import { TELNYX_DIALECT } from './line.ts';
import { bringBack, meet } from './meeting.ts';
import { idInState, newsIn, placing } from './placing.ts';
import { TelnyxRest, type TexmlIds } from './rest.ts';
import { checkTelnyxSettings, TELNYX_SETTINGS, type TelnyxSettings } from './settings.ts';
import { SIGNATURE_HEADER, TIMESTAMP_HEADER, TOKEN_HEADER, TOLERANCE_MS, verifyTelnyx } from './signature.ts';
import { connectRelay, connectStream, texmlCodec } from './texml.ts';
import { CODECS } from './wire.ts';

type TelnyxDesk = Desk<TelnyxSettings, TelnyxRest>;

const PATHS = {
  texml: '/telnyx/texml',
  dialled: '/telnyx/dialled',
  events: '/telnyx/events',
  media: '/telnyx/media',
  relay: '/telnyx/relay',
};
const SIGNED_POST = { method: 'POST', signatureHeader: SIGNATURE_HEADER, mayKnock: isSigned } as const;
const SOCKET = { mayKnock: (): Verdict => ({ type: 'caller' }), tokenOf, accept };

export const telnyx: Door<typeof TELNYX_SETTINGS, TelnyxRest> = {
  name: 'telnyx',
  label: 'Telnyx',
  answersWith: 'TeXML',
  settings: TELNYX_SETTINGS,
  opensWith: 'telnyxPublicKeys',
  signsWith: 'telnyxApiKey',
  check: checkTelnyxSettings,
  routes: [
    { ...SIGNED_POST, path: PATHS.texml, answer: announceTexml },
    { ...SIGNED_POST, path: PATHS.dialled, answer: takeBack },
    { ...SIGNED_POST, path: PATHS.events, answer: hearEvent },
  ],
  upgrades: [
    { ...SOCKET, path: PATHS.media },
    { ...SOCKET, path: `${PATHS.media}/*` },
    { ...SOCKET, path: `${PATHS.relay}/*`, accept: acceptRelay },
  ],
  transferNeeds: ({ telnyxApiKey }) => (telnyxApiKey === undefined ? TELNYX_SETTINGS.telnyxApiKey.env : undefined),
  outbound: {
    ...placing({ eventsPath: PATHS.events, streamFields }),
    bringBack: (callControlId, desk) => bringBack(callControlId, desk, { path: PATHS.events, streamFields }),
  },
  openRest({ telnyxApiKey: apiKey, telnyxRestUrl: baseUrl }, options) {
    return apiKey === undefined ? undefined : new TelnyxRest({ apiKey, baseUrl }, options);
  },
};

/** A request that Telnyx makes again is signed anew: the same signature has been read somewhere. */
async function isSigned({ headers, body = new Uint8Array() }: Knock, desk: TelnyxDesk): Promise<Verdict> {
  const signature = headerOf(headers, SIGNATURE_HEADER);
  const timestamp = headerOf(headers, TIMESTAMP_HEADER);
  if (signature === undefined || timestamp === undefined) return stranger('the request is not signed');
  const request = { signature, timestamp, body };
  if (!verifyTelnyx(request, desk.settings.telnyxPublicKeys, wallMsOf(desk.clock))) {
    return stranger(
      `the signature is not that of the public key, or its time is more than ${TOLERANCE_MS / 1_000} s from that of this machine`,
    );
  }
  const isFirst = await desk.isFirst(`signature ${timestamp} ${signature}`, 2 * TOLERANCE_MS);
  return isFirst ? { type: 'carrier' } : stranger('the signature was shown before');
}

function tokenOf({ target, headers }: Knock): string | undefined {
  const isNamed = [PATHS.media, PATHS.relay].some((path) => target.startsWith(`${path}/`));
  const segment = isNamed ? lastSegment(target) : undefined;
  return segment ?? headerOf(headers, TOKEN_HEADER);
}

// ---- calls that ring ------------------------------------------------------------------------------------------------

/** For a call that asks for a document: where its audio is to go, or why it cannot be taken. */
async function announceTexml(knock: Knock, desk: TelnyxDesk): Promise<Answer> {
  const fields = fieldsOf(knock);
  const ids = { callSid: fields('CallSid') ?? '', accountSid: fields('AccountSid') ?? '' };
  const facts = { from: fields('From'), to: fields('To'), ids };
  const announced = await announceLine(desk, { path: PATHS.texml, ...facts });
  if ('refusal' in announced) return refusal(announced.refusal);
  const { telnyxLine: line } = desk.settings;
  const url = desk.address(`${PATHS[line]}/${announced.hexToken}`, 'ws');
  if (line === 'relay') return xml(connectRelay(url));
  // without the API closing the socket is the only way to hang up
  return xml(connectStream({ url, codec: desk.settings.telnyxCodec, reconnects: desk.rest !== undefined }));
}

/** The agent has a caller back whom nobody took; else they have talked, and the call is over. */
function takeBack(knock: Knock, desk: TelnyxDesk): Answer | Promise<Answer> {
  return wasMissed(fieldsOf(knock)('DialCallStatus')) ? announceTexml(knock, desk) : xml(hangUp());
}

const HEARD: Answer = { type: 'text/plain; charset=utf-8', body: 'heard' };

/** Of Call Control: a call that rings is answered, or turned away; everything else is only told. */
async function hearEvent({ body = new Uint8Array() }: Knock, desk: TelnyxDesk): Promise<Answer> {
  const { type, payload } = readEvent(body);
  const callControlId = payload('call_control_id');
  if (callControlId === undefined) return HEARD;
  const placedId = idInState(payload('client_state'));
  if (placedId !== undefined) for (const news of newsIn(type, payload)) desk.report(placedId, news);
  if (type === 'streaming.failed') return goSilent(callControlId, desk);
  if (type !== 'call.initiated' || payload('direction') !== 'incoming') return HEARD;
  const { rest } = desk;
  if (!rest) {
    desk.log.warn({ callControlId }, `a call was not answered: set ${TELNYX_SETTINGS.telnyxApiKey.env}`);
    return HEARD;
  }
  const facts = { from: payload('from'), to: payload('to') };
  const announced = await announceLine(desk, { path: PATHS.events, ...facts });
  const answering =
    'refusal' in announced
      ? rest.reject(callControlId)
      : rest.answer(callControlId, streamFields(desk, announced.token));
  return answering.then(
    () => HEARD,
    (error: unknown) => {
      desk.log.warn({ err: error, callControlId }, 'a call was not answered');
      return { ...HEARD, status: 500, body: 'not answered' }; // Telnyx tells of the call once more
    },
  );
}

/** The token is in a header, so that no log of an address holds it. */
function streamFields(desk: TelnyxDesk, token: string) {
  const { telnyxCodec: codec } = desk.settings;
  return {
    ...{ stream_url: desk.address(PATHS.media, 'ws'), stream_track: 'inbound_track', stream_codec: codec },
    ...{ stream_bidirectional_mode: 'rtp', stream_bidirectional_codec: codec },
    stream_bidirectional_sampling_rate: CODECS[codec].sampleRateHz,
    stream_bidirectional_target_legs: 'self', // with `opposite` the caller hears nothing
    ...{ stream_auth_token: token, send_silence_when_idle: true },
  };
}

/** Nobody would ever speak to the caller. */
async function goSilent(callControlId: string, { rest, log }: TelnyxDesk): Promise<Answer> {
  log.warn({ callControlId }, 'the line of a call could not be opened: the call is ended');
  await rest
    ?.hangUp(callControlId)
    .catch((error: unknown) => log.warn({ err: error, callControlId }, 'hang-up refused'));
  return HEARD;
}

/** `{ data: { event_type, payload } }`. What is empty says nothing. */
function readEvent(body: Uint8Array): { type: string | undefined; payload: (name: string) => string | undefined } {
  const event = parseJson(Buffer.from(body).toString(), { mostValues: MOST_VALUES });
  const data = isRecord(event) ? event['data'] : undefined;
  const { event_type: type, payload } = isRecord(data) ? data : {};
  return {
    type: typeof type === 'string' ? type : undefined,
    payload(name) {
      const value = isRecord(payload) ? payload[name] : undefined;
      return typeof value === 'string' && value !== '' ? value : undefined;
    },
  };
}

/** Of an event; there are some dozens. */
const MOST_VALUES = 1_000;

// ---- their lines ----------------------------------------------------------------------------------------------------

function accept(socket: OpenSocket, options: AcceptOptions<TelnyxSettings, TelnyxRest>): Promise<AudioLine> {
  const { desk, rest, knock } = options;
  const token = tokenOf(knock);
  const known = announcedWith(desk, token);
  const texml = texmlIdsIn(known);
  const { telnyxCodec, telnyxL16Order } = desk.settings;
  return acceptJsonLine(TELNYX_DIALECT, socket, {
    ...options,
    known,
    outFormat: CODECS[texml ? texmlCodec(telnyxCodec) : telnyxCodec],
    isBigEndian: telnyxL16Order === 'big',
    rest: rest && restOf(rest, texml, desk),
    onLost: () => token !== undefined && void expectAgain(desk, token, known),
  });
}

/** A session of text, which Telnyx opens once. */
function acceptRelay(socket: OpenSocket, options: AcceptOptions<TelnyxSettings, TelnyxRest>): Promise<TextLine> {
  const { desk, rest, knock, ...line } = options;
  const texml = texmlIdsIn(announcedWith(desk, tokenOf(knock)));
  const asked = rest && relayRest(rest, texml, desk);
  return acceptRelayLine(socket, { ...line, name: 'telnyx-relay', rest: asked, passesHeaders: rest !== undefined });
}

const relayRest = (rest: TelnyxRest, texml: TexmlIds | undefined, desk: TelnyxDesk): RelayRest => ({
  hangUp: (id) => (texml ? rest.hangUpTexml(texml) : rest.hangUp(id)),
  transfer: (id, to, options) =>
    texml
      ? rest.transferTexml(texml, to, { ...options, actionUrl: desk.address(PATHS.dialled, 'http') })
      : rest.transfer(id, to, options),
});

/** What was known of the call is kept as long as the token is good. */
async function expectAgain(desk: TelnyxDesk, token: string, known: CallFacts = {}): Promise<void> {
  await desk.announceAgain(token);
  await desk.remember(`line ${token}`, { token, ...known });
}

function texmlIdsIn({ ids }: CallFacts = {}): TexmlIds | undefined {
  const { callSid, accountSid } = ids ?? {};
  return callSid && accountSid ? { callSid, accountSid } : undefined;
}

/** Keys go out while the line goes on, whatever runs the call. */
function restOf(rest: TelnyxRest, texml: TexmlIds | undefined, desk: TelnyxDesk): LineRest {
  const asked = relayRest(rest, texml, desk);
  return {
    hangUp: ({ carrierCallId }) => asked.hangUp(carrierCallId),
    ...(!texml && { meets: 'asked' }), // whether a call that runs a document may be bridged is not known
    transfer: ({ carrierCallId }, to, options) =>
      options?.meeting ? meet(carrierCallId, options.meeting, desk) : asked.transfer(carrierCallId, to, options),
    sendDigits: ({ carrierCallId }, digits) => rest.sendDigits(carrierCallId, digits),
    keepsLine: true,
    passesHeaders: true,
  };
}

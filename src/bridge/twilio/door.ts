/**
 * Twilio, as a worker sees it: calls that ring are announced by a webhook, which answers where their audio or text is to
 * go; the socket then shows the token of its call among its parameters. Everything is signed with the auth token.
 */
import { withoutValues } from '../../lib/public-url.ts';
import type { OpenSocket } from '../../lib/open-socket.ts';
import type { AudioLine, CallerFacts, Meeting, TextLine } from '../contract.ts';
import type { AcceptOptions, Answer, Desk, Door, Knock, Verdict } from '../door.ts';
import { headerOf, refusal, stranger, xml } from '../json/announced.ts';
import { addressFor, firstMissing, placedCallOf, report } from '../json/placed.ts';
import { placing, takeStatus } from '../json/twilio-like/placing.ts';
import { acceptMedia } from './media/bridge.ts';
import { acceptRelay } from './relay.ts';
import { unlessGone } from '../rest-client.ts';
import { response } from '../xml.ts';
import { GONE_CODES, TwilioRest } from './rest.ts';
import { checkTwilioSettings, TWILIO_SETTINGS, type TwilioSettings } from './settings.ts';
import { SIGNATURE_HEADER, verifySignature } from './signature.ts';
import {
  afterRelay,
  connectRelay,
  connectStream,
  hangUp,
  joinMeeting,
  redirect,
  redirectVerb,
  wasMissed,
  whoIsThere,
} from './twiml.ts';

type TwilioDesk = Desk<TwilioSettings, TwilioRest>;

const PATHS = {
  voice: '/twilio/voice',
  relayDone: '/twilio/relay-done',
  dialled: '/twilio/dialled',
  media: '/twilio/media',
  relay: '/twilio/relay',
  status: '/twilio/status',
  meeting: '/twilio/meeting',
};

const SIGNED_POST = { method: 'POST', signatureHeader: SIGNATURE_HEADER, mayKnock: isSigned } as const;

export const twilio: Door<typeof TWILIO_SETTINGS, TwilioRest> = {
  name: 'twilio',
  label: 'Twilio',
  answersWith: 'TwiML',
  settings: TWILIO_SETTINGS,
  opensWith: 'twilioAuthTokens',
  isOpenToPeers: true,
  check: checkTwilioSettings,
  readyFacts: ({ twilioLine }) => ({ line: twilioLine }),
  routes: [
    { ...SIGNED_POST, path: PATHS.voice, answer: announce },
    { ...SIGNED_POST, path: PATHS.relayDone, answer: goOn },
    { ...SIGNED_POST, path: PATHS.dialled, answer: takeBack },
    { ...SIGNED_POST, path: PATHS.status, answer: takeStatus },
    { ...SIGNED_POST, path: PATHS.meeting, answer: hearMeeting },
  ],
  upgrades: [
    { path: PATHS.media, mayKnock: isSigned, accept: acceptAudio },
    { path: PATHS.relay, mayKnock: isSigned, accept: acceptText },
  ],
  transferNeeds: ({ twilioLine, twilioAccountSid }) =>
    twilioLine === 'media' && twilioAccountSid === undefined ? TWILIO_SETTINGS.twilioAccountSid.env : undefined,
  outbound: {
    ...placing({
      needs: (settings) => firstMissing(TWILIO_SETTINGS, settings, ['twilioAccountSid']),
      ...{ voicePath: PATHS.voice, statusPath: PATHS.status, detects: ({ twilioDetection }) => twilioDetection },
    }),
    async bringBack(callSid, desk) {
      await unlessGone(desk.rest?.redirect(callSid, redirect(desk.address(PATHS.voice, 'http'))), GONE_CODES);
    },
  },
  openRest({ twilioAccountSid: accountSid, twilioAuthTokens: [authToken], twilioRestUrl: baseUrl }, options) {
    if (accountSid === undefined || authToken === undefined) return undefined;
    return new TwilioRest({ accountSid, authToken, baseUrl }, options);
  },
};

function isSigned({ target, protocol, headers, form }: Knock, desk: TwilioDesk): Verdict {
  const signature = headerOf(headers, SIGNATURE_HEADER);
  if (signature === undefined) return stranger('the request is not signed');
  const url = desk.address(target, protocol === 'ws' ? 'ws' : 'http');
  if (verifySignature({ url, signature, authTokens: desk.settings.twilioAuthTokens, form })) return { type: 'carrier' };
  return stranger(
    `the signature is not that of ${withoutValues(url)}: compare PARLEY_PUBLIC_URL with the address that Twilio calls, and the auth token`,
  );
}

function acceptAudio(socket: OpenSocket, options: AcceptOptions<TwilioSettings, TwilioRest>): Promise<AudioLine> {
  const { desk } = options;
  return acceptMedia(socket, {
    ...options,
    afterDigits: async (caller) => redirectVerb(await comeBack(caller, desk, PATHS.voice)),
    actionUrl: (caller) => comeBack(caller, desk, PATHS.dialled),
    meet: (caller, meeting) => meet(caller, meeting, desk),
  });
}

function acceptText(socket: OpenSocket, options: AcceptOptions<TwilioSettings, TwilioRest>): Promise<TextLine> {
  const { desk, rest, ...line } = options;
  const actionUrl = desk.address(PATHS.dialled, 'http');
  return acceptRelay(socket, {
    ...line,
    ...(rest && { meets: 'told' }),
    rest: rest && {
      hangUp: (callSid) => rest.hangUp(callSid),
      transfer: async (callSid, to, { meeting, ...how } = {}) =>
        meeting
          ? rest.redirect(callSid, joinMeeting({ ...meeting, eventUrl: addressFor(desk, PATHS.meeting, meeting.id) }))
          : rest.transfer(callSid, to, { ...how, actionUrl }),
    },
  });
}

/** A caller who is to come back from there has what they had. */
async function meet(caller: CallerFacts, meeting: Meeting, desk: TwilioDesk): Promise<string> {
  if (meeting.as === 'caller') await comeBack(caller, desk, PATHS.voice);
  return joinMeeting({ ...meeting, eventUrl: addressFor(desk, PATHS.meeting, meeting.id) });
}

/** Who has come to where a caller and somebody else meet. */
function hearMeeting(knock: Knock, desk: TwilioDesk): Answer {
  const who = whoIsThere(knock.form);
  if (who) report(knock, desk, [{ type: 'there', who }]);
  return xml(response(''));
}

/**
 * Keys are pressed, and callers handed over, by other TwiML, which ends the stream: behind the keys, and where nobody takes the
 * caller, the call asks us once more at this address, and has another line. What it was given at first it has then, too,
 * whoever gave it.
 */
async function comeBack(caller: CallerFacts, desk: TwilioDesk, path: string): Promise<string> {
  const { carrierCallId, from, to, parameters } = caller;
  await desk.remember(backKey(carrierCallId), { token: '', from, to, parameters });
  return desk.address(path, 'http');
}

/** What the line is to show, and to say. */
interface LineFacts {
  token: string;
  from: string | undefined;
  to: string | undefined;
  parameters: Readonly<Record<string, string>> | undefined;
}

const backKey = (callSid: string): string => `back ${callSid}`;

/** For a call that rings, comes back, or was placed and is answered: where its audio or text is to go, or why nowhere. */
async function announce(knock: Knock, desk: TwilioDesk): Promise<Answer> {
  const placed = placedCallOf(knock, desk);
  if (placed === 'over') return xml(hangUp());
  if (placed) return connect(placed, desk);
  const { form } = knock;
  const callId = form?.get('CallSid') ?? undefined;
  const announced = await desk.announce({ callId, path: PATHS.voice });
  if ('refusal' in announced) return refusal(announced.refusal);
  const { token } = announced;
  const back = callId === undefined ? undefined : desk.recall(backKey(callId));
  const facts = {
    token,
    from: back?.from ?? form?.get('From') ?? undefined,
    to: back?.to ?? form?.get('To') ?? undefined,
    parameters: back?.parameters,
  };
  return connect(facts, desk);
}

function connect({ token, from, to, parameters }: LineFacts, desk: TwilioDesk): Answer {
  const facts = { token, from, to, parameters };
  if (desk.settings.twilioLine === 'media') {
    return xml(connectStream({ ...facts, url: desk.address(PATHS.media, 'ws') }));
  }
  const actionUrl = desk.address(PATHS.relayDone, 'http');
  return xml(connectRelay({ ...facts, url: desk.address(PATHS.relay, 'ws'), actionUrl }));
}

/** A session of text has ended. */
function goOn({ form }: Knock, desk: TwilioDesk): Answer {
  return xml(afterRelay(form?.get('HandoffData') ?? undefined, desk.address(PATHS.dialled, 'http')));
}

/** A caller who was handed over: the agent has them back where nobody took them; else they have talked, and the call is over. */
function takeBack(knock: Knock, desk: TwilioDesk): Answer | Promise<Answer> {
  return wasMissed(knock.form?.get('DialCallStatus')) ? announce(knock, desk) : xml(hangUp());
}

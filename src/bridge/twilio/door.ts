/**
 * Twilio, as a worker sees it: calls that ring are announced by a webhook, which answers where their audio or text is to
 * go; the socket then shows the token of its call among its parameters. Everything is signed with the auth token.
 */
import { withoutValues } from '../../lib/public-url.ts';
import type { OpenSocket } from '../../lib/open-socket.ts';
import type { AudioLine, CallerFacts } from '../contract.ts';
import type { AcceptOptions, Answer, Desk, Door, Knock, Verdict } from '../door.ts';
import { headerOf, refusal, stranger, xml } from '../json/announced.ts';
import { firstMissing, placedCallOf } from '../json/placed.ts';
import { placing, takeStatus } from '../json/twilio-like/placing.ts';
import { acceptMedia } from './media/bridge.ts';
import { acceptRelay } from './relay.ts';
import { TwilioRest } from './rest.ts';
import { checkTwilioSettings, TWILIO_SETTINGS, type TwilioSettings } from './settings.ts';
import { SIGNATURE_HEADER, verifySignature } from './signature.ts';
import { afterRelay, connectRelay, connectStream, hangUp, redirectVerb } from './twiml.ts';

type TwilioDesk = Desk<TwilioSettings, TwilioRest>;

const PATHS = {
  voice: '/twilio/voice',
  relayDone: '/twilio/relay-done',
  media: '/twilio/media',
  relay: '/twilio/relay',
  status: '/twilio/status',
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
    { ...SIGNED_POST, path: PATHS.status, answer: takeStatus },
  ],
  upgrades: [
    { path: PATHS.media, mayKnock: isSigned, accept: acceptAudio },
    { path: PATHS.relay, mayKnock: isSigned, accept: acceptRelay },
  ],
  transferNeeds: ({ twilioLine, twilioAccountSid }) =>
    twilioLine === 'media' && twilioAccountSid === undefined ? TWILIO_SETTINGS.twilioAccountSid.env : undefined,
  outbound: placing({
    needs: (settings) => firstMissing(TWILIO_SETTINGS, settings, ['twilioAccountSid']),
    ...{ voicePath: PATHS.voice, statusPath: PATHS.status, detects: ({ twilioDetection }) => twilioDetection },
  }),
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
  return acceptMedia(socket, { ...options, afterDigits: (caller) => comeBack(caller, desk) });
}

/**
 * Keys are pressed by other TwiML, which ends the stream: behind them the call asks us once more, and has another line. What
 * it was given at first it has then, too, whoever gave it.
 */
async function comeBack({ carrierCallId, from, to, parameters }: CallerFacts, desk: TwilioDesk): Promise<string> {
  await desk.remember(backKey(carrierCallId), { token: '', from, to, parameters });
  return redirectVerb(desk.address(PATHS.voice, 'http'));
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
function goOn({ form }: Knock): Answer {
  return xml(afterRelay(form?.get('HandoffData') ?? undefined));
}

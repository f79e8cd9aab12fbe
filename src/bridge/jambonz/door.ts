/**
 * jambonz, as a worker sees it. Audio: a webhook announces the call, and answers with `listen`, whose socket shows the token
 * of it; where the call is to go next jambonz asks when that ends. Text: it opens a control socket, which shows the password,
 * and is told by that what to do.
 */
import { wallMsOf } from '../../lib/clock.ts';
import type { OpenSocket } from '../../lib/open-socket.ts';
import { acceptBinaryLine } from '../binary/line.ts';
import { linear16 } from '../binary/wire.ts';
import type { AudioLine, TextLine } from '../contract.ts';
import type { AcceptOptions, Answer, Desk, Door, Knock, Verdict } from '../door.ts';
import { announcedWith, announceLine, byLeaving, headerOf, recallNext, stranger } from '../json/announced.ts';
import { placedCallOf } from '../json/placed.ts';
import { shownSecret, showsSecret } from '../shown-secret.ts';
import { acceptControl } from './control/line.ts';
import { JAMBONZ_DIALECT } from './media/line.ts';
import { placing, takeStatus } from './placing.ts';
import { JambonzRest } from './rest.ts';
import { checkJambonzSettings, JAMBONZ_SETTINGS, type JambonzSettings } from './settings.ts';
import { wasMissed } from '../verbs.ts';
import { MOST_SECONDS_APART, SIGNATURE_HEADER, verifyJambonz } from './signature.ts';
import { dialVerb, HANG_UP, listenVerb, readCall, sayVerb, type Verb } from './wire.ts';

type JambonzDesk = Desk<JambonzSettings, JambonzRest>;

const PATHS = {
  call: '/jambonz/call',
  next: '/jambonz/next',
  dialled: '/jambonz/dialled',
  status: '/jambonz/status',
  media: '/jambonz/media',
  control: '/jambonz/control',
};
const POST = { method: 'POST', mayKnock: isGenuine } as const;
/** For as long as a signature may be shown, by any clock. */
const SIGNATURE_MS = 2 * MOST_SECONDS_APART * 1_000;

export const jambonz: Door<typeof JAMBONZ_SETTINGS, JambonzRest> = {
  name: 'jambonz',
  label: 'jambonz',
  answersWith: 'verbs',
  settings: JAMBONZ_SETTINGS,
  opensWith: 'jambonzPasswords',
  check: checkJambonzSettings,
  routes: [
    { ...POST, path: PATHS.call, answer: announce },
    { ...POST, path: PATHS.next, answer: goOn },
    { ...POST, path: PATHS.dialled, answer: takeBack },
    { ...POST, path: PATHS.status, answer: takeStatus },
  ],
  upgrades: [
    {
      path: PATHS.media, // the sub-protocol is named otherwise by each build: any is chosen
      mayKnock: () => ({ type: 'caller' }),
      tokenOf: ({ headers }) => shownSecret(headers),
      accept,
    },
    { path: PATHS.control, protocols: ['ws.jambonz.org'], mayKnock: knowsPassword, accept: acceptText },
  ],
  outbound: placing(PATHS),
  openRest(settings, options) {
    const { jambonzApiUrl: baseUrl, jambonzApiKey: apiKey, jambonzAccountSid: accountSid } = settings;
    if (baseUrl === undefined || apiKey === undefined || accountSid === undefined) return undefined;
    return new JambonzRest({ baseUrl, apiKey, accountSid, hookPasswords: settings.jambonzPasswords }, options);
  },
};

/** Signed where it can be, and only once; else by the password. */
async function isGenuine(knock: Knock, desk: JambonzDesk): Promise<Verdict> {
  const { headers, body } = knock;
  const { jambonzWebhookSecret: secret } = desk.settings;
  if (secret === undefined) return knowsPassword(knock, desk);
  const signature = headerOf(headers, SIGNATURE_HEADER);
  if (signature === undefined) return stranger('the request is not signed');
  const nowSeconds = wallMsOf(desk.clock) / 1_000;
  const right = verifyJambonz({ signature, body: body ?? new Uint8Array(0), secret, nowSeconds });
  if (right === undefined) {
    return stranger('the signature is too old, or was not made with PARLEY_JAMBONZ_WEBHOOK_SECRET');
  }
  const isFirst = await desk.isFirst(`signature ${right}`, SIGNATURE_MS);
  return isFirst ? { type: 'carrier' } : stranger('the signature was shown before');
}

function knowsPassword({ headers }: Knock, { settings }: JambonzDesk): Verdict {
  if (showsSecret(headers, settings.jambonzPasswords)) return { type: 'carrier' };
  return stranger('the password of PARLEY_JAMBONZ_PASSWORD was not shown');
}

/** For a call that rings, or was placed and is answered: where its audio is to go, or why it cannot be taken. */
async function announce(knock: Knock, desk: JambonzDesk): Promise<Answer> {
  const placed = placedCallOf(knock, desk);
  if (placed === 'over') return verbs([HANG_UP]);
  if (placed) return connect(placed, desk);
  const { from, to } = readCall(knock.body);
  const announced = await announceLine(desk, { path: PATHS.call, from, to });
  if ('refusal' in announced) return verbs([sayVerb(announced.refusal.text), HANG_UP]);
  return connect(announced, desk);
}

function connect({ token }: { token: string }, desk: JambonzDesk): Answer {
  const [url, actionHook] = [desk.address(PATHS.media, 'ws'), desk.address(PATHS.next, 'http')];
  return verbs([listenVerb({ url, token, actionHook, sampleRate: desk.settings.jambonzSampleRateHz })]);
}

/** The line of a call has ended: whom it is to be connected with, if we have left for that. */
function goOn({ body }: Knock, desk: JambonzDesk): Answer {
  const { to, headers } = recallNext(desk, readCall(body).callSid) ?? {};
  const actionHook = desk.address(PATHS.dialled, 'http');
  return verbs(to === undefined ? [HANG_UP] : [dialVerb(to, { headers, actionHook })]);
}

/** The agent has a caller back whom nobody took; else they have talked, and the call is over. */
function takeBack(knock: Knock, desk: JambonzDesk): Answer | Promise<Answer> {
  return wasMissed(readCall(knock.body).dialStatus) ? announce(knock, desk) : verbs([HANG_UP]);
}

const verbs = (list: readonly Verb[]): Answer => ({ type: 'application/json', body: JSON.stringify(list) });

function accept(socket: OpenSocket, options: AcceptOptions<JambonzSettings, JambonzRest>): Promise<AudioLine> {
  const { desk, knock } = options;
  const format = linear16(desk.settings.jambonzSampleRateHz);
  return acceptBinaryLine(JAMBONZ_DIALECT, socket, {
    ...options,
    known: announcedWith(desk, shownSecret(knock.headers)),
    formats: { inFormat: format, outFormat: format },
    rest: byLeaving(desk, () => {}), // to whomever, SIP is how jambonz calls
  });
}

function acceptText(socket: OpenSocket, options: AcceptOptions<JambonzSettings, JambonzRest>): Promise<TextLine> {
  return acceptControl(socket, options);
}

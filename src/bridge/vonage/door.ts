/**
 * Vonage, as a worker sees it: calls that ring are announced by a webhook, signed by a JWT whose id is good once. Its answer
 * names an address with a token in it, where the socket shows another JWT. A caller is handed over by the API, in person by
 * way of a conversation; without an application's key by closing the socket, whereupon Vonage asks what else there is to do.
 */
import { wallMsOf } from '../../lib/clock.ts';
import type { OpenSocket } from '../../lib/open-socket.ts';
import { acceptBinaryLine } from '../binary/line.ts';
import type { AudioLine, CallerFacts, Meeting } from '../contract.ts';
import type { AcceptOptions, Answer, Desk, Door, Knock, Verdict } from '../door.ts';
import {
  announcedWith,
  announceLine,
  byLeaving,
  lastSegment,
  queryOf,
  recallNext,
  stranger,
} from '../json/announced.ts';
import { placedCallOf, report } from '../json/placed.ts';
import type { LineRest } from '../line-requests.ts';
import { unlessGone } from '../rest-client.ts';
import { requireSip } from '../verbs.ts';
import { VONAGE_DIALECT } from './line.ts';
import { newsIn, placing } from './placing.ts';
import { VonageRest } from './rest.ts';
import { checkVonageSettings, VONAGE_SETTINGS, type VonageSettings } from './settings.ts';
import { bearerIn, MOST_SECONDS_APART, verifyVonage } from './signature.ts';
import {
  connectSocket,
  CONTENT_TYPES,
  converse,
  dial,
  ncco,
  readCall,
  sayAndEnd,
  type Action,
  type SocketEndpoint,
} from './wire.ts';

type VonageDesk = Desk<VonageSettings, VonageRest>;
type Call = SocketEndpoint['call'];

const PATHS = {
  answer: '/vonage/answer',
  event: '/vonage/event',
  dialled: '/vonage/dialled',
  media: '/vonage/media',
};
const SIGNED_POST = { method: 'POST', signatureHeader: 'authorization', mayKnock: isSigned } as const;
/** For as long as a token may be shown, by any clock. */
const TOKEN_MS = 2 * MOST_SECONDS_APART * 1_000;

export const vonage: Door<typeof VONAGE_SETTINGS, VonageRest> = {
  name: 'vonage',
  label: 'Vonage',
  answersWith: 'NCCO',
  settings: VONAGE_SETTINGS,
  opensWith: 'vonageSignatureSecret',
  check: checkVonageSettings,
  routes: [
    { ...SIGNED_POST, path: PATHS.answer, answer: announce },
    { ...SIGNED_POST, path: PATHS.event, answer: hearEvent },
    { ...SIGNED_POST, path: `${PATHS.event}/*`, answer: goOn },
    { ...SIGNED_POST, path: `${PATHS.dialled}/*`, answer: takeBack },
  ],
  upgrades: [{ path: `${PATHS.media}/*`, mayKnock: mayOpen, tokenOf: ({ target }) => lastSegment(target), accept }],
  outbound: { ...placing(PATHS), bringBack },
  openRest({ vonageApplicationId: applicationId, vonagePrivateKey: privateKey, vonageRestUrl: baseUrl }, options) {
    if (applicationId === undefined || privateKey === undefined) return undefined;
    return new VonageRest({ applicationId, privateKey, baseUrl }, options);
  },
};

async function isSigned({ headers, body }: Knock, desk: VonageDesk): Promise<Verdict> {
  const token = bearerIn(headers.authorization);
  if (token === undefined) return stranger('the request is not signed');
  const {
    vonageSignatureSecret: secret = '',
    vonageApiKey: apiKey,
    vonageApplicationId: applicationId,
  } = desk.settings;
  const nowSeconds = wallMsOf(desk.clock) / 1_000;
  const verified = verifyVonage({ token, secret, nowSeconds, body, apiKey, applicationId });
  if ('problem' in verified) return stranger(`the token is not that of a request of Vonage's: ${verified.problem}`);
  const isFirst = await desk.isFirst(`jti ${verified.jti}`, TOKEN_MS);
  return isFirst ? { type: 'carrier' } : stranger('the token was shown before');
}

/** What is signed is who opens it; which call it is, its address says. */
async function mayOpen(knock: Knock, desk: VonageDesk): Promise<Verdict> {
  const verdict = await isSigned(knock, desk);
  return verdict.type === 'carrier' ? { type: 'caller' } : verdict;
}

/** For a call that rings, or was placed and is answered: where its audio is to go, or why it cannot be taken. */
async function announce(knock: Knock, desk: VonageDesk): Promise<Answer> {
  const call = readCall(knock.body);
  const placed = placedCallOf(knock, desk);
  if (placed === 'over') return NOTHING_TO_DO;
  // as if they had called us: the number that is our own is the one from which a caller is handed over
  if (placed) return todo(connect({ uuid: call.uuid, from: placed.to, to: placed.from }, placed.hexToken, desk));
  return todo(await connectAnnounced(call, PATHS.answer, desk));
}

/** `path`: for the log. */
async function connectAnnounced(call: Call, path: string, desk: VonageDesk): Promise<Action> {
  const announced = await announceLine(desk, { path, from: call.from, to: call.to });
  if ('refusal' in announced) return sayAndEnd(announced.refusal.text);
  return connect(call, announced.hexToken, desk);
}

function connect(call: Call, hexToken: string, desk: VonageDesk): Action {
  const url = desk.address(`${PATHS.media}/${hexToken}`, 'ws');
  const eventUrl = desk.address(`${PATHS.event}/${encodeURIComponent(call.uuid ?? '-')}`, 'http');
  return connectSocket({ url, eventUrl, contentType: desk.settings.vonageContentType, call });
}

/** Of a call that was placed it is told; of any other it says nothing that we need. */
function hearEvent(knock: Knock, desk: VonageDesk): Answer {
  report(knock, desk, newsIn(readCall(knock.body)));
  return HEARD;
}

/** The socket of a call is gone, or something else became of it: whom it is to be connected with, if we have left for that. */
function goOn({ target, body }: Knock, desk: VonageDesk): Answer {
  const uuid = decodeURIComponent(lastSegment(target) ?? '');
  const next = readCall(body).status === 'disconnected' ? recallNext(desk, uuid) : undefined;
  if (next?.to === undefined) return HEARD;
  const { to, from, headers } = next;
  return todo(dial(to, { from, headers, eventUrl: dialledUrl({ uuid, from: undefined, to: from }, desk) }));
}

/** Where Vonage asks when nobody takes a caller who was handed over; who they are, it would not say there. */
function dialledUrl({ uuid, from, to }: Call, desk: VonageDesk): string {
  const query = new URLSearchParams({ ...(from !== undefined && { from }), ...(to !== undefined && { to }) });
  return desk.address(`${PATHS.dialled}/${encodeURIComponent(uuid ?? '-')}?${query.toString()}`, 'http');
}

/** The agent has a caller back whom nobody took. */
async function takeBack({ target, body }: Knock, desk: VonageDesk): Promise<Answer> {
  if (!MISSED.has(readCall(body).status ?? '')) return HEARD;
  const uuid = decodeURIComponent(lastSegment(target) ?? '');
  const query = queryOf(target);
  const call = { uuid, from: query.get('from') ?? undefined, to: query.get('to') ?? undefined };
  return todo(await connectAnnounced(call, PATHS.dialled, desk));
}

const MISSED = new Set(['busy', 'timeout', 'unanswered', 'rejected', 'failed', 'cancelled']);

const json = (body: string): Answer => ({ type: 'application/json', body });
const todo = (action: Action): Answer => json(ncco(action));
const HEARD = json('{}');
/** With that the call ends. */
const NOTHING_TO_DO = json('[]');

/**
 * Whoever comes to a meeting is sent on into a conversation, from where Vonage tells of nobody: who was agreed to be taken there
 * is there. Its webhooks are not asked when the caller comes back, so who they are has to be known then.
 */
async function meet({ carrierCallId: uuid, from, to }: CallerFacts, { id, as }: Meeting, desk: VonageDesk) {
  if (as === 'caller') await desk.remember(backKey(uuid), { token: '', from, to });
  await desk.rest?.goOn(uuid, converse(`parley-${id}`));
}

async function bringBack(uuid: string, desk: VonageDesk): Promise<void> {
  const { from, to } = desk.recall(backKey(uuid)) ?? {};
  await unlessGone(desk.rest?.goOn(uuid, await connectAnnounced({ uuid, from, to }, PATHS.answer, desk)));
}

const backKey = (uuid: string): string => `back ${uuid}`;

function accept(socket: OpenSocket, options: AcceptOptions<VonageSettings, VonageRest>): Promise<AudioLine> {
  const { desk, rest, knock } = options;
  const format = CONTENT_TYPES[desk.settings.vonageContentType];
  return acceptBinaryLine(VONAGE_DIALECT, socket, {
    ...options,
    known: announcedWith(desk, lastSegment(knock.target)),
    formats: { inFormat: format, outFormat: format },
    rest: rest ? byApi(rest, desk) : byLeaving(desk, requireSip), // nothing stands behind the socket, so that the call ends with it
  });
}

/** Keys are pressed into the call, and the socket stays. */
const byApi = (rest: VonageRest, desk: VonageDesk): LineRest => ({
  keepsLine: true,
  hangUp: ({ carrierCallId }) => rest.hangUp(carrierCallId),
  passesHeaders: true,
  meets: 'asked',
  transfer(caller, to, options) {
    const { carrierCallId: uuid, from, to: own } = caller;
    if (options?.meeting) return meet(caller, options.meeting, desk);
    return rest.goOn(uuid, dial(to, { ...options, from: own, eventUrl: dialledUrl({ uuid, from, to: own }, desk) }));
  },
  sendDigits: ({ carrierCallId }, digits) => rest.sendDigits(carrierCallId, digits),
});

/**
 * Plivo, and Vobiz, as a worker sees them: calls that ring are announced by a webhook, signed, whose nonce is good once. Its
 * answer names an address with a token in it, hex since nothing else is sure to pass. A caller is handed over by sending the
 * call back to us, to be told.
 */
import type { OpenSocket } from '../../lib/open-socket.ts';
import type { AudioLine } from '../contract.ts';
import type { AcceptOptions, Answer, Desk, Door, Knock, Refusal, Verdict } from '../door.ts';
import {
  announcedWith,
  announceLine,
  headerOf,
  lastSegment,
  queryOf,
  recallNext,
  restOf,
  stranger,
  xml,
} from '../json/announced.ts';
import { acceptJsonLine } from '../json/line.ts';
import { addressFor, placedCallOf, report } from '../json/placed.ts';
import type { LineRest } from '../line-requests.ts';
import { unlessGone } from '../rest-client.ts';
import { wasMissed } from '../verbs.ts';
import { element, escapeText, response } from '../xml.ts';
import { PLIVO_DIALECT } from './line.ts';
import { placing, STATUS_PATH, takeStatus } from './placing.ts';
import { PlivoRest } from './rest.ts';
import { checkPlivoSettings, PLIVO_SETTINGS, type PlivoSettings } from './settings.ts';
import { MAIN_SIGNATURE_HEADER, NONCE_HEADER, SIGNATURE_HEADER, verifyPlivo } from './signature.ts';
import { CONTENT_TYPES, sipHeaders } from './wire.ts';

type PlivoDesk = Desk<PlivoSettings, PlivoRest>;

const PATHS = {
  answer: '/plivo/answer',
  next: '/plivo/next',
  dialled: '/plivo/dialled',
  meeting: '/plivo/meeting',
  media: '/plivo/media',
};
const SIGNED_POST = { method: 'POST', signatureHeader: NONCE_HEADER, mayKnock: isSigned } as const;
/** A nonce is new for each request. */
const NONCE_MS = 3_600_000;

export const plivo: Door<typeof PLIVO_SETTINGS, PlivoRest> = {
  name: 'plivo',
  label: 'Plivo',
  answersWith: 'XML',
  settings: PLIVO_SETTINGS,
  opensWith: 'plivoAuthToken',
  check: checkPlivoSettings,
  routes: [
    { ...SIGNED_POST, path: PATHS.answer, answer: announce },
    { ...SIGNED_POST, path: PATHS.next, answer: goOn },
    { ...SIGNED_POST, path: PATHS.dialled, answer: takeBack },
    { ...SIGNED_POST, path: PATHS.meeting, answer: meet },
    { ...SIGNED_POST, path: STATUS_PATH, answer: takeStatus },
  ],
  upgrades: [{ path: `${PATHS.media}/*`, mayKnock: mayOpen, tokenOf: ({ target }) => lastSegment(target), accept }],
  transferNeeds: ({ plivoAuthId }) => (plivoAuthId === undefined ? PLIVO_SETTINGS.plivoAuthId.env : undefined),
  outbound: {
    ...placing(PATHS.answer),
    bringBack: (callUuid, desk) => unlessGone(desk.rest?.redirect(callUuid, desk.address(PATHS.answer, 'http'))),
  },
  openRest({ plivoAuthId: authId, plivoAuthToken: authToken, plivoRestUrl: baseUrl }, options) {
    if (authId === undefined || authToken === undefined) return undefined;
    return new PlivoRest({ authId, authToken, baseUrl }, options);
  },
};

async function isSigned({ target, protocol, headers, form }: Knock, desk: PlivoDesk): Promise<Verdict> {
  const given = [SIGNATURE_HEADER, MAIN_SIGNATURE_HEADER].flatMap((name) => headerOf(headers, name) ?? []);
  const nonce = headerOf(headers, NONCE_HEADER);
  if (given.length === 0 || nonce === undefined) return stranger('the request is not signed');
  const url = desk.address(target, protocol === 'ws' ? 'ws' : 'http');
  const request = { method: protocol === 'ws' ? 'GET' : 'POST', url, form, nonce } as const;
  if (!verifyPlivo(request, given, desk.settings.plivoAuthToken ?? '')) {
    return stranger(
      'the signature is not that of our address: compare PARLEY_PUBLIC_URL with the address that Plivo calls, and the auth token',
    );
  }
  const isFirst = await desk.isFirst(`nonce ${nonce}`, NONCE_MS);
  return isFirst ? { type: 'carrier' } : stranger('the nonce of the signature was shown before');
}

/** A socket is signed where the account says so. Whether it is or not, its address has to hold the token. */
async function mayOpen(knock: Knock, desk: PlivoDesk): Promise<Verdict> {
  const isUnsigned = [SIGNATURE_HEADER, MAIN_SIGNATURE_HEADER].every((name) => knock.headers[name] === undefined);
  const verdict: Verdict = isUnsigned ? { type: 'caller' } : await isSigned(knock, desk);
  return verdict.type === 'carrier' ? { type: 'caller' } : verdict;
}

/** For a call that rings, or was placed and is answered: where its audio is to go, or why it cannot be taken. */
async function announce(knock: Knock, desk: PlivoDesk): Promise<Answer> {
  const placed = placedCallOf(knock, desk);
  if (placed === 'over') return xml(response(element('Hangup')));
  if (placed) return connect(placed, desk);
  const { form } = knock;
  const facts = { from: form?.get('From') ?? undefined, to: form?.get('To') ?? undefined };
  const announced = await announceLine(desk, { path: PATHS.answer, ...facts });
  return 'refusal' in announced ? refusal(announced.refusal) : connect(announced, desk);
}

function connect({ hexToken }: { hexToken: string }, desk: PlivoDesk): Answer {
  const url = desk.address(`${PATHS.media}/${hexToken}`, 'ws');
  const attributes = { bidirectional: 'true', keepCallAlive: 'true', contentType: desk.settings.plivoContentType };
  return xml(response(element('Stream', attributes, escapeText(url))));
}

function refusal({ text, url }: Refusal): Answer {
  const said = element('Speak', {}, escapeText(text)) + element('Hangup');
  return xml(response(url === undefined ? said : element('Redirect', { method: 'POST' }, escapeText(url))));
}

/** For a call that was sent back to us: whom it is to be connected with. */
function goOn({ form }: Knock, desk: PlivoDesk): Answer {
  const { to: given, headers } = recallNext(desk, form?.get('CallUUID') ?? undefined) ?? {};
  const to = given?.trim();
  if (to === undefined) return xml(response(element('Hangup')));
  const whom = element(/^sips?:/i.test(to) ? 'User' : 'Number', {}, escapeText(to));
  const action = desk.address(PATHS.dialled, 'http');
  return xml(response(element('Dial', { action, method: 'POST', sipHeaders: headers && sipHeaders(headers) }, whom)));
}

/** The agent has a caller back whom nobody took; else they have talked, and the call is over. */
function takeBack(knock: Knock, desk: PlivoDesk): Answer | Promise<Answer> {
  return wasMissed(knock.form?.get('DialStatus')) ? announce(knock, desk) : xml(response(element('Hangup')));
}

/** For a call that was sent back to us to be where another is: whoever comes for it goes there. It is over when either leaves. */
function meet(knock: Knock, desk: PlivoDesk): Answer {
  const query = queryOf(knock.target);
  // a caller who comes when the person has just left would be told to have met them: that they have left is heard a moment later
  if (query.get('as') === 'person') report(knock, desk, [{ type: 'there', who: 'person' }]);
  const attributes = { startConferenceOnEnter: 'true', endConferenceOnExit: 'true', maxMembers: '2' };
  return xml(response(element('Conference', attributes, escapeText(`parley-${query.get('call') ?? ''}`))));
}

function accept(socket: OpenSocket, options: AcceptOptions<PlivoSettings, PlivoRest>): Promise<AudioLine> {
  const { desk, rest, knock } = options;
  return acceptJsonLine(PLIVO_DIALECT, socket, {
    ...options,
    known: announcedWith(desk, lastSegment(knock.target)),
    inFormat: CONTENT_TYPES[desk.settings.plivoContentType],
    rest: rest && meeting(checkingHeaders(restOf(rest, desk, PATHS.next)), rest, desk),
  });
}

/** Both meet in a conference, of which Plivo is told when it asks what to do with them. */
const meeting = (line: LineRest, rest: PlivoRest, desk: PlivoDesk): LineRest => ({
  ...line,
  meets: 'told',
  async transfer(caller, to, options) {
    if (!options?.meeting) return line.transfer?.(caller, to, options);
    const { id, as } = options.meeting;
    await rest.redirect(caller.carrierCallId, `${addressFor(desk, PATHS.meeting, id)}&as=${as}`);
  },
});

/** What Plivo could not pass on is refused before the call is sent back to us, while there is still a line. */
const checkingHeaders = (rest: LineRest): LineRest => ({
  ...rest,
  async transfer(caller, to, options) {
    if (options?.headers) sipHeaders(options.headers);
    await rest.transfer?.(caller, to, options);
  },
});

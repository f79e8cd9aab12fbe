/**
 * SignalWire, as a worker sees it: calls that ring are announced by a signed webhook, whose answer names the token that the
 * socket then shows in its header (`authBearerToken`). A caller is handed over by sending the call back to us, to be told.
 */
import type { OpenSocket } from '../../lib/open-socket.ts';
import type { AudioLine } from '../contract.ts';
import type { AcceptOptions, Answer, Desk, Door, Knock, Verdict } from '../door.ts';
import {
  announcedWith,
  announceLine,
  headerOf,
  recallNext,
  refusal,
  restOf,
  stranger,
  xml,
} from '../json/announced.ts';
import { acceptJsonLine } from '../json/line.ts';
import { firstMissing, placedCallOf } from '../json/placed.ts';
import { placing, takeStatus } from '../json/twilio-like/placing.ts';
import { PARAMETER_NAMES } from '../json/wire.ts';
import { verifySignature } from '../signature.ts';
import { dial, hangUp, wasMissed } from '../verbs.ts';
import { element, response } from '../xml.ts';
import { SIGNALWIRE_DIALECT } from './line.ts';
import { SignalwireRest } from './rest.ts';
import {
  checkSignalwireSettings,
  SIGNALWIRE_ACCOUNT,
  SIGNALWIRE_SETTINGS,
  type SignalwireSettings,
} from './settings.ts';
import { SIGNATURE_HEADER } from './signature.ts';
import { CODECS } from './wire.ts';

type SignalwireDesk = Desk<SignalwireSettings, SignalwireRest>;

const PATHS = {
  voice: '/signalwire/voice',
  next: '/signalwire/next',
  dialled: '/signalwire/dialled',
  media: '/signalwire/media',
  status: '/signalwire/status',
};
const SIGNED_POST = { method: 'POST', signatureHeader: SIGNATURE_HEADER, mayKnock: isSigned } as const;

export const signalwire: Door<typeof SIGNALWIRE_SETTINGS, SignalwireRest> = {
  name: 'signalwire',
  label: 'SignalWire',
  answersWith: 'cXML',
  settings: SIGNALWIRE_SETTINGS,
  opensWith: 'signalwireSigningKey',
  check: checkSignalwireSettings,
  routes: [
    { ...SIGNED_POST, path: PATHS.voice, answer: announce },
    { ...SIGNED_POST, path: PATHS.next, answer: goOn },
    { ...SIGNED_POST, path: PATHS.dialled, answer: takeBack },
    { ...SIGNED_POST, path: PATHS.status, answer: takeStatus },
  ],
  upgrades: [{ path: PATHS.media, mayKnock: () => ({ type: 'caller' }), tokenOf, accept }],
  transferNeeds: ({ signalwireProjectId }) =>
    signalwireProjectId === undefined ? SIGNALWIRE_SETTINGS.signalwireProjectId.env : undefined,
  outbound: placing({
    needs: (settings) => firstMissing(SIGNALWIRE_SETTINGS, settings, ['signalwireSigningKey', ...SIGNALWIRE_ACCOUNT]),
    ...{ voicePath: PATHS.voice, statusPath: PATHS.status, detects: ({ signalwireDetection }) => signalwireDetection },
  }),
  openRest({ signalwireProjectId: projectId, signalwireApiToken: apiToken, signalwireSpaceUrl: spaceUrl }, options) {
    if (projectId === undefined || apiToken === undefined || spaceUrl === undefined) return undefined;
    return new SignalwireRest({ projectId, apiToken, spaceUrl }, options);
  },
};

function isSigned({ target, headers, form }: Knock, desk: SignalwireDesk): Verdict {
  const signature = headerOf(headers, SIGNATURE_HEADER);
  if (signature === undefined) return stranger('the request is not signed');
  const { signalwireSigningKey: key = '' } = desk.settings;
  const url = desk.address(target, 'http');
  if (verifySignature({ url, signature, authTokens: [key], form })) return { type: 'carrier' };
  return stranger(
    'the signature is not that of our address: compare PARLEY_PUBLIC_URL with the address that SignalWire calls, and the signing key',
  );
}

function tokenOf({ headers }: Knock): string | undefined {
  return /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
}

/** For a call that rings, or was placed and is answered: where its audio is to go, or why it cannot be taken. */
async function announce(knock: Knock, desk: SignalwireDesk): Promise<Answer> {
  const placed = placedCallOf(knock, desk);
  if (placed === 'over') return xml(hangUp());
  if (placed) return connect(placed, desk);
  const { form } = knock;
  const [from, to] = [form?.get('From') ?? undefined, form?.get('To') ?? undefined];
  const announced = await announceLine(desk, { path: PATHS.voice, from, to });
  if ('refusal' in announced) return refusal(announced.refusal);
  return connect({ token: announced.token, from, to }, desk);
}

function connect(call: { token: string; from: string | undefined; to: string | undefined }, desk: SignalwireDesk) {
  const { token, from, to } = call;
  const numbers = { [PARAMETER_NAMES.from]: from, [PARAMETER_NAMES.to]: to };
  const parameters = Object.entries(numbers).map(([name, value]) => value && element('Parameter', { name, value }));
  const url = desk.address(PATHS.media, 'ws');
  const codec = desk.settings.signalwireCodec;
  const stream = element('Stream', { url, codec, authBearerToken: token }, parameters.join(''));
  return xml(response(element('Connect', {}, stream)));
}

/** For a call that was sent back to us: whom it is to be connected with. */
function goOn({ form }: Knock, desk: SignalwireDesk): Answer {
  const { to, headers } = recallNext(desk, form?.get('CallSid') ?? undefined) ?? {};
  return xml(to === undefined ? hangUp() : dial(to, { headers, actionUrl: desk.address(PATHS.dialled, 'http') }));
}

/** The agent has a caller back whom nobody took; else they have talked, and the call is over. */
function takeBack(knock: Knock, desk: SignalwireDesk): Answer | Promise<Answer> {
  return wasMissed(knock.form?.get('DialCallStatus')) ? announce(knock, desk) : xml(hangUp());
}

function accept(socket: OpenSocket, options: AcceptOptions<SignalwireSettings, SignalwireRest>): Promise<AudioLine> {
  const { desk, rest, knock } = options;
  return acceptJsonLine(SIGNALWIRE_DIALECT, socket, {
    ...options,
    known: announcedWith(desk, tokenOf(knock)),
    inFormat: CODECS[desk.settings.signalwireCodec],
    rest: rest && restOf(rest, desk, PATHS.next),
  });
}

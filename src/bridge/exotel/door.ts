/**
 * Exotel, as a worker sees it: the Voicebot applet of a flow asks where the audio of a call is to go, or opens its socket by
 * itself; either shows a password, for Exotel signs nothing. When the socket closes, the flow goes on: its Connect applet asks
 * whom the caller is to be handed over to, if to anybody.
 */
import type { OpenSocket } from '../../lib/open-socket.ts';
import type { AudioFormat } from '../../audio/contract.ts';
import type { AudioLine } from '../contract.ts';
import type { AcceptOptions, Answer, Desk, Door, Knock, Verdict } from '../door.ts';
import {
  announcedWith,
  announceLine,
  byLeaving,
  fieldsOf,
  lastSegment,
  queryOf,
  recallNext,
  stranger,
} from '../json/announced.ts';
import { acceptJsonLine } from '../json/line.ts';
import { showsSecret } from '../shown-secret.ts';
import { EXOTEL_DIALECT } from './line.ts';
import { isSealed, placing, STATUS_PATH, takeStatus } from './placing.ts';
import { ExotelRest } from './rest.ts';
import { checkExotelSettings, EXOTEL_SETTINGS, type ExotelSettings } from './settings.ts';
import { RATES_HZ } from './wire.ts';

type ExotelDesk = Desk<ExotelSettings, ExotelRest>;

const PATHS = { voicebot: '/exotel/voicebot', next: '/exotel/next', media: '/exotel/media' };
const GUARDED = { signatureHeader: 'authorization', mayKnock: showsPassword } as const;

export const exotel: Door<typeof EXOTEL_SETTINGS, ExotelRest> = {
  name: 'exotel',
  label: 'Exotel',
  answersWith: 'JSON',
  settings: EXOTEL_SETTINGS,
  opensWith: 'exotelSecrets',
  check: checkExotelSettings,
  routes: [
    ...(['GET', 'POST'] as const).flatMap((method) => [
      { ...GUARDED, method, path: PATHS.voicebot, answer: announce },
      { ...GUARDED, method, path: PATHS.next, answer: goOn },
    ]),
    { method: 'POST', path: STATUS_PATH, mayKnock: isSealed, answer: takeStatus },
  ],
  upgrades: [
    { path: PATHS.media, mayKnock: showsPassword, accept },
    {
      path: `${PATHS.media}/*`,
      mayKnock: () => ({ type: 'caller' }),
      tokenOf: ({ target }) => lastSegment(target),
      accept,
    },
  ],
  outbound: placing((desk, hexToken) => socketFor(desk, hexToken)),
  openRest({ exotelAccountSid, exotelApiKey, exotelApiToken, exotelRestUrl: baseUrl }, options) {
    if (exotelAccountSid === undefined || exotelApiKey === undefined || exotelApiToken === undefined) return undefined;
    const account = { accountSid: exotelAccountSid, apiKey: exotelApiKey, apiToken: exotelApiToken };
    return new ExotelRest({ ...account, baseUrl }, options);
  },
};

function showsPassword({ headers }: Knock, desk: ExotelDesk): Verdict {
  if (showsSecret(headers, desk.settings.exotelSecrets)) return { type: 'carrier' };
  return stranger(`the password of ${EXOTEL_SETTINGS.exotelSecrets.env} was not shown`);
}

/** Of the address, where applets say who calls, or of a form. */
function factsIn(knock: Knock): (...names: string[]) => string | undefined {
  const query = queryOf(knock.target);
  const fields = fieldsOf(knock);
  return (...names) => names.map((name) => query.get(name) || fields(name)).find((value) => value !== undefined);
}

/** For a call whose flow has come to the Voicebot applet: the address of its socket, or that there is none. */
async function announce(knock: Knock, desk: ExotelDesk): Promise<Answer> {
  const fact = factsIn(knock);
  const facts = { from: fact('CallFrom', 'From'), to: fact('CallTo', 'To') };
  const announced = await announceLine(desk, { path: PATHS.voicebot, ...facts });
  if ('refusal' in announced) return { ...json({ error: announced.refusal.text }), status: 503 };
  return json({ url: socketFor(desk, announced.hexToken) });
}

const socketFor = (desk: ExotelDesk, hexToken: string): string =>
  `${desk.address(`${PATHS.media}/${hexToken}`, 'ws')}?sample-rate=${desk.settings.exotelSampleRate}`;

/** For a call whose flow has come to the Connect applet: nobody, where the call was not handed over. */
function goOn(knock: Knock, desk: ExotelDesk): Answer {
  const to = recallNext(desk, factsIn(knock)('CallSid'))?.to;
  return json({ fetch_after_attempt: false, destination: { numbers: to === undefined ? [] : [to.trim()] } });
}

const json = (value: unknown): Answer => ({ type: 'application/json; charset=utf-8', body: JSON.stringify(value) });

function accept(socket: OpenSocket, options: AcceptOptions<ExotelSettings, ExotelRest>): Promise<AudioLine> {
  const { desk, knock, rest: _none, ...line } = options;
  const token = lastSegment(knock.target);
  return acceptJsonLine(EXOTEL_DIALECT, socket, {
    ...line,
    known: announcedWith(desk, token),
    inFormat: formatIn(knock),
    // there is nothing to ask of an API; and behind a call that was placed there is no flow that could go on
    rest: desk.outboundWith(token) ? undefined : byLeaving(desk),
  });
}

/** What the address of the socket asks for, where the start does not say what came of it. */
function formatIn({ target }: Knock): AudioFormat {
  const query = queryOf(target);
  const asked = Number(query.get('sample-rate') ?? query.get('sample_rate'));
  return { encoding: 'linear16', sampleRateHz: RATES_HZ.find((rate) => rate === asked) ?? 8_000 };
}

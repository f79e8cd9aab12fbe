/**
 * The door of web pages: the server behind a page asks for a token, by a token of the worker's, and the page of a listed
 * origin shows it once. Closed, where no page is listed.
 */
import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { VoiceError } from '../../lib/errors.ts';
import { isRecord, parseJson } from '../../lib/json.ts';
import type { OpenSocket } from '../../lib/open-socket.ts';
import type { BridgeCall, CallerFacts } from '../contract.ts';
import type { AcceptOptions, AnnouncedCall, Answer, CarrierRest, Desk, Door, Knock, Verdict } from '../door.ts';
import { headerOf, stranger } from '../json/announced.ts';
import { acceptWeb, type KeptLine, type ResumableLine } from './line.ts';
import { WEB_SETTINGS, type WebSettings } from './settings.ts';
import { RESUME_PREFIX, SUBPROTOCOL, TOKEN_PREFIX } from './wire.ts';

type WebDesk = Desk<WebSettings>;

const PATHS = { calls: '/web/calls', call: '/web/call', client: '/web/parley.js' };
/** How long a token is good. */
const TOKEN_MS = 60_000;
/** How long a page may be away from its call. */
const RESUME_MS = 10_000;
const LONGEST_PARAMETERS = 4_096;

export const web: Door<typeof WEB_SETTINGS> = {
  name: 'web',
  label: 'the browser',
  settings: WEB_SETTINGS,
  opensWith: 'webOrigins',
  originsFrom: 'webOrigins',
  announcedForMs: TOKEN_MS,
  isOpenToPeers: true, // whoever announces calls shows a token of the worker's
  routes: [
    {
      method: 'POST',
      path: PATHS.calls,
      mayKnock: () => stranger('calls are announced by whoever runs the page'),
      answer: announce,
    },
    { method: 'GET', path: PATHS.client, mayKnock: () => ({ type: 'caller' }), answer: sendClient },
  ],
  upgrades: [{ path: PATHS.call, protocols: [SUBPROTOCOL], mayKnock: mayOpen, tokenOf, processOf, accept }],
};

// ---- a call is announced --------------------------------------------------------------------------------------------

const Wanted = z.strictObject({
  origin: z
    .string()
    .transform((value) => value.toLowerCase())
    .optional(),
  agent: z.string().optional(),
  from: z.string().max(256).optional(),
  to: z.string().max(256).optional(),
  parameters: z
    .record(z.string().max(128), z.string())
    .refine(
      (value) => JSON.stringify(value).length <= LONGEST_PARAMETERS,
      `expected at most ${LONGEST_PARAMETERS} characters`,
    )
    .optional(),
});

async function announce({ body }: Knock, desk: WebDesk): Promise<Answer> {
  const given = body === undefined || body.length === 0 ? {} : parseJson(new TextDecoder().decode(body));
  const wanted = Wanted.safeParse(given);
  if (!wanted.success) return failed(400, isRecord(given) ? z.prettifyError(wanted.error) : 'expected a JSON object');
  const { origin, agent, ...call } = wanted.data;
  const { webOrigins } = desk.settings;
  if (origin !== undefined && !webOrigins.includes(origin)) {
    return failed(400, `expected \`origin\` to be one of PARLEY_WEB_ORIGINS, got \`${origin.slice(0, 200)}\``);
  }
  if (agent !== undefined && agent !== desk.agent) {
    return failed(
      404,
      `expected \`agent\` to be ${desk.agent}, which is the one of this worker, got \`${agent.slice(0, 200)}\``,
    );
  }
  const announced = await desk.announce({ callId: undefined, path: PATHS.calls });
  if ('refusal' in announced) return failed(503, announced.refusal.text);
  const { token } = announced;
  await desk.remember(`page ${token}`, { token, origin, ...call });
  const { carrierCallId } = callerOf(token, undefined);
  return json(200, { token, url: desk.address(PATHS.call, 'ws'), expiresInMs: TOKEN_MS, carrierCallId });
}

const json = (status: number, value: object): Answer => ({
  ...{ status, type: 'application/json', body: JSON.stringify(value) },
  headers: { 'cache-control': 'no-store' },
});

const failed = (status: number, error: string): Answer => json(status, { error });

/** The id of the call is made of its token, of which it tells nothing. */
function callerOf(token: string | undefined, known: AnnouncedCall | undefined): CallerFacts {
  const id = token === undefined ? '' : createHash('sha256').update(`call of ${token}`).digest('hex').slice(0, 32);
  const { from, to, parameters = {} } = known ?? {};
  return { carrierCallId: id && `web-${id}`, from, to, parameters };
}

// ---- its page comes -------------------------------------------------------------------------------------------------

/** Pages that are away may come back to their lines, by the keys that they were given, from where they called. A key says first which process has the line. */
const lines = new WeakMap<object, Map<string, { line: ResumableLine; origin: string | undefined }>>();

function mayOpen(knock: Knock, desk: WebDesk): Verdict {
  if (!offered(knock).includes(SUBPROTOCOL)) return stranger(`the sub-protocol ${SUBPROTOCOL} was not offered`);
  if (shown(knock, RESUME_PREFIX) !== undefined) {
    return lineOf(knock, desk) ? { type: 'returning' } : stranger('no line that is there has the key that was shown');
  }
  const origin = announcedWith(knock, desk)?.origin;
  if (origin !== undefined && knock.headers.origin?.toLowerCase() !== origin) {
    return stranger('the token was announced for another web page');
  }
  return { type: 'caller' };
}

function tokenOf(knock: Knock): string | undefined {
  return shown(knock, TOKEN_PREFIX);
}

function shown(knock: Knock, prefix: string): string | undefined {
  const one = offered(knock).find((each) => each.startsWith(prefix));
  return one?.slice(prefix.length);
}

const newKey = ({ process }: WebDesk): string => `${process}.${randomBytes(24).toString('base64url')}`;

function processOf(knock: Knock): number | undefined {
  const [, number] = /^(\d{1,9})\./.exec(shown(knock, RESUME_PREFIX) ?? '') ?? [];
  return number === undefined ? undefined : Number(number);
}

function lineOf(knock: Knock, desk: WebDesk): ResumableLine | undefined {
  const kept = lines.get(desk)?.get(shown(knock, RESUME_PREFIX) ?? '');
  return kept?.line.canResume && kept.origin === knock.headers.origin ? kept.line : undefined;
}

function announcedWith(knock: Knock, desk: WebDesk): AnnouncedCall | undefined {
  const token = tokenOf(knock);
  return token === undefined ? undefined : desk.recall(`page ${token}`);
}

/** A page can set no header but this one. */
function offered({ headers }: Knock): string[] {
  return (headerOf(headers, 'sec-websocket-protocol') ?? '').split(',').map((one) => one.trim());
}

async function accept(
  socket: OpenSocket,
  options: AcceptOptions<WebSettings, CarrierRest>,
): Promise<BridgeCall | undefined> {
  const { knock, desk } = options;
  if (shown(knock, RESUME_PREFIX) !== undefined) {
    const line = lineOf(knock, desk);
    if (!line) throw new VoiceError('unauthorized', 'web: Expected the key of a line that is there, got another');
    await line.resume(socket);
    return undefined;
  }
  const resume = { keepMs: RESUME_MS, keep: (line: ResumableLine) => keep(knock, desk, line) };
  return acceptWeb(socket, { ...options, caller: callerOf(tokenOf(knock), announcedWith(knock, desk)), resume });
}

function keep(knock: Knock, desk: WebDesk, line: ResumableLine): KeptLine {
  const key = newKey(desk);
  const kept = lines.get(desk) ?? new Map<string, { line: ResumableLine; origin: string | undefined }>();
  lines.set(desk, kept.set(key, { line, origin: knock.headers.origin }));
  return { key, forget: () => void kept.delete(key) };
}

// ---- what it loads --------------------------------------------------------------------------------------------------

/** A page of another origin has to be let read it. Its text is loaded when it is first asked for: few workers are. */
async function sendClient({ headers }: Knock): Promise<Answer> {
  const { origin } = headers;
  const { clientText } = await import('./client.ts');
  return {
    type: 'text/javascript; charset=utf-8',
    body: await clientText(),
    headers: {
      ...{ vary: 'origin', 'cache-control': 'max-age=300', 'x-content-type-options': 'nosniff' },
      ...(origin !== undefined && { 'access-control-allow-origin': origin }),
    },
  };
}

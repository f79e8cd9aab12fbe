/**
 * What the doors of this family have in common: a call that rings is announced by a webhook, its line shows the token of it
 * in the address or a header before anything of it is read, and where it is to go next the carrier comes and asks.
 */
import { isRecord, parseJson } from '../../lib/json.ts';
import type { AnnouncedCall, Announcement, Answer, Desk, Knock, Refusal, Verdict } from '../door.ts';
import type { LineRest } from '../line-requests.ts';
import { redirect, refuse, requireSip } from '../verbs.ts';
import type { CallFacts } from './line.ts';

type AnyDesk = Pick<Desk, 'announce' | 'address' | 'remember' | 'recall'>;

/** The facts are kept, for where the line does not say them again. `path`: for the log. */
export async function announceLine(
  desk: AnyDesk,
  { path, ...facts }: CallFacts & { path: string },
): Promise<Announcement | { refusal: Refusal }> {
  const announced = await desk.announce({ callId: undefined, path });
  if ('refusal' in announced) return announced;
  const { token, hexToken } = announced;
  await Promise.all([token, hexToken].map((key) => desk.remember(`line ${key}`, { token, ...facts })));
  return announced;
}

/** What was announced with the token, in either of its spellings. */
export const announcedWith = (desk: AnyDesk, token: string | undefined): CallFacts | undefined =>
  token === undefined ? undefined : desk.recall(`line ${token}`);

/** An API that ends calls, and has a carrier ask another address what to do with one. */
interface RedirectingRest {
  hangUp(callId: string): Promise<void>;
  redirect(callId: string, url: string): Promise<void>;
}

/**
 * A caller is handed over by sending the call back to us: `nextPath` is where the carrier asks then, to be told to whom. SIP
 * headers go in what it is told.
 */
export const restOf = (rest: RedirectingRest, desk: AnyDesk, nextPath: string): LineRest => ({
  hangUp: ({ carrierCallId }) => rest.hangUp(carrierCallId),
  passesHeaders: true,
  async transfer({ carrierCallId }, to, { headers } = {}) {
    if (headers) requireSip(to.trim());
    await rememberNext(desk, carrierCallId, { to, headers });
    await rest.redirect(carrierCallId, desk.address(nextPath, 'http'));
  },
});

/**
 * Of a carrier that goes on by itself when our line ends: a caller is handed over by leaving, and being asked where to.
 * `check`: of one that is told of SIP headers then; throws for those that it cannot pass on. Default: it passes none on.
 */
export const byLeaving = (desk: AnyDesk, check?: (to: string) => void): LineRest => ({
  ...(check && { passesHeaders: true }),
  hangUp: () => Promise.resolve(),
  async transfer({ carrierCallId, to: from }, to, { headers } = {}) {
    if (headers) check?.(to.trim());
    await rememberNext(desk, carrierCallId, { to, from, headers });
  },
});

/** Where a call is to go about which the carrier will ask. `from`: the number that was called, where it is known. */
type NextOfCall = Pick<AnnouncedCall, 'to' | 'from' | 'headers' | 'ids'>;

export const rememberNext = (desk: Pick<Desk, 'remember'>, callId: string, next: NextOfCall): Promise<void> =>
  desk.remember(`next ${callId}`, { token: '', ...next });

/** Undefined where it is to go nowhere. */
export const recallNext = (desk: Pick<Desk, 'recall'>, callId: string | undefined): NextOfCall | undefined =>
  callId === undefined ? undefined : desk.recall(`next ${callId}`);

/** Of a path that ends with it. */
export const lastSegment = (target: string): string | undefined => /\/([^/?#]+)(?:[?#]|$)/.exec(target)?.[1];

/** Of a path that has one; else it is empty. */
export const queryOf = (target: string): URLSearchParams => new URLSearchParams(/\?([^#]*)/.exec(target)?.[1]);

export const stranger = (reason: string): Verdict => ({ type: 'stranger', reason });

/** One header, of which there may be several. */
export function headerOf(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  name: string,
): string | undefined {
  const given = headers[name];
  return Array.isArray(given) ? given[0] : given;
}

/** What a webhook says, by name: of a form, or of a JSON object where it is one. Numbers are text; what is empty says nothing. */
export function fieldsOf({ body, form }: Pick<Knock, 'body' | 'form'>): (name: string) => string | undefined {
  const text = body === undefined ? '' : Buffer.from(body).toString();
  const json = /^\s*\{/.test(text) ? parseJson(text, { mostValues: MOST_FIELDS }) : undefined;
  return (name) => {
    const value = isRecord(json) ? json[name] : form?.get(name);
    return typeof value === 'number' ? String(value) : typeof value === 'string' && value !== '' ? value : undefined;
  };
}

/** Of a webhook; carriers send some dozens. */
const MOST_FIELDS = 1_000;

export const xml = (body: string): Answer => ({ type: 'text/xml; charset=utf-8', body });

/** What a call is told that cannot be taken, by carriers whose documents are Twilio's. */
export const refusal = ({ text, url }: Refusal): Answer => xml(url === undefined ? refuse(text) : redirect(url));

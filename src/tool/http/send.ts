/**
 * One request of a tool over connections that the process keeps, with its redirects, and as much of the answer as it may have. To
 * the public internet alone, unless the tool says otherwise.
 */
import { Agent, request, type Dispatcher } from 'undici';
import { shortText } from '../../lib/thrown.ts';
import { ending, TellingError } from '../telling-error.ts';
import { PrivateAddress, publicConnector } from './addresses.ts';
import type { HttpPlan } from './plan.ts';

/** A request, filled in. */
export interface FilledRequest {
  method: HttpPlan['method'];
  url: URL;
  headers: Readonly<Record<string, string>>;
  body: string | undefined;
}

/** What came back. */
export interface Answer {
  status: number;
  /** In lower case, without parameters; empty when there is none. */
  contentType: string;
  text: string;
  /** How long the server asked us to wait; undefined when it did not. */
  retryAfterMs: number | undefined;
}

const CONNECT_MS = 5_000;
/** What is done, and whose answer nobody waits for any more, is still read for so long. */
const LONGEST_WRITE_MS = 60_000;
const MOST_REDIRECTS = 5;
/** Of what a stranger's server says, in a message. */
const LONGEST_WORD = 100;

let publicAgent: Agent | undefined;
let openAgent: Agent | undefined;

/** One for the process, made when the first tool asks; its connections do not keep the process. */
function agentFor(allowPrivate: boolean): Agent {
  if (allowPrivate) return (openAgent ??= new Agent({ connect: { timeout: CONNECT_MS } }));
  return (publicAgent ??= new Agent({ connect: publicConnector(CONNECT_MS) }));
}

/** @throws {TellingError} when there is no answer, or none that may be read. @throws the signal's reason */
export async function send(filled: FilledRequest, plan: HttpPlan, signal: AbortSignal): Promise<Answer> {
  let asked = filled;
  for (let redirects = 0; ; redirects++) {
    const response = await ask(asked, plan, signal);
    const { statusCode: status, headers, body } = response;
    const location = headers['location'];
    if (!REDIRECTS.has(status) || typeof location !== 'string') return read(response, plan, signal);
    body.on('error', () => undefined).destroy();
    if (redirects === MOST_REDIRECTS) throw refused(plan, `was redirected more than ${MOST_REDIRECTS} times`);
    asked = redirected(asked, { status, location, first: filled.url }, plan);
  }
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

async function ask(
  { method, url, headers, body }: FilledRequest,
  plan: HttpPlan,
  signal: AbortSignal,
): Promise<Dispatcher.ResponseData> {
  const waitMs = plan.effect === 'read' ? 0 : LONGEST_WRITE_MS; // a read's signal ends it
  try {
    return await request(url, {
      method,
      headers: { 'user-agent': 'parley-voice', accept: 'application/json', ...headers },
      body: body ?? null,
      dispatcher: agentFor(plan.allowPrivate),
      headersTimeout: waitMs,
      bodyTimeout: waitMs,
      signal,
    });
  } catch (error) {
    throw signal.aborted ? signal.reason : unreachable(plan, error);
  }
}

/** Of these it is certain that nothing was sent. */
const NOT_CONNECTED = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
]);

function unreachable(plan: HttpPlan, error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  if (error instanceof PrivateAddress) return refused(plan, `was not sent: ${error.message}`);
  const code = 'code' in error ? String(error.code) : '';
  const isUndone = plan.effect === 'read' || NOT_CONNECTED.has(code);
  const what = code && !error.message.includes(code) ? `${error.message} (${code})` : error.message;
  return new TellingError(`${plan.shown} had no answer: ${what || error.name}`, {
    told: `The service cannot be reached at the moment. ${ending(isUndone)}`,
    mayPass: true,
    isUndone,
  });
}

/** What whoever wrote the tool has to mend, and no caller can. */
function refused(plan: HttpPlan, what: string, isUndone = true): TellingError {
  const told = `This cannot be done at the moment. ${ending(isUndone)}`;
  return new TellingError(`${plan.shown} ${what}`, { told, mayPass: false, isUndone });
}

/** The request that a redirect asks for. To a server that is not the first one it goes without the tool's headers. */
function redirected(
  { method, url, headers, body }: FilledRequest,
  { status, location, first }: { status: number; location: string; first: URL },
  plan: HttpPlan,
): FilledRequest {
  const isUndone = status !== 303; // which says that it was done, and where the answer is
  const target = URL.canParse(location, url.href) ? new URL(location, url) : undefined;
  if (!target || !['http:', 'https:'].includes(target.protocol)) {
    throw refused(plan, 'was redirected to what is no address of a web server', isUndone);
  }
  target.username = target.password = '';
  const isSame = target.origin === first.origin;
  if (!isSame && !plan.redirects.includes(target.origin)) {
    throw refused(
      plan,
      `was redirected to ${shortText(target.origin, LONGEST_WORD)}, which \`redirects\` does not name`,
      isUndone,
    );
  }
  const keepsMethod = status === 307 || status === 308 || method === 'GET' || method === 'HEAD';
  const kept = isSame ? headers : {};
  if (!keepsMethod) return { method: 'GET', url: target, headers: without(kept, 'content-type'), body: undefined };
  const type = headers['content-type'];
  return { method, url: target, headers: isSame || !type ? kept : { 'content-type': type }, body };
}

function without(headers: Readonly<Record<string, string>>, name: string): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([key]) => key !== name));
}

async function read(
  { statusCode: status, headers, body }: Dispatcher.ResponseData,
  plan: HttpPlan,
  signal: AbortSignal,
): Promise<Answer> {
  const isUndone = plan.effect === 'read' || status >= 400;
  const type = first(headers['content-type']);
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const piece of body as AsyncIterable<Uint8Array>) {
      bytes += piece.length;
      if (bytes > plan.mostBytes) break; // which lets go of the connection
      pieces.push(piece);
    }
  } catch (error) {
    throw signal.aborted ? signal.reason : unreachable(plan, error);
  }
  if (bytes > plan.mostBytes)
    throw refused(plan, `was answered by more than ${plan.mostBytes} bytes (\`mostBytes\`)`, isUndone);
  const encoding = first(headers['content-encoding']);
  if (encoding && encoding !== 'identity')
    throw refused(plan, `was answered in the encoding \`${shortText(encoding, LONGEST_WORD)}\`, unasked`, isUndone);
  return {
    status,
    contentType: type.split(';')[0]?.trim().toLowerCase() ?? '',
    text: decode(Buffer.concat(pieces), /charset="?([\w-]+)/i.exec(type)?.[1]),
    retryAfterMs: retryAfterMs(first(headers['retry-after'])),
  };
}

const first = (header: string | string[] | undefined): string => (Array.isArray(header) ? header[0] : header) ?? '';

function decode(bytes: Uint8Array, charset = 'utf-8'): string {
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    return new TextDecoder().decode(bytes);
  }
}

/** A date in it is as good as a long time. */
function retryAfterMs(header: string): number | undefined {
  if (header === '') return undefined;
  return /^\d+$/.test(header) ? Number(header) * 1_000 : Infinity;
}

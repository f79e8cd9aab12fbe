/**
 * What a carrier does with the documents of a worker, until its audio is to go somewhere or the call is over: says, presses
 * keys, asks elsewhere. Which verb begins a stream, the carrier says.
 */
import { messageOf, ProviderError } from '../../lib/errors.ts';
import { readTwiml, type XmlElement } from './xml-reader.ts';

/** Up to the verb that leaves the document. */
export interface DocumentRead {
  /** All that was said to the caller. */
  said: string;
  /** Keys, by `<Play digits>`. */
  pressed: string;
  /** The stream, or whatever else stands in `<Connect>`. */
  connect: XmlElement | undefined;
  redirect: string | undefined;
  /** Whom the caller was connected with. */
  dialled: string | undefined;
}

const SAYS = new Set(['Say', 'Speak']);

export function readDocument(xml: string): DocumentRead {
  const said: string[] = [];
  let pressed = '';
  let end: Partial<DocumentRead> = {};
  for (const verb of readTwiml(xml)) {
    if (SAYS.has(verb.name)) said.push(verb.text.trim());
    else if (verb.name === 'Play') pressed += verb.attributes['digits'] ?? '';
    else if (verb.name === 'Redirect') end = { redirect: verb.text.trim() };
    else if (verb.name === 'Connect') end = { connect: verb.children[0] };
    else if (verb.name === 'Stream') end = { connect: verb };
    else if (verb.name === 'Dial') end = { dialled: verb.children[0]?.text ?? verb.text };
    if (Object.keys(end).length > 0 || verb.name === 'Hangup' || verb.name === 'Reject') break;
  }
  return { said: said.join(' '), pressed, connect: undefined, redirect: undefined, dialled: undefined, ...end };
}

/** `<Parameter name value>` within a stream. */
export function parametersIn({ children }: XmlElement): Record<string, string> {
  const pairs = children.filter(({ name }) => name === 'Parameter');
  return Object.fromEntries(pairs.map(({ attributes }) => [attributes['name'] ?? '', attributes['value'] ?? '']));
}

const MOST_REDIRECTS = 5;
const TIMEOUT_MS = 15_000;

/** Asks the worker, and wherever it sends the call, until there is a stream or none is coming. */
export async function followDocuments(
  voiceUrl: string,
  ask: (url: string) => Promise<string>,
  given?: string,
): Promise<Omit<DocumentRead, 'redirect'>> {
  let url = voiceUrl;
  let [said, pressed] = ['', ''];
  for (let asked = 0; asked <= MOST_REDIRECTS; asked++) {
    const { redirect, ...read } = readDocument(asked === 0 && given !== undefined ? given : await ask(url));
    said = `${said} ${read.said}`.trim();
    pressed += read.pressed;
    if (redirect === undefined) return { ...read, said, pressed };
    url = new URL(redirect, url).href;
  }
  throw failed(`Expected at most ${MOST_REDIRECTS} redirects from ${voiceUrl}, got one more`);
}

export interface WebhookRequest {
  /** As the carrier knows it, for errors. */
  url: string;
  /** Where it is really reached. */
  reachedAt: string;
  type: string;
  body: string;
  headers: Readonly<Record<string, string>>;
}

/** @throws {ProviderError} `connect-failed` or `unauthorized` */
export async function askWebhook({ url, reachedAt, type, body, headers }: WebhookRequest): Promise<string> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(reachedAt, {
      ...{ method: 'POST', headers: { 'content-type': type, ...headers }, body },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    text = await response.text();
  } catch (error) {
    throw failed(`Expected ${url} to answer, got: ${messageOf(error)}`, { cause: error });
  }
  if (!response.ok) throw failed(`Expected ${url} to answer, got HTTP ${response.status}`, { status: response.status });
  return text;
}

export function failed(message: string, facts: { status?: number; cause?: unknown } = {}): ProviderError {
  const code = facts.status === 401 || facts.status === 403 ? 'unauthorized' : 'connect-failed';
  return new ProviderError('worker', code, message, { phase: 'connect', ...facts });
}

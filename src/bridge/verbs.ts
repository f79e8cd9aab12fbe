/**
 * What carriers are told to do with a call whose documents are Twilio's, or nearly: TwiML, cXML, TeXML, CXML. Pure text, with
 * everything that comes from outside escaped.
 */
import { VoiceError } from '../lib/errors.ts';
import type { TransferOptions } from './contract.ts';
import { element, escapeText, response } from './xml.ts';

/** Says why the call cannot be taken, and ends it. */
export function refuse(
  text: string,
  voice: { language?: string | undefined; voice?: string | undefined } = {},
): string {
  return response(element('Say', { ...voice }, escapeText(text)) + element('Hangup'));
}

export function hangUp(): string {
  return response(element('Hangup'));
}

/** Has the carrier ask another URL what to do. */
export function redirect(url: string): string {
  return response(redirectVerb(url));
}

/** The same, to stand behind other verbs. */
export function redirectVerb(url: string): string {
  return element('Redirect', { method: 'POST' }, escapeText(url));
}

export interface DialOptions extends TransferOptions {
  /** What whoever is called sees. Default: the carrier's choice, which is the caller's number. */
  callerId?: string | undefined;
  /** Asked what to do next, with what became of it, when they have talked or nobody took the call. Default: the call ends. */
  actionUrl?: string | undefined;
}

/**
 * Connects the caller to a phone number, a SIP address (`sip:...`) or a client of the carrier's (`client:...`).
 * @throws {VoiceError} `request-invalid`, when there are headers, and no SIP address that they could go to.
 */
export function dial(to: string, { callerId, actionUrl, headers }: DialOptions = {}): string {
  const attributes = { callerId, action: actionUrl, method: actionUrl && 'POST' };
  return response(element('Dial', attributes, dialTarget(withHeaders(to.trim(), headers))));
}

/** Nobody took the call that a `<Dial>` was for. Any other end of it is that of a talk. */
export const wasMissed = (dialStatus: string | null | undefined): boolean =>
  ['busy', 'no-answer', 'failed', 'canceled', 'cancel', 'timeout'].includes(dialStatus ?? '');

/**
 * These carriers take SIP headers as a query of the address.
 * @throws {VoiceError} `request-invalid`
 */
function withHeaders(to: string, headers: TransferOptions['headers'] = {}): string {
  const entries = Object.entries(headers);
  if (entries.length === 0) return to;
  requireSip(to);
  const query = entries.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
  return `${to}${to.includes('?') ? '&' : '?'}${query}`;
}

/** @throws {VoiceError} `request-invalid`: a telephone number is no place for SIP headers. */
export function requireSip(to: string): void {
  if (/^sips?:/i.test(to)) return;
  throw new VoiceError('request-invalid', 'Expected a SIP address (`sip:...`) to pass SIP headers to, got another one');
}

function dialTarget(to: string): string {
  if (/^sips?:/i.test(to)) return element('Sip', {}, escapeText(to));
  const client = /^client:(.+)$/is.exec(to)?.[1];
  return client === undefined ? escapeText(to) : element('Client', {}, escapeText(client));
}

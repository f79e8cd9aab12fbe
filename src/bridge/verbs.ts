/**
 * What carriers are told to do with a call whose documents are Twilio's, or nearly: TwiML, cXML, TeXML, CXML. Pure text, with
 * everything that comes from outside escaped.
 */
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

/** Connects the caller to a phone number, a SIP address (`sip:...`) or a client of the carrier's (`client:...`). */
export function dial(to: string, options: { callerId?: string | undefined } = {}): string {
  return response(element('Dial', { callerId: options.callerId }, dialTarget(to.trim())));
}

function dialTarget(to: string): string {
  if (/^sips?:/i.test(to)) return element('Sip', {}, escapeText(to));
  const client = /^client:(.+)$/is.exec(to)?.[1];
  return client === undefined ? escapeText(to) : element('Client', {}, escapeText(client));
}

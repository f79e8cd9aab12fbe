/**
 * Whether a request really comes from a carrier that signs as Twilio does: HMAC-SHA1 over the URL and the fields of a form.
 * Pure: the caller brings the URL as the carrier was given it, from configuration and never from the `Host` header.
 * @see https://www.twilio.com/docs/usage/webhooks/webhooks-security
 */
import { createHash, createHmac } from 'node:crypto';
import { isEqual } from './equal.ts';

/** The fields of a form, in any order; a name may come more than once. `URLSearchParams` is one. */
export type FormFields = Iterable<readonly [name: string, value: string]>;

export interface SignedRequest {
  /** As the carrier was given it: scheme (`wss` for an upgrade), host, path, query, its percent-encoding untouched. */
  url: string;
  /** The header; a request without one is not the carrier's. */
  signature: string | undefined;
  /** The account's, primary and secondary while they are being changed. */
  authTokens: readonly string[];
  /** Of a form POST. A WebSocket upgrade and a JSON body have none. */
  form?: FormFields | undefined;
  /** Of a JSON POST, whose SHA-256 the URL carries as `bodySHA256`. */
  rawBody?: Uint8Array | undefined;
}

/** Every candidate is computed and compared in constant time, whichever of them matches. */
export function verifySignature({ url, signature, authTokens, form, rawBody }: SignedRequest): boolean {
  if (signature === undefined) return false;
  const fields = form ? signedFields(form) : '';
  let isSigned = false;
  for (const candidate of urlsThatMayBeSigned(url)) {
    for (const authToken of authTokens) {
      if (authToken !== '' && isEqual(sign(authToken, candidate + fields), signature)) isSigned = true;
    }
  }
  return isSigned && isBodyIntact(url, rawBody);
}

/** What the carrier puts into the header. */
export function signRequest(authToken: string, url: string, form?: FormFields): string {
  return sign(authToken, url + (form ? signedFields(form) : ''));
}

function sign(authToken: string, data: string): string {
  return createHmac('sha1', authToken).update(data, 'utf8').digest('base64');
}

/** Name and value of each, by name; of a name that comes again each different value once, in order. */
function signedFields(form: FormFields): string {
  const valuesByName = new Map<string, Set<string>>();
  for (const [name, value] of form) {
    const values = valuesByName.get(name);
    if (values) values.add(value);
    else valuesByName.set(name, new Set([value]));
  }
  return [...valuesByName.keys()]
    .sort()
    .flatMap((name) => [...(valuesByName.get(name) ?? [])].sort().map((value) => name + value))
    .join('');
}

const STANDARD_PORTS: Record<string, string> = { http: '80', https: '443', ws: '80', wss: '443' };

/**
 * The URL itself; with a slash at its end, which some genuine upgrades are signed with; and both with the scheme's
 * standard port written out or left out, which differs between a carrier's products.
 */
function urlsThatMayBeSigned(url: string): string[] {
  const [, scheme, host, port, rest] = /^([a-z]+):\/\/(\[[^\]]*\]|[^:/?#]*)(?::(\d+))?(.*)$/is.exec(url) ?? [];
  const standardPort = STANDARD_PORTS[scheme?.toLowerCase() ?? ''];
  const urls = [url];
  if (standardPort !== undefined && port === undefined) urls.push(`${scheme}://${host}:${standardPort}${rest}`);
  if (standardPort !== undefined && port === standardPort) urls.push(`${scheme}://${host}${rest}`);
  return urls.flatMap((one) => [one, `${one}/`]);
}

function isBodyIntact(url: string, rawBody: Uint8Array | undefined): boolean {
  const expected = /[?&]bodySHA256=([^&#]*)/.exec(url)?.[1];
  if (expected === undefined) return rawBody === undefined || rawBody.length === 0;
  if (rawBody === undefined) return false;
  return isEqual(createHash('sha256').update(rawBody).digest('hex'), expected.toLowerCase());
}

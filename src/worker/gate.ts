/**
 * Who may use a bridge's routes: Twilio, by its signature; whoever shows a token of ours; without either being
 * configured only programs on this machine. A web page never, unless its origin is listed. Pure.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import { publicUrl } from '../lib/public-url.ts';
import { SIGNATURE_HEADER, verifySignature } from '../bridge/twilio/signature.ts';

export interface Knock {
  /** Path and query, as they came. */
  target: string;
  protocol: 'http' | 'ws';
  headers: IncomingHttpHeaders;
  remoteAddress: string | undefined;
  /** Of a form POST. */
  form?: URLSearchParams | undefined;
}

export interface GateSettings {
  /** Twilio's, two while they change. */
  authTokens: readonly string[];
  /** Ours, for peers that cannot sign. */
  bridgeTokens?: readonly string[];
  /** Of web pages that may knock, such as `https://desk.example.com`. */
  origins?: readonly string[];
  /** The address that Twilio was given. */
  publicUrl: string | undefined;
}

/** Why not, for the log; undefined when the knock is let in. Nothing of a token, a signature or a query is in it. */
export function judge(knock: Knock, settings: GateSettings): string | undefined {
  const { authTokens, bridgeTokens = [], origins = [] } = settings;
  if (isSigned(knock, settings)) return undefined; // no web page can send that header, so its origin is no matter
  const { origin } = knock.headers;
  const isListed = origin !== undefined && origins.includes(origin.toLowerCase());
  if (authTokens.length === 0 && bridgeTokens.length === 0) return judgeLocal(knock, isListed);
  if (origin !== undefined && !isListed) return `web pages of ${origin} are not listed in PARLEY_ORIGINS`;
  if (showsToken(knock, bridgeTokens)) return undefined;
  if (authTokens.length === 0 || hasToken(knock)) return 'no token of PARLEY_BRIDGE_TOKEN was shown';
  if (knock.headers[SIGNATURE_HEADER] === undefined) return 'the request is not signed';
  const url = withoutValues(publicUrl(settings.publicUrl ?? '', knock.target, knock.protocol));
  return `the signature is not that of ${url}: compare PARLEY_PUBLIC_URL with the address that Twilio calls, and the auth token`;
}

/** Twilio has sent it, or somebody who has its token. */
export function isSigned(knock: Knock, { authTokens, publicUrl: base = '' }: GateSettings): boolean {
  const given = knock.headers[SIGNATURE_HEADER];
  const signature = Array.isArray(given) ? given[0] : given;
  if (authTokens.length === 0 || signature === undefined) return false;
  const url = publicUrl(base, knock.target, knock.protocol);
  return verifySignature({ url, signature, authTokens, form: knock.form });
}

/** `Authorization: Bearer ...`, or `?token=...` for peers that can set no header. */
export function showsToken(knock: Pick<Knock, 'target' | 'headers'>, tokens: readonly string[]): boolean {
  const given = tokenOf(knock);
  if (given === undefined) return false;
  const hash = digest(given);
  let isKnown = false;
  for (const token of tokens) if (timingSafeEqual(digest(token), hash)) isKnown = true; // all of them, whichever it is
  return isKnown;
}

/** A program on this machine has sent it: nothing that a proxy hands on, which comes from elsewhere. */
export function isLocal({ remoteAddress = '', headers }: Pick<Knock, 'remoteAddress' | 'headers'>): boolean {
  return isLoopback(remoteAddress) && forwardedBy(headers) === undefined;
}

/**
 * Whose doing a knock is, for counting: behind `proxies` proxies of ours the last but so many that they have named,
 * else whoever is connected. One address of IPv6 is nothing, so its network of 64 bits counts.
 */
export function addressOf({ remoteAddress = '', headers }: Pick<Knock, 'remoteAddress' | 'headers'>, proxies: number) {
  const named = [headers['x-forwarded-for'] ?? []].flat().join(',').split(',');
  const forwarded = proxies > 0 ? plainAddress(named.at(-proxies)?.trim() ?? '') : '';
  return networkOf(isIP(forwarded) ? forwarded : plainAddress(remoteAddress));
}

/** What a browser sends may be any web page's doing. */
function judgeLocal({ remoteAddress = '', headers }: Knock, isListed: boolean): string | undefined {
  const advice =
    'without PARLEY_TWILIO_AUTH_TOKEN or PARLEY_BRIDGE_TOKEN being set calls are taken from this machine only';
  if (!isLoopback(remoteAddress)) return advice;
  const proxy = forwardedBy(headers);
  if (proxy !== undefined) return `${advice}, and a proxy has brought this one (${proxy})`;
  return headers.origin === undefined || isListed ? undefined : `${advice}, and not from web pages (${headers.origin})`;
}

const isLoopback = (address: string): boolean => /^(127\.|::1$|::ffff:127\.)/.test(address);

const forwardedBy = (headers: IncomingHttpHeaders): string | undefined =>
  ['forwarded', 'x-forwarded-for', 'x-real-ip'].find((name) => headers[name] !== undefined);

const hasToken = (knock: Knock): boolean => tokenOf(knock) !== undefined;

function tokenOf({ target, headers }: Pick<Knock, 'target' | 'headers'>): string | undefined {
  const bearer = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1];
  return bearer ?? new URLSearchParams(/\?([^#]*)/.exec(target)?.[1]).get('token') ?? undefined;
}

/** All of one length, so that comparing them takes one time. */
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** A query may hold a token, and whoever reads the log need not. */
const withoutValues = (url: string): string => url.replace(/=[^&]*/g, '=...');

const plainAddress = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');

function networkOf(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = '', tail] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  const after = tail ? tail.split(':') : [];
  while (tail !== undefined && groups.length + after.length < 8) groups.push('0');
  const network = [...groups, ...after].slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${network.join(':')}::/64`;
}

/**
 * Who may use a route of a carrier: the carrier, by what it alone can show; where its door is open to others, whoever
 * shows a token of ours, and without either being configured programs on this machine. A web page never, unless its
 * origin is listed. Pure.
 */
import { isIP } from 'node:net';
import type { Knock, Verdict } from '../bridge/door.ts';
import { isOneOf } from '../bridge/equal.ts';
import { quote, whyNotLocal } from './this-machine.ts';

/** What a route goes by, beside what its carrier makes of the knock. */
export interface GateRules {
  /** What opens the carrier's door: its variable, and whether that is set. Undefined: the carrier has no such thing. */
  opener: { env: string; isSet: boolean } | undefined;
  /** Others than the carrier may knock. */
  isOpenToPeers: boolean;
  /** Ours, for peers that cannot sign. */
  bridgeTokens: readonly string[];
  /** Of web pages that may knock, such as `https://desk.example.com`. */
  origins: readonly string[];
  /** The variable that lists them. */
  originsEnv: string;
}

/** Why not, for the log; undefined when the knock is let in. Nothing of a token, a signature or a query is in it. */
export function judge(knock: Knock, verdict: Verdict, rules: GateRules): string | undefined {
  const { opener, isOpenToPeers, bridgeTokens, origins, originsEnv } = rules;
  const { origin } = knock.headers;
  const isListed = origin !== undefined && origins.includes(origin.toLowerCase());
  const unlisted =
    origin === undefined || isListed ? undefined : `web pages of ${quote(origin)} are not listed in ${originsEnv}`;
  const isShut = opener !== undefined && !opener.isSet;
  // no web page can show that, so its origin is no matter; where it is that of a line which is there, it was looked at
  if ((verdict.type === 'carrier' || verdict.type === 'returning') && !isShut) return undefined;
  if (verdict.type === 'caller' && !isShut) return unlisted;
  if (verdict.type === 'caller' && isShownLater(knock, rules)) return undefined;
  if (isShut && !isOpenToPeers) return `${opener.env} is not set, and without it this door is closed`;
  if (isOpenToPeers && !opener?.isSet && bridgeTokens.length === 0) return judgeLocal(knock, isListed, opener?.env);
  if (unlisted !== undefined) return unlisted;
  if (isOpenToPeers && showsToken(knock, bridgeTokens)) return undefined;
  if (isOpenToPeers && (isShut || hasToken(knock))) return 'no token of PARLEY_BRIDGE_TOKEN was shown';
  return verdict.type === 'stranger' ? verdict.reason : 'the carrier has not shown what it alone has';
}

/** By TCP nothing can be shown: where a token of ours is set, the line has to be that of a call which was announced with it. */
export function isShownLater(
  { protocol }: Pick<Knock, 'protocol'>,
  { isOpenToPeers, bridgeTokens }: GateRules,
): boolean {
  return protocol === 'tcp' && isOpenToPeers && bridgeTokens.length > 0;
}

/** `Authorization: Bearer ...`, or `?token=...` for peers that can set no header. */
export function showsToken(knock: Pick<Knock, 'target' | 'headers'>, tokens: readonly string[]): boolean {
  const given = tokenOf(knock);
  return given !== undefined && isOneOf(given, tokens);
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
function judgeLocal(knock: Knock, isListed: boolean, opener?: string): string | undefined {
  const either = opener === undefined ? 'PARLEY_BRIDGE_TOKEN' : `${opener} or PARLEY_BRIDGE_TOKEN`;
  const advice = `without ${either} being set calls are taken from this machine only`;
  const elsewhere = whyNotLocal(knock);
  if (elsewhere !== undefined) return `${advice}, and ${elsewhere}`;
  const { origin } = knock.headers;
  return origin === undefined || isListed ? undefined : `${advice}, and not from web pages (${quote(origin)})`;
}

/** Whether it shows a token at all, good or not. */
export const hasToken = (knock: Pick<Knock, 'target' | 'headers'>): boolean => tokenOf(knock) !== undefined;

function tokenOf({ target, headers }: Pick<Knock, 'target' | 'headers'>): string | undefined {
  const bearer = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1];
  return bearer ?? new URLSearchParams(/\?([^#]*)/.exec(target)?.[1]).get('token') ?? undefined;
}

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

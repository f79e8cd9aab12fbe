/**
 * Whether it is a program on this machine that knocks. It is not when a proxy on this machine hands on what has come from
 * elsewhere, nor when a web page asks that has pointed its own name at this machine. Pure.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { Knock } from '../bridge/door.ts';
import { isLocalName } from '../lib/local-name.ts';

type Peer = Pick<Knock, 'remoteAddress' | 'headers'>;

/** Of what others have written, for the log. */
const LONGEST_QUOTE = 100;

/**
 * By what proxies, tunnels and content networks say for whom they speak, in lower case and with hyphens. None of these a
 * program on this machine sends for itself.
 */
const PROXY_HEADERS = [
  /^(.*-)?via$|forwarded|^proxy-connection$|^cdn-loop$|^surrogate-capability$|^front-end-https$/, // of the standards, and of many
  /(client|connecting|real|remote|originating|originated|cluster|true|user|source|peer)-?(ip|addr|address|port)(v6)?$/,
  /^x-(host|scheme|url-scheme|ssl|request-start|varnish|iinfo|cloud-trace-context)$/,
  /^x-(original|ssl|cdn|edge|akamai|arr|envoy|nf|azure|appengine|amzn|amz-cf|vercel|sucuri|ngrok)-/,
  /^(cf|fly|fastly|akamai|ngrok|tailscale|cloudfront|incap|wl-proxy|l5d|ssl-client)-/,
];

/** A program on this machine has sent it. */
export const isLocal = (peer: Peer): boolean => whyNotLocal(peer) === undefined;

/** Why it is not, to be put behind what is asked of others; undefined when it is. */
export function whyNotLocal({ remoteAddress = '', headers }: Peer): string | undefined {
  if (!isLoopback(remoteAddress)) return 'this one has come from elsewhere';
  const proxy = Object.keys(headers).find(isProxyHeader);
  if (proxy !== undefined) return `a proxy has brought this one (${quote(proxy)})`;
  return isForThisMachine(headers) ? undefined : `this one has asked for another host (${quote(headers.host ?? '')})`;
}

export function quote(text: string): string {
  return text.length <= LONGEST_QUOTE ? text : `${text.slice(0, LONGEST_QUOTE)}...`;
}

const isLoopback = (address: string): boolean => /^(127\.|::1$|::ffff:127\.)/i.test(address);

function isProxyHeader(name: string): boolean {
  const plain = name.replaceAll('_', '-');
  return PROXY_HEADERS.some((pattern) => pattern.test(plain));
}

/** A page cannot hide the name that it was loaded from; who names no host is no page. */
function isForThisMachine({ host }: IncomingHttpHeaders): boolean {
  return host === undefined || isLocalName(host.replace(/:\d{1,5}$/, ''));
}

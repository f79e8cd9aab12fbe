/**
 * Who may use a bridge's routes: Twilio, by its signature, where an auth token is configured; without one only programs on
 * this machine. Pure.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { publicUrl, SIGNATURE_HEADER, verifySignature } from '../bridge/twilio/signature.ts';

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
  authTokens: readonly string[];
  /** The address that Twilio was given. */
  publicUrl: string | undefined;
}

/** Why not, for the log; undefined when the knock is let in. */
export function judge(knock: Knock, { authTokens, publicUrl: base = '' }: GateSettings): string | undefined {
  if (authTokens.length === 0) return judgeLocal(knock);
  const given = knock.headers[SIGNATURE_HEADER];
  const signature = Array.isArray(given) ? given[0] : given;
  if (signature === undefined) return 'the request is not signed';
  const url = publicUrl(base, knock.target, knock.protocol);
  if (verifySignature({ url, signature, authTokens, form: knock.form })) return undefined;
  return `the signature is not that of ${url}: compare PARLEY_PUBLIC_URL with the address that Twilio calls, and the auth token`;
}

/** What a proxy hands on comes from elsewhere, and what a browser sends may be any web page's doing. */
function judgeLocal({ remoteAddress = '', headers }: Knock): string | undefined {
  const advice = 'without PARLEY_TWILIO_AUTH_TOKEN calls are taken from this machine only';
  if (!/^(127\.|::1$|::ffff:127\.)/.test(remoteAddress)) return advice;
  const proxy = ['forwarded', 'x-forwarded-for', 'x-real-ip'].find((name) => headers[name] !== undefined);
  if (proxy !== undefined) return `${advice}, and a proxy has brought this one (${proxy})`;
  return headers.origin === undefined ? undefined : `${advice}, and not from web pages (${headers.origin})`;
}

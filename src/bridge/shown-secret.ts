/**
 * What a peer shows that signs nothing: a secret that is always the same, as the password of `Basic` (whatever the user is
 * called) or as `Bearer`.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { isOneOf } from './equal.ts';

export function shownSecret({ authorization = '' }: Pick<IncomingHttpHeaders, 'authorization'>): string | undefined {
  const [, scheme = '', value = ''] = /^(Basic|Bearer) +(\S+) *$/i.exec(authorization) ?? [];
  if (value === '') return undefined;
  if (scheme.toLowerCase() === 'bearer') return value;
  const [, password] = /^[^:]*:(.*)$/s.exec(Buffer.from(value, 'base64').toString()) ?? [];
  return password;
}

/** Whether it is one of `secrets`, all of them compared in constant time; of none, nothing is. */
export const showsSecret = (headers: Pick<IncomingHttpHeaders, 'authorization'>, secrets: readonly string[]): boolean =>
  isOneOf(shownSecret(headers) ?? '', secrets);

/**
 * Who may ask: programs of this machine, and pages of this worker's own. A page of somebody else's that the same person has
 * open may send requests here as well, under a name of its own that leads to this machine (DNS rebinding), or from its own
 * origin; neither is answered.
 */
import type { IncomingHttpHeaders } from 'node:http';

/** Of a browser on this machine. */
export function ownOrigins(port: number): string[] {
  return HOSTS.map((host) => `http://${host}:${port}`);
}

/** Names of the address that the worker listens at. */
export const HOSTS = ['127.0.0.1', 'localhost'] as const;

/** Why a request is not answered; undefined when it is. */
export function refusalOf(headers: IncomingHttpHeaders, port: number): string | undefined {
  const own = ownOrigins(port);
  const { host = '', origin } = headers;
  if (!own.includes(`http://${host.toLowerCase()}`))
    return `expected the host of this machine, such as 127.0.0.1:${port}`;
  if (origin !== undefined && !own.includes(origin.toLowerCase())) return 'expected a page of this worker';
  const from = headers['sec-fetch-site'];
  const isVisit = headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
  if (from === 'cross-site' && !isVisit) return 'expected a page of this worker';
  return undefined;
}

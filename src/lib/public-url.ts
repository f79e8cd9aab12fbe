/** Addresses as the world knows them: from configuration, never from what a request says of itself. Pure. */

/**
 * The URL that a peer was given for a path of ours. `baseUrl` is configuration (`https://voice.example.com`),
 * `requestTarget` is `request.url`; `protocol` `ws` makes `https` into `wss`.
 */
export function publicUrl(baseUrl: string, requestTarget: string, protocol: 'http' | 'ws'): string {
  const base = baseUrl.replace(/\/+$/, '');
  const path = requestTarget.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '');
  const schemed = protocol === 'ws' ? base.replace(/^http/i, 'ws') : base.replace(/^ws/i, 'http');
  return schemed + (path.startsWith('/') ? path : `/${path}`);
}

/** For logs: a query may hold a token, and whoever reads the log need not. */
export function withoutValues(url: string): string {
  return url.replace(/=[^&]*/g, '=...');
}

/** Where a server is, for people: no name, password or query is in it, and no last slash. */
export function withoutSecrets(baseUrl: string): string {
  if (!URL.canParse(baseUrl)) return baseUrl;
  const { origin, pathname } = new URL(baseUrl);
  return origin + pathname.replace(/\/+$/, '');
}

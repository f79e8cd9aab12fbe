/**
 * The client for browsers, as text: `bundle.config.ts` puts it here when it makes the package. From source it is made when it
 * is first asked for.
 */

let made: Promise<string> | undefined;

export function clientText(): Promise<string> {
  return (made ??= import.meta.parleyWebClient === undefined ? make() : Promise.resolve(import.meta.parleyWebClient));
}

async function make(): Promise<string> {
  const path = new URL('../../../bundle.config.ts', import.meta.url).href;
  const { bundleWebClient } = (await import(path)) as { bundleWebClient: () => string };
  return bundleWebClient();
}

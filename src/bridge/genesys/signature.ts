/**
 * Whether a connection really comes from Genesys: an HTTP message signature, HMAC-SHA256 over the address and what says whose
 * session it is. Pure: whoever asks brings the time, and sees to it that a nonce is good once.
 * @see https://developer.genesys.cloud/devapps/audiohook/security
 */
import { createHmac } from 'node:crypto';
import { isEqual } from '../equal.ts';

/** So old, or so far ahead of our clock, a signature may be, in seconds. */
export const MOST_SECONDS_APART = 10;
/** All of them have to be signed: without one the signature would be good for another address or session. */
const COMPONENTS = [
  '@request-target',
  '@authority',
  'audiohook-organization-id',
  'audiohook-session-id',
  'audiohook-correlation-id',
  'x-api-key',
];
/** Longer ones are none of Genesys'. */
const LONGEST_INPUT = 2_048;

export interface SignedUpgrade {
  /** Path and query, as they came. */
  target: string;
  /** Host, with the port where it is not the usual one, as Genesys was given it. */
  authority: string;
  /** By their names in lower case. */
  headers: Readonly<Record<string, string | string[] | undefined>>;
}

export interface GenesysSecret {
  /** In base64. */
  clientSecret: string;
  /** Default: any that the signature names. */
  apiKey?: string | undefined;
  nowSeconds: number;
}

/** The nonce of a signature that is Genesys', or what is wrong with it, for the log. */
export function verifyGenesys(upgrade: SignedUpgrade, secret: GenesysSecret): { nonce: string } | { problem: string } {
  const input = readInput(textOf(upgrade.headers['signature-input']));
  if (!input) return { problem: 'Signature-Input was not shown, or says nothing that can be read' };
  const missing = COMPONENTS.find((name) => !input.components.includes(name));
  if (missing !== undefined) return { problem: `${missing} is not signed` };
  const shown = new RegExp(`(?:^|,)\\s*${input.label}=:([A-Za-z0-9+/]+={0,2}):`).exec(
    textOf(upgrade.headers['signature']),
  )?.[1];
  if (shown === undefined || !isEqual(hmac(baseOf(upgrade, input), secret.clientSecret), shown)) {
    return { problem: 'it was not made with the client secret, or for another address than ours' };
  }
  const problem = problemIn(input.parameters, upgrade, secret);
  return problem === undefined ? { nonce: input.parameters['nonce'] ?? '' } : { problem };
}

function problemIn(
  { keyid, alg, nonce, created, expires }: Readonly<Record<string, string>>,
  { headers }: SignedUpgrade,
  { apiKey, nowSeconds }: GenesysSecret,
): string | undefined {
  if (alg !== undefined && alg !== 'hmac-sha256') return 'it is no HMAC-SHA256';
  if (keyid === undefined || !isEqual(keyid, textOf(headers['x-api-key']))) return 'its key is not the X-API-KEY';
  if (apiKey !== undefined && !isEqual(apiKey, keyid)) return 'its key is not that of PARLEY_GENESYS_API_KEY';
  if (nonce === undefined || nonce === '') return 'it has no nonce';
  const isInTime = Math.abs(nowSeconds - Number(created)) <= MOST_SECONDS_APART;
  const isOver = expires !== undefined && !(nowSeconds <= Number(expires));
  return isInTime && !isOver ? undefined : 'it is too old, or the clocks are apart';
}

interface SignatureInput {
  label: string;
  components: string[];
  parameters: Readonly<Record<string, string>>;
  /** As it came, behind the label: it is signed, too. */
  text: string;
}

/** `sig1=("@request-target" ...);keyid="...";created=1` */
function readInput(header: string): SignatureInput | undefined {
  if (header.length > LONGEST_INPUT) return undefined;
  const [, label, text = '', inner = '', rest = ''] = /^\s*([A-Za-z]\w*)=(\(([^()]*)\)([^()]*))$/.exec(header) ?? [];
  if (label === undefined) return undefined;
  const components = inner.split(' ').flatMap((name) => /^"([^"]+)"$/.exec(name)?.[1]?.toLowerCase() ?? []);
  const pairs = rest.split(';').map((pair) => /^\s*([\w-]+)=(?:"([^"]*)"|(\d+))\s*$/.exec(pair));
  const parameters = pairs.flatMap((pair) => (pair ? [[pair[1], pair[2] ?? pair[3]] as [string, string]] : []));
  return { label, components, parameters: Object.fromEntries(parameters), text };
}

/** What is signed: each component by its name, in the order of the input, and the input itself. */
function baseOf({ target, authority, headers }: SignedUpgrade, { components, text }: SignatureInput): string {
  const own: Readonly<Record<string, string>> = { '@request-target': target, '@authority': authority };
  const lines = components.map((name) => `"${name}": ${own[name] ?? textOf(headers[name])}`);
  return [...lines, `"@signature-params": ${text}`].join('\n');
}

/** What Genesys shows, for stand-ins and tests. `headers`: those of the session, the key among them. */
export function signGenesys(
  upgrade: SignedUpgrade,
  { clientSecret, nowSeconds, nonce }: { clientSecret: string; nowSeconds: number; nonce: string },
): { signature: string; 'signature-input': string } {
  const created = Math.floor(nowSeconds);
  const names = COMPONENTS.map((name) => `"${name}"`).join(' ');
  const key = textOf(upgrade.headers['x-api-key']);
  const text = `(${names});keyid="${key}";nonce="${nonce}";alg="hmac-sha256";created=${created};expires=${created + MOST_SECONDS_APART}`;
  const base = baseOf(upgrade, { label: 'sig1', components: COMPONENTS, parameters: {}, text });
  return { signature: `sig1=:${hmac(base, clientSecret)}:`, 'signature-input': `sig1=${text}` };
}

const textOf = (header: string | string[] | undefined): string =>
  (Array.isArray(header) ? header[0] : header)?.trim() ?? '';
const hmac = (text: string, secret: string): string =>
  createHmac('sha256', Buffer.from(secret, 'base64')).update(text).digest('base64');

/** Whom to call: a worker's webhook, or one of its sockets; how it is signed; and what it meant when it did not answer. */
import { messageOf, ProviderError, VoiceError } from '../../lib/errors.ts';
import { isRecord, parseJson } from '../../lib/json.ts';
import { publicUrl } from '../../lib/public-url.ts';
import { DIALECTS, STANDARD_LINE, type Dialect, type LineName } from '../../simulate/dialects.ts';
import { dialMedia, dialRelay, placeCallBy, type PlaceCallOptions, type PlacedCall } from '../../simulate/telephone.ts';
import { UsageError } from '../report.ts';
import { whyUnreached } from '../../lib/unreached.ts';

export interface CallTarget {
  /** `webhook`: ask it first what is to be done with the call. */
  kind: 'webhook' | 'media' | 'relay';
  /** Where it is reached. */
  url: string;
  /** As the world knows it, which is what is signed. */
  signedUrl: string;
  /** The carrier that it is dialled as. */
  line: LineName;
}

/** @throws {UsageError} when an address is none */
export function readTarget(url: string, signed: string | undefined, line: LineName = STANDARD_LINE): CallTarget {
  const address = readAddress('--url', url);
  const isSocket = address.protocol.startsWith('ws');
  const { label, paths }: Dialect = DIALECTS[line];
  if (address.protocol === 'tcp:') {
    if (line === 'audiosocket' && address.port !== '') return { kind: 'webhook', url: url, signedUrl: url, line };
    throw new UsageError(`expected --url to be tcp://HOST:PORT for --line audiosocket alone, got ${url}`);
  }
  if (isSocket && paths.media === undefined) {
    throw new UsageError(
      `expected --url to be http:// or https://, as the worker is reached by whoever dials as ${label}, got ${url}`,
    );
  }
  if (address.pathname === '/') address.pathname = (isSocket ? paths.media : undefined) ?? paths.voice;
  const kind = !isSocket ? 'webhook' : address.pathname.endsWith('/relay') ? 'relay' : 'media';
  if (signed === undefined) return { kind, url: address.href, signedUrl: address.href, line };
  const known = readAddress('--signed-url', signed);
  const target = known.pathname === '/' ? address.pathname + address.search : known.pathname + known.search;
  return { kind, url: address.href, signedUrl: publicUrl(known.origin, target, isSocket ? 'ws' : 'http'), line };
}

function readAddress(option: string, text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && /^(https?|wss?|tcp):$/.test(url.protocol)) return url;
  throw new UsageError(`expected ${option} to be an address such as http://127.0.0.1:8080, got ${text}`);
}

export type DialFacts = Omit<PlaceCallOptions, 'voiceUrl' | 'reach'>;

/** @throws {VoiceError} saying why there is no call, in words for whoever runs the worker */
export async function dial(target: CallTarget, facts: DialFacts): Promise<Exclude<PlacedCall, { type: 'refused' }>> {
  try {
    const placed = await place(target, facts);
    if (placed.type !== 'refused') return placed;
    const said = placed.said === '' ? 'it hung up without a word' : `it said: "${placed.said}"`;
    throw new VoiceError('connect-failed', `the worker did not take the call; ${said}`);
  } catch (error) {
    throw explained(error, target, facts.authToken !== undefined);
  }
}

async function place({ kind, url, signedUrl, line: carrier }: CallTarget, facts: DialFacts): Promise<PlacedCall> {
  const { media, relay, ...line } = facts;
  if (kind === 'media') return { type: 'media', caller: await dialMedia({ ...media, ...line, url, signedUrl }) };
  if (kind === 'relay')
    return { type: 'relay', caller: await dialRelay({ ...RELAY, ...relay, ...line, url, signedUrl }) };
  const [near, known] = [new URL(url).host, new URL(signedUrl).host];
  const isNear = new URL(url).protocol === 'http:';
  const reach = (address: string): string => {
    const wanted = new URL(address);
    if (near === known || wanted.host !== known) return address;
    wanted.host = near;
    if (isNear) wanted.protocol = wanted.protocol.replace('s:', ':');
    return wanted.href;
  };
  return placeCallBy(carrier, { ...facts, voiceUrl: signedUrl, reach });
}

/** What a worker asks for in its TwiML, for one that is dialed without. */
const RELAY = { partialPrompts: true, dtmfDetection: true, progress: true };

/** Whether it says that stand-ins are behind it; undefined when it says nothing. @throws {VoiceError} when nobody is there */
export async function askWhetherSimulated({ url }: CallTarget, timeoutMs: number): Promise<boolean | undefined> {
  if (new URL(url).protocol === 'tcp:') return undefined; // there is nobody to ask
  const address = publicUrl(new URL(url).origin, '/readyz', 'http');
  try {
    const response = await fetch(address, { signal: AbortSignal.timeout(timeoutMs) });
    const body = parseJson(await response.text());
    return isRecord(body) && typeof body['simulated'] === 'boolean' ? body['simulated'] : undefined;
  } catch (error) {
    if (error instanceof Error && error.name === 'TimeoutError') return undefined; // the call itself will tell
    throw explained(error, { url }, false);
  }
}

// ---- what went wrong ------------------------------------------------------------------------------------------------

function explained(
  error: unknown,
  { url, line = STANDARD_LINE }: { url: string; line?: LineName },
  isSigned: boolean,
): VoiceError {
  if (!(error instanceof ProviderError)) {
    const reason = whyUnreached(error);
    if (reason !== undefined)
      return new VoiceError('connect-failed', `cannot call ${url}: ${reason}`, { cause: error });
    return error instanceof VoiceError ? error : new VoiceError('connect-failed', messageOf(error), { cause: error });
  }
  const { status, retryAfterMs } = error;
  const say = (text: string) => new VoiceError(error.code, text, { cause: error });
  if (status === 401 || status === 403) {
    const { authTokenEnv, belongsTo }: Dialect = DIALECTS[line];
    const what = belongsTo === undefined ? `the worker's ${authTokenEnv}` : `the private key of its ${belongsTo}`;
    const advice = isSigned
      ? `--auth-token has to be ${what}, and --signed-url its PARLEY_PUBLIC_URL; its log says what it expected`
      : 'sign it with --auth-token, or call from the machine on which it runs; its log says what it expected';
    return say(`the worker refused the call (HTTP ${status}): ${advice}`);
  }
  if (status === 503) {
    const later = retryAfterMs === undefined ? '' : `; it says to try again in ${retryAfterMs / 1_000} s`;
    return say(`the worker takes no calls now (HTTP 503)${later}`);
  }
  if (status === 404) return say(`there is no such path at the worker (HTTP 404): ${url}`);
  const reason = whyUnreached(error);
  return reason === undefined ? say(error.message) : say(`cannot call ${dialed(error) ?? url}: ${reason}`);
}

/** The address that was not reached, which TwiML may have named. */
const dialed = ({ message }: Error): string | undefined => /Expected (\S+:\/\/\S+) to/.exec(message)?.[1];

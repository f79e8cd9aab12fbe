/** Dials a worker elsewhere, and says why it was not reached in words for whoever wrote the test. */
import { ProviderError, VoiceError } from '../lib/errors.ts';
import { isRecord, parseJson } from '../lib/json.ts';
import { publicUrl, withoutSecrets } from '../lib/public-url.ts';
import { whyUnreached } from '../lib/unreached.ts';
import { DIALECT } from '../simulate/dialects.ts';
import { dialMedia, type DialMediaOptions, type MediaCaller } from '../simulate/twilio/media.ts';
import type { WorkerLine } from './call-options.ts';

/**
 * The address of a worker's media socket; without a path, with the one where a worker has it.
 * @throws {VoiceError} `options-invalid`, when it is none
 */
export function readWorkerUrl(text: string): string {
  const problem = problemOfUrl(text);
  if (problem !== undefined) throw new VoiceError('options-invalid', `\`line.url\`: ${problem}`);
  const url = new URL(text);
  if (url.pathname === '/') url.pathname = DIALECT.paths.media;
  return url.href;
}

/** Why it is no address of a media socket; undefined when it is one. */
export function problemOfUrl(text: string): string | undefined {
  const expected = `expected the address of a worker's media socket, such as ws://127.0.0.1:8080${DIALECT.paths.media}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && /^https?:$/.test(url.protocol)) return `${expected}, got ${url.protocol}//: write ${asSocket(url)}`;
  if (!url || !/^wss?:$/.test(url.protocol)) return `${expected}, got ${text}`;
  if (!url.pathname.endsWith('/relay')) return undefined;
  return `${expected}: ${url.pathname} carries text, and what is heard of a call is sound`;
}

const asSocket = ({ protocol, host, pathname }: URL): string =>
  `${protocol.replace('http', 'ws')}//${host}${pathname === '/' ? DIALECT.paths.media : pathname}`;

type Call = Pick<DialMediaOptions, 'from' | 'to' | 'parameters'>;

/** @throws {VoiceError} `connect-failed` or `unauthorized`, saying why there is no call; `options-invalid`, when it would not be understood */
export async function dialWorker(line: WorkerLine, call: Call): Promise<MediaCaller> {
  const { url, authToken, signedUrl, token, voice = 'tones' } = line;
  refuseMisheard(url, voice, await isSimulated(url));
  const signed = authToken === undefined ? {} : { authToken, signedUrl: signedUrl ?? url };
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return dialMedia({ url, ...call, ...signed, headers }).catch((error: unknown) => {
    throw notTaken(error, line);
  });
}

const ASKED_WITHIN_MS = 2_000;

/** Whether it says that stand-ins are behind it; undefined when it says nothing, as workers that are not Parley's. */
async function isSimulated(url: string): Promise<boolean | undefined> {
  const address = publicUrl(new URL(url).origin, '/readyz', 'http');
  try {
    const response = await fetch(address, { signal: AbortSignal.timeout(ASKED_WITHIN_MS) });
    const body = parseJson(await response.text());
    return isRecord(body) && typeof body['simulated'] === 'boolean' ? body['simulated'] : undefined;
  } catch {
    return undefined; // the call itself will tell
  }
}

/** A caller whom nobody understands says nothing of the agent. */
function refuseMisheard(url: string, voice: 'tones' | 'system', isStandIn: boolean | undefined): void {
  if (isStandIn === undefined || isStandIn === (voice === 'tones')) return;
  const why = isStandIn
    ? 'stand-ins hear for it, which understand tones: leave out `voice: system`'
    : 'real services hear for it, which do not understand tones: have the caller speak by `line: { url, voice: system }`';
  throw new VoiceError('options-invalid', `the worker at ${withoutSecrets(url)} was not called: ${why}`);
}

// ---- what went wrong ------------------------------------------------------------------------------------------------

function notTaken(error: unknown, { url, authToken, token }: WorkerLine): VoiceError {
  const where = `the worker at ${withoutSecrets(url)}`;
  const { code, status, retryAfterMs, details } =
    error instanceof ProviderError
      ? error
      : { code: 'connect-failed' as const, status: undefined, retryAfterMs: undefined, details: undefined };
  const say = (what: string) => new VoiceError(code, what, { cause: error });
  if (status === undefined) {
    const why = whyUnreached(error) ?? 'the connection failed';
    return say(`${where} was not reached: ${why.replace('http or https', 'ws or wss')}`);
  }
  const words = typeof details === 'string' ? `; it said: "${details}"` : '';
  const told = `(HTTP ${status}${words})`;
  if (status === 401 || status === 403) {
    const shown =
      authToken === undefined
        ? token === undefined
          ? 'nothing was shown'
          : 'the token is not one of its PARLEY_BRIDGE_TOKEN'
        : `what was signed is not its ${DIALECT.authTokenEnv}, or not its PARLEY_PUBLIC_URL (\`signedUrl\`)`;
    return say(`${where} refused the call ${told}: ${shown}. Its log says what it expected`);
  }
  if (status === 503) {
    const later = retryAfterMs === undefined ? '' : `; it says to try again in ${retryAfterMs / 1_000} s`;
    return say(`${where} takes no calls now ${told}${later}`);
  }
  if (status === 404) return say(`${where} has no such path ${told}`);
  return say(`${where} is no WebSocket ${told}`);
}

/** Whoever knocks at a worker's doors, as a test does: webhooks, handshakes and whole calls, and what becomes of them. */
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { DIALECTS, type LineName } from '../../../src/simulate/dialects.ts';
import { placeCallBy, type MediaCaller } from '../../../src/simulate/telephone.ts';
import { PUBLIC_URL, type TestWorker } from '../../helpers/worker.ts';

/** Who calls whom, unless a test says otherwise. */
export const NUMBERS = { from: '+15550100', to: '+15550199' };

/** A webhook, as one would send it. */
export interface Ring {
  path: string;
  headers: Record<string, string>;
  body: string;
}

export async function post(one: TestWorker, { path, headers, body }: Ring) {
  const response = await fetch(one.url + path, { method: 'POST', headers, body });
  return { status: response.status, text: await response.text() };
}

/** The status of the handshake; 101 when there is a socket. */
export function dial(one: TestWorker, path: string, headers: Record<string, string> = {}): Promise<number> {
  const socket = new WebSocket(one.url.replace('http', 'ws') + path, { headers });
  onTestFinished(() => socket.terminate());
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(101));
    socket.once('unexpected-response', (_, response) => resolve(response.statusCode ?? 0));
    socket.once('error', reject);
  });
}

/** What a whole call by any carrier goes by. */
export interface WholeCallCarrier {
  line: Exclude<LineName, 'twilio'>;
  /** What opens it. */
  secret: string;
  env: Record<string, string>;
  /** Other formats, in which a whole call has to be understood, too. Default: there are none. */
  otherwise?: Record<string, string>;
  /** Who calls then. Default: `+15550100`. */
  otherwiseFrom?: string;
  /** Keys of the agent go out by its socket. */
  hasInbandKeys: boolean;
  /** What was sent can be taken back. Default true. */
  hasClear?: boolean;
  /** It is sent little ahead of what is heard. Default false. */
  isNearRealTime?: boolean;
  /** What it makes of the numbers. Default: nothing. */
  numbers?: { from: string; to: string };
  /** How it is dialled, where no webhook rings before. */
  dial?: (one: TestWorker) => Promise<MediaCaller>;
}

/** Rings a worker from +15550100 as this carrier does, and has it connected. */
export async function place(
  { line, secret, dial: dialled }: Pick<WholeCallCarrier, 'line' | 'secret' | 'dial'>,
  one: TestWorker,
  from = NUMBERS.from,
): Promise<MediaCaller> {
  if (dialled) return dialled(one);
  const placed = await placeCallBy(line, {
    ...{ voiceUrl: PUBLIC_URL + DIALECTS[line].paths.voice, ...NUMBERS, from, authToken: secret },
    reach: one.reach,
  });
  if (placed.type !== 'media') throw new Error(`Expected a line of audio, got ${JSON.stringify(placed)}`);
  return placed.caller;
}

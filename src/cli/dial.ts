/** `parley dial`: has a worker that runs place a call, and tells what becomes of it until it is over. */
import { z } from 'zod';
import { holdProcess, type Clock } from '../lib/clock.ts';
import { messageOf, VoiceError } from '../lib/errors.ts';
import { isRecord, parseJson } from '../lib/json.ts';
import type { CallOrderInput } from '../worker/call-order.ts';
import { print, printJson, UsageError } from './report.ts';
import { whyUnreached } from '../lib/unreached.ts';

export interface DialCommand {
  to: string;
  from?: string;
  line?: string;
  url: string;
  parameter: Record<string, string>;
  voicemail?: 'leave' | 'hang-up';
  message?: string;
  ringMs?: number;
  wait: boolean;
  json?: boolean;
}

/** As a worker tells it, of this version or a later one. */
const State = z.looseObject({
  ...{ id: z.string(), line: z.string(), agent: z.string(), to: z.string(), from: z.string(), placedAt: z.string() },
  state: z.enum(['placing', 'ringing', 'talking', 'ended']),
  answeredBy: z.enum(['person', 'machine', 'unknown']).optional(),
  outcome: z.enum(['completed', 'busy', 'no-answer', 'failed', 'cancelled']).optional(),
  reason: z.string().optional(),
  error: z.object({ code: z.string(), message: z.string(), requestId: z.string().optional() }).optional(),
});
type State = z.output<typeof State>;

/** How often it is asked what has become of the call. */
const ASK_MS = 500;
const TIMEOUT_MS = 10_000;

/** @throws {VoiceError} when the worker cannot be reached, or does not place the call. */
export async function dial(options: DialCommand, clock: Clock): Promise<void> {
  const worker = new WorkerCalls(options.url);
  const tell = options.json ? printJson : shown();
  const placed = await worker.place(orderOf(options));
  tell(placed);
  if (!options.wait) return;
  const letGo = holdProcess(); // between two questions nothing else does
  let isStopped = false;
  const stop = () => {
    if (isStopped) return;
    isStopped = true;
    void worker.cancel(placed.id).catch(() => undefined); // the next answer says what has become of it
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  try {
    const end = await follow(worker, placed, { tell, clock });
    if (end.outcome !== 'completed') process.exitCode = 1;
  } finally {
    letGo();
    process.removeListener('SIGINT', stop).removeListener('SIGTERM', stop);
  }
}

async function follow(
  worker: WorkerCalls,
  placed: State,
  { tell, clock }: { tell: (state: State) => void; clock: Clock },
): Promise<State> {
  for (let last = placed; ;) {
    await new Promise<void>((resolve) => clock.after(ASK_MS, resolve));
    const state = await worker.show(placed.id);
    if (JSON.stringify(state) !== JSON.stringify(last)) tell(state);
    if (state.state === 'ended') return state;
    last = state;
  }
}

function orderOf({ to, from, line, parameter, voicemail, message, ringMs }: DialCommand): CallOrderInput {
  return { ...{ to, from, line, voicemail, message, ringMs }, parameters: parameter };
}

/** Tells each state by what is new in it. */
function shown(): (state: State) => void {
  const told = new Set<string>();
  return (state) => {
    for (const line of linesOf(state)) {
      if (told.has(line)) continue;
      told.add(line);
      print(line);
    }
  };
}

const WHO = {
  person: 'A person has answered.',
  machine: 'A machine has answered.',
  unknown: 'Nobody has said a word.',
};

function* linesOf({ id, to, line, from, state, answeredBy, outcome, reason, error }: State): Generator<string> {
  yield `Calling ${to} from ${from} by ${line}: ${id}`;
  if (state === 'ringing') yield 'It rings.';
  if (state === 'talking') yield 'Answered.';
  if (answeredBy) yield WHO[answeredBy];
  if (state !== 'ended') return;
  const why = error
    ? `${error.message} (${error.code}${error.requestId ? `, request ${error.requestId}` : ''})`
    : reason;
  yield `Over: ${outcome ?? 'unknown'}${why === undefined ? '' : `, ${why}`}`;
}

/** Of a worker that runs. */
class WorkerCalls {
  readonly #url: string;

  constructor(url: string) {
    if (!URL.canParse(url))
      throw new UsageError(`expected --url to be an address such as http://127.0.0.1:8080, got ${url}`);
    this.#url = url.replace(/\/+$/, '');
  }

  place(order: CallOrderInput): Promise<State> {
    return this.#ask('POST', '', JSON.stringify(order));
  }

  show(id: string): Promise<State> {
    return this.#ask('GET', `/${encodeURIComponent(id)}`);
  }

  cancel(id: string): Promise<State> {
    return this.#ask('DELETE', `/${encodeURIComponent(id)}`);
  }

  async #ask(method: string, path: string, body?: string): Promise<State> {
    const token = process.env['PARLEY_BRIDGE_TOKEN']?.split(',')[0]?.trim();
    let response: Response;
    let text: string;
    try {
      response = await fetch(`${this.#url}/calls${path}`, {
        method,
        headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
        ...(body !== undefined && { body }),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      text = await response.text();
    } catch (error) {
      const why = whyUnreached(error) ?? messageOf(error);
      throw new VoiceError('connect-failed', `Expected a worker at ${this.#url} (--url), got: ${why}`);
    }
    const json = parseJson(text);
    const { data } = State.safeParse(json);
    if (!response.ok || !data) throw refused(response.status, isRecord(json) ? json['error'] : text);
    return data;
  }
}

function refused(status: number, said: unknown): VoiceError {
  const why = typeof said === 'string' && said !== '' ? said : 'no reason';
  const code = status === 401 || status === 403 ? 'unauthorized' : status === 503 ? 'rate-limited' : 'request-invalid';
  return new VoiceError(code, `The worker has answered ${status}: ${why}`);
}

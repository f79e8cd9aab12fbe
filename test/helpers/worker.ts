/** Workers for tests: each with its own settings and its own log, all with the same stand-ins behind them. */
import { afterAll, beforeAll } from 'vitest';
import type { FrameClock } from '../../src/audio/frame-clock.ts';
import type { AgentInput } from '../../src/call/agent.ts';
import { createAgent } from '../../src/call/agent.ts';
import type { Call } from '../../src/call/call.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { createLog, silentLog } from '../../src/lib/log.ts';
import { signRequest } from '../../src/bridge/twilio/signature.ts';
import type { ElectronOptionsInput } from '../../src/simulate/electron/options.ts';
import type { ReplyRuleInput } from '../../src/simulate/electron/replies.ts';
import { newSid } from '../../src/simulate/phone/connect.ts';
import { dialMedia, type DialMediaOptions, type MediaCaller } from '../../src/simulate/twilio/media.ts';
import { CARRIERS } from '../../src/worker/carriers.ts';
import { simulateServices, type SimulatedServices } from '../../src/worker/services.ts';
import { readSettings } from '../../src/worker/settings.ts';
import { Worker, type WorkerOptions } from '../../src/worker/worker.ts';

export const AUTH_TOKEN = 'a-token-of-the-account';
export const PUBLIC_URL = 'https://voice.example.com';
/** Settings of a worker that Twilio calls. */
export const SIGNED = { PARLEY_TWILIO_AUTH_TOKEN: AUTH_TOKEN, PARLEY_PUBLIC_URL: PUBLIC_URL };

/** What else runs on this machine is not what a test is about. */
export const NEVER_LATE = { PARLEY_MAX_LAG_MS: '60000' };

const AGENT: AgentInput = {
  name: 'front-desk',
  instructions: 'You answer the phone.',
  greeting: 'Hello.',
  phrases: { goodbye: 'Bye bye.' },
};

/** One log line. */
export type LogLine = Record<string, unknown> & { msg: string };

export class TestWorker {
  readonly worker: Worker;
  readonly url: string;
  readonly logs: LogLine[];
  readonly calls: Call[];

  constructor(parts: { worker: Worker; url: string; logs: LogLine[]; calls: Call[] }) {
    this.worker = parts.worker;
    this.url = parts.url;
    this.logs = parts.logs;
    this.calls = parts.calls;
  }

  get mediaUrl(): string {
    return `${this.url.replace('http', 'ws')}/twilio/media`;
  }

  /** Where an address that the world knows is really reached. */
  readonly reach = (publicUrl: string): string =>
    publicUrl.replace(/^(http|ws)s:\/\/voice\.example\.com/, (_, scheme: string) => this.url.replace('http', scheme));

  dial(options: Partial<DialMediaOptions> = {}): Promise<MediaCaller> {
    return dialMedia({ url: this.mediaUrl, from: '+15550100', to: '+15550199', ...options });
  }

  /** Rings, as Twilio does, another call each time unless it is named: unsigned unless `authToken` is given. */
  async ring(fields: Record<string, string> = {}, options: { authToken?: string; path?: string } = {}) {
    const { authToken, path = '/twilio/voice' } = options;
    const form = new URLSearchParams({ CallSid: newSid('CA'), From: '+15550100', To: '+15550199', ...fields });
    const signature =
      authToken === undefined ? {} : { 'x-twilio-signature': signRequest(authToken, PUBLIC_URL + path, form) };
    const response = await fetch(this.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...signature },
      body: form.toString(),
    });
    return { status: response.status, type: response.headers.get('content-type'), body: await response.text() };
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(this.url + path, { headers });
  }
}

/** Call it once in a file: starts the stand-ins before its tests and ends them after. `replies`: the model's, by rule. */
export function withStandIns(
  replies: ReplyRuleInput[] = [],
  electron: ElectronOptionsInput = {},
): (env?: Record<string, string>, options?: StartOptions) => Promise<TestWorker> {
  let services: SimulatedServices;
  beforeAll(async () => {
    services = await simulateServices({
      clock: systemClock,
      log: silentLog,
      electron: { pace: 'instant', replies, ...electron },
      lightning: { firstByteMs: 0, realTimeFactor: 1_000 },
    });
  });
  const workers: Worker[] = [];
  afterAll(async () => {
    await Promise.all(workers.map((worker) => worker.close()));
    await services.close();
  });
  return async (env, options) => {
    const started = await start(services, env, options);
    workers.push(started.worker);
    return started;
  };
}

export interface StartOptions {
  /** For reservations and the time to drain. Default: the system's. */
  clock?: WorkerOptions['clock'];
  /** Default: those of Parley. */
  carriers?: WorkerOptions['carriers'];
  /** Default: that of the services. */
  frameClock?: FrameClock;
  agent?: Partial<AgentInput>;
  accounts?: WorkerOptions['accounts'];
  /** Of the log. */
  showText?: boolean;
}

/** Starts a worker, which ends with the tests of the file. */
async function start(
  services: SimulatedServices,
  env: Record<string, string> = {},
  { agent, clock = systemClock, frameClock, carriers = CARRIERS, accounts, showText = false }: StartOptions = {},
): Promise<TestWorker> {
  const logs: LogLine[] = [];
  const calls: Call[] = [];
  const log = createLog({ showText, stream: { write: (line) => void logs.push(JSON.parse(line) as LogLine) } });
  const all = { PARLEY_AGENT: 'test', PARLEY_PORT: '0', PARLEY_SIMULATE: 'true', ...NEVER_LATE, ...env };
  const settings = readSettings(all, {}, carriers);
  const worker = new Worker({
    settings,
    agent: await createAgent({ ...AGENT, ...agent }),
    ...services,
    speech: frameClock ? { ...services.speech, frameClock } : services.speech,
    log,
    clock,
    carriers,
    accounts,
    onCall: (call) => calls.push(call),
  });
  return new TestWorker({ worker, url: await worker.start(), logs, calls });
}

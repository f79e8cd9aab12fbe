/**
 * A worker inside a server of one's own: `node:http`, Express, Fastify. It answers what is Parley's, and leaves the rest to
 * the server. Admission, quota, signatures, recordings and drain are those of `parley serve`.
 */
import type { Agent, AgentInput } from '../call/agent.ts';
import type { HandleRequest, HandleUpgrade } from './guest.ts';
import type { StartWorkerOptions, WorkerSettings } from './open-worker.ts';
import type { RunningWorker } from './start-worker.ts';

/** What a worker in a server of one's own is made of. */
export interface CreateWorkerOptions extends StartWorkerOptions {
  /** An agent, what one is made of, or its file. */
  agent: Agent | AgentInput | string;
  /** What is not given is read from the environment. A port is the server's business. */
  settings?: Omit<WorkerSettings, 'host' | 'port'> | undefined;
  /**
   * Whether `/healthz`, `/readyz` and `/metrics` are answered too. False leaves them to the server, which then has
   * `isReady` and `metrics` to answer them with. Default true.
   */
  probes?: boolean | undefined;
}

/** A worker that answers in somebody else's server. */
export interface EmbeddedWorker extends Omit<RunningWorker, 'url'> {
  /** To be asked of each request, before anything reads its body. */
  readonly handleRequest: HandleRequest;
  /** To be asked of each upgrade: `server.on('upgrade', ...)`. */
  readonly handleUpgrade: HandleUpgrade;
  /** New calls are taken. */
  readonly isReady: boolean;
  /** What `/metrics` says, for Prometheus. */
  metrics(): Promise<string>;
}

/**
 * Makes a worker that opens no port, but for carriers that have one of their own. Its process is the only one:
 * `PARLEY_PROCESSES` is refused, and the program is to be started as often instead.
 * @throws {VoiceError} `options-invalid`, when a setting is wrong or missing, or the agent is; `file-unreadable`, when
 * nothing can be written where calls are to be recorded.
 */
export async function createWorker(options: CreateWorkerOptions): Promise<EmbeddedWorker> {
  const { agent, settings = {}, probes: isProbed = true, ...brought } = options;
  const { openWorker } = await import('./open-worker.ts');
  const opened = await openWorker(settings, agent, brought, (one) => one.embed({ isProbed }));
  const { worker, placing, reached, close } = opened;
  const { handleRequest, handleUpgrade } = reached;
  return {
    ...{ handleRequest, handleUpgrade, close, ...placing },
    ...{ addresses: worker.addresses, calls: worker.calls, prepared: worker.prepared },
    get isReady() {
      return worker.isReady;
    },
    metrics: () => worker.metrics.text(),
    drain: (drainMs) => worker.drain(drainMs),
  };
}

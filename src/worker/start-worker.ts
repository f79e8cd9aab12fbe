/**
 * A worker inside a program of one's own, with the program's own voice, ear or model beside those of Parley. Its parts are
 * loaded when it is started: who only imports the library does not pay for an HTTP server.
 */
import { createAgent, loadAgent, type Agent, type AgentInput } from '../call/agent.ts';
import type { Call } from '../call/call.ts';
import type { Door } from '../bridge/contract.ts';
import { readOwnSettings, togetherWith, type Vendors } from '../call/vendors.ts';
import { systemClock } from '../lib/clock.ts';
import { Closers } from '../lib/closers.ts';
import { VoiceError } from '../lib/errors.ts';
import { createLog, type Log } from '../lib/log.ts';
import type { Overrides, Settings } from './settings.ts';

/**
 * The worker's own, as `parley serve --help` lists them, by the names that the code has for them: `port`,
 * `recordDirectory`, `simulate`. Those of carriers are read from the environment.
 */
export type WorkerSettings = Partial<Omit<Settings, 'agent' | 'processes'>>;

/** What a program brings along. Everything optional. */
export interface StartWorkerOptions {
  /** Models, voices and ears of the program's own, which the agent may name beside those of Parley. Default: none. */
  vendors?: Partial<Vendors> | undefined;
  /**
   * Whose calls it takes, in place of Parley's own carriers: a list of doors, each with its settings in the environment.
   * Default: those that `parley serve` has.
   */
  carriers?: readonly Door[] | undefined;
  /** Told of every call before its first event. */
  onCall?: ((call: Call) => void) | undefined;
  /** Default: to standard error, as the settings have it (`logLevel`). */
  log?: Log | undefined;
}

/** A worker that takes calls. */
export interface RunningWorker {
  /** Where it listens, such as `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Of every port: `http`, and those of carriers that have one of their own, by the carrier's name. */
  readonly addresses: ReadonlyMap<string, string>;
  /** Calls that have not ended. */
  readonly calls: ReadonlySet<Call>;
  /**
   * The agent's own phrases (its greeting, its fillers) have been made ahead, or could not be; how many there are. Calls
   * are taken before that. Never rejects.
   */
  readonly prepared: Promise<number>;
  /**
   * No new calls; those that run may go on for `drainMs` milliseconds (default: as in the settings), then they hear a
   * goodbye. Resolves when the last has ended. `close` is still to be called.
   */
  drain(drainMs?: number): Promise<void>;
  /** Ends what is still there, and lets go of every socket. */
  close(): Promise<void>;
}

/**
 * Takes calls, as `parley serve` does, in this process.
 * @param settings What is not given is read from the environment.
 * @param agent An agent, what one is made of, or its file.
 * @throws {VoiceError} `options-invalid`, when a setting is wrong or missing, or the agent is; `file-unreadable`, when the
 * port cannot be opened.
 */
export async function startWorker(
  settings: WorkerSettings,
  agent: Agent | AgentInput | string,
  { vendors: known, carriers: ownCarriers, onCall, log: ownLog }: StartWorkerOptions = {},
): Promise<RunningWorker> {
  const parts = await loadParts();
  const { readSettings, secretsOf, connectServices, simulateServices, registerQuotaMetrics, Worker } = parts;
  const carriers = ownCarriers ?? parts.CARRIERS;
  const overrides: Overrides = { ...settings, agent: typeof agent === 'string' ? agent : agent.name };
  const complete = readSettings(process.env, overrides, carriers);
  requireOneProcess(complete);
  const { logLevel: level, logText: showText } = complete;
  const log = ownLog ?? createLog({ level, showText, secrets: secretsOf(complete, carriers) });
  const ready = await readyAgent(agent, { log, vendors: known });
  const vendors = togetherWith(known, ready.own);
  const all = { ...readOwnSettings(vendors, process.env), ...complete };
  const connect = complete.simulate ? simulateServices : connectServices;
  const common = { vendors, log, clock: systemClock };
  const opened = new Closers();
  try {
    const services = await connect({ ...common, names: ready.vendors, settings: all });
    opened.add(() => services.close());
    const accounts = complete.simulate ? await parts.startCarrierAccounts(systemClock) : undefined;
    if (accounts) opened.add(() => accounts.close());
    const standIn = { accounts: accounts?.settings };
    const worker = new Worker({ ...common, settings: all, agent: ready, ...services, carriers, onCall, ...standIn });
    opened.add(() => worker.close());
    registerQuotaMetrics(worker.metrics.registry, services.quota);
    return runningWorker(worker, await worker.start(), () => opened.close());
  } catch (error) {
    await opened.close();
    throw error;
  }
}

async function loadParts() {
  const [settings, carriers, services, quotaMetrics, worker, accounts] = await Promise.all([
    import('./settings.ts'),
    import('./carriers.ts'),
    import('./services.ts'),
    import('./quota-metrics.ts'),
    import('./worker.ts'),
    import('../simulate/carrier-accounts.ts'),
  ]);
  return { ...settings, ...carriers, ...services, ...quotaMetrics, ...worker, ...accounts };
}

function runningWorker(
  worker: Pick<RunningWorker, 'addresses' | 'calls' | 'prepared' | 'drain'>,
  url: string,
  close: () => Promise<void>,
): RunningWorker {
  const { addresses, calls, prepared } = worker;
  return { url, addresses, calls, prepared, drain: (drainMs) => worker.drain(drainMs), close };
}

function readyAgent(
  agent: Agent | AgentInput | string,
  options: { log: Log; vendors: Partial<Vendors> | undefined },
): Promise<Agent> | Agent {
  if (typeof agent === 'string') return loadAgent(agent, options);
  return 'toolbox' in agent ? agent : createAgent(agent, options);
}

/** What a program has made cannot be handed to other processes. */
function requireOneProcess({ processes }: { processes: number | 'auto' }): void {
  if (processes === 1) return;
  throw new VoiceError(
    'options-invalid',
    `PARLEY_PROCESSES: expected 1 where a program starts the worker, got \`${processes}\`; start the program as often instead`,
  );
}

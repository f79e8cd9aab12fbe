/**
 * A worker inside a program of one's own, put together and not yet reached by anybody: with a port of its own it is
 * started, in a server of the program's it is embedded. Loaded when there is to be one: who only imports the library does not
 * pay for an HTTP server.
 */
import type { Agent, AgentInput } from '../call/agent.ts';
import type { Call } from '../call/call.ts';
import type { Door } from '../bridge/door.ts';
import { readOwnSettings, togetherWith, type Vendors } from '../call/vendors.ts';
import { systemClock } from '../lib/clock.ts';
import { Closers } from '../lib/closers.ts';
import { VoiceError } from '../lib/errors.ts';
import { createLog, type Log } from '../lib/log.ts';
import { openAgentSource } from './agent-source.ts';
import { CARRIERS } from './carriers.ts';
import { callPlacer, type CallPlacer } from './placed-calls.ts';
import { registerQuotaMetrics } from './quota-metrics.ts';
import { connectServices, simulateAccounts, simulateServices } from './services.ts';
import { readSettings, secretsOf, type Overrides, type Settings } from './settings.ts';
import { Worker } from './worker.ts';

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

export interface OpenedWorker {
  worker: Worker;
  readonly placing: CallPlacer;
  /** Ends what is still there, and lets go of every socket. */
  readonly close: () => Promise<void>;
}

/**
 * `reach`: makes it reachable; when that fails, all is closed again.
 * @throws {VoiceError} `options-invalid`, when a setting is wrong or missing, or the agent is; and what `reach` throws.
 */
export async function openWorker<Reached>(
  settings: WorkerSettings,
  agent: Agent | AgentInput | string,
  { vendors: known, carriers = CARRIERS, onCall, log: ownLog }: StartWorkerOptions,
  reach: (worker: Worker) => Promise<Reached>,
): Promise<OpenedWorker & { reached: Reached }> {
  const overrides: Overrides = { ...settings, agent: typeof agent === 'string' ? agent : agent.name };
  const complete = readSettings(process.env, overrides, carriers);
  requireOneProcess(complete);
  const { logLevel: level, logText: showText } = complete;
  const log = ownLog ?? createLog({ level, showText, secrets: secretsOf(complete, carriers) });
  const clock = systemClock;
  const opened = new Closers();
  try {
    const source = await openAgentSource(agent, { isWatched: complete.watch, vendors: known, clock, log });
    opened.add(() => source.close());
    const ready = source.now();
    const vendors = togetherWith(known, ready.own);
    const all = { ...readOwnSettings(vendors, process.env), ...complete };
    const connect = complete.simulate ? simulateServices : connectServices;
    const common = { vendors, log, clock };
    const services = await connect({ ...common, names: ready.vendors, settings: all });
    opened.add(() => services.close());
    source.speakBy(services.speech);
    const accounts = await simulateAccounts(complete.simulate, clock);
    if (accounts) opened.add(() => accounts.close());
    const worker = new Worker({
      ...{ ...common, settings: all, ...services, carriers, accounts: accounts?.settings },
      agent: () => source.now(),
      onCall: (call) => {
        source.hold(call);
        onCall?.(call);
      },
    });
    opened.add(() => worker.close());
    registerQuotaMetrics(worker.metrics.registry, services.quota);
    return { worker, placing: callPlacer(worker), reached: await reach(worker), close: () => opened.close() };
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/** What a program has made cannot be handed to other processes. */
function requireOneProcess({ processes }: { processes: number | 'auto' }): void {
  if (processes === 1) return;
  throw new VoiceError(
    'options-invalid',
    `PARLEY_PROCESSES: expected 1 where a program starts the worker, got \`${processes}\`; start the program as often instead`,
  );
}

/** A worker inside a program of one's own, at a port of its own: as `parley serve` is, with what the program brings along. */
import type { Agent, AgentInput } from '../call/agent.ts';
import type { Call } from '../call/call.ts';
import type { StartWorkerOptions, WorkerSettings } from './open-worker.ts';
import type { CallPlacer } from './placed-calls.ts';

/** A worker that takes calls. */
export interface RunningWorker extends CallPlacer {
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
  options: StartWorkerOptions = {},
): Promise<RunningWorker> {
  const { openWorker } = await import('./open-worker.ts');
  const { worker, placing, reached: url, close } = await openWorker(settings, agent, options, (one) => one.start());
  const { addresses, calls, prepared } = worker;
  return { url, addresses, calls, prepared, ...placing, drain: (drainMs) => worker.drain(drainMs), close };
}

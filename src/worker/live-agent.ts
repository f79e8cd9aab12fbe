/**
 * The agent of a file, loaded anew when the file changes, or one that it is made of: its tools, and what these import. The
 * next call has the new one; a call that runs keeps its own. A file that is broken leaves the last good one in place, and is
 * told of with its line, until it is mended.
 */
import type { Agent } from '../call/agent.ts';
import type { AgentFault } from '../call/agent-faults.ts';
import type { Call } from '../call/call.ts';
import { AgentLoader, type AgentLoaderOptions, type Loaded } from './agent-loader.ts';
import { WatchedFolders } from '../lib/watched-folders.ts';

/** An agent that may be another one for the next call. */
export interface LiveState {
  /** The last that was good. */
  agent: Agent;
  /** How many there were, this one included. */
  version: number;
  /** Of the latest that was tried; none when that is `agent`. */
  faults: readonly AgentFault[];
}

export interface LiveAgentOptions extends AgentLoaderOptions {
  /** Told when another one was tried, whether or not it was good. */
  changed(state: LiveState): void;
}

/** Editors write a file in several goes, and save several files at once. */
const SETTLE_MS = 50;

export class LiveAgent {
  readonly #options: LiveAgentOptions;
  readonly #loader: AgentLoader;
  #state: LiveState;
  readonly #watched: WatchedFolders;
  /** How many calls run by each. */
  readonly #calls = new Map<Agent, number>();
  #cancel = () => {};
  #isLoading = false;
  #isClosed = false;

  private constructor(options: LiveAgentOptions, loader: AgentLoader, agent: Agent) {
    this.#options = options;
    this.#loader = loader;
    this.#state = { agent, version: 1, faults: [] };
    this.#watched = new WatchedFolders({
      changed: (path) => loader.isPart(path) && this.#loadSoon(),
      failed: (folder, error) => options.log.warn({ folder, err: error }, 'changes in this folder are not noticed'),
    });
  }

  /** @throws {VoiceError} as `loadAgent` does: there has to be a good one to begin with. */
  static async open(options: LiveAgentOptions): Promise<LiveAgent> {
    const loader = new AgentLoader(options);
    const first = await loader.load();
    if (!('agent' in first)) throw first.error;
    const live = new LiveAgent(options, loader, first.agent);
    live.#watched.follow(loader.folders);
    return live;
  }

  get state(): LiveState {
    return this.#state;
  }

  /** A call that has begun by the agent of now, which holds what its tools hold until that call is over. */
  hold(call: Pick<Call, 'ended'>): void {
    const { agent } = this.#state;
    this.#calls.set(agent, (this.#calls.get(agent) ?? 0) + 1);
    const letGo = () => {
      this.#calls.set(agent, (this.#calls.get(agent) ?? 1) - 1);
      this.#closeUnused(agent);
    };
    call.ended.then(letGo, letGo);
  }

  /** Nothing is followed any more, and what the tools of the agent hold is let go of. Its calls should be over. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancel();
    this.#watched.close();
    await this.#state.agent.close();
  }

  /** One that no call will begin by any more. */
  #closeUnused(agent: Agent): void {
    if (agent === this.#state.agent || (this.#calls.get(agent) ?? 0) > 0) return;
    this.#calls.delete(agent);
    void agent.close();
  }

  #loadSoon(): void {
    this.#cancel();
    if (!this.#isClosed) this.#cancel = this.#options.clock.after(SETTLE_MS, () => void this.#reload());
  }

  /** One after the other; what changes meanwhile is looked at behind it. */
  async #reload(): Promise<void> {
    if (this.#isLoading) return this.#loadSoon();
    this.#isLoading = true;
    const loaded = await this.#loader.load();
    this.#isLoading = false;
    if (this.#isClosed) return void ('agent' in loaded && loaded.agent.close());
    this.#watched.follow(this.#loader.folders);
    const { agent: before } = this.#state;
    this.#state = after(this.#state, loaded, this.#loader.path);
    this.#options.changed(this.#state);
    this.#closeUnused(before);
    if ('agent' in loaded) this.#closeUnused(loaded.agent); // where another vendor takes a new start
  }
}

function after({ agent, version }: LiveState, loaded: Loaded, file: string): LiveState {
  if (!('agent' in loaded)) return { agent, version, faults: loaded.faults };
  const message = otherVendor(agent, loaded.agent);
  if (message !== undefined) return { agent, version, faults: [{ file, line: undefined, message }] };
  return { agent: loaded.agent, version: version + 1, faults: [] };
}

/** Whom a process asks is settled as it starts. */
function otherVendor({ vendors: before }: Agent, { vendors: now }: Agent): string | undefined {
  const kind = (['model', 'voice', 'ear'] as const).find((one) => before[one] !== now[one]);
  if (kind === undefined) return undefined;
  return `It names \`${now[kind]}\` where it named \`${before[kind]}\`: another vendor takes a new start`;
}

/**
 * The agent that a worker answers by: a value, or that of a file, loaded once, or as often as its files change
 * (`PARLEY_WATCH`). What has become of a change stands in the log: which version the next call has, or what is wrong with the
 * files, with file and line.
 */
import { createAgent, loadAgent, type Agent, type AgentInput } from '../call/agent.ts';
import type { Call } from '../call/call.ts';
import { preparePhrases, type SpeechServices } from '../call/phone.ts';
import type { Vendors } from '../call/vendors.ts';
import type { Clock } from '../lib/clock.ts';
import { VoiceError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import { LiveAgent, type LiveState } from './live-agent.ts';

export interface AgentSourceOptions {
  /** Whether its files are followed. */
  isWatched: boolean;
  /** Vendors of the program's own, which it may name beside the listed ones. Default: none. */
  vendors?: Partial<Vendors> | undefined;
  clock: Clock;
  log: Log;
}

export interface AgentSource {
  /** Of the next call. */
  now(): Agent;
  /** From now on the phrases of another agent are made before a call needs them. */
  speakBy(speech: SpeechServices): void;
  /** A call has begun by the agent of now: what its tools hold is held until it is over. */
  hold(call: Call): void;
  /** Nothing is followed any more; what the tools of an agent hold that was loaded here is let go of. */
  close(): Promise<void>;
}

/**
 * `agent`: its file, as a person wrote it, what one is made of, or one that is ready.
 * @throws {VoiceError} as `loadAgent` does; `options-invalid` when files are to be followed, and there are none.
 */
export async function openAgentSource(
  agent: Agent | AgentInput | string,
  options: AgentSourceOptions,
): Promise<AgentSource> {
  if (options.isWatched) return followAgent(agent, options);
  const { log, vendors } = options;
  const ready = await readyAgent(agent, { log, vendors });
  const close = async () => (ready === agent ? undefined : ready.close());
  return { now: () => ready, speakBy: () => {}, hold: () => {}, close };
}

function readyAgent(
  agent: Agent | AgentInput | string,
  options: { log: Log; vendors: Partial<Vendors> | undefined },
): Promise<Agent> | Agent {
  if (typeof agent === 'string') return loadAgent(agent, options);
  return 'toolbox' in agent ? agent : createAgent(agent, options);
}

async function followAgent(agent: Agent | AgentInput | string, options: AgentSourceOptions): Promise<AgentSource> {
  const { vendors, clock, log } = options;
  if (typeof agent !== 'string') {
    const message = `PARLEY_WATCH: expected the agent as a file to follow, got the value \`${agent.name}\``;
    throw new VoiceError('options-invalid', message);
  }
  let speech: SpeechServices | undefined;
  const changed = (state: LiveState) => {
    tellChange(state, log);
    if (speech && state.faults.length === 0) void preparePhrases(state.agent, speech, { log });
  };
  const live = await LiveAgent.open({ file: agent, vendors, clock, log, changed });
  return {
    now: () => live.state.agent,
    speakBy: (services) => (speech = services),
    hold: (call) => live.hold(call),
    close: () => live.close(),
  };
}

function tellChange({ agent: { name: agent }, version, faults }: LiveState, log: Log): void {
  if (faults.length === 0) return log.info({ agent, version }, 'the agent was loaded anew: the next call has it');
  for (const { file, line, message } of faults) {
    log.error({ file, line, version }, `the agent is not loaded anew, and the last good one answers: ${message}`);
  }
}

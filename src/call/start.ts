/** How a call is begun: by whoever has the model and the budget that every call of the process shares. */
import type { CallerFacts } from '../bridge/contract.ts';
import type { Clock } from '../lib/clock.ts';
import type { Agent } from './agent.ts';
import type { Call, CallMedium } from './call.ts';

/** How a call is started. Everything optional. */
export interface StartOptions {
  /** 1 to 128 characters, and never the same twice. Default: one that Parley makes. */
  callId?: string | undefined;
  caller?: CallerFacts | undefined;
  /** Default: text, heard when it is shown. */
  medium?: CallMedium | undefined;
  /** The agent neither greets nor answers until `call.begin()`. Default false. */
  isHeld?: boolean | undefined;
  /** Takes every line of the machine's log, each with its end of line (see `parley replay`). */
  record?: ((line: string) => void) | undefined;
  /** Adds listeners before the first event. */
  listen?: ((call: Call) => void) | undefined;
}

/** What `answer` needs of Parley. */
export interface CallStarter {
  /** By which its calls go. */
  readonly clock: Clock;
  /** An id for a call that is about to be started, unlike any other of any worker. Later ones sort behind earlier ones. */
  newCallId(): string;
  /**
   * Opens a call: the greeting is said before this returns, unless there is none.
   * @throws {VoiceError} `options-invalid`, when the vendor of the agent's model is not among those of the process, or
   * `callId` is too long.
   */
  startCall(agent: Agent, options?: StartOptions): Call;
  /** Opens connections of the agent's model, so that its first answer does not wait for one. */
  prewarm(agent: Agent): void;
}

/** How a call of a test is begun. */
import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import type { LanguageModel } from '../model/contract.ts';
import type { Plan } from '../model/plan.ts';
import type { FaultInput } from '../simulate/electron/faults.ts';
import type { PaceInput } from '../simulate/electron/pace.ts';
import type { ReplyRuleInput } from '../simulate/electron/replies.ts';
import type { LineConditions } from './line/conditions.ts';
import type { EarFault, EarStandInOptions } from './line/ear.ts';
import type { VoiceFault, VoiceStandInOptions } from './line/voice.ts';
import type { PlayedPerson } from './people/manner.ts';
import type { ToolStub } from './stubs.ts';

/**
 * What goes wrong with the line when so much of the call has passed: nothing gets through for so long, in either direction, and
 * then all of it does at once (`stall`), or it is lost (`close`).
 */
export type LineFault = { type: 'stall'; afterMs: number; forMs: number } | { type: 'close'; afterMs: number };

/** What goes wrong in a call of a test. All but `model`: by voice in virtual time alone. */
export interface CallFaults {
  /** One after the other, as the stand-in of the model has it. */
  model?: readonly FaultInput[] | undefined;
  /** Each when so much of the call has passed. */
  hearing?: readonly EarFault[] | undefined;
  /** One after the other, each with the next words that are not spoken from memory, as the greeting and phrases are. */
  voice?: readonly VoiceFault[] | undefined;
  line?: readonly LineFault[] | undefined;
}

/** A model of your own, in a call in virtual time, which goes as fast as real time while it is asked. */
export interface OwnModel extends LanguageModel {
  /** A request waits for what costs a call no time, such as room in an account: the call's time stands still. Default: never. */
  readonly isWaiting?: boolean | undefined;
}

/** A worker elsewhere, which is called as its carrier would. */
export interface WorkerLine {
  /** Of its media socket, `ws://` or `wss://`; without a path: `/twilio/media`. */
  url: string;
  /** By which its carrier signs. Default: it is not signed, which a worker takes from its own machine alone. */
  authToken?: string | undefined;
  /** The address that is signed, where the worker is known to its carrier by another one. Default: `url`. */
  signedUrl?: string | undefined;
  /** One of `PARLEY_BRIDGE_TOKEN`, for a worker that takes peers which do not sign. */
  token?: string | undefined;
  /**
   * What the caller speaks: `tones`, the default, which stand-ins understand; or a voice of this machine, `system`, for an ear
   * that is none. The words of an agent that answers by voice are not understood here: how it sounds, and when, is known.
   */
  voice?: 'tones' | 'system' | undefined;
  /** An agent that has been silent for so long has finished, as far as the caller can tell. Default 2,500. */
  doneAfterMs?: number | undefined;
}

/** How a call of a test differs from a call with everything in good health. Everything optional. */
export interface TestCallOptions {
  /**
   * What carries it. Default `voice`: sound, in virtual time; `text`: what a chat shows; `phone`: sound over real sockets,
   * in real time, to a worker with the agent and the stand-ins, which takes as long as the call; `{ url }`: the same to a
   * worker elsewhere, with an agent, tools and a model of its own, of which only what is heard is known.
   */
  line?: 'voice' | 'text' | 'phone' | WorkerLine | undefined;
  /**
   * What thinks: fixed replies at the pace of the real service (`documented`, the default, or `instant`), behind which
   * stands a simple brain; or a model of your own, whose latency counts as it is; or a function that makes one which goes
   * by the call's clock, so that time need not be waited for. Default: the brain.
   */
  model?:
    | { replies?: ReplyRuleInput[] | undefined; pace?: PaceInput | undefined }
    | OwnModel
    | ((clock: Clock) => LanguageModel)
    | undefined;
  /** What tools do in place of their own `run`, by their names. A name that the agent lacks is refused. */
  tools?: Readonly<Record<string, ToolStub>> | undefined;
  /** A `write` without a stub: fails the test (`refuse`, the default), or runs. */
  writes?: 'refuse' | 'run' | undefined;
  /** What time it is when the call begins, as ISO 8601. Default: Monday, 2026-01-05, nine o'clock UTC. */
  now?: string | undefined;
  /** The same seed and the same test give the same call, to the last byte. Default 1. */
  seed?: number | undefined;
  /** The caller's number, and the one that was called. Default `+15550100` and `+15550199`. */
  from?: string | undefined;
  to?: string | undefined;
  /**
   * Whom the agent may ring to hand its caller over in person, by number, and what they do: `accepts`, `refuses`, `busy`,
   * `no-answer`, `voicemail`, `hangs-up`. Who is not among them is nobody: to ring them fails the test.
   */
  people?: Readonly<Record<string, PlayedPerson>> | undefined;
  /** What else the line says of the call, as a carrier's parameters. */
  parameters?: Readonly<Record<string, string>> | undefined;
  /** What tools see as `context.env`. Default: nothing. */
  env?: Readonly<Record<string, string | undefined>> | undefined;
  /** What goes wrong. Default: nothing. */
  faults?: CallFaults | undefined;
  /** Noise around the caller, frames that are lost or late: by voice in virtual time. Default: a line in good health. */
  conditions?: LineConditions | undefined;
  /** What the account of the model allows. Default `none`: no limits. */
  plan?: Plan | undefined;
  /** How the stand-ins speak and hear. */
  voice?: VoiceStandInOptions | undefined;
  ear?: EarStandInOptions | undefined;
  /** Looked at before the call, after each run of a tool, and at the end; kept as JSON. */
  world?: (() => unknown) | undefined;
  /** Whether the test begins once the greeting has been `heard`, the default, or while it is `running`. */
  greeting?: 'heard' | 'running' | undefined;
  /** Whether the agent's `onStart` and `onEnd` are run. They tell the world of calls, so by default they are not: `skip`. */
  hooks?: 'skip' | 'run' | undefined;
  /** Default: silent. */
  log?: Log | undefined;
}

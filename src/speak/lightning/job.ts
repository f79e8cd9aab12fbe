/** One utterance on its way through a line: what was said of it, where its request stands, what has come back. */
import type { SynthesisListener } from '../contract.ts';
import { WholeSamples, type RequestFrames } from './wire.ts';

export interface Job {
  listener: SynthesisListener;
  /** All clauses so far, and how many of them earlier requests have spoken. */
  clauses: string[];
  spoken: number;
  /** How many had gone out when the last audio came: those behind them may not have been spoken when the end comes. */
  covered: number;
  isEnded: boolean;
  /**
   * `waiting`: for its turn, its slot, its socket or a retry. `sending`: more may be said. `closing`: the rest is being
   * spoken. `open`: the service said `complete` before we did, and nothing more has been said since. `over`.
   */
  state: 'waiting' | 'sending' | 'closing' | 'open' | 'over';
  requestId: string;
  frames: RequestFrames | undefined;
  samples: WholeSamples;
  /** Audio handed over, in bytes; those of earlier requests of this job. */
  bytes: number;
  bytesBefore: number;
  sentAtMs: number;
  audioAtMs: number;
  hasHeard: boolean;
  /** Spoken time that the text of the current request should take. */
  expectedMs: number;
  startedOnUsedSocket: boolean;
  /** How often its request was made once more after a cut, in all, and since audio last came. */
  restarts: number;
  vainRestarts: number;
  staleStarts: number;
  retries: number;
  giveUpAtMs: number;
  cancelWait: (() => void) | undefined;
  release: (() => void) | undefined;
}

export function newJob(listener: SynthesisListener): Job {
  return {
    listener,
    clauses: [],
    spoken: 0,
    covered: 0,
    isEnded: false,
    state: 'waiting',
    requestId: '',
    frames: undefined,
    samples: new WholeSamples(),
    bytes: 0,
    bytesBefore: 0,
    sentAtMs: 0,
    audioAtMs: 0,
    hasHeard: false,
    expectedMs: 0,
    startedOnUsedSocket: false,
    restarts: 0,
    vainRestarts: 0,
    staleStarts: 0,
    retries: 0,
    giveUpAtMs: 0,
    cancelWait: undefined,
    release: undefined,
  };
}

/** Whether its request is being served: what it sends and hears goes over the socket. */
export function isOnSocket({ state }: Job): boolean {
  return state === 'sending' || state === 'closing';
}

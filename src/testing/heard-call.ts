/**
 * A call as its caller hears it, at the end of a line to somebody else's worker: when the agent sounds, what the caller said,
 * and how it ended. Whose turn it is is told as people tell it: by who was silent, and for how long.
 */
import { EventEmitter } from 'eventemitter3';
import { FRAME_MS } from '../audio/contract.ts';
import {
  EVENTS_VERSION,
  type CallEvent,
  type CallEventMap,
  type CallEventType,
  type EventBody,
} from '../call/events.ts';
import { noUsage } from '../call/usage.ts';
import type { Clock } from '../lib/clock.ts';
import { VoiceError } from '../lib/errors.ts';
import { ELSEWHERE } from '../page/picture.ts';
import type { CallEnd } from '../simulate/phone/connect.ts';
import type { MediaCaller } from '../simulate/twilio/media.ts';
import type { FollowedCall } from './followed-call.ts';
import type { Utterance } from './scope.ts';
import { JOINED_MS } from './sound.ts';
import { ANSWERED_WITHIN_MS } from './turn-watch.ts';

/** A caller who hears nothing for so long after they were connected speaks first. */
const GREETED_WITHIN_MS = 5_000;
/** An agent that speaks on over the caller's last word for so long has taken its turn. */
const SPEAKS_ON_MS = 1_000;

/** What a caller can tell of a call. */
const TOLD = [
  'call-start',
  'caller-speech-start',
  'caller-speech-end',
  'turn-start',
  'reply-audio-start',
  'reply-audio-end',
  'call-end',
] as const satisfies readonly CallEventType[];

export interface HeardCallOptions {
  clock: Clock;
  caller: Pick<MediaCaller, 'callSid' | 'nowMs' | 'heard' | 'hasUnheard' | 'ended'>;
  /** Whoever answers, as people call it. */
  agent: string;
  from: string;
  to: string;
  /** An agent that has been silent for so long has finished. */
  doneAfterMs: number;
  /** What went wrong with the line, and is nothing that the agent did. */
  trouble: (what: string) => void;
}

interface Waiting {
  utterance: Utterance;
  turn: number;
  resolve: (turn: number) => void;
  reject: (error: VoiceError) => void;
}

export class HeardCall extends EventEmitter<CallEventMap> implements FollowedCall {
  readonly id: string;
  readonly ended: Promise<CallEnd>;
  readonly tells = TOLD;
  readonly #options: HeardCallOptions;
  #waiting: Waiting[] = [];
  #quiet: (() => void)[] = [];
  #turns = 0;
  /** The caller has last said or pressed something: then the agent is owed its time to answer. */
  #actedMs = 0;
  /** Of the agent's sound now; undefined while it is silent. */
  #isSounding = false;
  /** Sound is looked for from here on. */
  #soundedMs = 0;
  #isOver = false;
  #stopLooking = () => {};

  constructor(options: HeardCallOptions) {
    super();
    this.#options = options;
    this.id = options.caller.callSid;
    this.ended = options.caller.ended.then((end) => this.#end(end));
  }

  /** Begins to tell, to those who listen by now. */
  start(): this {
    const { agent, from, to } = this.#options;
    this.#emit(0, { type: 'call-start', version: EVENTS_VERSION, bridge: ELSEWHERE, from, to, agent });
    this.#look();
    return this;
  }

  get atMs(): number {
    return this.#options.caller.nowMs;
  }

  /** What the caller said is not answered, or the agent sounds. */
  get isTurnRunning(): boolean {
    return this.#waiting.length > 0 || this.#options.caller.hasUnheard;
  }

  /** The caller has said this. Resolves with its turn, once the agent has finished with it. */
  said(utterance: Utterance): Promise<number> {
    const turn = ++this.#turns;
    const { fromMs, toMs, text } = utterance;
    this.#actedMs = toMs;
    this.#emit(fromMs, { type: 'caller-speech-start' });
    this.#emit(toMs, { type: 'caller-speech-end' });
    this.#emit(toMs, { type: 'turn-start', turn, text });
    if (this.#isOver)
      return Promise.reject(new VoiceError('closed', 'Expected the agent to answer, but the call has ended'));
    return new Promise((resolve, reject) => this.#waiting.push({ utterance, turn, resolve, reject }));
  }

  /** The caller has pressed a key. */
  pressed(): void {
    this.#actedMs = this.atMs;
  }

  whenQuiet(): Promise<void> {
    if (this.#isOver) return Promise.resolve();
    return new Promise((resolve) => {
      this.#quiet.push(resolve);
      this.#decide();
    });
  }

  // ---- what is heard ------------------------------------------------------------------------------------------------

  #look(): void {
    this.#hear();
    this.#decide();
    this.#stopLooking = this.#options.clock.after(FRAME_MS, () => this.#look());
  }

  /** Told when it is known: that a sound is over, when something like a pause between words has passed. */
  #hear(): void {
    const { heard } = this.#options.caller;
    if (!this.#isSounding) {
      const fromMs = heard.nextSoundMs(this.#soundedMs);
      if (fromMs === undefined) return;
      this.#isSounding = true;
      this.#emit(fromMs, { type: 'reply-audio-start', turn: this.#turns });
    }
    if (heard.durationMs - heard.lastSoundMs >= JOINED_MS) this.#endSound();
  }

  #endSound(): void {
    if (!this.#isSounding) return;
    this.#isSounding = false;
    this.#soundedMs = this.#options.caller.heard.lastSoundMs;
    this.#emit(this.#soundedMs, { type: 'reply-audio-end', turn: this.#turns });
  }

  #decide(): void {
    const { caller, doneAfterMs } = this.#options;
    const { durationMs: nowMs, lastSoundMs } = caller.heard;
    const isSilent = nowMs - Math.max(lastSoundMs, this.#actedMs) >= doneAfterMs && !caller.hasUnheard;
    if (isSilent && this.#waiting.every(({ utterance }) => this.#isAnswered(utterance))) this.#settle(nowMs);
    const late = this.#waiting.filter(
      ({ utterance }) => nowMs > utterance.toMs + ANSWERED_WITHIN_MS && !this.#isAnswered(utterance),
    );
    this.#waiting = this.#waiting.filter((one) => !late.includes(one));
    for (const { utterance, reject } of late) reject(notAnswered(utterance.text));
  }

  #isAnswered({ toMs }: Utterance): boolean {
    const sounds = this.#options.caller.heard.stretches();
    return sounds.some((sound) => sound.fromMs >= toMs || sound.toMs >= toMs + SPEAKS_ON_MS);
  }

  #settle(nowMs: number): void {
    for (const { utterance, turn, resolve } of this.#waiting.splice(0)) {
      utterance.doneMs = nowMs;
      resolve(turn);
    }
    const isBegun = this.#turns > 0 || this.#soundedMs > 0 || nowMs >= GREETED_WITHIN_MS;
    if (isBegun) for (const resolve of this.#quiet.splice(0)) resolve();
  }

  // ---- how it ends --------------------------------------------------------------------------------------------------

  #end(end: CallEnd): CallEnd {
    this.#stopLooking();
    this.#isOver = true;
    this.#endSound();
    const { reason, trouble } = endingOf(end);
    if (trouble !== undefined) this.#options.trouble(trouble);
    this.#emit(end.atMs, { type: 'call-end', reason, durationMs: Math.round(end.atMs), usage: noUsage() });
    const isHeard = ({ utterance }: Waiting) => this.#isAnswered(utterance);
    for (const waiting of this.#waiting.splice(0)) {
      if (isHeard(waiting)) waiting.resolve(waiting.turn);
      else waiting.reject(new VoiceError('closed', `Expected the agent to answer, but the call ended: ${reason}`));
    }
    for (const resolve of this.#quiet.splice(0)) resolve();
    return end;
  }

  #emit(atMs: number, body: EventBody): void {
    const event = { callId: this.id, atMs: Math.round(atMs), ...body };
    this.emit('event', event);
    (this.emit as (type: string, event: CallEvent) => boolean).call(this, event.type, event);
  }
}

function notAnswered(text: string): VoiceError {
  const message = `Expected the agent to answer "${text}" within ${ANSWERED_WITHIN_MS / 1_000} s, but nothing was heard of it`;
  return new VoiceError('idle-timeout', message);
}

/** As Parley closes a line that its call has ended, whatever the reason. */
const HUNG_UP = 'hung-up';
const DONE_CODES: readonly number[] = [1000, 1005];
/** Somebody has stopped it. */
const STOPPED: readonly string[] = ['worker-stopped', 'shutting-down', 'stopped'];

const BROKEN: Readonly<Record<number, string>> = {
  1001: 'the worker went away',
  1006: 'the connection broke',
  1008: 'the worker refused the call after it had begun: there was no room, or the call was not its own',
  1011: 'the worker failed',
};

/** Why it ended, and what that says of the harness: a worker that hangs up has ended the call; else the line did. */
function endingOf({ by, code, words }: CallEnd): { reason: string; trouble?: string } {
  if (by === 'caller') return { reason: 'caller-hung-up' };
  const isDone = DONE_CODES.includes(code);
  const reason = words === undefined || words === HUNG_UP ? (isDone ? 'agent-hung-up' : 'socket-lost') : words;
  if (STOPPED.includes(reason))
    return { reason, trouble: `the worker was stopped in the middle of the call (${reason})` };
  if (isDone) return { reason };
  const what = BROKEN[code] ?? 'the worker closed the line';
  return { reason, trouble: `the call was cut off: ${what} (code ${code}${words === undefined ? '' : `: ${words}`})` };
}

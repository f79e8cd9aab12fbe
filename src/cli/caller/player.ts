/** Carries out what the caller is to do, each step when it is its turn: a person on the phone, with patience. */
import type { Clock } from '../../lib/clock.ts';
import { VoiceError } from '../../lib/errors.ts';
import type { CallerLine, Utterance } from './line.ts';
import type { CallerStep } from './steps.ts';

export interface PlayerOptions {
  /** Silence after which the agent has finished. */
  pauseMs: number;
  /** How long the agent may take to answer. */
  timeoutMs: number;
  clock: Clock;
  /** The sound of a step, if the line needs one. */
  utter(step: CallerStep & { type: 'say' | 'wav' }): Promise<Utterance>;
}

/** A step and, once it is prepared, what is to be said. */
export interface PreparedStep {
  step: CallerStep;
  utterance: Promise<Utterance> | undefined;
}

/** Who is called may greet, or wait to be spoken to. */
const GREETING_MS = 5_000;
/** What is being said over the caller's words may be the end of what was, and not their answer yet. */
const ANSWER_MS = 3_000;
const EVER_MS = 24 * 3_600_000;

export class CallerPlayer {
  readonly #line: CallerLine;
  readonly #options: PlayerOptions;
  /** Whether the agent is expected to speak before the caller does. */
  #expects: 'answer' | 'perhaps' | 'nothing' = 'perhaps';
  /** The caller's last word. */
  #lastWordMs = 0;

  constructor(line: CallerLine, options: PlayerOptions) {
    this.#line = line;
    this.#options = options;
  }

  prepare(step: CallerStep): PreparedStep {
    const utterance = step.type === 'say' || step.type === 'wav' ? this.#options.utter(step) : undefined;
    utterance?.catch(() => {}); // whoever carries the step out is told
    return { step, utterance };
  }

  /** Waits for the step's turn. @throws {VoiceError} `idle-timeout` when the agent is silent, `closed` when the call ends */
  async carryOut(prepared: PreparedStep): Promise<void> {
    const { cutInMs, type } = prepared.step;
    if (cutInMs !== undefined) await this.#cutIn(cutInMs);
    else if (type !== 'wait') await this.agentFinished();
    await this.act(prepared);
  }

  /** At once. */
  async act({ step, utterance }: PreparedStep): Promise<void> {
    switch (step.type) {
      case 'say':
      case 'wav': {
        const what = await utterance;
        if (what) this.#lastWordMs = Math.max(this.#lastWordMs, await this.#line.say(what));
        this.#expects = 'answer';
        return;
      }
      case 'keys':
        this.#line.press(step.digits);
        this.#lastWordMs = this.#line.nowMs;
        this.#expects = 'perhaps';
        return;
      case 'wait':
        await this.#rest(step.ms);
        this.#expects = 'nothing';
        return;
      case 'hang-up':
        await this.#line.hangUp();
    }
  }

  /** The agent has said what it had to say, or nothing. */
  async agentFinished(): Promise<void> {
    const { timeoutMs } = this.#options;
    const fromMs = this.#lastWordMs;
    const expects = this.#expects;
    this.#expects = 'nothing';
    if (expects === 'nothing') return this.#silence();
    if (expects === 'perhaps') {
      await this.#speech(fromMs, Math.min(GREETING_MS, timeoutMs));
      return this.#silence();
    }
    const atMs = await this.#line.waitForSpeech({ fromMs, timeoutMs }).catch((error: unknown) => {
      if (!isTimeout(error)) throw error;
      throw new VoiceError('idle-timeout', `the agent said nothing for ${timeoutMs / 1_000} s after the caller`);
    });
    await this.#silence();
    // it spoke over the caller's last word: was that the answer, or is it still to come?
    if (atMs <= fromMs && (await this.#speech(this.#line.nowMs, ANSWER_MS))) await this.#silence();
  }

  async #cutIn(afterMs: number): Promise<void> {
    const fromMs = this.#lastWordMs;
    const { timeoutMs } = this.#options;
    const atMs = await this.#line.waitForSpeech({ fromMs, timeoutMs }).catch((error: unknown) => {
      if (!isTimeout(error)) throw error;
      throw new VoiceError('idle-timeout', `the agent said nothing for ${timeoutMs / 1_000} s to cut in on`);
    });
    await this.#rest(atMs + afterMs - this.#line.nowMs);
  }

  async #silence(): Promise<void> {
    await this.#line.waitForSilence({ forMs: this.#options.pauseMs, timeoutMs: EVER_MS });
  }

  async #speech(fromMs: number, timeoutMs: number): Promise<boolean> {
    return this.#line.waitForSpeech({ fromMs, timeoutMs }).then(
      () => true,
      (error: unknown) => {
        if (isTimeout(error)) return false;
        throw error;
      },
    );
  }

  /** Ends early when the call does. */
  async #rest(ms: number): Promise<void> {
    let cancel = () => {};
    const over = new Promise<void>((resolve) => (cancel = this.#options.clock.after(ms, resolve)));
    await Promise.race([over, this.#line.ended]);
    cancel();
    if (this.#line.isOver) throw new VoiceError('closed', 'the call is over');
  }
}

const isTimeout = (error: unknown): boolean => error instanceof VoiceError && error.code === 'idle-timeout';

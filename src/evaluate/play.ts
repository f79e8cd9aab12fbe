/**
 * Plays a scripted caller, step by step. The caller speaks when the agent has finished, unless the next step is one that
 * listens to it: then the agent speaks on, and the caller does this while it does.
 */
import type { HeardWord, Turn } from '../testing/result.ts';
import type { TestCall } from '../testing/test-call.ts';
import { VoiceError } from '../lib/errors.ts';
import type { CheckUse } from './scenario/check-use.ts';
import type { Instant, Step } from './scenario/steps.ts';

/** A step of `expect` has been reached: these checks, over these turns. */
export type Expecting = (checks: readonly CheckUse[], turns: readonly Turn[]) => void;

export interface PlayOptions {
  expect: Expecting;
  /**
   * When which word of the answer was heard as the same call was played without the cut-in, for instants that only somebody
   * knows who has heard the whole. Undefined where no step has one.
   */
  rehearsed?: readonly HeardWord[] | undefined;
  /** What is understood in place of what was said, where no step says it itself. Default: what was said. */
  mishear?: ((text: string) => string) | undefined;
  /** Ends the play before the first cut-in, with the answer heard whole: a rehearsal. */
  isRehearsal?: boolean | undefined;
}

/** What happens while the agent speaks. */
const LISTENS = new Set<Step['does']>(['hears', 'cutIn', 'make']);

/** Over a sound that begins so soon after the answer's first one nobody says "mm-hm". */
const INTO_ANSWER_MS = 400;

/** @throws {VoiceError} what went wrong with the call, such as that nothing was heard of what a step waits for. */
export async function playSteps(call: TestCall, steps: readonly Step[], options: PlayOptions): Promise<void> {
  const player = new Player(call, options);
  for (const [index, step] of steps.entries()) {
    if (options.isRehearsal && step.does === 'cutIn') break;
    if (player.isOver) return;
    await player.play(step, steps[index + 1]);
  }
  await player.settle();
}

class Player {
  readonly #call: TestCall;
  readonly #options: PlayOptions;
  /** What the caller has said since the last thing that they began with, and the turns that come of it. */
  #open: Promise<Turn | undefined>[] = [];
  #turns: Turn[] = [];
  /** The answer began: told as soon as it is. */
  #answering: Promise<unknown> | undefined;

  constructor(call: TestCall, options: PlayOptions) {
    this.#call = call;
    this.#options = options;
  }

  /** Nobody is there any more. */
  get isOver(): boolean {
    return this.#call.events.at(-1)?.type === 'call-end';
  }

  async play(step: Step, next: Step | undefined): Promise<void> {
    switch (step.does) {
      case 'say':
        await this.settle();
        this.#turns = [];
        return this.#say(step.text, step, next);
      case 'hears':
        return void (await this.#call.hears(step.what));
      case 'cutIn':
        await this.#reach(step.instant);
        return this.#say(step.text, { as: step.as, pauseMs: undefined }, next);
      case 'make':
        if (this.#answering) await this.#answering.then(() => this.#call.wait(INTO_ANSWER_MS));
        return void (await this.#call.make(step.sound));
      case 'press':
        return void (await this.#call.press(step.keys));
      case 'wait':
        return void (await this.#call.wait(step.ms));
      case 'hangUp':
        return void (await this.#call.hangUp());
      case 'expect':
        await this.settle();
        return this.#options.expect(step.checks, this.#turnsNow());
    }
  }

  /** Everything that was said is answered. */
  async settle(): Promise<void> {
    for (const turn of this.#open.splice(0)) {
      const known = await turn;
      if (known) this.#turns.push(known);
    }
    if (!this.isOver) await this.#call.settles(); // another agent goes on, or the caller is back from somebody who was rung
    this.#answering = undefined;
  }

  async #say(
    text: string,
    { as, pauseMs }: { as: string | undefined; pauseMs: number | undefined },
    next: Step | undefined,
  ): Promise<void> {
    const answering = this.#call.until('reply-audio-start');
    answering.catch(() => {}); // a call that ends before it answers is told of by its turn
    this.#answering = answering;
    const understood = as ?? this.#options.mishear?.(text) ?? text;
    const turn = this.#call.say(text, {
      ...(understood !== text && { mumbled: understood }),
      ...(pauseMs !== undefined && { pauseMs }),
    });
    this.#open.push(turn.catch((error: unknown) => this.#endedOr(error)));
    if (!next || !LISTENS.has(next.does)) await this.settle();
  }

  /** A call that ended has answered nothing, which is for checks to judge; everything else is no call at all. */
  #endedOr(error: unknown): undefined {
    if (this.isOver) return undefined;
    throw error;
  }

  /** As they are now, and those that followed by themselves: what came later belongs to them too. */
  #turnsNow(): Turn[] {
    const first = Math.min(...this.#turns.map(({ number }) => number));
    return this.#call.turns.filter(({ number }) => number >= first);
  }

  async #reach(instant: Instant): Promise<void> {
    if (instant.at === 'word') return void (await this.#call.hears(instant.word));
    if (instant.at === 'time') {
      await this.#answering;
      return void (await this.#call.wait(instant.ms));
    }
    const atMs = instantIn(this.#options.rehearsed ?? [], instant);
    await this.#call.wait(Math.max(0, atMs - this.#call.atMs));
  }
}

/** When a share or a word of the answer has been heard. @throws {VoiceError} when there is no such word */
function instantIn(words: readonly HeardWord[], instant: Extract<Instant, { at: 'share' | 'number' }>): number {
  const [first, last] = [words[0], words.at(-1)];
  if (!first || !last)
    throw new VoiceError('options-invalid', 'the caller was to cut in, and no word of an answer is heard there');
  if (instant.at === 'share') return first.fromMs + instant.share * (last.toMs - first.fromMs);
  const word = words[instant.number - 1];
  if (!word)
    throw new VoiceError(
      'options-invalid',
      `the caller was to cut in at word ${instant.number}, and the answer has ${words.length}`,
    );
  return word.toMs;
}

/** Whether a step is at an instant that a rehearsal must have told. */
export const needsRehearsal = (steps: readonly Step[]): boolean =>
  steps.some((step) => step.does === 'cutIn' && ['share', 'number'].includes(step.instant.at));

/**
 * How a call is brought to its end (R19, R20): the agent's farewell is said and carried out, the caller is handed over and may
 * come back, an outage is told, and what is left over is let go. What has been decided of it is kept by `ending.ts`.
 */
import type { TurnEffect, TurnReport } from './contract.ts';
import type { CallerVoice } from './caller-voice.ts';
import type { Ending, Farewell } from './ending.ts';
import type { History } from './history.ts';
import type { Hold } from './hold.ts';
import type { MachineOptions } from './options.ts';
import { stepErrorReport } from './reports.ts';
import type { Speech } from './speech.ts';
import type { TurnState } from './step.ts';
import type { Tasks } from './tasks.ts';
import type { Turns } from './turns.ts';

export interface ClosingParts {
  ending: Ending;
  turns: Turns;
  speech: Speech;
  voice: CallerVoice;
  history: History;
  hold: Hold;
  tasks: Tasks;
}

/** What comes of it that is a turn's business. */
export interface ClosingSteps {
  /** Nothing that was said is still to be heard. */
  allHeard: (atMs: number) => void;
  /** The agent has something to tell. */
  beginTurn: (atMs: number) => void;
}

export class Closing {
  readonly #options: Pick<MachineOptions, 'phrases' | 'turn'>;
  readonly #parts: ClosingParts;
  readonly #steps: ClosingSteps;
  readonly #push: (effect: TurnEffect) => void;

  constructor(
    options: Pick<MachineOptions, 'phrases' | 'turn'>,
    parts: ClosingParts,
    { push, ...steps }: ClosingSteps & { push: (effect: TurnEffect) => void },
  ) {
    this.#options = options;
    this.#parts = parts;
    this.#steps = steps;
    this.#push = push;
  }

  // ---- a farewell ---------------------------------------------------------------------------------------------------

  /** The caller is told goodbye; what follows is carried out once that is heard. */
  sayGoodbye(farewell: Farewell, atMs: number): void {
    const { ending, turns, speech } = this.#parts;
    ending.plan(farewell);
    turns.speakOneOf(ending.goodbye(farewell, this.#options.phrases), 'verbatim', atMs);
    if (!speech.isAudible) this.#steps.allHeard(atMs);
  }

  /** R17: nothing comes of a turn: its step and its tools are let go, and the caller is for a person where there is one. */
  giveUp(turn: TurnState): void {
    const { ending, turns, speech } = this.#parts;
    speech.close();
    if (speech.isStalled) speech.clear();
    turns.abortStep();
    turns.calls.drop(turn, 'It took too long and was cancelled.');
    const { giveUpMs, transferTo } = this.#options.turn;
    const message = `Nothing to say to the caller for ${giveUpMs} ms: gave up on this turn.`;
    this.#push({ type: 'report', event: stepErrorReport(turn, { code: 'gave-up', message, requestId: undefined }) });
    turn.finishing = 'failed';
    if (transferTo) ending.plan({ type: 'transfer', to: transferTo });
  }

  /** R19: everything said before has been heard. */
  carryOut(farewell: Farewell, atMs: number): void {
    const { ending, turns } = this.#parts;
    if (farewell.type === 'hang-up') return this.end(farewell.reason, 'agent', atMs);
    const outcome = turns.current?.finishing ?? 'replied';
    turns.breakOff(outcome, 'The caller was handed over first, and it was cancelled.', atMs);
    ending.transfer();
    this.#push(farewell);
  }

  /** Nobody took them over. */
  failTransfer(message: string, atMs: number): void {
    const { ending, turns, history } = this.#parts;
    const next = ending.failTransfer();
    if (next === undefined) return;
    if (next !== 'go-on') return this.sayGoodbye(next.goodbye, atMs);
    history.addNote(turns.number + 1, `The transfer failed and the caller is still here: ${message}`);
    this.#steps.beginTurn(atMs);
  }

  // ---- an outage ----------------------------------------------------------------------------------------------------

  /** The call cannot go on. A turn that runs is finished: what it does for the caller is still theirs to hear. */
  breakOff(reason: string, atMs: number): void {
    const { ending, turns, voice } = this.#parts;
    if (!ending.breakOff(reason)) return;
    voice.hush();
    voice.letGoOn();
    if (ending.isLive && !turns.current && !ending.farewell) this.endForOutage(atMs);
  }

  /** Nothing, when there is none. */
  endForOutage(atMs: number): void {
    const farewell = this.#parts.ending.outageFarewell;
    if (farewell) this.sayGoodbye(farewell, atMs);
  }

  // ---- the end ------------------------------------------------------------------------------------------------------

  /** R20: everything is let go, but for writes: they finish, and are recorded. */
  end(reason: string, by: 'agent' | 'caller', atMs: number): void {
    const { ending, turns, speech, history, hold, tasks } = this.#parts;
    speech.clear();
    const outcome = by === 'agent' ? 'replied' : 'interrupted';
    turns.breakOff(outcome, 'The call ended first, and it was cancelled.', atMs);
    tasks.endAll(atMs);
    if (by === 'agent') this.#push({ type: 'hang-up', reason });
    history.addLateResults(turns.number); // for the record
    hold.callEnds(atMs);
    ending.end(reason);
    this.settle();
  }

  /** Once no write runs any more. */
  settle(): void {
    const { ending, turns } = this.#parts;
    if (turns.calls.areRunning) return;
    ending.settle();
    this.#report({ type: 'call-end', reason: ending.reason });
  }

  #report(event: TurnReport): void {
    this.#push({ type: 'report', event });
  }
}

/**
 * The agent on hold itself: whoever it has called plays music, and says now and then that the call is important. It says nothing
 * and asks its model nothing until a person speaks, a menu wants a key, or it has waited for long enough.
 *
 *   talking --the agent waits--> on hold --a person, a menu, too long--> talking
 */
import type { HoldEnd, TurnReport } from './contract.ts';
import { whoSaysSo } from './hold-words.ts';
import type { Turns } from './turns.ts';

export interface HoldOptions {
  /** `mostHoldMs`: of an older recording undefined, and there was no hold then. */
  turn: { mostHoldMs?: number };
}

type State =
  | { isOn: false }
  | {
      isOn: true;
      turn: number;
      sinceMs: number;
      /** What recordings have said, the end of it. */
      recorded: string;
      /** What ends it; until somebody else does: the agent, which was told to speak. */
      why: HoldEnd;
    };

/** Of what recordings say the model is told the end: a position in the queue, a number to call instead. */
const LONGEST_RECORDED = 400;

export class Hold {
  /** Of whichever agent waits. */
  readonly #options: HoldOptions;
  readonly #turns: Pick<Turns, 'number' | 'end'>;
  readonly #report: (event: TurnReport) => void;
  #state: State = { isOn: false };

  constructor(options: HoldOptions, turns: Pick<Turns, 'number' | 'end'>, report: (event: TurnReport) => void) {
    this.#options = options;
    this.#turns = turns;
    this.#report = report;
  }

  get isOn(): boolean {
    return this.#state.isOn;
  }

  /** When it has been long enough; undefined while the agent is not on hold. */
  get dueAtMs(): number | undefined {
    return this.#state.isOn ? this.#state.sinceMs + (this.#options.turn.mostHoldMs ?? Infinity) : undefined;
  }

  /** The agent has decided so in the turn that runs, which is over: everything said in it has been heard. */
  begin(atMs: number): void {
    const turn = this.#turns.number;
    this.#state = { isOn: true, turn, sinceMs: atMs, recorded: '', why: 'agent' };
    this.#report({ type: 'hold-start', turn });
    this.#turns.end('replied', atMs);
  }

  /** Whether that was a recording, of which nothing comes. */
  isRecording(text: string): boolean {
    const state = this.#state;
    if (!state.isOn) return false;
    const who = whoSaysSo(text);
    if (who !== 'recording') {
      state.why = who;
      return false;
    }
    state.recorded = `${state.recorded} ${text}`.trim().slice(-LONGEST_RECORDED);
    return true;
  }

  /** A turn begins. Returns what the model is to know of the time on hold; undefined when there was none. */
  end(atMs: number): string | undefined {
    const state = this.#state;
    if (!state.isOn) return undefined;
    const why = state.why === 'agent' && atMs >= (this.dueAtMs ?? Infinity) ? 'too-long' : state.why;
    const heldMs = this.#leave(state, why, atMs);
    const recorded = state.recorded === '' ? '' : ` Recordings said: ${JSON.stringify(state.recorded)}.`;
    return `You were on hold for ${Math.round(heldMs / 1_000)} s.${recorded} ${NEXT[why]}`;
  }

  /** The call ends. */
  callEnds(atMs: number): void {
    if (this.#state.isOn) this.#leave(this.#state, 'call-ended', atMs);
  }

  #leave({ turn, sinceMs }: Extract<State, { isOn: true }>, why: HoldEnd, atMs: number): number {
    const heldMs = Math.round(atMs - sinceMs);
    this.#state = { isOn: false };
    this.#report({ type: 'hold-end', turn, heldMs, why });
    return heldMs;
  }
}

const NEXT: Readonly<Record<HoldEnd, string>> = {
  person: 'Somebody speaks now: if it was a recording after all, wait on.',
  menu: 'A menu asks for a key now.',
  'too-long': 'Nobody has come, and you are still on hold: wait on, or end the call.',
  agent: 'It is over.',
  'call-ended': 'It is over.',
};

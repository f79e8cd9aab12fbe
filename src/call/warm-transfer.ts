/**
 * A caller who is handed over in person: somebody is rung on a second line, told what it is about, and asked whether they take
 * the call; then both are put together by the carrier. What happens at every end of either of them, at every instant, is decided
 * here, and nowhere else: nobody is left with nobody. Pure: time is an argument.
 *
 *   ringing -> asking -> taking -> joining -> leaving -> met -> over
 *      |         |         |          |          |
 *      +---------+---------+----------+          +--------+-- the person is gone: the caller is brought back
 *      the caller is with the agent again, or gone: the person is let go
 */

/** What became of the second call, in nobody's words. */
export type PersonGone = 'completed' | 'busy' | 'no-answer' | 'failed' | 'cancelled';

/** What happens to either of them. The person: whom the caller is to be handed over to. */
export type WarmEvent =
  | { type: 'answered'; who: 'person' | 'machine' }
  | { type: 'accepted' | 'declined' }
  /** They are where both are to meet. */
  | { type: 'person-there' }
  | { type: 'person-gone'; outcome: PersonGone; detail?: string | undefined }
  /** The caller's line has ended for the meeting; or the carrier refused to take them there, and it goes on. */
  | { type: 'caller-moved' }
  | { type: 'caller-refused'; message: string }
  | { type: 'caller-there' }
  /** They have hung up, or the program has ended their call. */
  | { type: 'caller-gone' }
  | { type: 'timer' };

export type WarmEffect =
  /** For observers. */
  | { type: 'tell'; state: 'asking' | 'accepted' }
  /** Gives the second call up, or ends it. */
  | { type: 'let-go' }
  | { type: 'move-caller' }
  /** To the agent, who has had the line all the time: why, for the model. */
  | { type: 'give-back'; message: string }
  /** The caller has left their line, and nobody is where they are: they are to come back on another one. */
  | { type: 'bring-back' };

/** Who answers is heard what it is about, and asked, within so long. */
const ASKING_MS = 60_000;
/** So long a carrier may take to put one of them where both are to meet: longer than its API is asked for anything, twice. */
const MOVING_MS = 15_000;
/** News of either of them come within so long of each other. */
const NEWS_MS = 5_000;
/** Behind its time nobody has told that it rang in vain. */
const RING_SLACK_MS = 5_000;

type State =
  /** The second call was asked for. */
  | { type: 'ringing'; dueAtMs: number }
  /** Somebody has answered, hears what it is about, and has not said whether they take it. */
  | { type: 'asking'; dueAtMs: number }
  /** They do, and are on their way to where both are to meet. */
  | { type: 'taking'; dueAtMs: number }
  /** They are there, and the carrier was asked to take the caller there. */
  | { type: 'joining'; dueAtMs: number }
  /** The same, and the person has left since: the caller is not to stay there. */
  | { type: 'joining-nobody'; dueAtMs: number; message: string }
  /** The caller's line has ended for the meeting, and nobody has told yet that they are there. */
  | { type: 'leaving'; dueAtMs: number }
  /** Both were told to be there: the person may have left before the caller came, and carriers tell either in any order. */
  | { type: 'met'; dueAtMs: number }
  /** `mayLeave`: the agent was given the caller back, and a carrier that was asked before may yet take them away. */
  | { type: 'over'; mayLeave: boolean };

/** Times are of one clock that never goes back, in milliseconds. */
export class WarmTransfer {
  #state: State;

  constructor(atMs: number, { ringMs }: { ringMs: number }) {
    this.#state = { type: 'ringing', dueAtMs: atMs + ringMs + RING_SLACK_MS };
  }

  get state(): State['type'] {
    return this.#state.type;
  }

  get isOver(): boolean {
    return this.#state.type === 'over';
  }

  /** When `timer` is to be told, unless something else is told before. */
  get dueAtMs(): number | undefined {
    return this.#state.type === 'over' ? undefined : this.#state.dueAtMs;
  }

  handle(event: WarmEvent, atMs: number): WarmEffect[] {
    const state = this.#state;
    if (event.type === 'timer' && (state.type === 'over' || atMs < state.dueAtMs)) return [];
    switch (state.type) {
      case 'ringing':
      case 'asking':
        return this.#ask(state.type, event, atMs);
      case 'taking':
        return this.#take(event, atMs);
      case 'joining':
        return this.#join(event, atMs);
      case 'joining-nobody':
        return this.#joinNobody(event, state.message);
      case 'leaving':
        return this.#leave(event, atMs);
      case 'met':
        return this.#meet(event);
      case 'over':
        if (event.type !== 'caller-moved' || !state.mayLeave) return [];
        return this.#over({ type: 'bring-back' });
    }
  }

  /** The person is not there yet, and the caller has their line. */
  #ask(from: 'ringing' | 'asking', event: WarmEvent, atMs: number): WarmEffect[] {
    switch (event.type) {
      case 'answered':
        if (event.who === 'machine') return this.#giveBack('a machine answered', 'let-go');
        if (from === 'asking') return [];
        this.#state = { type: 'asking', dueAtMs: atMs + ASKING_MS };
        return [{ type: 'tell', state: 'asking' }];
      case 'accepted':
        this.#state = { type: 'taking', dueAtMs: atMs + MOVING_MS };
        return [{ type: 'tell', state: 'accepted' }];
      case 'person-there': // they have accepted: that came later, or never
        return [{ type: 'tell', state: 'accepted' }, ...this.#moveCaller(atMs)];
      case 'declined':
        return this.#giveBack('they cannot take the call now');
      case 'timer':
        return this.#giveBack(
          from === 'ringing' ? 'nobody answered' : 'they did not say whether they take it',
          'let-go',
        );
      default:
        return this.#end(event);
    }
  }

  #take(event: WarmEvent, atMs: number): WarmEffect[] {
    switch (event.type) {
      case 'person-there':
        return this.#moveCaller(atMs);
      case 'declined': // the carrier could not take them there
      case 'timer':
        return this.#giveBack('they took the call, and the carrier did not connect them', 'let-go');
      case 'answered':
        return event.who === 'machine' ? this.#giveBack('a machine answered', 'let-go') : [];
      default:
        return this.#end(event);
    }
  }

  /** Until the caller's line has ended it is not known whether they are taken there. */
  #join(event: WarmEvent, atMs: number): WarmEffect[] {
    switch (event.type) {
      case 'caller-there':
        return this.#met(atMs);
      case 'caller-moved':
        this.#state = { type: 'leaving', dueAtMs: atMs + MOVING_MS };
        return [];
      case 'person-gone': {
        this.#state = { type: 'joining-nobody', dueAtMs: atMs + MOVING_MS, message: whyGone(event) };
        return [];
      }
      case 'caller-refused':
        return this.#giveBack(`they took the call, and ${event.message}`, 'let-go');
      case 'timer':
        return this.#giveBack('they took the call, and the carrier did not connect the caller', 'let-go');
      default:
        return this.#end(event);
    }
  }

  #joinNobody(event: WarmEvent, message: string): WarmEffect[] {
    switch (event.type) {
      case 'caller-moved':
      case 'caller-there':
        return this.#over({ type: 'bring-back' });
      case 'caller-refused':
      case 'timer':
        return this.#giveBack(message);
      case 'caller-gone':
        return this.#over();
      default:
        return [];
    }
  }

  /** The person is there, and the carrier has taken the caller off our line: unless told otherwise, they have met. */
  #leave(event: WarmEvent, atMs: number): WarmEffect[] {
    switch (event.type) {
      case 'caller-there':
        return this.#met(atMs);
      case 'timer':
        return this.#over();
      case 'person-gone':
        return this.#over({ type: 'bring-back' });
      case 'caller-gone':
        return this.#over({ type: 'let-go' });
      default:
        return [];
    }
  }

  #met(atMs: number): WarmEffect[] {
    this.#state = { type: 'met', dueAtMs: atMs + NEWS_MS };
    return [];
  }

  /** Who was there at once hears nobody: they are brought back. Whoever did meet, and is let down so soon, is so too. */
  #meet(event: WarmEvent): WarmEffect[] {
    switch (event.type) {
      case 'person-gone':
        return this.#over({ type: 'bring-back' });
      case 'caller-gone':
      case 'timer':
        return this.#over();
      default:
        return [];
    }
  }

  /** Either of them is gone, and the caller was not asked to leave. */
  #end(event: WarmEvent): WarmEffect[] {
    if (event.type === 'person-gone') return this.#giveBack(whyGone(event));
    if (event.type === 'caller-gone') return this.#over({ type: 'let-go' });
    return [];
  }

  #moveCaller(atMs: number): WarmEffect[] {
    this.#state = { type: 'joining', dueAtMs: atMs + MOVING_MS };
    return [{ type: 'move-caller' }];
  }

  #giveBack(message: string, also?: 'let-go'): WarmEffect[] {
    return this.#over(...(also ? [{ type: also } as const] : []), { type: 'give-back', message });
  }

  #over(...effects: WarmEffect[]): WarmEffect[] {
    const wasAsked = this.#state.type === 'joining' || this.#state.type === 'joining-nobody';
    this.#state = { type: 'over', mayLeave: wasAsked && effects.some(({ type }) => type === 'give-back') };
    return effects;
  }
}

function whyGone({ outcome, detail }: Extract<WarmEvent, { type: 'person-gone' }>): string {
  const why = WHY_GONE[outcome];
  return detail === undefined || outcome === 'completed' ? why : `${why} (${detail})`;
}

const WHY_GONE: Readonly<Record<PersonGone, string>> = {
  completed: 'they hung up',
  busy: 'the line is busy',
  'no-answer': 'nobody answered',
  failed: 'the call did not go through',
  cancelled: 'the call was given up',
};

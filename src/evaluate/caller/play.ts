/**
 * Plays a simulated caller: it speaks when the agent has finished, unless the dice say that it cuts in or makes itself heard;
 * what it says is its own. So the timing of a call comes again with its seed, although the words may not.
 */
import { VoiceError } from '../../lib/errors.ts';
import { seededRandom } from '../../testing/chance.ts';
import type { Turn } from '../../testing/result.ts';
import type { TestCall } from '../../testing/test-call.ts';
import type { SimulatedCaller } from '../scenario/schema.ts';
import { nextMove, type CallerMind } from './mind.ts';
import { brokenRule, deafness, viewOf, type CallerView } from './moves.ts';

/** In so many of a hundred answers. */
const SHARES = { never: 0, rarely: 0.15, often: 0.45 } as const;
/** At one of so many first words of an answer. */
const WITHIN_WORDS = 8;
/** A caller who waits lets so much of the call pass. */
const WAIT_MS = 2_500;
/** Who waits longer than this hears that nothing comes. */
const MOST_WAITS = 4;

export interface CallerPlay {
  /** What went wrong with the caller: the call is void. */
  trouble: string | undefined;
  /** It hung up, its turns were up, or the agent ended the call. */
  ended: 'hung-up' | 'turns-up' | 'call-over';
}

export async function playCaller(
  call: TestCall,
  caller: SimulatedCaller,
  { mind, seed }: { mind: CallerMind; seed: number },
): Promise<CallerPlay> {
  return new CallerPlayer(call, caller, { mind, random: seededRandom(seed) }).play();
}

class CallerPlayer {
  readonly #call: TestCall;
  readonly #caller: SimulatedCaller;
  readonly #mind: CallerMind;
  readonly #random: () => number;
  readonly #said: { afterTurn: number; text: string }[] = [];
  #waits = 0;

  constructor(call: TestCall, caller: SimulatedCaller, { mind, random }: { mind: CallerMind; random: () => number }) {
    this.#call = call;
    this.#caller = caller;
    this.#mind = mind;
    this.#random = random;
  }

  async play(): Promise<CallerPlay> {
    while (!this.#isOver) {
      if (this.#said.length >= this.#caller.maxTurns) return { trouble: undefined, ended: 'turns-up' };
      const view = this.#view();
      const deaf = deafness(view, this.#hasSounded);
      if (deaf !== undefined && this.#said.length > 0) return { trouble: deaf, ended: 'hung-up' };
      const move = await nextMove(this.#mind, view);
      if (!move) return { trouble: 'the caller gave no move, asked twice', ended: 'hung-up' };
      const broken = brokenRule(move, view);
      if (broken !== undefined) return { trouble: `turn ${this.#said.length + 1}, ${broken}`, ended: 'hung-up' };
      if (move.does === 'hangUp' && !this.#isBusy) return { trouble: undefined, ended: 'hung-up' };
      if (move.does === 'say') await this.#say(move.text);
      else if (++this.#waits > MOST_WAITS) return { trouble: undefined, ended: 'hung-up' };
      else await this.#call.wait(WAIT_MS);
    }
    return { trouble: undefined, ended: 'call-over' };
  }

  get #isOver(): boolean {
    return this.#call.events.at(-1)?.type === 'call-end';
  }

  /** Nobody leaves while a tool works for them, or an answer is due. */
  get #isBusy(): boolean {
    const { tools } = this.#call.result();
    return tools.some(({ toMs }) => toMs === undefined) || this.#call.turns.at(-1)?.outcome === undefined;
  }

  get #hasSounded(): boolean {
    return (this.#call.result().agentSound ?? []).length > 0;
  }

  async #say(text: string): Promise<void> {
    this.#waits = 0;
    const before = this.#call.turns.at(-1)?.number ?? 0;
    this.#said.push({ afterTurn: before, text });
    const turn = this.#call.say(text);
    const ended: Promise<Turn | undefined> = turn.catch((error: unknown) => {
      if (this.#isOver) return undefined;
      throw error;
    });
    await Promise.race([ended, this.#interrupt()]);
    if (!this.#hasCut) await ended;
    this.#hasCut = false;
  }

  #hasCut = false;

  /** Cuts in or says "mm-hm" at the end of some word, if the dice say so. Else it never ends. */
  async #interrupt(): Promise<void> {
    const { cutsIn, backchannels } = this.#caller;
    const [cut, hum, at] = [this.#random(), this.#random(), this.#random()]; // always thrown, so that all that follow stay
    const words = 1 + Math.floor(at * WITHIN_WORDS);
    const isCut = cut < SHARES[cutsIn];
    if (!isCut && hum >= SHARES[backchannels]) return new Promise(() => {});
    await this.#call.hears(new RegExp(`^(?:\\S+\\s+){${words - 1}}\\S+`)).catch(() => new Promise(() => {}));
    if (isCut) this.#hasCut = true;
    else await this.#call.make('mm-hm').then(() => new Promise(() => {}));
  }

  /** What was heard and said, in order. */
  #view(): CallerView {
    const { turns } = this.#call;
    const said = [...this.#said];
    const talk: CallerView['talk'] = [];
    for (const turn of turns) {
      while (said[0] && said[0].afterTurn < turn.number) talk.push({ who: 'you', text: said.shift()?.text ?? '' });
      if (turn.heard !== '')
        talk.push({ who: 'agent', text: turn.heard, ...(turn.outcome === 'interrupted' && { isCut: true }) });
    }
    talk.push(...said.map(({ text }) => ({ who: 'you' as const, text })));
    return viewOf(this.#caller, talk);
  }
}

/** @throws {VoiceError} `options-invalid`, when the line has no sound to cut into */
export function checkLine(caller: SimulatedCaller, line: string): void {
  if (line === 'text' && (caller.cutsIn !== 'never' || caller.backchannels !== 'never')) {
    throw new VoiceError('options-invalid', 'a caller cuts in and says "mm-hm" on the line `voice` alone');
  }
}

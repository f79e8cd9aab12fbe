/**
 * People who are played: an agent that hands its caller over in person rings them as it would by a carrier, and what they do
 * was said before. The hand-over itself is the one of every call (`call/in-person.ts`).
 */
import type { Person, PersonNews, PersonOrder, RingPerson } from '../../call/in-person.ts';
import type { CallMedium } from '../../call/medium.ts';
import { TEXT } from '../../call/text-speaker.ts';
import type { Clock } from '../../lib/clock.ts';
import { VoiceError } from '../../lib/errors.ts';
import type { RungPerson } from '../result.ts';
import { mannerOf, RINGS_MS, THINKS_MS, type PersonManner, type PlayedPerson } from './manner.ts';

/** Somebody who has answered, until they are let go of. */
export interface AnsweredPerson {
  /** What they have heard so far. */
  heard(): string;
  letGo(): void;
}

/** What a person who has answered is made of. */
export interface Answering {
  callId: string;
  order: PersonOrder;
  manner: PersonManner;
  told: (news: PersonNews) => void;
}

export interface PlayedPeopleOptions {
  /** Who answers at this number; undefined: nobody has said. */
  at: (to: string) => PlayedPerson | undefined;
  clock: Clock;
  newCallId: () => string;
  /** Somebody was rung whom nobody plays. */
  unknown?: ((error: VoiceError) => void) | undefined;
  /** Has somebody answer. Default: without a sound, who has read at once what they are told. */
  answer?: ((parts: Answering) => AnsweredPerson) | undefined;
}

export class PlayedPeople {
  readonly #options: PlayedPeopleOptions;
  readonly #calls: SecondCall[] = [];

  constructor(options: PlayedPeopleOptions) {
    this.#options = options;
  }

  /** Everybody who was rung so far, in order; plain data. */
  get rung(): RungPerson[] {
    return this.#calls.map((call) => call.facts());
  }

  readonly ring: RingPerson = async (order, told) => {
    const { at, unknown, newCallId } = this.#options;
    const nth = this.#calls.filter(({ to }) => to === order.to).length + 1;
    const person = at(order.to);
    const manner = person && mannerOf(person, nth);
    if (!manner) {
      const error = nobodyPlays(order.to);
      unknown?.(error);
      throw error;
    }
    const call = new SecondCall({ callId: newCallId(), order, manner, told }, this.#options);
    this.#calls.push(call);
    return Promise.resolve(call);
  };
}

function nobodyPlays(to: string): VoiceError {
  const message = `Expected \`people\` to say what ${to} does when they are rung, got nobody: people: { '${to}': 'accepts' }`;
  return new VoiceError('options-invalid', message);
}

/** One ring, and what comes of it. */
class SecondCall implements Person {
  readonly callId: string;
  readonly to: string;
  readonly #parts: Answering;
  readonly #options: PlayedPeopleOptions;
  readonly #facts: Omit<RungPerson, 'heard'>;
  #answered: AnsweredPerson | undefined;
  #stopRinging: () => void;

  constructor(parts: Answering, options: PlayedPeopleOptions) {
    const { order, manner, callId } = parts;
    const { ringsMs = RINGS_MS } = manner;
    this.callId = callId;
    this.to = order.to;
    this.#parts = parts;
    this.#options = options;
    this.#facts = { to: order.to, callId, summary: order.summary, fromMs: this.#nowMs() };
    const isInVain = manner.does === 'no-answer' || ringsMs >= order.ringMs;
    this.#stopRinging = options.clock.after(isInVain ? order.ringMs : ringsMs, () =>
      isInVain ? this.#gone('no-answer') : this.#pickUp(),
    );
  }

  facts(): RungPerson {
    return { ...this.#facts, heard: this.#answered?.heard() ?? '' };
  }

  letGo(): void {
    if (this.#facts.outcome !== undefined) return;
    this.#end('cancelled');
    this.#answered?.letGo();
  }

  /** Nobody leaves a meeting that is played. */
  bringCallerBack(): undefined {
    return undefined;
  }

  forget(): void {
    // what they do is told no further: whoever listens is done
  }

  #pickUp(): void {
    if (this.#parts.manner.does === 'busy') return this.#gone('busy');
    const { answer = answerUnheard(this.#options.clock) } = this.#options;
    this.#answered = answer({ ...this.#parts, told: (news) => this.#tell(news) });
  }

  #tell(news: PersonNews): void {
    if (this.#facts.outcome === 'cancelled') return;
    if (news.type === 'answered') this.#facts.answeredBy = news.who;
    if (news.type === 'accepted' || news.type === 'declined') this.#end(news.type);
    if (news.type === 'person-gone') this.#end(news.outcome);
    this.#parts.told(news);
  }

  #gone(outcome: 'busy' | 'no-answer'): void {
    this.#tell({ type: 'person-gone', outcome });
  }

  #end(outcome: NonNullable<RungPerson['outcome']>): void {
    this.#stopRinging();
    if (this.#facts.outcome !== undefined) return;
    this.#facts.outcome = outcome;
    this.#facts.toMs = this.#nowMs();
  }

  #nowMs(): number {
    return this.#options.clock.nowMs();
  }
}

/** A line of text from which callers can be handed over: they are gone at once, and to nobody. */
export const textWith = (ringPerson: RingPerson): CallMedium => ({
  ...TEXT,
  transfer: () => Promise.resolve(),
  ringPerson,
});

/** Somebody without a line: as if they had heard everything, and pressed a key. */
const answerUnheard =
  (clock: Clock) =>
  ({ order, manner: { does, thinksMs = THINKS_MS }, told }: Answering): AnsweredPerson => {
    const isMachine = does === 'voicemail';
    told({ type: 'answered', who: isMachine ? 'machine' : 'person' });
    if (isMachine) return { heard: () => '', letGo() {} };
    const letGo = clock.after(thinksMs, () => {
      if (does === 'refuses') return told({ type: 'declined' });
      if (does === 'hangs-up') return told({ type: 'person-gone', outcome: 'completed' });
      told({ type: 'accepted' });
      told({ type: 'person-there' });
    });
    return { heard: () => order.summary, letGo };
  };

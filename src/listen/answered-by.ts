/**
 * Who has answered a call that we placed: a person, or a machine that plays a greeting and then records? Found out from the
 * first seconds, as a person at the telephone would: by how long the voice goes on, by its words, by the beep. Pure: time
 * is an argument.
 */
import { machineWordsIn, personWordsIn } from './answering-words.ts';

/** `unknown`: nobody has said a word. */
export type AnsweredBy = 'person' | 'machine' | 'unknown';

/** What told. */
export type AnswerSign = 'words' | 'length' | 'pause' | 'beep' | 'silence' | 'carrier';

/** What is heard of whoever has answered. */
export type AnswerEvent =
  | { type: 'voice'; phase: 'start' | 'end' }
  /** All that was understood of what they are saying. */
  | { type: 'words'; text: string }
  /** They have finished, as far as the ear can tell. */
  | { type: 'finished'; text: string }
  /** A tone in the band of beeps has ended. */
  | { type: 'beep' }
  /** By the carrier's own detection. `mayLeave`: the machine records from now on. */
  | { type: 'carrier'; who: 'person' | 'machine'; mayLeave: boolean }
  | { type: 'timer' };

export type AnswerEffect =
  /** May come a second time: a machine may be taken for a person at first. */
  | { type: 'answered-by'; who: AnsweredBy; sign: AnswerSign }
  /** The machine records from now on. */
  | { type: 'may-leave' }
  /** Its greeting has no end. */
  | { type: 'give-up' };

/** A person says "Hello?", or a name and a question, and waits. Greetings of machines go on for longer. */
const LONG_MS = 3_200;
/** A hole in a voice that is longer ends what a person says when they answer. */
const PAUSE_MS = 700;
/** Who says nothing for so long waits for us. */
const SILENT_MS = 2_500;
/** So long after the answer a machine may still be found out that was taken for a person: its greeting began late. */
const LATE_MS = 15_000;
/** Behind its beep a machine needs a moment. */
const AFTER_BEEP_MS = 300;
/** A machine that has fallen silent for so long has had its beep, though none was noticed. */
const AFTER_VOICE_MS = 2_500;
/** No greeting is longer. */
const MOST_GREETING_MS = 60_000;

type State =
  | { type: 'waiting' }
  | { type: 'taken-for-person' }
  | { type: 'greeting'; sinceMs: number; beepAtMs: number | undefined }
  | { type: 'done' };

/** Times are of one clock that never goes back, in milliseconds. */
export class AnswerJudge {
  readonly #answeredAtMs: number;
  #state: State = { type: 'waiting' };
  /** Of what is being said; holes under `PAUSE_MS` belong to it. */
  #voiceFromMs: number | undefined;
  #voiceEndedAtMs: number | undefined;
  #isVoice = false;

  constructor(answeredAtMs: number) {
    this.#answeredAtMs = answeredAtMs;
  }

  /** It has nothing more to find out. */
  get isDone(): boolean {
    return this.#state.type === 'done';
  }

  /** When `timer` is to be told, unless something else is told before. */
  get dueAtMs(): number | undefined {
    const state = this.#state;
    switch (state.type) {
      case 'waiting':
        if (this.#voiceFromMs === undefined) return this.#answeredAtMs + SILENT_MS;
        return this.#isVoice ? this.#voiceFromMs + LONG_MS : (this.#voiceEndedAtMs ?? 0) + PAUSE_MS;
      case 'taken-for-person':
        return this.#answeredAtMs + LATE_MS;
      case 'greeting':
        return Math.min(this.#mayLeaveAtMs(state) ?? Infinity, state.sinceMs + MOST_GREETING_MS);
      case 'done':
        return undefined;
    }
  }

  handle(event: AnswerEvent, atMs: number): AnswerEffect[] {
    if (event.type === 'voice') this.#hearVoice(event.phase, atMs);
    switch (this.#state.type) {
      case 'waiting':
        return this.#judge(event, atMs);
      case 'taken-for-person':
        return this.#doubt(event, atMs);
      case 'greeting':
        return this.#listen(this.#state, event, atMs);
      case 'done':
        return [];
    }
  }

  #hearVoice(phase: 'start' | 'end', atMs: number): void {
    this.#isVoice = phase === 'start';
    if (phase === 'end') this.#voiceEndedAtMs = atMs;
    else if (this.#voiceFromMs === undefined || atMs - (this.#voiceEndedAtMs ?? atMs) >= PAUSE_MS) {
      this.#voiceFromMs = atMs;
    }
  }

  #judge(event: AnswerEvent, atMs: number): AnswerEffect[] {
    const machine = this.#machineBy(event, atMs);
    if (machine.length > 0) return machine;
    switch (event.type) {
      case 'carrier':
        return this.#takeForPerson('person', 'carrier');
      case 'words':
        return personWordsIn(event.text) && !this.#isVoice ? this.#takeForPerson('person', 'words') : [];
      case 'finished':
        return this.#takeForPerson('person', 'pause');
      case 'timer':
        return this.#judgeByTime(atMs);
      default:
        return [];
    }
  }

  #judgeByTime(atMs: number): AnswerEffect[] {
    const { dueAtMs } = this;
    if (dueAtMs === undefined || atMs < dueAtMs) return [];
    if (this.#voiceFromMs === undefined) return this.#takeForPerson('unknown', 'silence');
    return this.#isVoice ? this.#takeForMachine('length', atMs) : this.#takeForPerson('person', 'pause');
  }

  /** What only a machine says or does. */
  #machineBy(event: AnswerEvent, atMs: number): AnswerEffect[] {
    switch (event.type) {
      case 'beep':
        return this.#takeForMachine('beep', atMs);
      case 'carrier':
        return event.who === 'machine' ? this.#takeForMachine('carrier', atMs, event.mayLeave) : [];
      case 'words':
      case 'finished':
        return machineWordsIn(event.text) ? this.#takeForMachine('words', atMs) : [];
      default:
        return [];
    }
  }

  #doubt(event: AnswerEvent, atMs: number): AnswerEffect[] {
    if (atMs - this.#answeredAtMs < LATE_MS) return this.#machineBy(event, atMs);
    this.#state = { type: 'done' };
    return [];
  }

  #takeForPerson(who: 'person' | 'unknown', sign: AnswerSign): AnswerEffect[] {
    this.#state = { type: 'taken-for-person' };
    return [{ type: 'answered-by', who, sign }];
  }

  #takeForMachine(sign: AnswerSign, atMs: number, mayLeave = false): AnswerEffect[] {
    const found = { type: 'answered-by', who: 'machine', sign } as const;
    this.#state = { type: 'greeting', sinceMs: atMs, beepAtMs: sign === 'beep' ? atMs : undefined };
    if (!mayLeave) return [found];
    this.#state = { type: 'done' };
    return [found, { type: 'may-leave' }];
  }

  #listen(state: Extract<State, { type: 'greeting' }>, event: AnswerEvent, atMs: number): AnswerEffect[] {
    if (event.type === 'beep') state.beepAtMs = atMs;
    if (event.type === 'voice' && event.phase === 'start') state.beepAtMs = undefined; // the greeting goes on behind it
    const isTold = event.type === 'carrier' && event.mayLeave;
    const mayLeaveAtMs = this.#mayLeaveAtMs(state);
    if (isTold || (mayLeaveAtMs !== undefined && atMs >= mayLeaveAtMs)) {
      this.#state = { type: 'done' };
      return [{ type: 'may-leave' }];
    }
    if (atMs - state.sinceMs < MOST_GREETING_MS) return [];
    this.#state = { type: 'done' };
    return [{ type: 'give-up' }];
  }

  /** A beep, unless the greeting goes on behind it; else a silence behind the voice. */
  #mayLeaveAtMs({ sinceMs, beepAtMs }: Extract<State, { type: 'greeting' }>): number | undefined {
    if (this.#isVoice) return undefined;
    if (beepAtMs !== undefined) return beepAtMs + AFTER_BEEP_MS;
    return Math.max(sinceMs, this.#voiceEndedAtMs ?? sinceMs) + AFTER_VOICE_MS;
  }
}

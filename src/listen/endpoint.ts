/**
 * When has the caller finished? Pure: what is heard goes in with its time, what is to be done comes out.
 *
 *   voice, words -> silence begins -> finalize asked -> its final (or 1.5 s) -> settled -> turn
 *                        ^                                                        |
 *                        +------------------- voice or words again --------------+
 *
 * The silence that ends a turn depends on how the words look and on what the agent has asked. `finalize` is asked for
 * before that silence is over, so that waiting for the last final costs the caller nothing. Design A of `wire/pulse.md` 5,
 * which falls back on the words alone when there is no voice activity, or when noise never lets it end.
 *
 * Two times are told: the line's, which is that of its audio and stands still while none comes (`line-time.ts`), measures
 * the caller's silence; the clock's measures how long the service takes to answer.
 */
import {
  digitsIn,
  isHesitation,
  isPlainAnswer,
  looksOpen,
  NO_QUESTION,
  questionIn,
  trailingDigits,
  type Question,
} from './completeness.ts';
import type { HeardWord } from './contract.ts';
import { hasSpaces } from './languages.ts';
import { TurnText, type Understood } from './turn-text.ts';

export interface EndpointOptions {
  /** Silence that ends the caller's turn when it sounds complete, in milliseconds. */
  endpointMs: number;
  /** The same when it sounds open-ended. */
  openEndpointMs: number;
  /** Decides whether segments are joined with a space. Default `en`. */
  language?: string;
}

/** What is heard. `silentMs`: how long the silence has lasted already when the end of a voice is told. */
export type EndpointEvent =
  | { type: 'voice'; phase: 'start' | 'end'; silentMs?: number }
  /** The service's own voice activity; counts only as long as there is none of ours. */
  | { type: 'service-voice'; phase: 'start' | 'end' }
  /** `words`: when each was spoken, in the line's time, where the service tells it. */
  | { type: 'transcript'; text: string; isFinal: boolean; words?: readonly HeardWord[] | undefined }
  | { type: 'agent-asked'; text: string }
  /** The time that was set has come. */
  | { type: 'timer' };

export type EndpointEffect =
  | { type: 'finalize' }
  /** One timer; setting it again replaces it, null takes it back. */
  | { type: 'set-timer'; afterMs: number | null }
  | { type: 'speech'; phase: 'start' | 'end' }
  /** All that has been understood of this turn so far. */
  | { type: 'speech'; phase: 'words'; words: string }
  /** `endpointingMs`: from the end of the voice to this decision. */
  | { type: 'turn'; text: string; endpointingMs: number };

/** `finalize` goes out so long before the silence is over: what its final takes. */
const FINALIZE_LEAD_MS = 250;
/** The first final after `finalize` may have been on its way already; one more may follow within this. */
const SETTLE_MS = 100;
/** Then the finals and the last interim will have to do: the 99th percentile of one framework. */
const FINAL_TIMEOUT_MS = 1_500;
/** Words are understood so long after they were spoken. */
const WORDS_LAG_MS = 200;
/** Words of a voice that has ended are understood within this. */
const LATE_WORDS_MS = 1_000;
/** A voice under which no word has changed for so long is noise. */
const NOISE_MS = 2_000;
/** The same once a final has closed the segment: the service has heard a silence there. */
const NOISE_AFTER_FINAL_MS = 1_200;
/** The service tells the end of a voice after a silence that nobody documents. */
const SERVICE_SILENCE_MS = 300;
/** "Yes" to a question of yes or no needs no long silence. */
const PLAIN_ANSWER_SHARE = 0.6;
/** "Um" alone: the caller is thinking. */
const HESITATION_SHARE = 2;
/** More than a short number, said without having been asked: more digits may follow. */
const OPEN_DIGITS = 3;
/** Longest number that people say: whoever has said so many has said all. */
const MOST_DIGITS = 12;
/** A line that stands still is looked at again no sooner. */
const LEAST_WAIT_MS = 20;
/** Float sums of times must not keep a deadline out of reach. */
const EPSILON_MS = 0.01;

export class Endpoint {
  readonly #options: EndpointOptions;
  readonly #words: TurnText;
  #question: Question = NO_QUESTION;
  /** As told by `words`, so that nothing is told twice. */
  #toldWords = '';
  /** For how long this text may be followed by silence; kept until either changes. */
  #judged: { text: string; question: Question; silenceMs: number } | undefined;
  #voice: 'unknown' | 'on' | 'off' = 'unknown';
  #hasOwnVoice = false;
  #isSpeaking = false;
  // In the line's time: when the voice last ended, and when the words last showed that someone spoke.
  #voiceEndMs = -Infinity;
  #wordsMs = -Infinity;
  #lastChangeMs = -Infinity;
  /** The end of the voice that the last turn, or the last silence without words, has dealt with. */
  #closedMs = -Infinity;
  // In the clock's: when `finalize` was asked for since the last voice, and when its final came.
  #finalizedAtMs: number | undefined;
  #answeredAtMs = -Infinity;
  /** How many of them have no final yet. */
  #awaited = 0;
  #timerAtMs: number | undefined;
  /** Both times, as last told. */
  #atMs = -Infinity;
  #lineMs = -Infinity;
  #isStill = false;

  constructor(options: EndpointOptions) {
    this.#options = options;
    this.#words = new TurnText(hasSpaces(options.language ?? 'en') ? ' ' : '');
  }

  /** What the caller has said in this turn so far: joined finals and the current interim. */
  get text(): string {
    return this.#words.text;
  }

  /**
   * @param atMs Monotonic, from any instant.
   * @param lineMs The time of the line, as far as its audio has come. Default: it has all come.
   */
  handle(event: EndpointEvent, atMs: number, lineMs = atMs): EndpointEffect[] {
    const effects: EndpointEffect[] = [];
    this.#giveTimeForBurst(atMs, lineMs);
    switch (event.type) {
      case 'voice':
        this.#hasOwnVoice = true;
        this.#hearVoice(event.phase, lineMs - (event.silentMs ?? 0), effects);
        break;
      case 'service-voice':
        if (!this.#hasOwnVoice) this.#hearVoice(event.phase, lineMs - SERVICE_SILENCE_MS, effects);
        break;
      case 'transcript':
        if (event.isFinal) this.#hearFinal(event, effects);
        else this.#hearInterim(event, effects);
        break;
      case 'agent-asked':
        this.#question = questionIn(event.text);
        break;
      case 'timer':
        this.#timerAtMs = undefined;
        break;
    }
    this.#decide(effects);
    return effects;
  }

  /** When the line has caught up with the clock, the service has yet to understand what came so fast. */
  #giveTimeForBurst(atMs: number, lineMs: number): void {
    const caughtUpMs = lineMs - this.#lineMs - (atMs - this.#atMs);
    if (caughtUpMs > 1) this.#lastChangeMs += caughtUpMs;
    this.#isStill = caughtUpMs < -1;
    this.#atMs = atMs;
    this.#lineMs = lineMs;
  }

  #hearVoice(phase: 'start' | 'end', atMs: number, effects: EndpointEffect[]): void {
    if (phase === 'start') {
      this.#voice = 'on';
      this.#lastChangeMs = Math.max(this.#lastChangeMs, atMs);
      this.#finalizedAtMs = undefined;
      this.#words.voiceStarted();
      this.#startSpeech(effects);
    } else {
      this.#voice = 'off';
      this.#voiceEndMs = atMs;
      this.#endSpeech(effects);
    }
  }

  #startSpeech(effects: EndpointEffect[]): void {
    if (this.#isSpeaking) return;
    this.#isSpeaking = true;
    effects.push({ type: 'speech', phase: 'start' });
  }

  #endSpeech(effects: EndpointEffect[]): void {
    if (!this.#isSpeaking) return;
    this.#isSpeaking = false;
    effects.push({ type: 'speech', phase: 'end' });
  }

  #hearInterim(heard: Understood, effects: EndpointEffect[]): void {
    if (!this.#words.hearInterim(heard, this.#lineMs)) return;
    this.#lastChangeMs = this.#lineMs;
    // Without voice activity the next word is the only sign that the caller goes on: it is given its time in full.
    this.#wordsMs = this.#voice === 'unknown' ? this.#lineMs : this.#lineMs - WORDS_LAG_MS;
    this.#finalizedAtMs = undefined;
    this.#tellWords(effects);
  }

  #hearFinal(heard: Understood, effects: EndpointEffect[]): void {
    const before = this.#words.text;
    const kind = this.#words.hearFinal(heard, this.#lineMs);
    if (kind === 'late') return;
    if (this.#awaited > 0) {
      if (--this.#awaited === 0) this.#answeredAtMs = this.#atMs;
    } else if (kind === 'new' && before !== this.#words.text) {
      this.#lastChangeMs = this.#lineMs;
      // It came of itself, after a silence of the service's own: the voice ended before that.
      if (this.#voice === 'unknown') this.#wordsMs = this.#lineMs - WORDS_LAG_MS - SERVICE_SILENCE_MS;
    }
    this.#tellWords(effects);
  }

  #tellWords(effects: EndpointEffect[]): void {
    const words = this.text;
    if (words === '' || words === this.#toldWords) return;
    this.#toldWords = words;
    // Words soon after a voice are that voice's; later ones are of a voice too quiet to be noticed.
    if (this.#voice !== 'off' || this.#lineMs - this.#voiceEndMs > LATE_WORDS_MS) this.#startSpeech(effects);
    effects.push({ type: 'speech', phase: 'words', words });
  }

  #decide(effects: EndpointEffect[]): void {
    const silentSinceMs = this.#silentSinceMs();
    if (silentSinceMs === undefined) return this.#lookAgain(this.#noiseInMs(), effects);
    if (!this.#isOpen()) return this.#lookAgain(undefined, effects);
    const silentMs = this.#lineMs - silentSinceMs;
    const silenceMs = this.#silenceMs();
    // A voice without words yet was short, or a cough: ask at once.
    const finalizeInMs = (this.text === '' ? 0 : Math.max(0, silenceMs - FINALIZE_LEAD_MS)) - silentMs;
    if (this.#finalizedAtMs === undefined) {
      if (finalizeInMs > EPSILON_MS) return this.#lookAgain(finalizeInMs, effects);
      this.#finalizedAtMs = this.#atMs;
      this.#awaited++;
      effects.push({ type: 'finalize' });
    }
    const finalByMs = this.#awaited > 0 ? this.#finalizedAtMs + FINAL_TIMEOUT_MS : this.#answeredAtMs + SETTLE_MS;
    const endInMs = Math.max(silenceMs - silentMs, finalByMs - this.#atMs);
    if (endInMs > EPSILON_MS) return this.#lookAgain(endInMs, effects);
    this.#end(silentSinceMs, effects);
  }

  /** Whether there is anything to end: words, or a voice whose words have not been asked for. */
  #isOpen(): boolean {
    return this.text !== '' || this.#voiceEndMs > this.#closedMs;
  }

  /** Undefined while the caller speaks. */
  #silentSinceMs(): number | undefined {
    if (this.#voice !== 'on') return Math.max(this.#voiceEndMs, this.#wordsMs);
    const noiseInMs = this.#noiseInMs();
    return noiseInMs !== undefined && noiseInMs <= EPSILON_MS ? this.#wordsMs : undefined;
  }

  /** In how long a voice that brings no more words will be taken for noise. */
  #noiseInMs(): number | undefined {
    if (this.#voice !== 'on' || this.text === '') return undefined;
    return this.#lastChangeMs + (this.#words.hasInterim ? NOISE_MS : NOISE_AFTER_FINAL_MS) - this.#lineMs;
  }

  /** How long this caller, with these words, may be silent before the turn is over. */
  #silenceMs(): number {
    const { text } = this;
    const question = this.#question;
    if (this.#judged?.text !== text || this.#judged.question !== question)
      this.#judged = { text, question, silenceMs: this.#judgeSilenceMs(text) };
    return this.#judged.silenceMs;
  }

  #judgeSilenceMs(text: string): number {
    const { endpointMs, openEndpointMs } = this.#options;
    if (text === '') return endpointMs;
    if (isHesitation(text)) return openEndpointMs * HESITATION_SHARE;
    if (this.#question.kind === 'number' && digitsIn(text) > 0)
      return this.#digitsMs(this.#question.digits, digitsIn(text));
    if (this.#question.kind === 'yes-no' && isPlainAnswer(text)) return endpointMs * PLAIN_ANSWER_SHARE;
    if (looksOpen(text)) return openEndpointMs;
    const digits = trailingDigits(text);
    return digits >= OPEN_DIGITS && digits < MOST_DIGITS ? openEndpointMs : endpointMs;
  }

  #digitsMs(wanted: number | undefined, digits: number): number {
    const { endpointMs, openEndpointMs } = this.#options;
    const isComplete = wanted === undefined ? digits >= MOST_DIGITS : digits >= wanted;
    if (isComplete) return endpointMs;
    return wanted === undefined ? openEndpointMs : openEndpointMs * HESITATION_SHARE;
  }

  #end(silentSinceMs: number, effects: EndpointEffect[]): void {
    this.#closedMs = Math.max(this.#voiceEndMs, this.#wordsMs);
    const text = this.#words.take(this.#closedMs, this.#lineMs);
    this.#toldWords = '';
    this.#awaited = 0;
    this.#finalizedAtMs = undefined;
    this.#endSpeech(effects);
    this.#lookAgain(undefined, effects);
    if (text === '') return;
    this.#question = NO_QUESTION;
    effects.push({ type: 'turn', text, endpointingMs: Math.max(0, this.#lineMs - silentSinceMs) });
  }

  /** @param inMs Undefined when nothing is due by itself. */
  #lookAgain(inMs: number | undefined, effects: EndpointEffect[]): void {
    const atMs = inMs === undefined ? undefined : this.#atMs + (this.#isStill ? Math.max(LEAST_WAIT_MS, inMs) : inMs);
    if (atMs === this.#timerAtMs) return;
    this.#timerAtMs = atMs;
    effects.push({ type: 'set-timer', afterMs: atMs === undefined ? null : Math.max(0, atMs - this.#atMs) });
  }
}

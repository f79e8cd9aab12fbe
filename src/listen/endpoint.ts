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
 */
import {
  digitsIn,
  hasWords,
  isHesitation,
  isPlainAnswer,
  looksOpen,
  NO_QUESTION,
  questionIn,
  trailingDigits,
  wordsIn,
  type Question,
} from './completeness.ts';
import { hasSpaces } from './languages.ts';

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
  | { type: 'transcript'; text: string; isFinal: boolean }
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
/** Of the words of an interim that was taken for final, so many must be in the late final for it to be the same words. */
const SAME_WORDS_SHARE = 0.5;
/** Float sums of times must not keep a deadline out of reach. */
const EPSILON_MS = 0.01;

export class Endpoint {
  readonly #options: EndpointOptions;
  readonly #separator: string;
  #question: Question = NO_QUESTION;
  #finals: string[] = [];
  #interim = '';
  /** As told by `words`, so that nothing is told twice. */
  #toldWords = '';
  #voice: 'unknown' | 'on' | 'off' = 'unknown';
  #hasOwnVoice = false;
  #isSpeaking = false;
  /** When the voice last ended, and when the words last showed that someone spoke. */
  #voiceEndMs = -Infinity;
  #wordsMs = -Infinity;
  #lastChangeMs = -Infinity;
  /** The end of the voice that the last turn, or the last silence without words, has dealt with. */
  #closedMs = -Infinity;
  /** Since the last voice: when `finalize` was asked for. */
  #finalizedAtMs: number | undefined;
  /** How many of them have no final yet. */
  #awaited = 0;
  #answeredAtMs = -Infinity;
  /** The interim that ended the last turn because its final did not come. */
  #taken = '';
  #timerAtMs: number | undefined;

  constructor(options: EndpointOptions) {
    this.#options = options;
    this.#separator = hasSpaces(options.language ?? 'en') ? ' ' : '';
  }

  /** What the caller has said in this turn so far: joined finals and the current interim. */
  get text(): string {
    return [...this.#finals, this.#interim].filter((part) => part !== '').join(this.#separator);
  }

  /** @param atMs Monotonic, from any instant. */
  handle(event: EndpointEvent, atMs: number): EndpointEffect[] {
    const effects: EndpointEffect[] = [];
    switch (event.type) {
      case 'voice':
        this.#hasOwnVoice = true;
        this.#hearVoice(event.phase, atMs - (event.silentMs ?? 0), effects);
        break;
      case 'service-voice':
        if (!this.#hasOwnVoice) this.#hearVoice(event.phase, atMs - SERVICE_SILENCE_MS, effects);
        break;
      case 'transcript':
        if (event.isFinal) this.#hearFinal(event.text.trim(), atMs, effects);
        else this.#hearInterim(event.text.trim(), atMs, effects);
        break;
      case 'agent-asked':
        this.#question = questionIn(event.text);
        break;
      case 'timer':
        this.#timerAtMs = undefined;
        break;
    }
    this.#decide(atMs, effects);
    return effects;
  }

  #hearVoice(phase: 'start' | 'end', atMs: number, effects: EndpointEffect[]): void {
    if (phase === 'start') {
      this.#voice = 'on';
      this.#lastChangeMs = Math.max(this.#lastChangeMs, atMs);
      this.#finalizedAtMs = undefined;
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

  #hearInterim(text: string, atMs: number, effects: EndpointEffect[]): void {
    if (!hasWords(text)) {
      this.#interim = '';
      return;
    }
    const isNew = !isSameText(text, this.#interim);
    this.#interim = text;
    if (!isNew) return;
    this.#taken = '';
    this.#lastChangeMs = atMs;
    // Without voice activity the next word is the only sign that the caller goes on: it is given its time in full.
    this.#wordsMs = this.#voice === 'unknown' ? atMs : atMs - WORDS_LAG_MS;
    this.#finalizedAtMs = undefined;
    this.#tellWords(atMs, effects);
  }

  #hearFinal(heard: string, atMs: number, effects: EndpointEffect[]): void {
    const text = hasWords(heard) ? this.#withoutTaken(heard) : '';
    const isNew = hasWords(text) && !isSameText(text, this.#interim);
    this.#taken = '';
    this.#interim = '';
    if (hasWords(text)) this.#finals.push(text);
    if (this.#awaited > 0) {
      if (--this.#awaited === 0) this.#answeredAtMs = atMs;
    } else if (isNew) {
      this.#lastChangeMs = atMs;
      // It came of itself, after a silence of the service's own: the voice ended before that.
      if (this.#voice === 'unknown') this.#wordsMs = atMs - WORDS_LAG_MS - SERVICE_SILENCE_MS;
    }
    if (hasWords(text)) this.#tellWords(atMs, effects);
  }

  /** A final that comes after its interim was taken for it says the same words again: only what is beyond them is new. */
  #withoutTaken(text: string): string {
    const taken = wordsIn(this.#taken);
    if (taken.length === 0) return text;
    const words = wordsIn(text);
    const known = words.filter((word) => taken.includes(word)).length;
    if (known < Math.min(taken.length, words.length) * SAME_WORDS_SHARE) return text;
    return text.split(/\s+/).slice(taken.length).join(' ');
  }

  #tellWords(atMs: number, effects: EndpointEffect[]): void {
    const words = this.text;
    if (words === this.#toldWords) return;
    this.#toldWords = words;
    // Words soon after a voice are that voice's; later ones are of a voice too quiet to be noticed.
    if (this.#voice !== 'off' || atMs - this.#voiceEndMs > LATE_WORDS_MS) this.#startSpeech(effects);
    effects.push({ type: 'speech', phase: 'words', words });
  }

  #decide(nowMs: number, effects: EndpointEffect[]): void {
    const silentSinceMs = this.#silentSinceMs(nowMs);
    if (silentSinceMs === undefined) return this.#setTimer(this.#noiseAtMs(), nowMs, effects);
    if (!this.#isOpen()) return this.#setTimer(undefined, nowMs, effects);
    const silenceMs = this.#silenceMs();
    // A voice without words yet was short, or a cough: ask at once.
    const finalizeAtMs = silentSinceMs + (this.text === '' ? 0 : Math.max(0, silenceMs - FINALIZE_LEAD_MS));
    if (this.#finalizedAtMs === undefined) {
      if (nowMs < finalizeAtMs - EPSILON_MS) return this.#setTimer(finalizeAtMs, nowMs, effects);
      this.#finalizedAtMs = nowMs;
      this.#awaited++;
      effects.push({ type: 'finalize' });
    }
    const finalByMs = this.#awaited > 0 ? this.#finalizedAtMs + FINAL_TIMEOUT_MS : this.#answeredAtMs + SETTLE_MS;
    const endAtMs = Math.max(silentSinceMs + silenceMs, finalByMs);
    if (nowMs < endAtMs - EPSILON_MS) return this.#setTimer(endAtMs, nowMs, effects);
    this.#end(silentSinceMs, nowMs, effects);
  }

  /** Whether there is anything to end: words, or a voice whose words have not been asked for. */
  #isOpen(): boolean {
    return this.text !== '' || this.#voiceEndMs > this.#closedMs;
  }

  /** Undefined while the caller speaks. */
  #silentSinceMs(nowMs: number): number | undefined {
    if (this.#voice === 'on') {
      const noiseAtMs = this.#noiseAtMs();
      return noiseAtMs !== undefined && nowMs >= noiseAtMs - EPSILON_MS ? this.#wordsMs : undefined;
    }
    return Math.max(this.#voiceEndMs, this.#wordsMs);
  }

  /** When a voice that brings no more words will be taken for noise. */
  #noiseAtMs(): number | undefined {
    if (this.#voice !== 'on' || this.text === '') return undefined;
    return this.#lastChangeMs + (this.#interim === '' ? NOISE_AFTER_FINAL_MS : NOISE_MS);
  }

  /** How long this caller, with these words, may be silent before the turn is over. */
  #silenceMs(): number {
    const { endpointMs, openEndpointMs } = this.#options;
    const { text } = this;
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

  #end(silentSinceMs: number, nowMs: number, effects: EndpointEffect[]): void {
    const { text } = this;
    this.#taken = this.#interim;
    this.#finals = [];
    this.#interim = '';
    this.#toldWords = '';
    this.#awaited = 0;
    this.#finalizedAtMs = undefined;
    this.#closedMs = Math.max(this.#voiceEndMs, this.#wordsMs);
    this.#endSpeech(effects);
    this.#setTimer(undefined, nowMs, effects);
    if (text === '') return;
    this.#question = NO_QUESTION;
    effects.push({ type: 'turn', text, endpointingMs: Math.max(0, nowMs - silentSinceMs) });
  }

  #setTimer(atMs: number | undefined, nowMs: number, effects: EndpointEffect[]): void {
    if (atMs === this.#timerAtMs) return;
    this.#timerAtMs = atMs;
    effects.push({ type: 'set-timer', afterMs: atMs === undefined ? null : Math.max(0, atMs - nowMs) });
  }
}

/** The same words, whatever their punctuation and capitals. */
function isSameText(one: string, other: string): boolean {
  return one === other || wordsIn(one).join(' ') === wordsIn(other).join(' ');
}

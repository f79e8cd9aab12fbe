/**
 * When has the caller finished? Pure: what is heard goes in with its time, what is to be done comes out.
 *
 *   voice, words -> silence begins -> finalize asked -> its final (or 1.5 s) -> settled -> turn
 *                        ^                                                        |
 *                        +------------------- voice or words again --------------+
 *
 * The silence that ends a turn depends on how sure it is that the caller has finished: by their words, by what the agent has
 * asked, and by how this caller has paused before (`finished.ts`, R26). `finalize` is asked for before that silence is over, so
 * that waiting for the last final costs the caller nothing. Design A of `wire/pulse.md` 5,
 * which falls back on the words alone when there is no voice activity, or when noise never lets it end.
 *
 * Two times are told: the line's, which is that of its audio and stands still while none comes (`line-time.ts`), measures
 * the caller's silence; the clock's measures how long the service takes to answer.
 */
import type { ExpectedAnswer, HeardWord } from './contract.ts';
import { CallerPauses } from './caller-pauses.ts';
import { oddsOfEnd } from './finished.ts';
import { expectedQuestion } from './expected.ts';
import { NO_QUESTION, questionIn, type Question } from './question.ts';
import { saysLess } from './says-less.ts';
import { speechOf, type Speech } from './speech-of.ts';
import { waitFor } from './wait.ts';
import { hasSpaces } from './languages.ts';
import { Lateness } from './lateness.ts';
import { TurnText, type Understood } from './turn-text.ts';

export interface EndpointOptions {
  /** Silence that ends the caller's turn where it may well be complete, in milliseconds; shifts all others alike. */
  endpointMs: number;
  /** However sure it is that the caller has finished, so long a silence is waited for. */
  leastEndpointMs: number;
  /** However open it sounds, no longer. */
  mostEndpointMs: number;
  /** How sure it is that words are all of a turn. Default: what was learned (`finished.ts`). */
  oddsOfEnd?: typeof oddsOfEnd;
  /** Of the words, and whether segments are joined with a space. Default `en`. */
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
  /** What a tool expects of the caller's next turn, whatever the agent's words look like. */
  | { type: 'expected'; answer: ExpectedAnswer }
  /**
   * R24: whether an answer to what looked finished has been asked for, and is still on its way. `noRoom`: it could not be, for
   * the plan has no request to give away.
   */
  | { type: 'asked-ahead'; isAsked: boolean; noRoom?: boolean }
  /** The time that was set has come. */
  | { type: 'timer' };

export type EndpointEffect =
  | { type: 'finalize' }
  /** One timer; setting it again replaces it, null takes it back. */
  | { type: 'set-timer'; afterMs: number | null }
  | { type: 'speech'; phase: 'start' | 'end' }
  /** All that has been understood of this turn so far. */
  | { type: 'speech'; phase: 'words'; words: string }
  /** This looks finished, at the end of a voice; each text is told once (R24). */
  | { type: 'likely-finished'; text: string }
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
/** No sooner, for the last word of a voice is understood by then; words so long behind the voice are its last. */
const UNDERSTOOD_MS = 230;
const LAST_WORDS_MS = 150;
/** So much sooner than it would be sure an answer is asked for. */
const SOONER_MS = 20;
/**
 * From a request to the first sound of its answer, as the services take: a turn whose answer was asked ahead need not be sure
 * before, and whoever goes on until then is not cut off.
 */
const ANSWER_MS = 400;
/**
 * A request for who then goes on is one that another turn will lack, where a plan has none to give away: there the silence is
 * so much longer, and at least so long. One turn in ten is asked for in vain then, in place of one in six.
 */
const THRIFTY_FACTOR = 1.6;
const THRIFTY_MS = 600;
/** Words of a voice that has ended are understood within this. */
const LATE_WORDS_MS = 1_000;
/** A voice under which no word has changed for so long is noise. */
const NOISE_MS = 2_000;
/** The same once a final has closed the segment: the service has heard a silence there. */
const NOISE_AFTER_FINAL_MS = 1_200;
/** The service tells the end of a voice after a silence that nobody documents. */
const SERVICE_SILENCE_MS = 300;
/** Who speaks again so soon after a turn, while nothing has been answered to its end, goes on with it. */
const GOES_ON_MS = 2_000;
/** A line that stands still is looked at again no sooner. */
const LEAST_WAIT_MS = 20;
/** Float sums of times must not keep a deadline out of reach. */
const EPSILON_MS = 0.01;

/** After how long a silence this text is taken for finished, which asks ahead (R24), and for how long it may be followed by one. */
interface Judged {
  text: string;
  question: Question;
  likelyMs: number;
  silenceMs: number;
}

export class Endpoint {
  readonly #options: EndpointOptions;
  #words: TurnText;
  #question: Question = NO_QUESTION;
  /** Of a tool: goes before what the agent's words ask, until a turn that begins after it is over. */
  #expected: { question: Question; sinceMs: number } | undefined;
  /** The turn before, and what it answered: who goes on soon, unanswered, has not finished (R25). */
  #before: { text: string; question: Question; silentSinceMs: number } | undefined;
  /** What of this turn was taken for one already. */
  #taken = '';
  /** As told by `words`, so that nothing is told twice. */
  #toldWords = '';
  /** As last told to look finished. */
  #toldFinished = '';
  /** After so long a silence an answer was asked ahead that is on its way. */
  #askedAfterMs: number | undefined;
  /** An answer could not be asked ahead, for there was no room. */
  #isThrifty = false;
  /** What was judged last; kept until either changes, or the turn is over. */
  #judged: Judged | undefined;
  #speech: Speech;
  readonly #oddsOfEnd: typeof oddsOfEnd;
  readonly #pauses = new CallerPauses();
  #voice: 'unknown' | 'on' | 'off' = 'unknown';
  #hasOwnVoice = false;
  #isSpeaking = false;
  // In the line's time: when the voice last ended, and when the words last showed that someone spoke.
  #voiceEndMs = -Infinity;
  #wordsMs = -Infinity;
  #lastChangeMs = -Infinity;
  /** When the words last changed by an interim. */
  #interimMs = -Infinity;
  /** How late the service is; words of a voice are as late. */
  readonly #lateness = new Lateness(FINAL_TIMEOUT_MS);
  /** The end of the voice that the last turn, or the last silence without words, has dealt with. */
  #closedMs = -Infinity;
  // In the clock's: when `finalize` was asked for since the last voice, and when its final came.
  #finalizedAtMs: number | undefined;
  #answeredAtMs = -Infinity;
  /** When those were asked for that have no final yet. */
  #awaited: number[] = [];
  #timerAtMs: number | undefined;
  /** Both times, as last told. */
  #atMs = -Infinity;
  #lineMs = -Infinity;
  #isStill = false;

  /** `options` are read when they are needed; the language once. */
  constructor(options: EndpointOptions) {
    this.#options = options;
    this.#speech = speechOf(options.language);
    this.#oddsOfEnd = options.oddsOfEnd ?? oddsOfEnd;
    this.#words = new TurnText(hasSpaces(options.language ?? 'en') ? ' ' : '');
  }

  /** From here on this language is listened for, by a new line of the service's. Between two turns. */
  listenFor(language: string): void {
    this.#speech = speechOf(language);
    this.#words = new TurnText(hasSpaces(language) ? ' ' : '');
  }

  /** What the caller has said in this turn so far: joined finals and the current interim. */
  get text(): string {
    return this.#words.text;
  }

  /** One word may be all that is to come: yes or no was asked, and nothing is said yet. */
  get isForOneWord(): boolean {
    const { kind } = this.#question;
    return (kind === 'yes-no' || kind === 'else') && this.text === '' && this.#taken === '';
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
        this.#question = this.#expected?.question ?? questionIn(event.text, this.#speech);
        this.#before = undefined;
        this.#taken = '';
        break;
      case 'expected':
        this.#expect(expectedQuestion(event.answer, this.#speech));
        break;
      case 'asked-ahead':
        this.#isThrifty = event.noRoom === true;
        this.#askedAfterMs = event.isAsked ? (this.#askedAfterMs ?? this.#silentMs) : undefined;
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
      if (this.#voice === 'off' && this.text !== '') this.#pauses.heard(atMs - this.#voiceEndMs);
      this.#voice = 'on';
      this.#lastChangeMs = Math.max(this.#lastChangeMs, atMs);
      this.#finalizedAtMs = undefined;
      this.#words.voiceStarted();
      this.#goOn(atMs);
      this.#startSpeech(effects);
    } else {
      this.#voice = 'off';
      this.#voiceEndMs = atMs;
      this.#endSpeech(effects);
    }
  }

  /** The caller goes on with a turn that was taken too early: what it answered, they answer still. */
  #goOn(atMs: number): void {
    const before = this.#before;
    this.#before = undefined;
    if (!before || atMs - before.silentSinceMs > GOES_ON_MS) return;
    this.#question = before.question;
    this.#taken = before.text;
    this.#pauses.heard(atMs - before.silentSinceMs);
  }

  /** A turn that is under way answers what was asked before it: what runs ahead of its end (R24) expects the next one. */
  #expect(question: Question): void {
    this.#expected = { question, sinceMs: this.#lineMs };
    if (!this.#isOpen()) this.#question = question;
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
    this.#lastChangeMs = this.#interimMs = this.#lineMs;
    // Without voice activity the next word is the only sign that the caller goes on: it is given its time in full.
    this.#wordsMs = this.#voice === 'unknown' ? this.#lineMs : this.#lineMs - this.#wordsLagMs;
    // the final that was asked for behind a voice will have its late words as well
    if (this.#awaited.length === 0 || !this.#isOfLastVoice()) this.#finalizedAtMs = undefined;
    this.#tellWords(effects);
  }

  #hearFinal(heard: Understood, effects: EndpointEffect[]): void {
    const before = this.#words.text;
    const kind = this.#words.hearFinal(heard, this.#lineMs);
    if (kind === 'late') return;
    const askedAtMs = this.#awaited.shift();
    if (askedAtMs !== undefined) {
      this.#lateness.answeredAfter(this.#atMs - askedAtMs);
      // what says less than was known may be of the stretch before: then the one that was asked for is on its way
      const isLess = saysLess(this.#words.text, before, this.#speech);
      if (this.#awaited.length === 0) this.#answeredAtMs = isLess ? this.#atMs : -Infinity;
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
    if (!this.#isOfLastVoice()) this.#startSpeech(effects);
    effects.push({ type: 'speech', phase: 'words', words });
  }

  /** Words soon after a voice are that voice's; later ones are of a voice too quiet to be noticed. */
  #isOfLastVoice(): boolean {
    return this.#voice === 'off' && this.#lineMs - this.#voiceEndMs <= LATE_WORDS_MS;
  }

  #decide(effects: EndpointEffect[]): void {
    const silentSinceMs = this.#silentSinceMs();
    if (silentSinceMs === undefined) return this.#lookAgain(this.#noiseInMs(), effects);
    if (!this.#isOpen()) return this.#lookAgain(undefined, effects);
    const silentMs = this.#lineMs - silentSinceMs;
    const { silenceMs, likelyMs } = this.#judge();
    const aheadInMs = this.#tellFinished(likelyMs, silentMs, effects);
    // A voice without words yet was short, or a cough: ask at once.
    const finalizeInMs = (this.text === '' ? 0 : Math.max(0, silenceMs - FINALIZE_LEAD_MS)) - silentMs;
    if (this.#finalizedAtMs === undefined) {
      if (finalizeInMs > EPSILON_MS) return this.#lookAgain(Math.min(finalizeInMs, aheadInMs), effects);
      this.#finalizedAtMs = this.#atMs;
      this.#awaited.push(this.#atMs);
      effects.push({ type: 'finalize' });
    }
    const finalByMs =
      this.#awaited.length > 0 ? this.#finalizedAtMs + FINAL_TIMEOUT_MS : this.#answeredAtMs + SETTLE_MS;
    const endInMs = Math.max(this.#heldMs(silenceMs) - silentMs, finalByMs - this.#atMs);
    if (endInMs > EPSILON_MS) return this.#lookAgain(Math.min(endInMs, aheadInMs), effects);
    this.#end(silentSinceMs, effects);
  }

  get #silentMs(): number {
    return this.#lineMs - (this.#silentSinceMs() ?? this.#lineMs);
  }

  /** The silence that makes it sure: longer with an answer on its way that would not be there sooner, and where requests are few. */
  #heldMs(silenceMs: number): number {
    const { mostEndpointMs } = this.#options;
    if (this.#isThrifty) return Math.min(mostEndpointMs, Math.max(THRIFTY_MS, THRIFTY_FACTOR * silenceMs));
    if (this.#askedAfterMs === undefined) return silenceMs;
    return Math.max(silenceMs, Math.min(this.#askedAfterMs + ANSWER_MS, mostEndpointMs));
  }

  /** Returns in how long the words will look finished; Infinity when nothing is to be told then. */
  #tellFinished(likelyMs: number, silentMs: number, effects: EndpointEffect[]): number {
    const { text } = this;
    if (this.#voice !== 'off' || text === '' || text === this.#toldFinished) return Infinity;
    const inMs = Math.max(likelyMs, this.#understoodAfterMs()) - silentMs;
    if (inMs > EPSILON_MS) return inMs;
    this.#toldFinished = text;
    effects.push({ type: 'likely-finished', text });
    return Infinity;
  }

  get #wordsLagMs(): number {
    return WORDS_LAG_MS + (this.#lateness.knownMs ?? 0);
  }

  /** After how long a silence all words of the voice before it are understood: with the final that was asked for, at the latest. */
  #understoodAfterMs(): number {
    const hasFinal = this.#finalizedAtMs !== undefined && this.#awaited.length === 0;
    const { knownMs, atMostMs } = this.#lateness;
    const hasLastWords = knownMs !== undefined && this.#interimMs - this.#voiceEndMs >= LAST_WORDS_MS + knownMs;
    return hasFinal || hasLastWords ? 0 : UNDERSTOOD_MS + (knownMs ?? atMostMs);
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
    const noiseMs = this.#words.hasInterim ? NOISE_MS : NOISE_AFTER_FINAL_MS;
    return this.#lastChangeMs + noiseMs + this.#lateness.atMostMs - this.#lineMs;
  }

  /** How long this caller, with these words, may be silent before the turn is over. */
  #judge(): Judged {
    const { text } = this;
    const question = this.#question;
    if (this.#judged?.text !== text || this.#judged.question !== question)
      this.#judged = { text, question, ...this.#waitsFor(text, question) };
    return this.#judged;
  }

  #waitsFor(text: string, question: Question): Pick<Judged, 'likelyMs' | 'silenceMs'> {
    const { endpointMs, leastEndpointMs, mostEndpointMs: mostMs } = this.#options;
    if (text === '') return { likelyMs: Infinity, silenceMs: endpointMs };
    const odds = this.#oddsOfEnd(this.#taken === '' ? text : `${this.#taken} ${text}`, question, this.#speech);
    const waitMs = waitFor(odds, { endpointMs: endpointMs * this.#pauses.factor, mostMs });
    return { likelyMs: waitMs - SOONER_MS, silenceMs: Math.max(leastEndpointMs, waitMs) };
  }

  #end(silentSinceMs: number, effects: EndpointEffect[]): void {
    this.#closedMs = Math.max(this.#voiceEndMs, this.#wordsMs);
    const text = this.#words.take(this.#closedMs, this.#lineMs);
    this.#toldWords = this.#toldFinished = '';
    this.#judged = this.#askedAfterMs = undefined;
    this.#isThrifty = false;
    this.#awaited = [];
    this.#finalizedAtMs = undefined;
    this.#endSpeech(effects);
    this.#lookAgain(undefined, effects);
    if (text === '') return;
    this.#before = { text: `${this.#taken} ${text}`.trim(), question: this.#question, silentSinceMs };
    if (this.#expected && this.#expected.sinceMs <= silentSinceMs) this.#expected = undefined;
    this.#question = this.#expected?.question ?? NO_QUESTION;
    this.#taken = '';
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

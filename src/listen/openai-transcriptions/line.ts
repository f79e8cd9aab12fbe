/**
 * One call's line: stretches of speech are asked for one after the other, in their order, and what comes of each is one
 * final, perhaps empty. While a stretch still lasts, what has been said of it so far is asked for now and then. When the
 * server is out of reach, it is knocked at until it is there again, and what was said meanwhile is kept.
 */
import type { ProviderError } from '../../lib/errors.ts';
import type { AudioFormat } from '../../audio/contract.ts';
import type { Log } from '../../lib/log.ts';
import { holdPlace, type Places } from '../../lib/places.ts';
import { RetrySchedule, type RetryVerdict } from '../../lib/retry.ts';
import type { HeardWord, TranscriberStats, TranscriptionLine, TranscriptListener } from '../contract.ts';
import type { Patience } from '../patience.ts';
import { knock, promptOf, transcribeOnce, type Asking, type Ending } from './asking.ts';
import { saidIn } from './made-up.ts';
import { Segments, type Segment } from './segments.ts';
import type { Transcription } from './wire.ts';

export interface LineOptions extends Patience {
  asking: Asking;
  format: AudioFormat;
  listener: TranscriptListener;
  places: Places;
  closeTimeoutMs: number;
  random: () => number;
  stats: TranscriberStats;
  log: Log;
}

/** The first of the delays when there are too many of us. */
const SLOW_RETRY_MS = 1_000;
/** What waits to be understood is no more than this; what is older would come too late to be answered. */
const MOST_WAITING_MS = 30_000;
/** A stretch that is broken off so often is given up. */
const MOST_TRIES = 3;
/** So many stretches in a row that were not taken: none will be. */
const MOST_REFUSED = 3;

/** `waiting`: before the next knock. */
type LineState = 'knocking' | 'up' | 'waiting' | 'gone';

/** A stretch that is over. */
interface Waiting {
  segment: Segment;
  tries: number;
}

/** What is being asked. `of`: undefined while the stretch still lasts. */
interface Question {
  of: Waiting | undefined;
  stop: () => void;
}

export class TranscriptionsLine implements TranscriptionLine {
  readonly whenGone: Promise<void>;
  readonly #options: LineOptions;
  readonly #segments: Segments;
  readonly #retries: RetrySchedule;
  #state: LineState = 'knocking';
  #isClosing = false;
  #queue: Waiting[] = [];
  #question: Question | undefined;
  #knocking: AbortController | undefined;
  #ups = 0;
  #refused = 0;
  #resolveGone: () => void = () => {};
  /** Of the next knock or, while it closes, of the last final. */
  #stopTimer: () => void = () => {};

  /** @throws {VoiceError} `options-invalid`, when this format cannot be heard. */
  constructor(options: LineOptions) {
    const { format, asking, retryDelaysMs, random } = options;
    this.#options = options;
    this.#segments = new Segments(format, {
      interimEveryMs: asking.listen.interimEveryMs,
      listener: { closed: (segment) => this.#closed(segment), grown: (segment) => this.#askSoFar(segment) },
    });
    this.#retries = new RetrySchedule({ delaysMs: retryDelaysMs, slowMs: SLOW_RETRY_MS, random });
    this.whenGone = new Promise((resolve) => (this.#resolveGone = resolve));
  }

  start(): void {
    void this.#knock();
  }

  push(audio: Uint8Array): void {
    if (!this.#isClosing && this.#state !== 'gone') this.#segments.push(audio);
  }

  /** The final of the last stretch is the answer; when none is on its way, it is an empty one. */
  finalize(): void {
    if (this.#isClosing || this.#state === 'gone') return;
    this.#segments.cut();
    if (this.#queue.length > 0) return;
    queueMicrotask(() => {
      if (this.#state !== 'gone' && !this.#isClosing) this.#options.listener.transcript('', true);
    });
  }

  close(): void {
    if (this.#isClosing || this.#state === 'gone') return;
    this.#isClosing = true;
    if (this.#state !== 'up') return this.#leave();
    this.#segments.cut();
    const { asking, closeTimeoutMs } = this.#options;
    this.#stopTimer = asking.clock.after(closeTimeoutMs, () => this.#leave());
    this.#askNext();
  }

  // ---- up and down ---------------------------------------------------------------------------------------------------

  async #knock(): Promise<void> {
    const { asking, connectTimeoutMs: forMs } = this.#options;
    this.#state = 'knocking';
    this.#knocking = new AbortController();
    const error = await knock(asking, { signal: this.#knocking.signal, forMs });
    if (this.#state !== 'knocking') return;
    if (error) return this.#lose(verdictOf(error), error);
    this.#up();
  }

  #up(): void {
    const { stats, listener } = this.#options;
    this.#state = 'up';
    stats.openSockets++;
    if (this.#ups > 0) stats.reconnects++;
    listener.connected?.(this.#ups++);
    this.#askNext();
  }

  /** Nothing is understood there for now: it is tried again, or given up. */
  #lose(verdict: RetryVerdict, error: ProviderError): void {
    if (this.#isClosing) return this.#leave();
    const { asking, stats, log, listener } = this.#options;
    this.#down();
    stats.failures++;
    const delayMs = this.#retries.failed(verdict, error.retryAfterMs);
    const { code, requestId } = error;
    log.warn({ code, requestId, err: error, retryInMs: delayMs ?? null }, 'the transcriber is out of reach');
    if (delayMs === undefined) return this.#fail(error);
    this.#state = 'waiting';
    this.#stopTimer = asking.clock.after(delayMs, () => void this.#knock());
    listener.lost?.();
  }

  #down(): void {
    if (this.#state === 'up') this.#options.stats.openSockets--;
    this.#state = 'waiting';
    this.#question?.stop();
    this.#question = undefined;
  }

  #fail(error: ProviderError): void {
    this.#leave();
    this.#options.listener.failed(error);
  }

  /** For good. Nothing is told from here on. */
  #leave(): void {
    if (this.#state === 'gone') return;
    this.#down();
    this.#state = 'gone';
    this.#knocking?.abort();
    this.#stopTimer();
    this.#segments.free();
    this.#resolveGone();
  }

  // ---- what is asked -------------------------------------------------------------------------------------------------

  #closed(segment: Segment): void {
    this.#queue.push({ segment, tries: 0 });
    this.#forgetOld();
    this.#askNext();
  }

  #forgetOld(): void {
    let ms = this.#queue.reduce((sum, { segment }) => sum + segment.lengthMs, 0);
    while (ms > MOST_WAITING_MS && this.#queue.length > 1) {
      const at = this.#question?.of === this.#queue[0] ? 1 : 0;
      if (at === this.#queue.length - 1) return;
      const [old] = this.#queue.splice(at, 1);
      ms -= old?.segment.lengthMs ?? 0;
      this.#options.log.warn(
        { lengthMs: old?.segment.lengthMs },
        'what was said too long ago is not understood any more',
      );
    }
  }

  /** Asks for the first stretch that is over, before anything else. */
  #askNext(): void {
    if (this.#state !== 'up' || this.#question?.of) return;
    const [next] = this.#queue;
    if (!next) return this.#isClosing ? this.#leave() : undefined;
    this.#question?.stop();
    const asked = new AbortController();
    let leave = () => {};
    const question: Question = {
      of: next,
      stop: () => {
        asked.abort();
        leave();
      },
    };
    this.#question = question;
    const { places, placeWaitMs } = this.#options;
    leave = holdPlace(places, {
      waitMs: placeWaitMs,
      granted: () => void this.#ask(question, next.segment, asked.signal).finally(() => leave()),
      expired: () => this.#giveUp('no place was free for it'),
    });
  }

  /** Asks what has been said so far of a stretch that lasts, if there is room for that at once. */
  #askSoFar(segment: Segment): boolean {
    if (this.#state !== 'up' || this.#isClosing || this.#question || this.#queue.length > 0) return false;
    const release = this.#options.places.takeNow({ isAhead: true });
    if (!release) return false;
    const asked = new AbortController();
    const question: Question = { of: undefined, stop: () => asked.abort() };
    this.#question = question;
    void this.#ask(question, segment, asked.signal).finally(release);
    return true;
  }

  async #ask(question: Question, segment: Segment, signal: AbortSignal): Promise<void> {
    const { asking } = this.#options;
    const partial = (text: string) => {
      if (this.#question === question && question.of && !this.#isClosing) this.#tellPartial(text, segment);
    };
    const ending = await transcribeOnce(asking, segment, { signal, partial });
    if (this.#question !== question || this.#state !== 'up') return; // nobody waits for it any more
    this.#question = undefined;
    if (question.of) this.#ended(question.of, ending);
    else this.#endedSoFar(segment, ending);
    this.#askNext();
  }

  // ---- what is understood --------------------------------------------------------------------------------------------

  #ended(waiting: Waiting, ending: Ending): void {
    switch (ending.type) {
      case 'understood':
        return this.#tell(waiting.segment, ending.transcription);
      case 'passing':
        if (++waiting.tries >= MOST_TRIES) this.#giveUp('it was broken off again and again');
        return this.#lose(verdictOf(ending.error), ending.error);
      case 'refused':
        return this.#refusedFor(ending.error);
      case 'fatal':
        return this.#lose('fatal', ending.error);
    }
  }

  #endedSoFar(segment: Segment, ending: Ending): void {
    if (ending.type === 'understood') {
      this.#retries.succeeded();
      this.#tellSoFar(this.#saidIn(ending.transcription, segment), segment);
    } else if (ending.type === 'fatal') this.#lose('fatal', ending.error);
    else if (ending.type === 'passing' && ending.error.status === undefined) this.#lose('retry', ending.error);
    else this.#options.log.debug({ code: ending.error.code, err: ending.error }, 'an interim was not understood');
  }

  #tellPartial(text: string, segment: Segment): void {
    const said = this.#saidIn({ text, segments: [], words: [] }, segment);
    if (said.length > segment.told.length) this.#tellSoFar(said, segment); // a whole answer begins anew: it takes nothing back
  }

  #tellSoFar(said: string, segment: Segment): void {
    if (said === '' || said === segment.told) return;
    segment.told = said;
    this.#options.listener.transcript(said, false);
  }

  #tell(segment: Segment, transcription: Transcription): void {
    this.#retries.succeeded();
    this.#refused = 0;
    this.#queue.shift();
    const text = this.#saidIn(transcription, segment);
    this.#options.listener.transcript(text, true, text === '' ? [] : placed(transcription, segment, text));
  }

  #saidIn(transcription: Transcription, { voiceMs }: Segment): string {
    return saidIn(transcription, { voiceMs, prompt: promptOf(this.#options.asking.listen) });
  }

  /** First what may be wrong with the form of the question, then with this stretch, then with all of them. */
  #refusedFor(error: ProviderError): void {
    const { manners } = this.#options.asking;
    const { log, stats } = this.#options;
    if (/stream/i.test(error.message) && manners.stream) {
      manners.stream = false;
      return log.info({ err: error, manners }, 'asked once more, in another form');
    }
    if (/response_?format|granularit/i.test(error.message) && manners.ownForm) {
      manners.ownForm = false;
      return log.info({ err: error, manners }, 'asked once more, in another form');
    }
    stats.invalidFrames++;
    if (++this.#refused >= MOST_REFUSED) return this.#fail(error);
    this.#giveUp('it was not taken', error);
  }

  /** The first stretch will not be understood. */
  #giveUp(why: string, error?: ProviderError): void {
    const [given] = this.#queue.splice(0, 1);
    this.#options.log.warn(
      { lengthMs: given?.segment.lengthMs, err: error },
      `a stretch of speech is given up: ${why}`,
    );
    if (this.#question?.of === given) this.#question = undefined;
    this.#options.listener.transcript('', true);
    this.#askNext();
  }
}

/** When each word was said. Where the server does not tell, all of them stand where their voice was: by that what comes late is known. */
function placed({ words, text: whole }: Transcription, segment: Segment, text: string): HeardWord[] {
  const { atMs, lengthMs, voiceAtMs, voiceMs } = segment;
  if (words.length === 0 || text !== whole) return [{ word: text, startMs: voiceAtMs, endMs: voiceAtMs + voiceMs }];
  return words.map(({ word, startSeconds, endSeconds }) => ({
    word,
    startMs: atMs + Math.min(lengthMs, startSeconds * 1_000),
    endMs: atMs + Math.min(lengthMs, endSeconds * 1_000),
  }));
}

function verdictOf({ code }: ProviderError): RetryVerdict {
  if (code === 'rate-limited') return 'retry-slowly';
  return code === 'unauthorized' ? 'fatal' : 'retry';
}

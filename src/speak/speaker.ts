/**
 * The agent's voice on one call: what is said is cleaned, cut into clauses, synthesized, and played; what the caller has
 * heard of it is told in the characters that were said. `say` reaches the synthesizer in its own tick.
 */
import { createConverter } from '../audio/convert.ts';
import type { AudioFormat } from '../audio/contract.ts';
import type { Clock } from '../lib/clock.ts';
import { ProviderError } from '../lib/errors.ts';
import { silentLog, type Log } from '../lib/log.ts';
import { Alignment } from './alignment.ts';
import { ClauseCutter } from './clauses.ts';
import { SpeechCleaner } from './clean.ts';
import type { RenderedSpeech, Resumption, SpeakerListener, Synthesis, VoiceOptions } from './contract.ts';
import type { AudioSpeaker, AudioSpeakerOptions } from './audio-speaker.ts';
import { lackOfAudio } from './lost-words.ts';
import { openVoice, type OpenVoice } from './open-voice.ts';
import { Playback } from './playback.ts';
import { SpeechRate } from './speech-rate.ts';
import { StallWatch } from './stall-watch.ts';
import type { Utterance } from './utterance.ts';

/** A sentence that is over is spoken when nothing has been added to it for so long, though it may yet go on. */
const WRITER_PAUSE_MS = 200;
const SAYABLE = /[\p{L}\p{N}\p{S}]/u;

export function createSpeaker(options: AudioSpeakerOptions, listener: SpeakerListener): AudioSpeaker {
  return new LineSpeaker(options, listener);
}

class LineSpeaker implements AudioSpeaker {
  readonly #options: AudioSpeakerOptions;
  readonly #listener: SpeakerListener;
  readonly #clock: Clock;
  readonly #log: Log;
  #voice: OpenVoice;
  readonly #playback: Playback;
  /** In the order in which they are played. */
  #utterances = new Map<number, Utterance>();
  /** Every utterance up to here has been said, and perhaps cleared: what is said to it is late. */
  #lastNumber = -Infinity;
  #stopBeat: (() => void) | undefined;
  #owesIdle = false;
  /** R24: the utterance whose beginning is made ahead, and may never be said. */
  #held: Utterance | undefined;
  readonly #stall = new StallWatch();
  #isClosed = false;

  constructor(options: AudioSpeakerOptions, listener: SpeakerListener) {
    this.#options = options;
    this.#listener = listener;
    this.#clock = options.clock;
    const { callId, carrierCallId, voice, capabilities, sink } = options;
    this.#log = (options.log ?? silentLog).child({ callId, carrierCallId });
    this.#voice = openVoice(options, voice, options.rate ?? new SpeechRate(voice.speed));
    this.#playback = new Playback(
      { sink, capabilities, leadMs: options.leadMs ?? 300 },
      {
        mayStart: (track) => this.#listener.mayStart?.(track) ?? true,
        started: (track) => this.#start(track),
        ended: (track) => this.#end(track),
      },
    );
    this.#keepBeat();
  }

  speakAs(voice: VoiceOptions, rate: SpeechRate): void {
    if (this.#isClosed) return;
    this.unprepare();
    this.#voice.line.close();
    this.#voice = openVoice(this.#options, voice, rate);
  }

  say(number: number, text: string, isAhead = false): void {
    if (this.#isClosed || text === '') return;
    const utterance = this.#utterances.get(number) ?? this.#begin(number, text, isAhead);
    if (!utterance || utterance.isFlushed) return;
    utterance.said += text.length;
    utterance.saidAtMs = this.#clock.nowMs();
    if (utterance.prepared > 0) {
      text = newIn(text, utterance);
      this.#held = undefined;
      this.#playback.letGo(this.#clock.nowMs());
    }
    if (utterance.phrase?.text === text && utterance.said === text.length) return; // waits for this tick's flush
    this.#sayPhrase(utterance);
    this.#cut(utterance, text);
  }

  /** Its first clause is spoken, and waits; of what is behind that, nothing is made before it is said. */
  prepare(number: number, text: string, isWhole = false): void {
    if (this.#isClosed) return;
    if (text !== '' && !this.#utterances.has(number)) {
      this.#held = this.#begin(number, text, false);
      this.#playback.holdBack();
    }
    const utterance = this.#held;
    if (utterance?.number !== number || utterance.clauses.length > 0) return;
    if (isWhole) return this.#speak(utterance, utterance.cutter.pause());
    utterance.prepared += text.length;
    utterance.saidAtMs = this.#clock.nowMs();
    if (utterance.phrase) this.#sayPhrase(utterance);
    else this.#cut(utterance, text);
  }

  unprepare(): void {
    const utterance = this.#held;
    if (!utterance) return;
    this.#held = undefined;
    release(utterance);
    this.#utterances.delete(utterance.number);
    this.#lastNumber = utterance.number - 1;
    this.#playback.drop(utterance.number);
    this.#owesIdle = this.#utterances.size > 0;
    this.#keepBeat();
  }

  flush(number: number): void {
    const utterance = this.#utterances.get(number);
    if (!utterance || utterance.isFlushed) return;
    utterance.isFlushed = true;
    if (utterance.phrase) return this.#playPhrase(utterance, utterance.phrase);
    this.#speak(utterance, utterance.cutter.push(utterance.cleaner.end()));
    this.#speak(utterance, utterance.cutter.flush());
    if (utterance.synthesis) utterance.synthesis.end();
    else this.#whole(utterance, true); // nothing in it can be said
  }

  clear(): void {
    this.#held = undefined;
    this.pause();
    this.#abortAll();
    this.#playback.clear(this.#clock.nowMs());
    this.#owesIdle = false;
    this.#stall.end();
    this.#keepBeat();
  }

  isAtHand(text: string): boolean {
    return this.#rendered(text) !== undefined;
  }

  pause(): void {
    this.#playback.pause(this.#clock.nowMs());
    this.reportHeard();
  }

  resume(): void {
    this.#playback.resume(this.#clock.nowMs());
  }

  giveWay(isDoubtful: boolean): void {
    this.#playback.giveWay(isDoubtful, this.#clock.nowMs());
  }

  mark(name: string): void {
    if (this.#isClosed) return;
    this.#playback.mark(name, this.#clock.nowMs());
    this.#settle();
  }

  played(samples: number): void {
    if (this.#isClosed) return;
    this.#playback.played(samples, this.#clock.nowMs());
    this.#settle();
  }

  cleared(samples: number): void {
    if (this.#isClosed) return;
    this.#playback.cleared(samples, this.#clock.nowMs());
    this.reportHeard();
    this.#settle();
  }

  setFull(isFull: boolean): void {
    if (!this.#isClosed) this.#playback.setFull(isFull, this.#clock.nowMs());
  }

  reportHeard(): void {
    for (const number of this.#playback.tracks) this.#report(number);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#stopBeat?.();
    this.#stopBeat = undefined;
    this.#abortAll();
    this.#voice.line.close();
  }

  /** The last one first, or each would be begun when the one before it is gone. */
  #abortAll(): void {
    for (const utterance of [...this.#utterances.values()].reverse()) release(utterance);
    this.#utterances.clear();
  }

  // ---- text -> synthesizer ------------------------------------------------------------------------------------------

  #begin(number: number, text: string, isAhead: boolean): Utterance | undefined {
    if (number <= this.#lastNumber) return undefined;
    this.#lastNumber = number;
    const speech = this.#rendered(text);
    const utterance = newUtterance(number, this.#voice, speech && { text, speech });
    if (speech) queueMicrotask(() => this.#sayPhrase(utterance));
    this.#utterances.set(number, utterance);
    this.#playback.open(number, isAhead && speech !== undefined);
    this.#owesIdle = true;
    this.#keepBeat();
    return utterance;
  }

  /** What was made of this text for lines that carry what ours does. */
  #rendered(text: string): RenderedSpeech | undefined {
    const { synthesizer, capabilities } = this.#options;
    return synthesizer.rendered?.(text, this.#voice.options, capabilities.outFormat);
  }

  /** What looked like a known phrase goes on, or stays open: it is synthesized like anything else. */
  #sayPhrase(utterance: Utterance): void {
    const { phrase } = utterance;
    if (!phrase || utterance.isFlushed || this.#utterances.get(utterance.number) !== utterance) return;
    utterance.phrase = undefined;
    this.#cut(utterance, phrase.text);
  }

  #playPhrase(utterance: Utterance, { text, speech }: { text: string; speech: RenderedSpeech }): void {
    const cleaned = utterance.cleaner.push(text) + utterance.cleaner.end();
    utterance.alignment.addText(cleaned);
    this.#hand(utterance, speech.audio, speech.format);
    this.#whole(utterance, true);
  }

  #cut(utterance: Utterance, text: string): void {
    this.#speak(utterance, utterance.cutter.push(utterance.cleaner.push(text)));
  }

  #speak(utterance: Utterance, clauses: string[]): void {
    for (const clause of clauses) {
      utterance.alignment.addText(clause);
      const at = utterance.length;
      utterance.length += clause.length;
      if (!SAYABLE.test(clause)) continue;
      utterance.clauses.push({ text: clause, at });
      utterance.synthesis ??= this.#synthesize(utterance);
      utterance.synthesis.speak(clause);
    }
  }

  /** The model has stopped in the middle of its answer: what is a whole sentence is heard meanwhile. */
  #watchWriter(utterance: Utterance, nowMs: number): void {
    if (utterance.isFlushed || utterance.phrase || nowMs - utterance.saidAtMs < WRITER_PAUSE_MS) return;
    utterance.saidAtMs = Infinity;
    this.#speak(utterance, utterance.cutter.pause());
  }

  #synthesize(utterance: Utterance): Synthesis {
    this.#listener.synthesis?.(utterance.number, 'start');
    const { line, format } = this.#voice;
    return line.begin({
      audio: (audio) => this.#hand(utterance, audio, format),
      word: (word, _startMs, endMs) => utterance.alignment.addWord(word, endMs),
      done: () => this.#done(utterance),
      failed: (error) => this.#fail(utterance, error),
      resume: () => this.#resume(utterance),
    });
  }

  // ---- synthesizer -> line ------------------------------------------------------------------------------------------

  #hand(utterance: Utterance, audio: Uint8Array, format: AudioFormat): void {
    if (!this.#isLive(utterance)) return;
    if (!utterance.hasAudio && utterance.synthesis) this.#listener.synthesis?.(utterance.number, 'first-audio');
    utterance.hasAudio = true;
    utterance.alignment.addAudio(audio, format);
    utterance.converter ??= createConverter(format, this.#options.capabilities.outFormat);
    const bytes = utterance.converter.convert(audio);
    this.#playback.push(utterance.number, bytes === audio ? bytes : bytes.slice(), this.#clock.nowMs());
  }

  /** All audio there will be of this utterance has come. */
  #whole(utterance: Utterance, isWhole: boolean): void {
    if (!this.#isLive(utterance)) return;
    const nowMs = this.#clock.nowMs();
    const { converter, number } = utterance;
    if (converter) {
      const rest = converter.flush().slice();
      converter.free();
      utterance.converter = undefined;
      this.#playback.push(number, rest, nowMs);
    }
    if (utterance.hasAudio && utterance.synthesis) this.#listener.synthesis?.(number, 'end');
    utterance.alignment.complete(isWhole);
    this.#playback.end(number, nowMs);
  }

  /** No synthesizer is taken at its word that all was spoken, when there is nothing to be heard. */
  #done(utterance: Utterance): void {
    const { clauses, alignment } = utterance;
    const { name } = this.#options.synthesizer;
    const text = clauses.map((clause) => clause.text).join('');
    const lack = lackOfAudio(text, alignment.audioMs, (words) => this.#voice.rate.expectMsOf(words));
    if (lack === undefined) return this.#whole(utterance, true);
    this.#fail(utterance, new ProviderError(name, 'provider-failed', lack, { phase: 'before-first-output' }));
  }

  #fail(utterance: Utterance, error: ProviderError): void {
    if (!this.#isLive(utterance)) return;
    if (this.#held === utterance) return this.unprepare(); // it is tried again if it is said
    const { code, requestId } = error;
    this.#log.warn({ utterance: utterance.number, code, requestId, err: error }, 'an utterance could not be spoken');
    utterance.isFlushed = true; // what is still said to it will not be heard
    this.#whole(utterance, false);
    this.#listener.failed(utterance.number, error);
  }

  /**
   * The synthesizer was cut off. It goes on behind the last word that is there in full: what was heard is not said again,
   * and what comes is told as the words that were still missing.
   */
  #resume(utterance: Utterance): Resumption | undefined {
    if (!this.#isLive(utterance)) return undefined;
    const { alignment, converter, number } = utterance;
    const nowMs = this.#clock.nowMs();
    const fixedMs = this.#playback.fixedMs(number, nowMs);
    const { characters, atMs } = fixedMs > 0 ? alignment.cut(fixedMs) : alignment.restart();
    this.#playback.cut(number, atMs, nowMs);
    converter?.free();
    utterance.converter = undefined;
    const clauses = utterance.clauses
      .map(({ text, at }) => text.slice(Math.max(0, characters - at)))
      .filter((text) => SAYABLE.test(text));
    return clauses.length > 0 ? { clauses, keptMs: atMs } : undefined;
  }

  #isLive(utterance: Utterance): boolean {
    return !this.#isClosed && this.#utterances.get(utterance.number) === utterance;
  }

  // ---- line -> what was heard ---------------------------------------------------------------------------------------

  /** On the shared beat only while there is something to play. */
  #keepBeat(): void {
    const isNeeded = !this.#isClosed && (this.#playback.needsBeat || this.#owesIdle);
    if (isNeeded) this.#stopBeat ??= this.#options.frameClock.subscribe(() => this.#beat());
    else {
      this.#stopBeat?.();
      this.#stopBeat = undefined;
    }
  }

  #beat(): void {
    const nowMs = this.#clock.nowMs();
    this.#playback.beat(nowMs);
    this.#settle();
    for (const utterance of this.#utterances.values()) this.#watchWriter(utterance, nowMs);
    this.#watchStall(nowMs);
  }

  /** Says once that nothing is heard of what was said, and once that it goes on. */
  #watchStall(nowMs: number): void {
    const quietMs = this.#playback.quietMs(nowMs);
    const [first] = this.#playback.tracks;
    const look = this.#stall.look(quietMs, { hasSounded: this.#playback.hasSounded, nowMs });
    if (look === 'stalled') this.#listener.stalled?.(quietMs);
    // what is heard for the first time is told by the playback, when it is
    const isHeardAgain = first !== undefined && this.#utterances.get(first)?.isStarted;
    if (look === 'sounding' && isHeardAgain) this.#start(first);
  }

  #start(number: number): void {
    const utterance = this.#utterances.get(number);
    if (utterance) utterance.isStarted = true;
    this.#stall.end();
    this.#listener.started(number);
  }

  #settle(): void {
    const [first] = this.#playback.tracks;
    if (first !== undefined) this.#report(first);
    else if (this.#owesIdle) {
      this.#owesIdle = false;
      this.#stall.end();
      this.#playback.resume(this.#clock.nowMs()); // held back at the last sample: nothing that comes next is
      this.#listener.idle();
    }
    this.#keepBeat();
  }

  /** Tells how much of it was heard, if that is more than was told. */
  #report(number: number): void {
    const utterance = this.#utterances.get(number);
    const heardMs = utterance ? this.#playback.heardMs(number, this.#clock.nowMs()) : 0;
    if (!utterance || heardMs === 0) return;
    this.#tellHeard(utterance, utterance.cleaner.originalLength(utterance.alignment.charactersAt(heardMs)));
  }

  /** All of its audio has been heard. */
  #end(number: number): void {
    const utterance = this.#utterances.get(number);
    if (!utterance) return;
    this.#utterances.delete(number);
    const { alignment, cleaner } = utterance;
    const isAll = alignment.isWhole;
    this.#tellHeard(
      utterance,
      isAll ? utterance.said : cleaner.originalLength(alignment.charactersAt(alignment.audioMs)),
    );
  }

  #tellHeard(utterance: Utterance, characters: number): void {
    const heard = Math.min(characters, utterance.said);
    if (heard <= utterance.reported) return;
    utterance.reported = heard;
    this.#listener.heard(utterance.number, heard);
  }
}

function newUtterance(number: number, { options, rate }: OpenVoice, phrase: Utterance['phrase']): Utterance {
  return {
    number,
    said: 0,
    prepared: 0,
    saidAtMs: Infinity,
    cleaner: new SpeechCleaner(options.language),
    cutter: new ClauseCutter(),
    alignment: new Alignment(rate),
    clauses: [],
    length: 0,
    phrase,
    synthesis: undefined,
    converter: undefined,
    hasAudio: false,
    isFlushed: false,
    isStarted: false,
    reported: 0,
  };
}

/** What was prepared is said after all: what of `text` was not. */
function newIn(text: string, utterance: Utterance): string {
  const known = Math.min(text.length, utterance.prepared);
  utterance.prepared -= known;
  return text.slice(known);
}

function release({ synthesis, converter }: Utterance): void {
  synthesis?.abort();
  converter?.free();
}

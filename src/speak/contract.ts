/** Text to what the caller heard. The turn machine's `say`, `flush`, `clear`, `pause` and `resume` land on a `Speaker`. */
import type { AudioFormat } from '../audio/contract.ts';
import type { ProviderError } from '../lib/errors.ts';
import type { Successor, VendorHealth } from '../lib/succession.ts';
import type { Vendor, VendorSettings } from '../lib/vendor.ts';

/** Where the machine's words go. Utterances are played strictly in the order of their first `say`. */
export interface Speaker {
  /**
   * Adds `text` to `utterance`; same tick all the way to the synthesizer's clause buffer or the text line. `isAhead`: a
   * whole phrase that `isAtHand`, to be heard now, before the rest of what stalls.
   */
  say(utterance: number, text: string, isAhead?: boolean): void;
  /** Whether this text can be heard at once, whatever the synthesizer does. */
  isAtHand?(text: string): boolean;
  /**
   * R24: `text` may be said next, in `utterance`, which goes on with every call. Its first clause is synthesized, and nothing of
   * it sounds before it is said. `isWhole`: no more of it will come. Only while nothing is to be heard. Default: nothing is done ahead.
   */
  prepare?(utterance: number, text: string, isWhole?: boolean): void;
  /** What was prepared is not said. */
  unprepare?(): void;
  /** Nothing more will be added to `utterance`. */
  flush(utterance: number): void;
  /** Reports `heard` for what is audible, exact to this instant, before it returns: asked before whatever may interrupt. */
  reportHeard(): void;
  /** Silence now. Everything unheard is thrown away; nothing of it is reported as heard, and `idle` does not come. */
  clear(): void;
  /** Silence now, to be gone on with at the very sample. Over when `resume` or `clear` is asked for, or `idle` is told. */
  pause(): void;
  resume(): void;
  /** Lets go of sockets and timers. Nothing is reported afterwards. */
  close(): void;
}

/** What a speaker tells, each in the tick in which it happens. */
export interface SpeakerListener {
  /**
   * This utterance is about to be heard: whether it may be. Asked again after a moment, if not; whoever is asked may pause
   * or clear. Default: it may.
   */
  mayStart?(utterance: number): boolean;
  /** The caller begins to hear this utterance. */
  started(utterance: number): void;
  /**
   * The caller has heard so many characters (UTF-16 units of the text as it was given to `say`), to a word's end.
   * `isExact`: a line that speaks by itself says so, though more may have been reckoned and told before.
   */
  heard(utterance: number, characters: number, isExact?: boolean): void;
  /** A line that speaks by itself has stopped, by its own doing: nothing more of this utterance, and those before it, is heard. */
  cutOff?(utterance: number): void;
  /** All that was said and flushed has been heard. Not reported while an utterance is open. */
  idle(): void;
  /** Something was said, and nothing has been heard of it for `quietMs`. `started` tells when it goes on. */
  stalled?(quietMs: number): void;
  /** For the picture of a turn: the first clause went out, its first audio came, the last came. Not for phrases. */
  synthesis?(utterance: number, phase: 'start' | 'first-audio' | 'end'): void;
  /** The synthesizer failed for good on this utterance: what of it was not heard will not be. `idle` still comes. */
  failed(utterance: number, error: ProviderError): void;
}

/**
 * How an agent sounds: its `voice`, as the vendor's schema has read it. The named fields mean the same everywhere; the rest
 * is the vendor's own. One object for an agent's whole life.
 */
export interface VoiceOptions {
  /** Catalogue or clone id. */
  readonly id?: string | undefined;
  /** Synthesis model. */
  readonly model?: string | undefined;
  /** Language code, such as `en`. */
  readonly language?: string | undefined;
  /** 1 is normal, 2 twice as fast. Default 1. */
  readonly speed?: number | undefined;
  readonly [option: string]: unknown;
}

/** How the list of vendors knows a synthesizer. */
export interface VoiceVendor extends Vendor<VoiceOptions, Synthesizer | Promise<Synthesizer>> {
  /**
   * What an agent file may name, for `parley voices`: as the account says, or, when the settings hold no key, as far as
   * this version knows. Throws a `ProviderError` when the voices cannot be listed; what else cannot be is in `missing`.
   */
  catalogue?(settings: VendorSettings): Promise<VoiceCatalogue>;
}

/** What an agent file may name as its voice. */
export interface VoiceCatalogue {
  source: 'account' | 'built-in';
  /** Every synthesis model, in the order in which they are shown. */
  models: string[];
  voices: CatalogueVoice[];
  /** Voices that were made of a person's own. */
  clones: CatalogueClone[];
  /** How words are to be pronounced. */
  dictionaries: { id: string; items: { word: string; pronunciation: string }[] }[];
  /** What could not be listed, with why, a sentence each. */
  missing: string[];
  /** How an agent file names one. */
  example: string;
}

/** A voice that an agent file may name. */
export interface CatalogueVoice {
  id: string;
  /** Undefined when no list known here has it: the service does not say. */
  model: string | undefined;
  name: string;
  languages: string[];
  accent: string | undefined;
  gender: string | undefined;
  /** Tells when each word was spoken. */
  hasWordTimes: boolean;
}

/** A voice that was made of a person's own. */
export interface CatalogueClone {
  voiceId: string;
  displayName: string;
  status: string;
  /** Those it speaks with, as an agent file names them. */
  models: string[];
}

/** A whole text as sound. */
export interface RenderedSpeech {
  /** Of `audio`; the nearest to what was wanted that the synthesizer can make. */
  format: AudioFormat;
  /** Whole samples. Kept for other calls: not to be changed. */
  audio: Uint8Array;
}

/** Turns text into speech. One instance serves every call in the process. */
export interface Synthesizer {
  /** Vendor name, as logs and metrics show it. */
  readonly name: string;
  /** The format of the audio it yields, unless a line or a rendered text says another; the playback converts from it. */
  readonly format: AudioFormat;
  /**
   * Opens a warm line for one call. `wanted`: what the call's line carries; a synthesizer that can make it, or something
   * near, does so and says it in the line's `format`, so that little or nothing need be converted. `expectMs`: how long a
   * text should take to say, in milliseconds, by what this call knows of its voice so far. `carrierCallId`: for the log.
   */
  open(options: {
    callId: string;
    carrierCallId?: string | undefined;
    voice: VoiceOptions;
    wanted?: AudioFormat;
    expectMs?: (text: string) => number;
    /** Of a list of voices: told each time that one is asked. Default: nobody is told. */
    asks?: (who: Successor) => void;
  }): SynthesisLine;
  /** A whole short text at once, kept for the process by text, voice and format: greetings and phrases. `wanted` as above. */
  render(text: string, voice: VoiceOptions, signal: AbortSignal, wanted?: AudioFormat): Promise<RenderedSpeech>;
  /** What `render` has made of this very text for a line that carries `wanted`, if it has. */
  rendered?(text: string, voice: VoiceOptions, wanted: AudioFormat): RenderedSpeech | undefined;
  /** For metrics, as of now. */
  figures?(): SynthesizerFigures;
  /** Of a list of voices: how each of them is, for metrics. Default: it is one. */
  health?(): readonly VendorHealth[];
  close(): Promise<void>;
}

/** Of all lines together. All but `sockets` only grow. */
export interface SynthesizerFigures {
  /** Open sockets, the connecting and closing ones counted. */
  sockets: number;
  /** Sockets that were lost while something was being spoken on them. */
  reconnects: number;
  /** Syntheses that began again, because nothing of the first try was used. */
  resent: number;
  /** Connections and syntheses that were refused for a moment, and tried again. */
  retried: number;
  /** Utterances of which the caller has heard a part, and will not hear the rest. */
  truncated: number;
  /** Utterances that were given up, the truncated ones counted. */
  failed: number;
  /** Answers that called themselves whole with no audio, or far too little, for their words. Default: it is not counted. */
  unspoken?: number;
}

/** One call's line to the synthesizer: at most one synthesis at a time, in order. */
export interface SynthesisLine {
  /** Of this line's audio; without it, the synthesizer's. */
  readonly format?: AudioFormat;
  /**
   * Starts an utterance. Pieces given before the line is up are kept. `hasNext`: somebody else can speak it, so that what is
   * refused, down or late is told at once, and not tried again. Default false.
   */
  begin(listener: SynthesisListener, options?: { hasNext?: boolean }): Synthesis;
  /** Opens connections ahead of need. */
  prewarm(): void;
  close(): void;
}

/** One utterance that is being made. */
export interface Synthesis {
  /** One clause, ready to be spoken, with its trailing space. */
  speak(clause: string): void;
  /** No more clauses: speak the rest. */
  end(): void;
  /** Stop at once; nothing is reported afterwards. */
  abort(): void;
}

/** What a synthesis tells. After `done` or `failed` nothing follows; exactly one of the two comes, unless it is aborted. */
export interface SynthesisListener {
  /** Audio in the line's format, whole samples only. */
  audio(audio: Uint8Array): void;
  /** When a word was spoken, in ms from this synthesis' first sample. May never come. */
  word(word: string, startMs: number, endMs: number): void;
  /**
   * All audio of this synthesis has been handed over, and all words are in it: a service that says that it is through and
   * has sent none for them, or far too little, has failed.
   */
  done(): void;
  /**
   * The service was cut off. Tells what is still to be spoken behind the audio that is kept; undefined: nothing can be
   * gone on with. Without it, the whole synthesis begins again when no audio has been handed over, and else it fails.
   */
  resume?(): Resumption | undefined;
  /** It ended early; audio already handed over stays good. */
  failed(error: ProviderError): void;
}

/** How a synthesis goes on after it was cut off. */
export interface Resumption {
  /** Instead of all that were given before. */
  clauses: string[];
  /** How much of the audio that was handed over is kept, in milliseconds; the next audio follows it. */
  keptMs: number;
}

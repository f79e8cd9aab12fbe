/**
 * When the agent begins and stops to speak, and the words if they are tones: read off what the caller has heard, to the
 * sample, whenever somebody looks. Pure.
 */
import { ToneSpeechDecoder, type SpokenCharacter } from '../../audio/tone-speech.ts';
import type { VoiceTrack } from '../../simulate/telephone.ts';

export interface EarListener {
  agentStarts(atMs: number): void;
  agentSays(atMs: number, word: string): void;
  agentEnds(atMs: number): void;
}

/** Silence that is more than the pause between two sentences. */
const ENDS_MS = 500;
/** Silence that is more than the pause between two words. */
const YIELDS_MS = 200;
/** A word without a space behind it is whole when so much of the line has passed. */
const WORD_ENDS_MS = 150;
const RATE_HZ = 8_000;

export class AgentEar {
  readonly #heard: VoiceTrack;
  readonly #listener: EarListener;
  readonly #decoder = new ToneSpeechDecoder(RATE_HZ);
  #decodedMs = 0;
  #word: SpokenCharacter | undefined;
  #isSpeaking = false;
  /** Sound is looked for from here on. */
  #fromMs = 0;

  constructor(heard: VoiceTrack, listener: EarListener) {
    this.#heard = heard;
    this.#listener = listener;
  }

  listen(): void {
    this.#findStart();
    const nowMs = this.#heard.durationMs;
    this.#read(this.#decoder.push(this.#heard.readSamples(this.#decodedMs, nowMs)));
    this.#decodedMs = nowMs;
    if (this.#word && nowMs - this.#word.endMs >= this.#decoder.patienceMs(WORD_ENDS_MS)) this.#endWord();
    if (this.#isSpeaking && nowMs - this.#heard.lastSoundMs >= ENDS_MS) this.#end();
  }

  /** Somebody is about to speak: an agent who is silent at this instant has finished, as far as they can tell. */
  yieldTurn(): void {
    this.listen();
    if (this.#isSpeaking && this.#heard.durationMs - this.#heard.lastSoundMs >= YIELDS_MS) this.#end();
  }

  /** Nothing more is coming. */
  finish(): void {
    this.listen();
    this.#read(this.#decoder.flush());
    this.#endWord();
    if (this.#isSpeaking) this.#end();
  }

  #findStart(): void {
    const atMs = this.#isSpeaking ? undefined : this.#heard.nextSoundMs(this.#fromMs);
    if (atMs === undefined) return;
    this.#isSpeaking = true;
    this.#listener.agentStarts(atMs);
  }

  #end(): void {
    this.#endWord();
    this.#isSpeaking = false;
    this.#fromMs = this.#heard.lastSoundMs;
    this.#listener.agentEnds(this.#fromMs);
  }

  #read(characters: SpokenCharacter[]): void {
    for (const { text, startMs, endMs } of characters) {
      if (/^\s$/u.test(text)) this.#endWord();
      else if (this.#word && isNextSentence(this.#word.text, text)) {
        this.#endWord();
        this.#word = { text, startMs, endMs };
      } else if (this.#word) this.#word = { text: this.#word.text + text, startMs: this.#word.startMs, endMs };
      else this.#word = { text, startMs, endMs };
    }
  }

  #endWord(): void {
    if (this.#word) this.#listener.agentSays(this.#word.startMs, this.#word.text);
    this.#word = undefined;
  }
}

/** Between two utterances there is no space. */
function isNextSentence(word: string, next: string): boolean {
  return /^.{2,}[.?!]$/su.test(word) && /^\p{Lu}$/u.test(next);
}

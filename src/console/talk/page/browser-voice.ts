/** The browser's own voice: speaks what comes, clause by clause, and tells what it has spoken, to the word. */
import { ClauseCutter } from '../../../speak/clauses.ts';

export interface VoiceListener {
  /** So much more has been spoken. */
  spoken(text: string): void;
  speaking(isSpeaking: boolean): void;
  /** It cannot speak, and what it was given counts as read. */
  failed(): void;
}

export class BrowserVoice {
  readonly #listener: VoiceListener;
  readonly #language: string;
  /** Of what is being said. */
  #cutter = new ClauseCutter();
  #open = 0;
  #isSpeaking = false;
  /** Of what was told last to be spoken, for whoever hears it in the microphone. */
  #recent = '';
  /** Spoken since it began, for the caller who cuts in. */
  #heard = '';
  #generation = 0;
  #isMute = false;

  constructor(language: string, listener: VoiceListener) {
    this.#language = language;
    this.#listener = listener;
  }

  get isSpeaking(): boolean {
    return this.#isSpeaking;
  }

  get recent(): string {
    return this.#recent;
  }

  say(text: string, isLast: boolean): void {
    const cutter = this.#cutter;
    if (isLast) this.#cutter = new ClauseCutter();
    for (const clause of [...cutter.push(text), ...(isLast ? cutter.flush() : [])]) this.#speak(clause);
  }

  /** Silence now. What was heard of it until then. */
  stop(): string {
    const heard = this.#heard;
    this.#generation++;
    this.#cutter = new ClauseCutter();
    this.#open = 0;
    speechSynthesis.cancel();
    this.#setSpeaking(false);
    return heard;
  }

  #speak(text: string): void {
    if (this.#isMute) return this.#read(text);
    const generation = this.#generation;
    const isNow = () => generation === this.#generation;
    const utterance = new SpeechSynthesisUtterance(text);
    utterance.lang = this.#language;
    let told = 0;
    const tellTo = (end: number) => {
      if (!isNow() || end <= told) return;
      const more = text.slice(told, end);
      told = end;
      this.#heard += more;
      this.#listener.spoken(more);
    };
    utterance.onstart = () => isNow() && this.#setSpeaking(true);
    utterance.onboundary = ({ name, charIndex }) => name === 'word' && tellTo(charIndex);
    utterance.onend = () => {
      tellTo(text.length);
      if (isNow()) this.#ended();
    };
    utterance.onerror = ({ error }) => {
      if (!isNow() || error === 'canceled' || error === 'interrupted') return;
      this.#isMute = true; // of a browser without a voice, and of one that may not speak yet
      this.#listener.failed();
      this.#setSpeaking(true);
      tellTo(text.length);
      this.#ended();
    };
    this.#open++;
    this.#recent = `${this.#recent} ${text}`.slice(-600);
    speechSynthesis.speak(utterance);
  }

  #read(text: string): void {
    this.#setSpeaking(true);
    this.#listener.spoken(text);
    if (this.#open === 0) this.#setSpeaking(false);
  }

  #ended(): void {
    this.#open = Math.max(0, this.#open - 1);
    if (this.#open === 0) this.#setSpeaking(false);
  }

  #setSpeaking(isSpeaking: boolean): void {
    if (isSpeaking === this.#isSpeaking) return;
    this.#isSpeaking = isSpeaking;
    if (isSpeaking) this.#heard = '';
    this.#listener.speaking(isSpeaking);
  }
}

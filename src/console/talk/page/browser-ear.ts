/** The browser's own ear, where it has one: what is understood, as long as it is listened to. */

/** As far as it is used here; no browser has types for it yet. */
interface Recognition {
  lang: string;
  continuous: boolean;
  interimResults: boolean;
  onresult: ((event: RecognitionEvent) => void) | null;
  onspeechstart: (() => void) | null;
  onspeechend: (() => void) | null;
  onerror: ((event: { error: string }) => void) | null;
  onend: (() => void) | null;
  start(): void;
  abort(): void;
}

interface RecognitionEvent {
  resultIndex: number;
  results: ArrayLike<ArrayLike<{ transcript: string }> & { isFinal: boolean }>;
}

export interface EarListener {
  understood(text: string, isFinal: boolean): void;
  speaking(isSpeaking: boolean): void;
  /** It will understand nothing any more: a sentence for who speaks. */
  failed(sentence: string): void;
}

const SENTENCES: Readonly<Record<string, string>> = {
  'not-allowed': 'The browser does not let this page listen. Type instead, or allow the microphone and call again.',
  'service-not-allowed': 'This browser does not let pages understand speech. Type instead.',
  'audio-capture': 'There is no microphone. Type instead.',
  network: 'This browser understands speech by a service that it does not reach. Type instead.',
  'language-not-supported': 'This browser does not understand the language of the agent. Type instead.',
};
/** Behind an end that came by itself, and told of no fault. */
const AGAIN_AFTER_MS = 250;

type RecognitionClass = new () => Recognition;

function recognitionClass(): RecognitionClass | undefined {
  const found: unknown = Reflect.get(window, 'SpeechRecognition') ?? Reflect.get(window, 'webkitSpeechRecognition');
  return typeof found === 'function' ? (found as RecognitionClass) : undefined;
}

export const hasBrowserEar = (): boolean => recognitionClass() !== undefined;

export class BrowserEar {
  readonly #recognition: Recognition;
  #isWanted = true;

  /** @throws {TypeError} where there is none. */
  constructor(language: string, listener: EarListener) {
    const Class = recognitionClass();
    if (!Class) throw new TypeError('this browser understands no speech');
    const recognition = new Class();
    this.#recognition = recognition;
    Object.assign(recognition, { lang: language, continuous: true, interimResults: true });
    recognition.onresult = (event) => {
      for (let index = event.resultIndex; index < event.results.length; index++) {
        const result = event.results[index];
        if (result?.[0]) listener.understood(result[0].transcript.trim(), result.isFinal);
      }
    };
    recognition.onspeechstart = () => listener.speaking(true);
    recognition.onspeechend = () => listener.speaking(false);
    recognition.onerror = ({ error }) => {
      const sentence = SENTENCES[error];
      if (sentence === undefined) return;
      this.#isWanted = false;
      listener.failed(sentence);
    };
    recognition.onend = () => setTimeout(() => this.#start(), AGAIN_AFTER_MS); // browsers end it after a while
    this.#start();
  }

  /** Nothing is listened to, or something again. */
  mute(isMuted: boolean): void {
    this.#isWanted = !isMuted;
    if (isMuted) this.#recognition.abort();
    else this.#start();
  }

  close(): void {
    this.#isWanted = false;
    this.#recognition.onend = null;
    this.#recognition.abort();
  }

  #start(): void {
    if (!this.#isWanted) return;
    try {
      this.#recognition.start();
    } catch {
      // it runs already
    }
  }
}

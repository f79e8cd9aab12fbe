/** When what a call waits for is due: each part says so of its own, and here it is known whom to ask. */
import type { CallerVoice } from './caller-voice.ts';
import type { TimerName } from './contract.ts';
import type { Ending } from './ending.ts';
import type { History } from './history.ts';
import type { Hold } from './hold.ts';
import type { Idle } from './idle.ts';
import type { Keypad } from './keypad.ts';
import type { Speech } from './speech.ts';
import type { Turns } from './turns.ts';
import type { Waiting } from './waiting.ts';

/** What the model's words can bring forward; they come so often that nothing else is looked at then. */
export const MOVED_BY_WORDS: readonly TimerName[] = ['silence'];

interface Parts {
  history: History;
  turns: Turns;
  speech: Speech;
  voice: CallerVoice;
  idle: Idle;
  waiting: Waiting;
  keypad: Keypad;
  ending: Ending;
  hold: Hold;
}

export class Due {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** The agent does not speak, no turn runs, the caller is not being handed over, and nobody has put the agent on hold. */
  get isQuiet(): boolean {
    const { turns, speech, ending, hold } = this.#parts;
    return !turns.current && !speech.isAudible && ending.isLive && !hold.isOn;
  }

  /** Nobody speaks either. */
  get isIdle(): boolean {
    return this.isQuiet && !this.#parts.voice.isSpeaking;
  }

  /** R14. */
  get canTellNews(): boolean {
    return this.isIdle && this.#parts.history.hasNews;
  }

  /** They have waited long enough. Returns whether they can be told now; else they wait for another time. */
  newsAreDue(): boolean {
    this.#parts.idle.forgetDueNews();
    return this.canTellNews;
  }

  /** Undefined while nothing of it is. */
  atMs(timer: TimerName): number | undefined {
    const { turns, voice, idle, waiting, keypad, ending, hold } = this.#parts;
    // prettier-ignore
    switch (timer) {
      case 'facts': return turns.facts.dueAtMs;
      case 'interruption': return voice.lookAtMs;
      case 'noise': return voice.noiseAtMs;
      case 'silence': return waiting.dueAtMs;
      case 'not-understood': return this.isIdle && ending.isOpen ? idle.phraseAtMs : undefined;
      case 'late-result': return idle.newsAtMs;
      case 'away': return this.isQuiet && !turns.calls.areRunning && !idle.isLetBe ? Math.max(idle.awayAtMs, voice.yieldUntilMs) : undefined;
      case 'digits': return keypad.dueAtMs;
      case 'longest-call': return ending.longestCallAtMs;
      case 'late-stop': return turns.lateStop.dueAtMs;
      case 'on-hold': return ending.isLive && !turns.current ? hold.dueAtMs : undefined;
      case 'taken-back': return this.isIdle && ending.isOpen ? turns.takenBack.dueAtMs : undefined;
    }
  }
}

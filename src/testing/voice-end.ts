/** A caller by voice, at the other end of a line in virtual time. */
import type { CallEvent } from '../call/events.ts';
import type { Clock } from '../lib/clock.ts';
import { decodeMulaw } from '../audio/g711.ts';
import { VoiceError } from '../lib/errors.ts';
import type { CallerEnd, CallerSound, HeardFacts, SayOptions, TurnBegin } from './caller-end.ts';
import { HeardWatch } from './heard-watch.ts';
import { lengthOfKeysMs, pressKeys } from './keys.ts';
import { PAUSE_MS, soundOf, speakTones } from './line/caller-sounds.ts';
import type { EarStandIn } from './line/ear.ts';
import { VirtualLine, type VirtualLineOptions } from './line/virtual-line.ts';
import type { VoiceStandIn } from './line/voice.ts';
import { understand } from './phone.ts';
import type { CallerStretch } from './result.ts';
import { ANSWERED_WITHIN_MS, TurnWatch } from './turn-watch.ts';
import { withKinds } from './words.ts';

const RATE_HZ = 8_000;

export interface VoiceEndOptions extends Omit<VirtualLineOptions, 'onSound'> {
  ear: EarStandIn;
  voice: VoiceStandIn;
  /** The agent thinks, works or speaks. */
  isTurnRunning: () => boolean;
}

export class VoiceEnd implements CallerEnd {
  readonly line: VirtualLine;
  readonly stretches: CallerStretch[] = [];
  readonly #options: VoiceEndOptions;
  readonly #clock: Clock;
  readonly #heard: HeardWatch;
  readonly #turns = new TurnWatch();

  constructor(options: VoiceEndOptions) {
    this.#options = options;
    this.#clock = options.clock;
    this.line = new VirtualLine({ ...options, onSound: () => this.#heard.changed() });
    this.#heard = new HeardWatch({
      clock: options.clock,
      nowMs: () => this.line.nowMs,
      words: () => this.line.words.words,
      knowsBeyond: (atMs) => this.line.words.knowsBeyond(atMs),
    });
  }

  say(text: string, { mumbled = text, pauseMs = PAUSE_MS }: SayOptions): { untilMs: number; turn: Promise<number> } {
    const { samples, pauses } = speakTones(mumbled, pauseMs);
    const { fromMs, toMs } = this.line.say(samples);
    const cutsIn = this.#options.isTurnRunning() || this.line.hasSound;
    this.stretches.push({
      kind: 'utterance',
      text,
      ...{ fromMs, toMs },
      ...(pauses.length > 0 && {
        pauses: pauses.map((pause) => ({ fromMs: fromMs + pause.fromMs, toMs: fromMs + pause.toMs })),
      }),
      ...(cutsIn && { cutsIn }),
    });
    return { untilMs: toMs, turn: this.#answered(text, toMs) };
  }

  make(sound: CallerSound): Promise<void> {
    const { fromMs, toMs } = this.line.say(soundOf(sound));
    const what = typeof sound === 'string' ? sound : 'a sound';
    this.stretches.push({ kind: sound === 'mm-hm' ? 'backchannel' : 'noise', what, fromMs, toMs });
    return this.#until(toMs);
  }

  press(keys: string): Promise<void> {
    const fromMs = this.line.nowMs;
    const pressed = pressKeys(keys, this.#clock, (key) => this.line.press(key));
    this.stretches.push({ kind: 'keys', keys, fromMs, toMs: fromMs + lengthOfKeysMs(keys) });
    return pressed;
  }

  hears(what: string | RegExp): Promise<number> {
    return this.#heard.until(what);
  }

  hangUp(): void {
    this.line.end('caller-hung-up');
  }

  hear(event: CallEvent): void {
    this.#turns.hear(event);
    if (event.type === 'call-end') this.#heard.end(event.reason);
  }

  facts(events: readonly CallEvent[], since?: TurnBegin): HeardFacts {
    const { heard, said } = this.line;
    const { ear, voice } = this.#options;
    const words = understand(heard, since?.atMs ?? 0).map(({ text, startMs, endMs }) => ({
      text,
      fromMs: startMs,
      toMs: endMs,
    }));
    return {
      line: 'voice',
      hearing: 'stand-in',
      agentSound: heard.stretches({ minGapMs: 20 }),
      heard: withKinds(words, events),
      ...(!since && {
        sound: { sampleRateHz: RATE_HZ, caller: decodeMulaw(said.read()), agent: decodeMulaw(heard.read()) },
      }),
      speech: { characters: voice.characters, seconds: ear.heardMs / 1_000 },
    };
  }

  /** Its turn, or why there is none. */
  async #answered(text: string, toMs: number): Promise<number> {
    const turn = this.#turns.said(toMs);
    let cancel = () => {};
    const nobody = new Promise<never>((_, reject) => {
      cancel = this.#clock.after(toMs + ANSWERED_WITHIN_MS - this.line.nowMs, () => {
        if (this.#turns.isUnanswered(toMs)) reject(notTakenUp(text));
      });
    });
    turn.catch(() => {}); // whoever waits is told below
    return Promise.race([turn, nobody]).finally(cancel);
  }

  #until(atMs: number): Promise<void> {
    return new Promise((resolve) => this.#clock.after(atMs - this.line.nowMs, resolve));
  }
}

function notTakenUp(text: string): VoiceError {
  const message =
    `Expected the agent to take up "${text}" within ${ANSWERED_WITHIN_MS / 1_000} s, but no turn began: nothing was ` +
    'understood of it, or it was taken for no more than a sound of listening';
  return new VoiceError('idle-timeout', message);
}

/** A caller who has dialled a worker over a real socket. What they do and hear is told in the call's time. */
import type { CallEvent } from '../call/events.ts';
import { FRAME_MS } from '../audio/contract.ts';
import { decodeMulaw, encodeMulaw } from '../audio/g711.ts';
import { systemClock } from '../lib/clock.ts';
import { VoiceError } from '../lib/errors.ts';
import type { Stretch } from '../simulate/phone/voice-track.ts';
import type { CallerEnd, CallerSound, HeardFacts, SayOptions, TurnBegin } from './caller-end.ts';
import { HeardWatch } from './heard-watch.ts';
import { pressKeys } from './keys.ts';
import { AgentWords } from './line/agent-words.ts';
import { PAUSE_MS, soundOf, speakCaller } from './line/caller-sounds.ts';
import type { PhoneLine } from './phone.ts';
import type { CallerStretch } from './result.ts';
import { TurnWatch } from './turn-watch.ts';
import { withKinds } from './words.ts';

/** A frame that is later than this was not sent when the caller spoke: then it is this machine that was measured. */
const MOST_LATE_MS = 60;

export class PhoneEnd implements CallerEnd {
  readonly stretches: CallerStretch[] = [];
  readonly #line: PhoneLine;
  readonly #trouble: (what: string) => void;
  readonly #words = new AgentWords();
  readonly #heard: HeardWatch;
  readonly #turns = new TurnWatch();
  /** Of the caller's track, in milliseconds: what has been listened to. */
  #listenedMs = 0;
  #stopListening = () => {};

  constructor(line: PhoneLine, trouble: (what: string) => void) {
    this.#line = line;
    this.#trouble = trouble;
    this.#heard = new HeardWatch({
      clock: systemClock,
      nowMs: () => this.#line.caller.nowMs,
      words: () => this.#words.words,
      knowsBeyond: () => true, // a word is known when something follows it, and not before
    });
    this.#listen();
  }

  say(text: string, { mumbled = text, pauseMs = PAUSE_MS }: SayOptions): { untilMs: number; turn: Promise<number> } {
    const { samples, pauses } = speakCaller(mumbled, pauseMs);
    if (samples.length === 0) throw new VoiceError('options-invalid', `Expected words to say, got \`${text}\``);
    const { caller, call } = this.#line;
    const cutsIn = call.isTurnRunning || caller.bufferedMs > 0;
    const turn = caller.say(encodeMulaw(samples)).then((said) => {
      const { fromMs, toMs } = this.#inCall(said);
      const placed = pauses.map((pause) => ({ fromMs: fromMs + pause.fromMs, toMs: fromMs + pause.toMs }));
      this.stretches.push({
        ...{ kind: 'utterance', text, fromMs, toMs },
        ...(placed.length > 0 && { pauses: placed }),
        ...(cutsIn && { cutsIn }),
      });
      return this.#turns.said(toMs);
    });
    return { untilMs: call.atMs + samples.length / 8, turn };
  }

  async make(sound: CallerSound): Promise<void> {
    const said = await this.#line.caller.say(encodeMulaw(soundOf(sound)));
    const what = typeof sound === 'string' ? sound : 'a sound';
    this.stretches.push({ kind: sound === 'mm-hm' ? 'backchannel' : 'noise', what, ...this.#inCall(said) });
  }

  async press(keys: string): Promise<void> {
    const fromMs = this.#line.call.atMs;
    await pressKeys(keys, systemClock, (key) => this.#line.caller.press(key));
    this.stretches.push({ kind: 'keys', keys, fromMs, toMs: this.#line.call.atMs });
  }

  async hears(what: string | RegExp): Promise<number> {
    return (await this.#heard.until(what)) + this.#line.offsetMs;
  }

  hangUp(): void {
    void this.#line.caller.hangUp();
  }

  hear(event: CallEvent): void {
    this.#turns.hear(event);
    if (event.type !== 'call-end') return;
    this.#stopListening();
    this.#heard.end(event.reason);
    const { mostLateMs } = this.#line.caller.stats();
    if (mostLateMs > MOST_LATE_MS) this.#trouble(lateFrames(mostLateMs));
  }

  facts(events: readonly CallEvent[], since?: TurnBegin): HeardFacts {
    const { caller, offsetMs } = this.#line;
    const words = this.#line
      .heard(Math.max(0, (since?.atMs ?? 0) - offsetMs))
      .map(({ text, startMs, endMs }) => ({ text, ...shifted(startMs, endMs, offsetMs) }));
    const stretches = caller.heard.stretches({ minGapMs: FRAME_MS });
    return {
      line: 'phone',
      hearing: 'stand-in',
      agentSound: stretches.map(({ fromMs, toMs }) => shifted(fromMs, toMs, offsetMs)),
      heard: withKinds(words, events),
      sound: {
        sampleRateHz: 8_000,
        caller: decodeMulaw(caller.said.read(-offsetMs)),
        agent: decodeMulaw(caller.heard.read(-offsetMs)),
      },
    };
  }

  #inCall = ({ fromMs, toMs }: Stretch): Stretch => shifted(fromMs, toMs, this.#line.offsetMs);

  /** What has been played since. */
  #listen(): void {
    const { heard } = this.#line.caller;
    const untilMs = heard.durationMs;
    if (untilMs > this.#listenedMs) this.#words.push(heard.read(this.#listenedMs, untilMs), this.#listenedMs);
    this.#listenedMs = untilMs;
    this.#heard.changed();
    this.#stopListening = systemClock.after(FRAME_MS, () => this.#listen());
  }
}

const shifted = (fromMs: number, toMs: number, byMs: number): Stretch => ({ fromMs: fromMs + byMs, toMs: toMs + byMs });

const lateFrames = (ms: number): string =>
  `this machine was too slow for a call in real time: a frame of the caller's was ${Math.round(ms)} ms late`;

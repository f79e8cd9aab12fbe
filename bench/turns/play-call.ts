/**
 * One caller's turns as one call, in virtual time: the real ear, its voice activity and endpoint, the machine, the speaker
 * and its playback; only the services and the network are stood in for, at the paces that are documented.
 */
import { setImmediate as tick } from 'node:timers/promises';
import { encodeToneSpeech } from '../../src/audio/tone-speech.ts';
import { createAgent } from '../../src/call/agent.ts';
import { answer, preparePhrases } from '../../src/call/phone.ts';
import { VirtualClock } from '../../src/lib/clock.ts';
import { createParley } from '../../src/worker/create-parley.ts';
import type { Parley } from '../../src/worker/parley.ts';
import { VirtualLine } from '../../src/testing/line/virtual-line.ts';
import { ToneSynthesizer } from '../../test/helpers/synthesizer.ts';
import { DOCUMENTED, PacedEar, type ScriptedWord } from './paced-ear.ts';
import { PacedModel } from './paced-model.ts';
import { listensFor, type CallerTurn, type TurnPart } from './set.ts';

export interface PlayOptions {
  /** The transcriber is so much later than it is documented to be. Default 0. */
  lagMs?: number;
  /** It tells its own voice activity as well. Default false. */
  hasVad?: boolean;
  /** The plan has requests to give away, for answers that are asked for ahead. Default true. */
  hasRoomAhead?: boolean;
  /** Fields of the agent's `turn`. */
  turn?: Readonly<Record<string, number>>;
}

/** What became of one turn. Times in milliseconds. */
export interface PlayedTurn {
  turn: CallerTurn;
  /** Agent's sound between the caller's first and last. */
  heardOverMs: number;
  /** For how long the caller's voice had been on when the agent began over it, at most; undefined where it never did. */
  begunOverVoiceMs: number | undefined;
  /** From the caller's last sound to the first of an answer; NaN when none came. */
  answerMs: number;
  /** The answer that was heard was asked for with all of their words. */
  hasAllWords: boolean;
  /** What the model was told of them in that request. */
  told: string;
  requests: number;
  /** The waits that ended turns here, as the ear says. */
  waitsMs: number[];
}

const NOBODY = { carrierCallId: '', from: undefined, to: undefined, parameters: {} };
const LINE_HZ = 8_000;
const LETTERS_A_SECOND = 15;
const FIRST_TOKEN_MS = 250;
const FIRST_AUDIO_MS = 150;
/** People answer so long after a question. */
const THINK_MS = 600;
/** A call in which nothing has happened for so long has settled. */
const SETTLED_MS = 1_000;
/** No silence is waited for longer before it is answered. */
const MOST_WAIT_MS = 4_500;
const MOST_ANSWER_MS = 20_000;
const GOODBYE = 'Thank you for calling. Goodbye.';

export async function playCall(turns: readonly CallerTurn[], options: PlayOptions = {}): Promise<PlayedTurn[]> {
  const call = await CallInTime.open(turns[0]!, options);
  const played: PlayedTurn[] = [];
  for (const [i, turn] of turns.entries()) played.push(await call.play(turn, turns[i + 1]?.asked ?? GOODBYE));
  await call.close();
  return played;
}

/** The whole set, call by call. */
export async function playCalls(
  calls: readonly (readonly CallerTurn[])[],
  options: PlayOptions = {},
  progress: (text: string) => void = () => {},
): Promise<PlayedTurn[]> {
  const played: PlayedTurn[] = [];
  for (const [i, turns] of calls.entries()) {
    progress(`call ${i + 1} of ${calls.length}`);
    played.push(...(await playCall(turns, options)));
  }
  return played;
}

class CallInTime {
  readonly #clock = new VirtualClock();
  readonly #line = new VirtualLine({ clock: this.#clock, caller: NOBODY });
  readonly #model: PacedModel;
  readonly #ear: PacedEar;
  readonly #parley: Parley;
  readonly #waits: { atMs: number; waitMs: number }[] = [];

  private constructor({ lagMs = 0, hasVad = false, hasRoomAhead = true }: PlayOptions) {
    this.#model = new PacedModel(this.#clock, { firstTokenMs: FIRST_TOKEN_MS, hasRoomAhead });
    this.#parley = createParley({ model: this.#model, clock: this.#clock });
    const { interimMs, finalMs, finalizeMs } = DOCUMENTED;
    const lags = { interimMs: interimMs + lagMs, finalMs: finalMs + lagMs, finalizeMs: finalizeMs + lagMs };
    this.#ear = new PacedEar(this.#clock, lags, hasVad);
  }

  static async open(first: CallerTurn, options: PlayOptions): Promise<CallInTime> {
    const call = new CallInTime(options);
    await call.#answer(first, options);
    return call;
  }

  async #answer(first: CallerTurn, { turn }: PlayOptions): Promise<void> {
    const agent = await createAgent({
      name: 'bench',
      instructions: 'Answer.',
      greeting: first.asked,
      listen: { vendor: this.#ear, language: listensFor(first) },
      turn: { ...turn },
    });
    const clock = this.#clock;
    const synthesizer = new ToneSynthesizer({ clock, firstByteMs: FIRST_AUDIO_MS, obeys: true });
    const speech = { synthesizer, transcriber: this.#ear };
    await preparePhrases(agent, speech);
    this.#model.answer = first.asked;
    answer(this.#parley, this.#line, {
      agent,
      speech,
      listen: (call) =>
        call.on('event', (event) => {
          if (event.type === 'turn-end')
            this.#waits.push({ atMs: clock.nowMs(), waitMs: event.latency.silence.endpointingMs });
        }),
    });
  }

  /** The agent has asked; the caller answers, and hears what follows. */
  async play(turn: CallerTurn, nextAsked: string): Promise<PlayedTurn> {
    if (turn.over) await this.#speakOver(turn, turn.over);
    await this.#settle();
    const usersBefore = this.#model.asked.at(-1)?.users.length ?? 0;
    const askedBefore = this.#model.asked.length;
    this.#model.answer = nextAsked;
    const fromMs = this.#clock.nowMs() + THINK_MS;
    const toMs = this.#speak(turn, fromMs);
    await this.#advanceTo(toMs + 100);
    const lastMs = this.#line.said.lastSoundMs;
    await this.#settle(lastMs + MOST_WAIT_MS);
    const firstMs = this.#line.heard.nextSoundMs(lastMs);
    const cause = this.#model.asked.slice(askedBefore).findLast(({ atMs, abortedAtMs }) => {
      const audibleMs = firstMs ?? Infinity;
      return atMs < audibleMs && abortedAtMs > audibleMs;
    });
    const told = (cause?.users ?? []).slice(usersBefore).join(' ');
    return {
      turn,
      heardOverMs: this.#heardBetween(fromMs, lastMs),
      begunOverVoiceMs: this.#begunOverVoice(fromMs, lastMs),
      answerMs: firstMs === undefined ? NaN : firstMs - lastMs,
      hasAllWords: plain(told).endsWith(plain(turn.parts.map(({ words }) => words).join(' '))),
      told,
      requests: this.#model.asked.length - askedBefore,
      waitsMs: this.#waits.filter(({ atMs }) => atMs >= fromMs).map(({ waitMs }) => waitMs),
    };
  }

  async close(): Promise<void> {
    await this.#line.hangUp();
    await this.#advanceTo(this.#clock.nowMs() + SETTLED_MS);
    await this.#parley.close();
  }

  /** In the middle of the question, which is being asked. */
  async #speakOver({ style }: CallerTurn, over: { words: string; voiceMs: number }): Promise<void> {
    await this.#advanceTo(this.#clock.nowMs() + SETTLED_MS, () => this.#line.hasSound);
    await this.#advanceTo(this.#clock.nowMs() + 2 * SETTLED_MS);
    if (!this.#line.hasSound) return;
    const atMs = this.#clock.nowMs() + 20;
    this.#voice({ words: over.words, voiceMs: over.voiceMs, mark: '' }, style, atMs);
    await this.#advanceTo(atMs + over.voiceMs + SETTLED_MS);
  }

  /** @returns When it will have been said. */
  #speak({ parts, style }: CallerTurn, fromMs: number): number {
    let atMs = fromMs;
    for (const part of parts) {
      this.#voice(part, style, atMs);
      atMs += part.voiceMs + (part.pauseMs ?? 0);
    }
    return atMs;
  }

  #voice(part: TurnPart, style: CallerTurn['style'], fromMs: number): void {
    this.#clock.after(fromMs - this.#clock.nowMs(), () => this.#line.say(soundOf(part.voiceMs)));
    this.#ear.script(wordsOf(part, style, fromMs));
  }

  #heardBetween(fromMs: number, toMs: number): number {
    return this.#line.heard
      .stretches({ minGapMs: 20 })
      .map((stretch) => Math.min(stretch.toMs, toMs) - Math.max(stretch.fromMs, fromMs))
      .reduce((sum, ms) => sum + Math.max(0, ms), 0);
  }

  #begunOverVoice(fromMs: number, toMs: number): number | undefined {
    const voices = this.#line.said.stretches({ minGapMs: 20 });
    const begun = this.#line.heard
      .stretches({ minGapMs: 20 })
      .filter((one) => one.fromMs >= fromMs && one.fromMs < toMs);
    const overs = begun.flatMap(({ fromMs: atMs }) => {
      const voice = voices.find((one) => one.fromMs <= atMs && one.toMs > atMs);
      return voice ? [atMs - voice.fromMs] : [];
    });
    return overs.length > 0 ? Math.max(...overs) : undefined;
  }

  /** Until the agent has said all it has to say, and nothing is on its way. */
  async #settle(leastMs = 0): Promise<void> {
    const untilMs = this.#clock.nowMs() + MOST_ANSWER_MS;
    let quietSinceMs = this.#clock.nowMs();
    await this.#advanceTo(untilMs, () => {
      const nowMs = this.#clock.nowMs();
      const lastAskedMs = this.#model.asked.at(-1)?.atMs ?? -Infinity;
      if (this.#line.hasSound || nowMs - lastAskedMs < SETTLED_MS) quietSinceMs = nowMs;
      return nowMs >= leastMs && nowMs - quietSinceMs >= SETTLED_MS;
    });
  }

  /** Timer by timer, so that what waits for promises comes in between. */
  async #advanceTo(untilMs: number, isDone: () => boolean = () => false): Promise<void> {
    while (this.#clock.nowMs() < untilMs && !isDone()) {
      this.#clock.advanceTo(Math.min(untilMs, this.#clock.nextAtMs ?? untilMs));
      await tick();
    }
  }
}

/** A voice of exactly this length. */
function soundOf(voiceMs: number): Int16Array {
  const letters = Math.max(1, Math.round((voiceMs * LETTERS_A_SECOND) / 1_000));
  const speed = (letters * 1_000) / LETTERS_A_SECOND / voiceMs;
  return encodeToneSpeech('la'.repeat(letters).slice(0, letters), LINE_HZ, { speed });
}

/** Each word where it lies in the voice, as long as it is written. */
function wordsOf({ words, voiceMs, mark }: TurnPart, style: CallerTurn['style'], fromMs: number): ScriptedWord[] {
  const parts = words.split(/\s+/).filter((word) => word !== '');
  const letters = parts.reduce((sum, word) => sum + word.length + 1, -1);
  let at = 0;
  return parts.map((word, i) => {
    const startMs = fromMs + (voiceMs * at) / letters;
    at += word.length;
    const endMs = fromMs + (voiceMs * at) / letters;
    at++;
    const isLast = i === parts.length - 1;
    return { word, startMs, endMs, style, mark: isLast ? mark : '', endsVoice: isLast };
  });
}

const plain = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, ' ')
    .trim();

/**
 * The listening side of one call: the transcriber's line, the local voice activity and the endpoint, composed. Audio goes
 * in, turns come out.
 */
import { isDeepStrictEqual } from 'node:util';
import { bytesPerSample, type AudioFormat } from '../audio/contract.ts';
import { systemClock, type Clock } from '../lib/clock.ts';
import type { ProviderError } from '../lib/errors.ts';
import { silentLog, type Log } from '../lib/log.ts';
import { ActivityDetector, type ActivityListener } from './activity.ts';
import type { ExpectedAnswer, HeardWord, ListenOptions, Transcriber, TranscriptionLine } from './contract.ts';
import { Endpoint, type EndpointEffect, type EndpointEvent } from './endpoint.ts';
import { LineTime } from './line-time.ts';
import { MOST_CHARACTERS } from './turn-text.ts';

/** How one agent listens. */
export interface EarManner {
  listen: ListenOptions;
  /** Silence that ends a turn which may well be complete, in milliseconds; its least and its most, however it sounds. */
  endpointMs: number;
  leastEndpointMs: number;
  mostEndpointMs: number;
}

export interface EarOptions extends EarManner {
  callId: string;
  /** For the log. */
  carrierCallId?: string | undefined;
  transcriber: Transcriber;
  /** Of the audio that is pushed. */
  format: AudioFormat;
  clock?: Clock | undefined;
  log?: Log | undefined;
}

/** Told in the tick in which it is known. Nothing is told after `close`, nor from inside `createEar`. */
export interface EarListener {
  /** The caller's voice, within 60 ms of its beginning; `words`: all that is understood of the turn so far. */
  speech(phase: 'start' | 'words' | 'end', words?: string): void;
  /**
   * What has been said of the turn so far looks finished, soon after the voice; it is not sure (R24). Returns whether an answer
   * to it is on its way: then it is sure when that could be heard.
   */
  likelyFinished?(text: string): boolean;
  /** The caller has finished. `endpointingMs`: how long ago their voice ended. */
  turn(text: string, endpointingMs: number): void;
  /** As the transcriber sends it, segment by segment. */
  transcript?(text: string, isFinal: boolean): void;
  /** Nothing will be understood any more; the voice is still told. */
  failed(error: ProviderError): void;
}

export interface Ear {
  /** Caller's audio, any length. */
  push(audio: Uint8Array): void;
  /** A voice may just be beginning, of which nothing is told yet: it is known within some 40 ms. */
  readonly mayBeVoice: boolean;
  /** What the agent has said last: its question decides how long an answer may pause. */
  agentAsked(text: string): void;
  /** What a tool expects the caller to say: goes before what the agent has said, until they have answered. */
  expects(answer: ExpectedAnswer): void;
  /** No answer is on its way any more, to words that looked finished. */
  notAskedAhead(why?: { noRoom?: boolean }): void;
  /**
   * R27: from here on the caller is heard as another agent has it: its timings at once, what it listens for between two turns.
   * @throws {VoiceError} `options-invalid`, as `createEar` does.
   */
  change(options: EarManner): void;
  close(): void;
}

/** Nobody speaks ahead of time: audio that is so far ahead is a fault of its sender, and is not heard. */
const MOST_AHEAD_MS = 10_000;

/** @throws {VoiceError} `options-invalid`, when the transcriber cannot hear this language in this format. */
export function createEar(options: EarOptions, listener: EarListener): Ear {
  const { callId, carrierCallId, transcriber, format, clock = systemClock } = options;
  const log = (options.log ?? silentLog).child({ callId, carrierCallId });
  const manner = { ...timesOf(options), language: options.listen.language };
  const endpoint = new Endpoint(manner);
  const mostBytes = ((format.sampleRateHz * MOST_AHEAD_MS) / 1_000) * bytesPerSample(format);
  const lineTime = new LineTime();
  let isVoice = false;
  let isClosed = false;
  let cancelTimer = () => {};

  const waiting: EndpointEvent[] = [];
  let isHearing = false;
  /** What comes of what is told is heard when all has been told. */
  const hear = (event: EndpointEvent) => {
    waiting.push(event);
    if (isHearing) return;
    isHearing = true;
    for (let next = waiting.shift(); next && !isClosed; next = waiting.shift()) {
      const nowMs = clock.nowMs();
      for (const effect of endpoint.handle(next, nowMs, lineTime.at(nowMs, activity.heardMs))) carryOut(effect);
    }
    isHearing = false;
  };
  const carryOut = (effect: EndpointEffect) => {
    if (isClosed) return; // a listener may close from inside
    switch (effect.type) {
      case 'finalize':
        return line.finalize();
      case 'set-timer':
        cancelTimer();
        cancelTimer = effect.afterMs === null ? () => {} : clock.after(effect.afterMs, () => hear({ type: 'timer' }));
        return;
      case 'speech':
        return effect.phase === 'words' ? listener.speech('words', effect.words) : listener.speech(effect.phase);
      case 'likely-finished':
        return hear({ type: 'asked-ahead', isAsked: listener.likelyFinished?.(effect.text) ?? false });
      case 'turn':
        listener.turn(effect.text, effect.endpointingMs);
        return changeLine();
    }
  };

  const tellVoice: ActivityListener = (phase, atMs) => {
    isVoice = phase === 'start';
    hear({ type: 'voice', phase, silentMs: Math.max(0, activity.heardMs - atMs) });
  };
  const activity = new ActivityDetector(format, tellVoice, () => endpoint.isForOneWord);
  const openLine = (listen: ListenOptions): TranscriptionLine => {
    const fromMs = activity.heardMs;
    const placed = ({ word, startMs, endMs }: HeardWord): HeardWord => ({
      word,
      startMs: lineTime.placeOf(fromMs + startMs),
      endMs: lineTime.placeOf(fromMs + endMs),
    });
    const isOld = () => isClosed || line !== opened;
    const opened = transcriber.open(
      { callId, carrierCallId, format, listen },
      {
        transcript(whole, isFinal, words) {
          if (isOld()) return;
          const text = whole.slice(0, MOST_CHARACTERS);
          listener.transcript?.(text, isFinal);
          hear({ type: 'transcript', text, isFinal, words: words?.map(placed) });
        },
        speech: (phase) => isOld() || hear({ type: 'service-voice', phase }),
        failed(error) {
          log.error({ code: error.code, err: error }, 'transcriber failed');
          if (!isOld()) listener.failed(error);
        },
        connected: (reconnects) => log.debug({ reconnects }, 'transcriber connected'),
      },
    );
    return opened;
  };
  let line = openLine(options.listen);
  let heardFor = options.listen;
  /** What is to be listened for, once nobody speaks. */
  let wanted: ListenOptions | undefined;
  const changeLine = () => {
    if (!wanted || isVoice || isClosed || endpoint.text !== '') return;
    const before = line;
    line = openLine(wanted);
    before.close();
    endpoint.listenFor(wanted.language);
    wanted = undefined;
  };

  return {
    push(audio) {
      if (isClosed) return;
      const nowMs = clock.nowMs();
      const heard = audio.subarray(0, mostBytes);
      if (lineTime.aheadMs(nowMs) > MOST_AHEAD_MS) return;
      line.push(heard);
      activity.push(heard);
      lineTime.heard(activity.heardMs, nowMs, isVoice);
    },
    get mayBeVoice() {
      return activity.mayBeVoice;
    },
    agentAsked(text) {
      changeLine();
      hear({ type: 'agent-asked', text });
    },
    expects: (answer) => hear({ type: 'expected', answer }),
    notAskedAhead: ({ noRoom = false } = {}) => hear({ type: 'asked-ahead', isAsked: false, noRoom }),
    change(next) {
      Object.assign(manner, timesOf(next));
      wanted = isDeepStrictEqual(next.listen, heardFor) ? undefined : next.listen;
      heardFor = next.listen;
      changeLine();
    },
    close() {
      if (isClosed) return;
      isClosed = true;
      cancelTimer();
      line.close();
    },
  };
}

const timesOf = ({ endpointMs, leastEndpointMs, mostEndpointMs }: EarManner) => ({
  endpointMs,
  leastEndpointMs,
  mostEndpointMs,
});

/**
 * The listening side of one call: the transcriber's line, the local voice activity and the endpoint, composed. Audio goes
 * in, turns come out.
 */
import type { AudioFormat } from '../audio/contract.ts';
import { systemClock, type Clock } from '../lib/clock.ts';
import type { ProviderError } from '../lib/errors.ts';
import { silentLog, type Log } from '../lib/log.ts';
import { ActivityDetector } from './activity.ts';
import type { ListenOptions, Transcriber } from './contract.ts';
import { Endpoint, type EndpointEffect, type EndpointEvent } from './endpoint.ts';

export interface EarOptions {
  callId: string;
  transcriber: Transcriber;
  /** Of the audio that is pushed. */
  format: AudioFormat;
  listen: ListenOptions;
  /** Silence that ends a turn that sounds complete, in milliseconds. */
  endpointMs: number;
  /** The same when it sounds open-ended. */
  openEndpointMs: number;
  clock?: Clock | undefined;
  log?: Log | undefined;
}

/** Told in the tick in which it is known. Nothing is told after `close`, nor from inside `createEar`. */
export interface EarListener {
  /** The caller's voice, within 60 ms of its beginning; `words`: all that is understood of the turn so far. */
  speech(phase: 'start' | 'words' | 'end', words?: string): void;
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
  /** What the agent has said last: its question decides how long an answer may pause. */
  agentAsked(text: string): void;
  close(): void;
}

/** @throws {VoiceError} `options-invalid`, when the transcriber cannot hear this language in this format. */
export function createEar(options: EarOptions, listener: EarListener): Ear {
  const { callId, transcriber, format, listen, clock = systemClock, log = silentLog } = options;
  const endpoint = new Endpoint({
    endpointMs: options.endpointMs,
    openEndpointMs: options.openEndpointMs,
    language: listen.language,
  });
  let isClosed = false;
  let cancelTimer = () => {};

  const hear = (event: EndpointEvent) => {
    if (isClosed) return;
    for (const effect of endpoint.handle(event, clock.nowMs())) carryOut(effect);
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
      case 'turn':
        return listener.turn(effect.text, effect.endpointingMs);
    }
  };

  const activity = new ActivityDetector(format, (phase, atMs) => {
    hear({ type: 'voice', phase, silentMs: Math.max(0, activity.heardMs - atMs) });
  });
  const line = transcriber.open(
    { callId, format, listen },
    {
      transcript(text, isFinal) {
        if (isClosed) return;
        listener.transcript?.(text, isFinal);
        hear({ type: 'transcript', text, isFinal });
      },
      speech: (phase) => hear({ type: 'service-voice', phase }),
      failed(error) {
        log.error({ callId, code: error.code, err: error }, 'transcriber failed');
        if (!isClosed) listener.failed(error);
      },
      connected: (reconnects) => log.debug({ callId, reconnects }, 'transcriber connected'),
    },
  );

  return {
    push(audio) {
      if (isClosed) return;
      line.push(audio);
      activity.push(audio);
    },
    agentAsked: (text) => hear({ type: 'agent-asked', text }),
    close() {
      if (isClosed) return;
      isClosed = true;
      cancelTimer();
      line.close();
    },
  };
}

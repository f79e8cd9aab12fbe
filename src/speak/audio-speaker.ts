/** The agent's voice on an audio line, as a call knows it. Made by `speaker.ts`. */
import type { FrameClock } from '../audio/frame-clock.ts';
import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import type { Speaker, Synthesizer, VoiceOptions } from './contract.ts';
import type { AudioSink, SinkCapabilities } from './feeder.ts';
import type { SpeechRate } from './speech-rate.ts';

export interface AudioSpeakerOptions {
  callId: string;
  /** For the log. */
  carrierCallId?: string | undefined;
  synthesizer: Synthesizer;
  voice: VoiceOptions;
  /** The way out. An `AudioLine` is one. */
  sink: AudioSink;
  /** What an `AudioLine` says of the way out. */
  capabilities: SinkCapabilities;
  clock: Clock;
  frameClock: Pick<FrameClock, 'subscribe'>;
  /** How far ahead of real time audio is sent. Default 300. */
  leadMs?: number;
  /** What is known of the voice's rate. Learns from this call: hand over a copy. Default: nothing is known. */
  rate?: SpeechRate;
  log?: Log;
}

/** A `Speaker` whose line tells what it has played. What each of these means is said at `AudioLineEvent`. */
export interface AudioSpeaker extends Speaker {
  /** Marks of others are ignored. */
  mark(name: string): void;
  played(samples: number): void;
  cleared(samples: number): void;
  setFull(isFull: boolean): void;
  /** A voice of the caller's may be beginning, or is none, or is known: what has just begun to sound waits until then. */
  giveWay(isDoubtful: boolean): void;
  /** R27: another voice speaks from here on; `rate` is what is known of it, and learns. While nothing is to be heard. */
  speakAs(voice: VoiceOptions, rate: SpeechRate): void;
  /** Reports `heard` as of this instant: before an interruption that no `pause` announced is judged. */
  reportHeard(): void;
}

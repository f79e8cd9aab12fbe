/** What a page and its worklet tell each other. */

export interface WorkletOptions {
  inRateHz: number;
  outRateHz: number;
  /** As of `Playout`. */
  startMs: number;
  /** Samples that were played before, by a page that is gone. */
  played: number;
}

export type ToWorklet =
  { type: 'audio'; samples: ArrayBuffer } | { type: 'clear' } | { type: 'mute'; isMuted: boolean } | { type: 'close' };

export type FromWorklet =
  | { type: 'voice'; samples: ArrayBuffer }
  /** By the frame that comes next, so many samples have left the worklet. */
  | { type: 'played'; samples: number; frame: number; isPlaying: boolean; microphone: number; agent: number }
  | { type: 'cleared'; samples: number; frame: number };

export const PROCESSOR = 'parley-call';

/** Between a call's machine and its speaker: what the one asks, and what the other tells, as events of the machine. */
import type { Speaker, SpeakerListener } from '../speak/contract.ts';
import type { TurnEffect, TurnEvent } from '../turn/contract.ts';
import type { ReplyAudio } from './reply-audio.ts';

/** What a call does besides. */
export interface SpeechParts extends Pick<SpeakerListener, 'mayStart' | 'started' | 'synthesis' | 'idle'> {
  feed: (event: TurnEvent) => void;
  /** Whatever the agent may say while it waits for its voice is at hand. */
  canSpeak: () => boolean;
}

export function speechEvents({ feed, canSpeak, ...parts }: SpeechParts): SpeakerListener {
  return {
    ...parts,
    heard: (utterance, characters, isExact = false) =>
      feed({ type: 'heard', utterance, characters, ...(isExact && { isExact }) }),
    cutOff: (upTo) => feed({ type: 'interrupt', upTo }),
    idle() {
      parts.idle();
      feed({ type: 'playback-idle' });
    },
    stalled: (quietMs) => feed({ type: 'playback-stalled', quietMs: Math.round(quietMs), canSpeak: canSpeak() }),
    failed: (utterance, { code, message, requestId }) =>
      feed({ type: 'speech-failed', utterance, code, message, requestId }),
  };
}

type SpeechEffect = Extract<TurnEffect, { type: 'prepare' | 'unprepare' | 'flush' | 'clear' | 'pause' | 'resume' }>;

/** All that is asked of it but new words. */
export function askSpeaker(effect: SpeechEffect, speaker: Speaker, audio: ReplyAudio): void {
  switch (effect.type) {
    case 'prepare':
      return speaker.prepare?.(effect.utterance, effect.text, effect.isWhole);
    case 'unprepare':
      return speaker.unprepare?.();
    case 'flush':
      return speaker.flush(effect.utterance);
    case 'clear':
      speaker.clear();
      return audio.stop();
    case 'pause':
      speaker.pause();
      return audio.pause();
    case 'resume':
      speaker.resume();
      return audio.resume();
  }
}

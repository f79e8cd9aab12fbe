/** What a call's speaker tells, as events of its machine. */
import type { SpeakerListener } from '../speak/contract.ts';
import type { TurnEvent } from '../turn/contract.ts';

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

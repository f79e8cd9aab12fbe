/** What a call reports: the library's emitter, JSON lines, the store and the console all show exactly these. */
import type { SpeechKind, TurnReport } from '../turn/contract.ts';
import type { Usage } from '../model/contract.ts';

export type CallEvent = {
  callId: string;
  /** Since the call's start, monotonic, in whole milliseconds. */
  atMs: number;
} & (
  | { type: 'call-start'; bridge: string; from: string | undefined; to: string | undefined; agent: string }
  | { type: 'caller-speech-start' | 'caller-speech-end' }
  | { type: 'transcript'; text: string; isFinal: boolean }
  | { type: 'text-delta'; turn: number; step: number; kind: SpeechKind; delta: string }
  | { type: 'reply-audio-start' | 'reply-audio-end'; turn: number }
  | Exclude<TurnReport, { type: 'call-end' }>
  | { type: 'call-end'; reason: string; durationMs: number; usage: Usage }
);

export type CallEventType = CallEvent['type'];

/** Event map for the typed emitter: by type, and `event` for every one of them. */
export type CallEventMap = { [Type in CallEventType]: [event: Extract<CallEvent, { type: Type }>] } & {
  event: [event: CallEvent];
};

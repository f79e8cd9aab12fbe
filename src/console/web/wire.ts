/** What a page and its worker tell each other as JSON; samples go as they are. `docs/lines/web.md` explains each. */

export type ToWorker =
  | { type: 'start'; kind: 'audio'; inRateHz: number; outRateHz: number }
  | { type: 'start'; kind: 'text' }
  | { type: 'played' | 'cleared'; samples: number }
  | { type: 'digit'; digit: string }
  | { type: 'text'; text: string }
  | { type: 'mute'; isMuted: boolean }
  | { type: 'output'; isRunning: boolean }
  | { type: 'prompt'; text: string; isFinal: boolean }
  | { type: 'interrupt'; heard?: string }
  | { type: 'spoken'; text: string }
  | { type: 'speaking'; who: 'agent' | 'caller'; isSpeaking: boolean }
  | { type: 'ack'; received: number }
  | { type: 'resume'; received: number; played?: number }
  | { type: 'hangup' };

export type FromWorker =
  | { type: 'started'; resume?: string; resumeForMs?: number }
  | { type: 'resumed'; received: number }
  | { type: 'ack'; received: number }
  | { type: 'clear' }
  | { type: 'say'; text: string; isLast: boolean }
  | { type: 'words'; who: 'agent' | 'caller'; text: string; isFinal: boolean }
  | { type: 'speaking'; who: 'agent' | 'caller'; isSpeaking: boolean }
  | { type: 'ended'; reason: string };

export const SUBPROTOCOL = 'parley.v1';
export const RATE_HZ = 16_000;

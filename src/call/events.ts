/**
 * What a call reports: the library's emitter, JSON lines, the store and the console all show exactly these. What the
 * machine keeps as JSON text, because the model reads it so, is told here as the value that it is.
 */
import type { ErrorCode } from '../lib/errors.ts';
import { isRecord, parseJson } from '../lib/json.ts';
import type { VendorKind } from '../lib/succession.ts';
import type { AnsweredBy, AnswerSign } from '../listen/answered-by.ts';
import type { SpeechKind, TurnEffect, TurnReport } from '../turn/contract.ts';
import type { Usage } from '../model/contract.ts';

/** Of the vocabulary below, which `call-start` carries: it changes when an event of the same name means something else. */
export const EVENTS_VERSION = 1;

type ReportOf<Type extends TurnReport['type']> = Extract<TurnReport, { type: Type }>;

type ToolStart = Omit<ReportOf<'tool-start'>, 'arguments'> & { arguments: Record<string, unknown> };
type ToolEnd = Omit<ReportOf<'tool-end'>, 'result' | 'error'> & {
  /** What the model reads, when `ok`: what the tool returned or, over 8 kB, its beginning with a note. */
  result?: unknown;
  /** The sentence that the model reads, when not `ok`. */
  error?: string;
};

/** Something that happened in a call, told in the tick in which it did. */
export type CallEvent = {
  /** Parley's own, unlike that of any other call. */
  callId: string;
  /** Since the call's start, monotonic, in whole milliseconds. */
  atMs: number;
} & (
  | {
      type: 'call-start';
      version: typeof EVENTS_VERSION;
      bridge: string;
      /** The carrier's id of the call, which may come again; undefined where there is no carrier. */
      carrierCallId?: string | undefined;
      /** What the call goes on from: the caller was cut off, or sent away, and is back. */
      earlierCallId?: string | undefined;
      /** `outbound`: we have called `to`. Default `inbound`. */
      direction?: 'outbound' | undefined;
      from: string | undefined;
      to: string | undefined;
      agent: string;
    }
  /** Of a call that we placed: who has answered, and what told. A machine may be found out after it was taken for a person. */
  | { type: 'answered-by'; who: AnsweredBy; sign: AnswerSign }
  | { type: 'caller-speech-start' | 'caller-speech-end' }
  | { type: 'transcript'; text: string; isFinal: boolean }
  /** As long as a task takes something sensitive: of what is said and typed there are placeholders, and no sound is kept. */
  | { type: 'sensitive-start' | 'sensitive-end' }
  /** `step` is undefined for what is said between turns, such as the greeting. */
  | { type: 'text-delta'; turn: number; step: number | undefined; kind: SpeechKind; delta: string }
  | { type: 'reply-audio-start' | 'reply-audio-end'; turn: number }
  /** Held back since the caller's voice sounds, and gone on with where it stopped (R11). */
  | { type: 'reply-audio-paused' | 'reply-audio-resumed'; turn: number }
  | Exclude<TurnReport, { type: 'call-end' | 'tool-start' | 'tool-end' }>
  | ToolStart
  | ToolEnd
  /**
   * The caller was to be handed over to `to`, and what became of it: `ok` when the line has taken them there, which ends
   * the call as `transferred`; else `error` says why not, and they are back. Told when that is known, once for each.
   */
  | { type: 'transfer'; turn: number; to: string; ok: boolean; error?: string }
  /**
   * Of an agent that lists several models, voices or ears: `to` is asked from here on in place of `from`, which was refused,
   * down or late, as `code` and `message` say; without these, it stands before `from` in the list, and is asked again.
   */
  | { type: 'vendor-change'; kind: VendorKind; from: string; to: string; code?: ErrorCode; message?: string }
  /**
   * On the way to that, in person: `ringing`, the second call was placed, whose own events carry `personCallId`; `asking`,
   * somebody has answered; `accepted`, they take the caller.
   */
  | {
      type: 'transfer-progress';
      turn: number;
      to: string;
      state: 'ringing' | 'asking' | 'accepted';
      personCallId: string;
    }
  | { type: 'call-end'; reason: string; durationMs: number; usage: Usage }
);

/** The names of what may happen. */
export type CallEventType = CallEvent['type'];

/** Event map for the typed emitter: by type, and `event` for every one of them. */
export type CallEventMap = { [Type in CallEventType]: [event: Extract<CallEvent, { type: Type }>] } & {
  event: [event: CallEvent];
};

/** An event before the call has put its name and its time on it. */
export type EventBody<Event = CallEvent> = Event extends CallEvent ? Omit<Event, 'callId' | 'atMs'> : never;

/** What the machine reports, as observers are told. */
export function toEvent(report: Exclude<TurnReport, { type: 'call-end' }>): EventBody {
  if (report.type === 'tool-start') {
    const value = parseJson(report.arguments);
    return { ...report, arguments: isRecord(value) ? value : {} };
  }
  if (report.type !== 'tool-end') return report;
  if (report.result !== undefined) return { ...report, result: parseJson(report.result) };
  return { ...report, error: sentenceOf(report.error ?? '') };
}

/** Words on their way to the speaker. */
export function saidEvent({ turn, step, kind, text }: Extract<TurnEffect, { type: 'say' }>): EventBody {
  return { type: 'text-delta', turn, step: step === 0 ? undefined : step, kind, delta: text };
}

/** Failures are told to the model as `{"error":"..."}`, or as a `note` when they were nobody's fault. */
function sentenceOf(content: string): string {
  const value = parseJson(content);
  const words = isRecord(value) ? (value['error'] ?? value['note']) : undefined;
  return typeof words === 'string' ? words : content;
}

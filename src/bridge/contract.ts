/** Audio, or text, in and out of the world: what a line carries, how it wants to be fed, and what it tells. */
import type { AudioFormat } from '../audio/contract.ts';

/** One call on the line, from the moment the peer has said who it is. What it can do follows from its kind. */
export type BridgeCall = AudioLine | TextLine;

/** Whatever any line tells. */
export type BridgeEvent = AudioLineEvent | TextLineEvent;

/** Who is on the line, as far as the bridge was told. */
export interface CallerFacts {
  /** The carrier's own id of the call, such as a Twilio CallSid, which may come again; empty where there is no carrier. */
  carrierCallId: string;
  from: string | undefined;
  to: string | undefined;
  /** Whatever else the bridge was given, by name. */
  parameters: Readonly<Record<string, string>>;
  /** The same call of the carrier's on the line that it had before: the caller was cut off, or sent away, and is back. */
  earlier?: EarlierLine | undefined;
  /** `outbound`: we have called them, so `to` is who is on the line. Default `inbound`. */
  direction?: 'inbound' | 'outbound' | undefined;
}

/** A line that a call had, and what was said on it. */
export interface EarlierLine {
  /** Parley's own, of that line. */
  callId: string;
  /** How many lines the call has had until then, that one included. */
  lines: number;
  /** Why it ended, as its `call-end` says; `taken-over` when it was still there, and the new line has ended it. */
  reason: string;
  /** The end of what was said, those before it included; empty where it is not known. */
  said: readonly SaidWords[];
}

/** What one of the two said, as the model was told it. */
export interface SaidWords {
  who: 'caller' | 'agent';
  text: string;
}

/** What every line tells. `closed` is last and comes exactly once. */
export type CommonLineEvent =
  | { type: 'digit'; digit: string }
  /** The line can take no more for now, or can again. What is sent all the same is kept, until there is far too much of it. */
  | { type: 'backpressure'; isFull: boolean }
  /**
   * The line is gone. `reason` is for people: `caller-hung-up`, `socket-lost`, `protocol-error`; `hung-up`,
   * `transferred` or `digits-sent` when it was our own doing; `internal-error` when a listener threw.
   */
  | { type: 'closed'; reason: string };

/** What a line that carries sound tells. */
export type AudioLineEvent =
  | CommonLineEvent
  /** What the caller typed, on a line that has letters as well: their turn, as if it had been said. */
  | { type: 'prompt'; text: string; isFinal: boolean }
  /** The caller's audio in `inFormat`, any length. */
  | { type: 'audio'; audio: Uint8Array }
  /** Lines that report `marks`: the peer has played everything before this mark, or was told to clear it. */
  | { type: 'mark'; name: string }
  /**
   * Lines that report `samples`: so many samples have sounded at the caller since the call began, of all that was given
   * to `sendAudio`, silence included; what was cleared is not among them. At least every 500 ms while there is sound.
   */
  | { type: 'played'; samples: number }
  /** The same, and everything else that was sent before `clear` has been thrown away. Answers each `clear`, in order. */
  | { type: 'cleared'; samples: number };

/** What a line tells whose peer hears and speaks. */
export type TextLineEvent =
  | CommonLineEvent
  /** What the caller said. */
  | { type: 'prompt'; text: string; isFinal: boolean }
  /**
   * The caller cut in, and the peer has stopped. `heard`: what they heard of what was being spoken, as the peer writes it;
   * undefined when it does not say. It may come behind the prompt or the key that made it stop.
   */
  | { type: 'interrupt'; heard: string | undefined }
  /** The peer has just spoken this much more of what was sent. Not every line says so. */
  | { type: 'spoken'; text: string }
  /** This voice begins or ends. Not every line says so. */
  | { type: 'speaking'; who: 'agent' | 'caller'; isSpeaking: boolean };

/** What every line can be asked for. */
export interface LineCapabilities {
  /** How keys are pressed. By `rest` it ends the line. */
  dtmfOut: 'inband' | 'rest' | 'none';
  /** By what the caller is handed over. */
  transfer: 'inband' | 'rest' | 'none';
  /** SIP headers may go with them, to SIP addresses at least. Default false. */
  transferHeaders?: boolean;
  /**
   * They can be put together with somebody on another line of the same carrier's, by `TransferOptions.meeting`. `told`: the
   * carrier tells who has come (`OutboundNews`); `asked`: whoever it has agreed to take there is there. Default: they cannot.
   */
  meets?: 'told' | 'asked';
}

/** How a caller is handed over. */
export interface TransferOptions {
  /** SIP headers for whoever takes the call, by name: `X-...`, `User-to-User`. Default: none. */
  headers?: Readonly<Record<string, string>> | undefined;
  /** In place of calling anybody: to where those meet who name this one. Lines that have `meets`. Default: they are called. */
  meeting?: Meeting | undefined;
}

/** Where a caller and somebody whom we have called are put together. */
export interface Meeting {
  /** Parley's id of the second call. */
  id: string;
  as: 'caller' | 'person';
  /** The carrier's id of the second call, for who comes to them, where it is known. */
  personCarrierCallId?: string | undefined;
}

/** Known once the call is handed over: what the peer says at its start may decide. */
export interface AudioCapabilities extends LineCapabilities {
  /** Of the caller's audio. */
  inFormat: AudioFormat;
  /** Of the agent's audio. */
  outFormat: AudioFormat;
  feed: LineFeed;
  /** The peer can throw away what it has buffered. */
  clear: boolean;
  /** How the line says what the caller has heard: marks that come back, counts of samples, or not at all. */
  reports: 'marks' | 'samples' | 'nothing';
  /**
   * Its microphone may stand beside its loudspeaker, with nobody between who takes the echo away: while the agent sounds, the
   * caller is heard where they are louder than its echo can be. Default false: a telephone network sees to it.
   */
  hearsItself?: boolean;
}

/** How a line wants to be fed. Lengths are bytes of `outFormat`, whole samples; whoever sends goes by frames of 20 ms. */
export interface LineFeed {
  /**
   * Who keeps real time. `peer`: it buffers, and may be sent audio ahead. `us`: it plays what comes when it comes; one
   * frame each 20 ms goes out as long as the line is open, silence if there is nothing else.
   */
  pacing: 'peer' | 'us';
  /** The shortest message it takes, the tail of an utterance aside where `tail` is `as-is`. 0: any. */
  leastBytes: number;
  /** The longest message it takes; at least a frame. */
  mostBytes: number;
  /** Every message is a multiple of this, the tail of an utterance aside where `tail` is `as-is`. 1: any. */
  multipleOfBytes: number;
  /**
   * How many times as fast as it sounds audio may be sent to a peer that buffers: at any time no more, beside one message,
   * than so much of the time since the first of what is being heard. Default: there is no such limit.
   */
  fastest?: number;
  /**
   * What becomes of the last part of an utterance, which is rarely a whole frame. `as-is`: it is sent as it is. `pad`: it
   * is filled up with silence to a message. `silenceMs`: as it is, with so much silence behind it where nothing follows.
   * Silence is audio: the marks of an utterance go out behind it. A line that we pace is always padded.
   */
  tail: 'as-is' | 'pad' | { silenceMs: number };
}

/** What both have said, for a line whose peer shows it: what was heard, and nothing else of a call. */
export type LineNews =
  /** What was understood of the caller; it may change until it is final. */
  | { type: 'words'; who: 'caller'; text: string; isFinal: boolean }
  /** What the caller has heard of the agent since it began to speak; final when it has stopped, or was stopped. */
  | { type: 'words'; who: 'agent'; text: string; isFinal: boolean }
  /** This voice begins or ends. */
  | { type: 'speaking'; who: 'agent' | 'caller'; isSpeaking: boolean };

/** What every line is and can be asked for. */
export interface CommonLine<Event> {
  /** Bridge name, as logs and metrics show it: `twilio-media`. */
  readonly name: string;
  readonly caller: CallerFacts;
  /** Set once, in the tick in which the call is handed over; nothing is lost before it is. */
  listen(listener: (event: Event) => void): void;
  /**
   * Presses keys: `0-9 * # w`, where `w` waits for half a second. By way of `rest` this ends the line.
   * Rejects with a `ProviderError`, and the call goes on, when it cannot be done.
   */
  sendDigits(digits: string): Promise<void>;
  /**
   * Hands the caller over, which ends the line. Rejects with a `ProviderError`, and the call goes on, if refused. Lines that
   * pass no SIP headers on are given none.
   */
  transfer(to: string, options?: TransferOptions): Promise<void>;
  /**
   * Ends the call and the socket; with `line` the socket alone: the carrier's call goes on, and has another line. Safe to
   * call twice; never rejects.
   */
  hangUp(what?: 'call' | 'line'): Promise<void>;
  /** Hands on what is being said, in time. Absent: the peer does not show it. */
  show?(news: LineNews): void;
}

/** A line that carries sound. */
export interface AudioLine extends CommonLine<AudioLineEvent> {
  readonly kind: 'audio';
  readonly capabilities: AudioCapabilities;
  /** Plays behind everything sent before, as one message where it is no longer than one. The bytes must not change. */
  sendAudio(audio: Uint8Array): void;
  /** Asks to be told when everything sent so far has been played. Nothing, where there are no marks. */
  sendMark(name: string): void;
  /** Throws away what the peer has not played. Nothing, where there is no clear. */
  clear(): void;
}

/** A line whose peer hears and speaks. */
export interface TextLine extends CommonLine<TextLineEvent> {
  readonly kind: 'text';
  readonly capabilities: LineCapabilities;
  /** Speaks `text` behind everything sent before; `isLast` ends the talk cycle, which cannot be taken back. */
  sendText(text: string, isLast: boolean): void;
  /** The peer has stopped speaking by itself: what is sent from now on is new. */
  clear(): void;
}

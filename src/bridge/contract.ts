/** Audio, or text, in and out of the world: what a line carries. */
import type { AudioFormat } from '../audio/contract.ts';

/** What a bridge can do; adapters of Parley ask this before they ask the bridge. */
export interface BridgeCapabilities {
  kind: 'audio' | 'text';
  /** Of the caller's audio; undefined for text. */
  inFormat: AudioFormat | undefined;
  /** Of the agent's audio; undefined for text. */
  outFormat: AudioFormat | undefined;
  /** Who keeps real time on the way out. */
  pacing: 'peer' | 'us';
  /** The peer can throw away what it has buffered. */
  clear: boolean;
  /** The peer says when it has played a mark. */
  marks: boolean;
  dtmfOut: 'inband' | 'rest' | 'none';
  hangUp: 'inband' | 'rest' | 'close';
  transfer: 'inband' | 'rest' | 'none';
  /** Text bridges: the peer was asked to report what it has spoken, so `spoken` and `speaking` can be relied on. */
  progress?: boolean;
}

/** Who is on the line, as far as the bridge was told. */
export interface CallerFacts {
  /** The bridge's own id of the call, such as a Twilio CallSid. */
  bridgeCallId: string;
  from: string | undefined;
  to: string | undefined;
  /** Whatever else the bridge was given, by name. */
  parameters: Readonly<Record<string, string>>;
}

/** What the line tells us. `closed` is last and comes exactly once. */
export interface BridgeListener {
  /** Audio bridges: the caller's audio in `inFormat`, any length. */
  audio?(audio: Uint8Array): void;
  /** Text bridges: what the caller said. */
  prompt?(text: string, isFinal: boolean): void;
  /** Text bridges: the caller cut in, having heard this much of what was said since they last spoke. */
  interrupt?(heard: string): void;
  /** The peer has played everything before this mark, or was told to clear it. */
  mark?(name: string): void;
  digit?(digit: string): void;
  /** Text bridges that report progress: the peer has just spoken this much more of what was sent. */
  spoken?(text: string): void;
  /** Text bridges that report progress: this voice begins or ends. */
  speaking?(who: 'agent' | 'caller', isSpeaking: boolean): void;
  /**
   * The line is gone. `reason` is for people: `caller-hung-up`, `socket-lost`, `protocol-error`; `hung-up`,
   * `transferred` or `digits-sent` when it was our own doing; `internal-error` when a listener threw.
   */
  closed(reason: string): void;
}

/** One call on the line, from the moment the peer has said who it is. */
export interface BridgeCall {
  /** Bridge name, as logs and metrics show it: `twilio-media`. */
  readonly name: string;
  readonly capabilities: BridgeCapabilities;
  readonly caller: CallerFacts;
  /** Set once, in the tick in which the call is handed over; nothing is lost before it is. */
  listen(listener: BridgeListener): void;
  /** Audio bridges: plays behind everything sent before. Any length, whole frames best. */
  sendAudio(audio: Uint8Array): void;
  /** Text bridges: speaks `text` behind everything sent before; `isLast` ends the talk cycle. */
  sendText(text: string, isLast: boolean): void;
  /** Asks to be told when everything sent so far has been played. */
  sendMark(name: string): void;
  /** Throws away what the peer has not played. */
  clear(): void;
  /**
   * Presses keys: `0-9 * # w`, where `w` waits for half a second. By way of `rest` this ends the line.
   * Rejects with a `ProviderError`, and the call goes on, when it cannot be done.
   */
  sendDigits(digits: string): Promise<void>;
  /** Hands the caller over, which ends the line. Rejects with a `ProviderError`, and the call goes on, if refused. */
  transfer(to: string): Promise<void>;
  /** Ends the call and the socket. Safe to call twice; never rejects. */
  hangUp(): Promise<void>;
}

/**
 * What pages are told of the calls of this worker, as it happens. Each message has a number; whoever comes, or comes back,
 * is told what of the latest calls they have missed.
 */
import type { Call } from '../../call/call.ts';
import type { CallRecording } from '../../record/recording.ts';
import type { Message } from '../../model/contract.ts';
import type { ToolFault } from '../../tool/contract.ts';

import { HeardWords } from '../../worker/heard-words.ts';
import type { TalkAgent, TalkMessage } from './messages.ts';

export interface NumberedMessage {
  number: number;
  message: TalkMessage;
}

export type Listener = (told: NumberedMessage) => void;

/** Calls that a page which comes later is told of. */
const KEPT_CALLS = 3;
/** Of one call; more is told to those alone who are there. */
const KEPT_MESSAGES = 20_000;

/** Behind these the model would be told something else. */
const CHANGES_HISTORY: ReadonlySet<string> = new Set([
  ...['call-start', 'turn-start', 'step-start', 'step-end', 'tool-start', 'tool-end'],
  ...['interruption', 'turn-taken-back', 'turn-end', 'reply-audio-end', 'compaction', 'digit'],
]);

export class TalkFeed {
  readonly #listeners = new Set<Listener>();
  readonly #calls = new Map<string, NumberedMessage[]>();
  readonly #textOf: (fault: ToolFault) => string;
  #agent: NumberedMessage;
  #count = 0;

  /** `textOf`: what has gone wrong in a tool, in words. */
  constructor(agent: TalkAgent, textOf: (fault: ToolFault) => string) {
    this.#textOf = textOf;
    this.#agent = this.#number({ type: 'agent', ...agent });
  }

  /** Another agent is there, or what is wrong with its files. */
  tellAgent(agent: TalkAgent): void {
    this.#agent = this.#number({ type: 'agent', ...agent });
    this.#tell(this.#agent);
  }

  /** Follows a call from before its first event. */
  follow(call: Call, recording: CallRecording | undefined): void {
    const kept: NumberedMessage[] = [];
    this.#calls.set(call.id, kept);
    const tell = (message: TalkMessage) => {
      const told = this.#number(message);
      if (kept.length < KEPT_MESSAGES) kept.push(told);
      this.#tell(told);
    };
    const { id: callId } = call;
    const history = new HistoryNews((from, messages) => tell({ type: 'history', callId, from, messages }));
    call.observe(new HeardWords((text) => tell({ type: 'heard', callId, text })));
    call.observe({ toolFailed: (fault) => tell({ type: 'tool-fault', callId, text: this.#textOf(fault) }) });
    call.on('event', (event) => {
      tell({ type: 'event', event });
      if (CHANGES_HISTORY.has(event.type)) history.look(call.messages);
    });
    void recording?.done.then(({ audio }) => {
      const folder = `/talk/recordings/${encodeURIComponent(callId)}`;
      tell({ type: 'recording', callId, page: `${folder}/call.html`, audio: audio && `${folder}/call.wav` });
    });
    this.#forget();
  }

  /** Tells what came behind the message of this number, and then all that comes, until the returned function is called. */
  listen(listener: Listener, after = 0): () => void {
    const missed = [this.#agent, ...[...this.#calls.values()].flat()].filter(({ number }) => number > after);
    for (const told of missed.sort((one, other) => one.number - other.number)) listener(told);
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #number(message: TalkMessage): NumberedMessage {
    return { number: ++this.#count, message };
  }

  #tell(told: NumberedMessage): void {
    for (const listener of this.#listeners) listener(told);
  }

  #forget(): void {
    const [oldest] = this.#calls.keys();
    if (oldest !== undefined && this.#calls.size > KEPT_CALLS) this.#calls.delete(oldest);
  }
}

/** Of a history, what has changed since it was looked at last. */
class HistoryNews {
  readonly #tell: (from: number, messages: readonly Message[]) => void;
  #known: string[] = [];

  constructor(tell: (from: number, messages: readonly Message[]) => void) {
    this.#tell = tell;
  }

  look(messages: readonly Message[]): void {
    const now = messages.map((message) => JSON.stringify(message));
    const same = now.findIndex((text, index) => text !== this.#known[index]);
    const from = same < 0 ? now.length : same;
    if (from === now.length && now.length === this.#known.length) return;
    this.#known = now;
    this.#tell(from, messages.slice(from));
  }
}

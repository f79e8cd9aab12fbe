/**
 * R24: a turn that is answered before it is sure. Once the caller's words look finished the model is asked for an answer to
 * them, and what streams back is kept here: nothing of it is heard, nothing stands in the history. When the turn is sure, and
 * its words are the same, all of it happens in that tick, as if it had just come; else it is thrown away without a trace.
 *
 *   words look finished --ask--> kept here: text is made sound of, reads run --the same words--> happens
 *                                     |
 *                                     +--other words, or the request failed--> dropped
 */
import type { Message, Usage } from '../model/contract.ts';
import { wordsOf } from './backchannel.ts';
import type { ToolCalls } from './calls.ts';
import type { AheadOutcome, TurnEffect, TurnEvent, TurnEventOf } from './contract.ts';
import type { History } from './history.ts';
import { saysTheSame } from './same-words.ts';
import type { Speech } from './speech.ts';

/** Only the beginning is made sound of: a clause has no more characters. */
const MOST_PREPARED = 250;

interface Asked {
  readonly text: string;
  readonly words: string;
  readonly turn: number;
  readonly generation: number;
  readonly messages: readonly Message[];
  readonly atMs: number;
  /** What has come of it, in order. */
  readonly events: TurnEvent[];
  /** Reads that were started for it, and whether they still run. */
  readonly reads: Map<string, boolean>;
  readonly utterance: number;
  /** Characters that sound is made of. */
  prepared: number;
  isPrepared: boolean;
  hasEnded: boolean;
}

export interface AheadParts {
  history: History;
  speech: Speech;
  calls: ToolCalls;
  nextGeneration: () => number;
}

export class Ahead {
  readonly #options: { readonly aheadRequests: number };
  readonly #parts: AheadParts;
  readonly #push: (effect: TurnEffect) => void;
  #asked: Asked | undefined;
  /** Requests since the last turn began. */
  #count = 0;

  /** `aheadRequests`: of a turn, at most. */
  constructor(options: { readonly aheadRequests: number }, parts: AheadParts, push: (effect: TurnEffect) => void) {
    this.#options = options;
    this.#parts = parts;
    this.#push = push;
  }

  /** The caller's words look finished. `from`: the turn that was taken back and whose words they go on (R25). */
  ask(
    text: string,
    about: { turn: number; from: number | undefined; toolChoice: 'auto' | 'none' },
    atMs: number,
  ): void {
    const words = wordsOf(text).join(' ');
    if (words === '' || words === this.#asked?.words) return;
    this.drop(atMs);
    if (this.#count >= this.#options.aheadRequests) return;
    this.#count++;
    const { turn, from, toolChoice } = about;
    const messages = this.#parts.history.preview(from, text);
    const generation = this.#parts.nextGeneration();
    this.#asked = {
      ...{ text, words, turn, generation, messages, atMs },
      events: [],
      reads: new Map(),
      utterance: this.#parts.speech.nextUtterance,
      prepared: 0,
      isPrepared: false,
      hasEnded: false,
    };
    const request = { type: 'request-step', generation, turn, step: 1, messages, toolChoice } as const;
    this.#push({ ...request, priority: 'speculation', isAhead: true });
    const count = messages.length;
    this.#report({ type: 'step-start', turn, step: 1, messages: count, attempt: 1, ahead: true });
  }

  /** What the caller has said so far: other words than were asked with are not answered. */
  hear(words: string, atMs: number): void {
    if (this.#asked && wordsOf(words).join(' ') !== this.#asked.words) this.drop(atMs);
  }

  // ---- what comes of it ---------------------------------------------------------------------------------------------

  /** Whether this event is of the answer, and is kept until the turn is sure. */
  hold(event: TurnEvent, atMs: number): boolean {
    const asked = this.#asked;
    if (!asked) return false;
    if (event.type === 'tool-settled' || event.type === 'tool-progress') return holdOfTool(asked, event);
    if (!('generation' in event) || event.generation !== asked.generation) return false;
    if (event.type === 'step-failed') this.#fail(asked, event.code, atMs);
    else this.#keep(asked, event);
    return true;
  }

  #keep(asked: Asked, event: TurnEvent): void {
    asked.events.push(event);
    switch (event.type) {
      case 'text-delta':
        return this.#prepare(asked, event.delta);
      case 'text-taken-back':
        if (asked.prepared > 0) this.#push({ type: 'unprepare' });
        asked.prepared = 0;
        asked.isPrepared = true; // what it is, is known once it is said
        return;
      case 'tool-call':
        if (isFirstWithId(asked.events, event.call.id) && this.#parts.calls.runAhead(event.call, asked.turn))
          asked.reads.set(event.call.id, true);
        return;
      case 'tool-call-start':
        return this.#endPreparing(asked);
      case 'step-end':
        asked.hasEnded = true;
        return this.#endPreparing(asked);
      default:
    }
  }

  /** The first clause is made sound of, and waits. */
  #prepare(asked: Asked, text: string): void {
    if (asked.isPrepared || (asked.prepared === 0 && text.trim() === '')) return;
    asked.prepared += text.length;
    asked.isPrepared = asked.prepared >= MOST_PREPARED;
    this.#push({ type: 'prepare', utterance: asked.utterance, text });
  }

  #endPreparing(asked: Asked): void {
    if (!asked.isPrepared && asked.prepared > 0)
      this.#push({ type: 'prepare', utterance: asked.utterance, text: '', isWhole: true });
    asked.isPrepared = true;
  }

  // ---- what becomes of it -------------------------------------------------------------------------------------------

  /** A turn begins. Returns the words that were asked with, if they are the same: they are what is told. */
  claim(text: string, atMs: number): string | undefined {
    this.#count = 0;
    if (this.#asked && !saysTheSame(text, this.#asked.text)) this.drop(atMs);
    return this.#asked?.text;
  }

  /** It has begun: what has come of the answer is returned, to happen now. Undefined when something else is to be asked. */
  take(atMs: number): readonly TurnEvent[] | undefined {
    const asked = this.#asked;
    if (!asked) return undefined;
    if (!isSameList(this.#parts.history.messages, asked.messages)) {
      this.drop(atMs);
      return undefined;
    }
    this.#end(asked, 'kept', atMs);
    return asked.events;
  }

  /** It is not given: nothing of it was. */
  drop(atMs: number): void {
    const asked = this.#asked;
    if (!asked) return;
    if (!asked.hasEnded) this.#push({ type: 'abort-step', generation: asked.generation });
    this.#throwAway(asked);
    this.#end(asked, 'dropped', atMs);
  }

  /** There was no room to ask, or it went wrong: the turn is asked when it is sure, as any other. */
  #fail(asked: Asked, code: string, atMs: number): void {
    this.#throwAway(asked);
    this.#end(asked, 'failed', atMs, code);
  }

  #throwAway({ prepared, reads }: Asked): void {
    if (prepared > 0) this.#push({ type: 'unprepare' });
    for (const [id, isRunning] of reads) this.#parts.calls.dropAhead(id, isRunning);
  }

  #end(asked: Asked, outcome: AheadOutcome, atMs: number, code?: string): void {
    this.#asked = undefined;
    const usage = outcome === 'kept' ? undefined : usageIn(asked.events);
    const facts = { ...(code !== undefined && { code }), ...(usage && { usage }) };
    const aheadMs = Math.round(atMs - asked.atMs);
    this.#report({ type: 'ahead-end', turn: asked.turn, step: 1, outcome, aheadMs, ...facts });
  }

  #report(event: Extract<TurnEffect, { type: 'report' }>['event']): void {
    this.#push({ type: 'report', event });
  }
}

/** A read that was started for it ends, or says how far it is, which nobody hears. */
function holdOfTool(asked: Asked, event: TurnEventOf<'tool-settled'> | TurnEventOf<'tool-progress'>): boolean {
  if (!asked.reads.has(event.callId)) return false;
  if (event.type === 'tool-progress') return true;
  asked.reads.set(event.callId, false);
  asked.events.push(event);
  return true;
}

/** What was asked is what would be asked now: nothing has come between. */
function isSameList(now: readonly Message[], asked: readonly Message[]): boolean {
  const isSame = (message: Message, index: number) => {
    const then = asked[index];
    return message === then || (message.role === 'user' && then?.role === 'user' && message.content === then.content);
  };
  return now.length === asked.length && now.every(isSame);
}

/** Some servers give two calls the same id, of which the second will have another. */
function isFirstWithId(events: readonly TurnEvent[], id: string): boolean {
  const isIts = (event: TurnEvent) =>
    (event.type === 'tool-call' || event.type === 'tool-call-failed') && event.call.id === id;
  return events.filter(isIts).length === 1;
}

function usageIn(events: readonly TurnEvent[]): Usage | undefined {
  for (const event of events) if (event.type === 'step-end') return event.facts.usage;
  return undefined;
}

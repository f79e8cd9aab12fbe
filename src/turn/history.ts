/**
 * What the model is told has happened. Legal at every instant (R21), true to what the caller heard (R22), and only ever
 * growing between compactions (R23): a message that was handed out once is handed out again as the same object.
 *
 * A list of entries: the system prompt, then for each turn what the caller said and, for each step, one assistant
 * message with its spans of speech, its calls, and right behind it one tool message for each call.
 */
import { assert, needed } from '../lib/assert.ts';
import type { ExtraFields, Message, ToolCall } from '../model/contract.ts';
import { compacted, shortenIn, untoldIn, without } from './compaction.ts';
import {
  callerWords,
  cutToHeardIn,
  heardOf,
  isEmpty,
  isPrompt,
  messagesOf,
  newSpan,
  noteOf,
  rendered,
  STILL_RUNNING,
  systemEntry,
  takeHead,
  type AssistantEntry,
  type CallSlot,
  type Entry,
  type Span,
} from './entry.ts';
import { assertLegal } from './legal.ts';
import { heirOf, inherit, newList, type MessageList } from './message-list.ts';
import { messageCount, PromptSize, type HistoryLimits } from './prompt-size.ts';
import { goOnIn } from './taken-back.ts';

export class History {
  readonly #size: PromptSize;
  #list: MessageList = newList();
  #open: Span[] = [];
  #slots = new Map<string, { slot: CallSlot; entry: AssistantEntry; list: MessageList }>();
  /** Entries that the present agent is not shown. */
  #aside: Entry[] = [];
  /** R28: of those who began the tasks that are on. */
  readonly #below: MessageList[] = [];

  /** `limits` are read when they are needed. */
  constructor(instructions: string, limits: HistoryLimits) {
    this.#size = new PromptSize(limits);
    this.#entries = this.#beginWith(instructions, []);
  }

  // ---- whose list it is ---------------------------------------------------------------------------------------------

  /**
   * R27: another agent goes on, with instructions of its own, and so a new prefix begins; what is known of the call stays.
   * `isShown`: so does what was said and done. Else it is set aside, but for what no request has told: results, and those that are
   * still out (R14), come as notes.
   */
  changeAgent(instructions: string, turn: number, isShown: boolean): void {
    const notes = isShown ? [] : this.#setAside(turn);
    const rest = this.#entries.filter((entry) => entry !== this.#list.prompt);
    this.#entries = this.#beginWith(instructions, [...rest, ...notes]);
  }

  #beginWith(instructions: string, rest: Entry[]): Entry[] {
    this.#list.prompt = instructions === '' ? undefined : systemEntry(0, instructions);
    return this.#list.prompt ? [this.#list.prompt, ...rest] : rest;
  }

  /** All but the system prompt and the facts. Returns what of it is still to be told, in other words. */
  #setAside(turn: number): Entry[] {
    const isAside = (entry: Entry) => !isPrompt(entry);
    this.#aside.push(...this.#entries.filter(isAside));
    const notes = untoldIn(this.#entries.filter(isAside));
    this.#entries = this.#entries.filter(isPrompt);
    return notes.map((content) => systemEntry(turn, content));
  }

  /** R28: a task begins, with instructions and a list of its own; what is known of the call is in both. */
  beginTask(instructions: string): void {
    const facts = this.#entries.filter((entry) => isPrompt(entry) && entry !== this.#list.prompt);
    this.#below.push(this.#list);
    this.#list = newList();
    this.#entries = this.#beginWith(instructions, facts);
  }

  /** It is over: the list of who began it goes on, with what of the task's no request has told, and what is still out. */
  endTask(): void {
    const list = needed(this.#below.pop(), 'a list to be that of who began the task');
    this.#aside.push(...inherit(list, this.#list));
    this.#list = list;
  }

  /** All that was said and done in the call, shown to the present agent or not, but for what was dropped by a compaction. */
  get record(): readonly Message[] {
    return [...this.#aside.flatMap(messagesOf), ...this.messages];
  }

  /**
   * Facts of this call, after the system prompt, so that the prompt stays the cached prefix of every call (R23); once a
   * request has gone out without them, behind what it said. No compaction drops them.
   */
  addFacts(facts: string): void {
    const wasSent = this.#entries.some(({ isSent }) => isSent);
    const firstOther = this.#entries.findIndex((entry) => !isPrompt(entry));
    const at = wasSent || firstOther === -1 ? this.#entries.length : firstOther;
    this.#entries.splice(at, 0, systemEntry(0, facts));
  }

  /** What the caller said, behind whatever results came late (R14). */
  addCallerTurn(turn: number, text: string): void {
    this.addLateResults(turn);
    this.#add(turn, { role: 'user', content: text });
  }

  /**
   * R25: what they said in turn `from` goes on in the same message, which is that of `turn` now. Returns all of it; undefined,
   * and nothing is changed, when something stands behind it or is to, or it would be too long.
   */
  joinCallerTurn(from: number, turn: number, text: string): string | undefined {
    if (text !== '' && turn !== from && this.#list.notes.length > 0) return undefined; // they are told before these words
    const joined = goOnIn(this.#entries, { from, turn, text });
    if (joined) this.#entries = joined.entries;
    return joined?.content;
  }

  /** R24: the list as it would be asked if this were what the caller says; nothing is changed. `from` as above. */
  preview(from: number | undefined, text: string): readonly Message[] {
    const joined = from === undefined ? undefined : goOnIn(this.#entries, { from, turn: from, text });
    const before = joined?.entries ?? this.#entries;
    const list = before.flatMap(messagesOf);
    if (!joined) list.push({ role: 'user', content: text });
    assertLegal(list);
    return list;
  }

  /** R14: results came late that whoever goes on has not been told of. Each list has news of its own (R28). */
  get hasNews(): boolean {
    return this.#list.hasNews;
  }

  /** Results came late that no list holds yet. */
  get hasNotes(): boolean {
    return this.#list.notes.length > 0;
  }

  /** All that the caller said in a turn. */
  callerTurn(turn: number): string {
    return this.#entries.flatMap((entry) => (entry.turn === turn ? (callerWords(entry) ?? []) : [])).join(' ');
  }

  /** What they said in the middle of a turn that went on. Results that came late wait for a request. */
  addAside(turn: number, text: string): void {
    this.#add(turn, { role: 'user', content: text });
  }

  /** Something the model should know that nobody said. */
  addNote(turn: number, note: string): void {
    this.#add(turn, { role: 'system', content: note });
  }

  addLateResults(turn: number): void {
    for (const note of this.#list.notes) this.addNote(turn, note);
    this.#list.notes = [];
  }

  /** The last word is the agent's own: a request must not end like that. */
  get endsWithAgent(): boolean {
    return this.messages.at(-1)?.role === 'assistant';
  }

  /** A new assistant message: nothing is in the list until something is said or called in it. */
  openEntry(turn: number): AssistantEntry {
    const flags = { cached: undefined, isSent: false, isGone: false };
    const entry: AssistantEntry = { turn, spans: [], calls: [], extra: undefined, ...flags };
    this.#entries.push(entry);
    return entry;
  }

  /** The last message, when it is the agent's own words, nobody has been told of it and it calls nothing. */
  get appendable(): AssistantEntry | undefined {
    const last = this.#entries.at(-1);
    return last && 'spans' in last && !last.isSent && last.calls.length === 0 ? last : undefined;
  }

  openSpan(entry: AssistantEntry, utterance: number): Span {
    const span = newSpan(utterance);
    entry.spans.push(span);
    this.#open.push(span);
    return span;
  }

  /** One that is heard now, before what of the others has not been heard yet. `spans` is kept in that order too. */
  openSpanAhead(entry: AssistantEntry, spans: Span[], utterance: number): Span {
    const span = newSpan(utterance);
    const next = entry.spans.find(({ isOver, heard, text }) => !isOver && heard < text.length);
    const head = next && takeHead(next);
    for (const list of [entry.spans, spans]) {
      const at = next ? list.indexOf(next) : -1;
      list.splice(at === -1 ? list.length : at, 0, ...(head ? [head] : []), span);
    }
    entry.cached = undefined;
    this.#open.push(span);
    return span;
  }

  addText(entry: AssistantEntry, span: Span, text: string): void {
    assert(!entry.isGone, 'words to be added where they are told');
    span.text += text;
    entry.cached = undefined;
  }

  trimEnd(entry: AssistantEntry, span: Span): void {
    span.text = span.text.trimEnd();
    entry.cached = undefined;
  }

  /** How much of an utterance the caller has heard, in characters. Goes back only when it is told exactly. */
  hear(utterance: number, characters: number, isExact = false): void {
    const span = this.#open.find((open) => open.utterance === utterance);
    if (span) {
      const heard = Math.max(0, Math.min(characters - span.from, span.text.length));
      span.heard = isExact ? heard : Math.max(span.heard, heard);
    } else if (isExact) this.#hearLess(utterance, characters);
  }

  /** It was taken to be heard to its end, and was not. */
  #hearLess(utterance: number, characters: number): void {
    const isIt = (span: Span) => span.utterance === utterance;
    const entry = this.#all.findLast((one): one is AssistantEntry => 'spans' in one && one.spans.some(isIt));
    const span = entry?.spans.find(isIt);
    if (!entry || !span || characters - span.from >= span.text.length) return;
    span.heard = Math.max(0, characters - span.from);
    cutToHeardIn(this.#all, [span]);
    this.#remove((one) => one === entry && isEmpty(entry));
  }

  /** R12, for a line that has stopped by itself: what it has not spoken of these utterances was never said. */
  stopAt(upTo: number): { heard: string; unheard: string } {
    const stopped = this.#open.filter(({ utterance }) => utterance <= upTo);
    const told = heardOf(stopped);
    cutToHeardIn(this.#all, stopped);
    this.#open = this.#open.filter(({ utterance }) => utterance > upTo);
    this.#remove((entry) => 'spans' in entry && isEmpty(entry) && entry.spans.some((span) => stopped.includes(span)));
    return told;
  }

  /** Whether the caller has heard every word said so far, though more may come of what is open. */
  get isAllHeard(): boolean {
    for (const { heard, text } of this.#open) {
      if (heard < text.length && heard < text.trimEnd().length) return false;
    }
    return true;
  }

  /** The rest of this utterance will not be heard. Returns whether anybody waited for it. */
  giveUp(utterance: number): boolean {
    const span = this.#open.find((open) => open.utterance === utterance);
    if (span) span.isGivenUp = true;
    return span !== undefined;
  }

  /** Everything said so far has been heard, but for what was given up. */
  hearAll(): void {
    cutToHeardIn(
      this.#all,
      this.#open.filter(({ isGivenUp }) => isGivenUp),
    );
    for (const span of this.#open) {
      span.heard = span.text.length;
      span.isOver = true;
    }
    this.#open = [];
  }

  /** R12: what has not been heard was never said. */
  cutToHeard(): void {
    cutToHeardIn(this.#all, this.#open);
    this.#open = [];
    this.#remove((entry) => 'spans' in entry && isEmpty(entry));
  }

  addCall(entry: AssistantEntry, call: ToolCall): void {
    assert(!entry.isGone, 'a call to be added where it is told');
    assert(!this.#slots.has(call.id), 'every call to have an id of its own');
    const slot: CallSlot = { call, extra: call.extra, content: undefined, wasSentOpen: false, isOver: false };
    entry.calls.push(slot);
    entry.cached = undefined;
    this.#slots.set(call.id, { slot, entry, list: this.#list });
  }

  /** What goes back beside the calls of a message that nobody has been told of. */
  setExtra(entry: AssistantEntry, extra: ExtraFields): void {
    assert(!entry.isSent, 'a message that was sent to stay as it is');
    entry.extra = extra;
    entry.cached = undefined;
  }

  /** The same of one of its calls. */
  setExtraOfCall(id: string, extra: ExtraFields): void {
    const { slot, entry } = needed(this.#slots.get(id), 'fields of a call to be those of one');
    assert(!entry.isSent, 'a call that was sent to stay as it is');
    slot.extra = extra;
    entry.cached = undefined;
  }

  hasCall(id: string): boolean {
    return this.#slots.has(id);
  }

  /** R25: calls of one message that came to nothing, and of which no request has told, were never made. */
  forgetCalls([id]: readonly string[]): void {
    if (id === undefined) return;
    const { entry } = needed(this.#slots.get(id), 'a call that is forgotten to be one');
    assert(!entry.isSent, 'a message that was sent to stay as it is');
    this.#remove((one) => one === entry);
  }

  /**
   * The one result of a call. When a request has already said that it is still running, the message stays as it was sent
   * and the result becomes a late one, to be told by `addLateResults`. `isNews`: nothing that runs is going to.
   */
  answer(id: string, content: string, isNews = false): void {
    const { slot, entry, list } = needed(this.#slots.get(id), 'a result to be that of a call');
    assert(slot.content === undefined, 'a call to have one result');
    const told = heirOf(list); // to who asked for it
    told.hasNews ||= isNews;
    if (slot.wasSentOpen) {
      told.notes.push(noteOf(slot, content));
      slot.content = STILL_RUNNING;
      return;
    }
    slot.content = content;
    entry.cached = undefined;
  }

  /** R27: its result needs no telling: what it asked for is carried out. */
  isCarriedOut(id: string): void {
    needed(this.#slots.get(id), 'a result to be that of a call').slot.isOver = true;
  }

  /** R19: what has run is not carried out: another result in place of one that no request has told. */
  amend(id: string, content: string): void {
    const { slot, entry } = needed(this.#slots.get(id), 'a result to be that of a call');
    assert(!entry.isSent && slot.content !== undefined, 'a result that is changed to be one that was not sent');
    slot.content = content;
    entry.cached = undefined;
  }

  /** The list at this instant, as legal as when it is sent. */
  get messages(): readonly Message[] {
    const list: Message[] = [];
    for (const entry of this.#entries) for (const message of messagesOf(entry)) list.push(message);
    return list;
  }

  /** The list to be sent now: from here on it only grows. */
  request(): readonly Message[] {
    const list = this.messages;
    assertLegal(list);
    for (const entry of this.#entries) {
      if (entry.isSent) continue;
      entry.isSent = true;
      if ('calls' in entry) for (const slot of entry.calls) slot.wasSentOpen ||= slot.content === undefined;
    }
    this.#list.hasNews = false;
    this.#size.asked(this.#entries);
    return list;
  }

  /** What the last request really cost. */
  calibrate(promptTokens: number): void {
    this.#size.calibrate(promptTokens);
  }

  /** Estimated prompt tokens of the list as it is. */
  get tokens(): number {
    return this.#size.tokens(this.#entries);
  }

  get isOverfull(): boolean {
    return this.#size.isOverfull(this.#entries);
  }

  /** A server has refused what the list is now: from here on it is compacted before it is so long again. */
  wasTooLong(fits?: number): void {
    this.#size.wasTooLong(this.#entries, fits);
  }

  /**
   * R23: drops whole old turns in one large step, down to half of the limits (`isForced`: of what there is), as `compacted` does.
   * Returns how many messages went.
   */
  compact(currentTurn: number, isForced = false, from = currentTurn): number {
    const before = messageCount(this.#entries);
    const isHalf = this.#size.half(this.#entries, isForced);
    const { entries, left } = compacted(this.#entries, { currentTurn, from, isForced, isHalf });
    this.#entries = entries;
    return before - left;
  }

  /**
   * The last resort, when a request was too long and there is no turn left to drop: of long results of this one only the
   * beginning is told. Returns whether there were any.
   */
  shortenResults(turn: number): boolean {
    return this.#entries.reduce((isShorter, entry) => shortenIn(entry, turn) || isShorter, false);
  }

  #remove(isRemoved: (entry: Entry) => boolean): void {
    this.#entries = without(this.#entries, isRemoved);
    for (const list of this.#below) list.entries = without(list.entries, isRemoved);
  }

  /** Of every list, whoever has the caller. */
  get #all(): readonly Entry[] {
    return this.#below.length === 0
      ? this.#entries
      : [...this.#below.flatMap(({ entries }) => entries), ...this.#entries];
  }

  get #entries(): Entry[] {
    return this.#list.entries;
  }

  set #entries(entries: Entry[]) {
    this.#list.entries = entries;
  }

  #add(turn: number, message: Message): void {
    this.#entries.push({ turn, cached: rendered([message]), isSent: false });
  }
}

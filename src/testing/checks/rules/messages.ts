/**
 * Watches one call's list of messages without knowing how it came about: whether it is legal at every instant
 * (`legality.ts`), whether the assistant's text is what the caller heard (R22), and whether the list only ever grew (R23).
 * Written from `design.md` 3; shares no code with the machine.
 */
import type { Message } from '../../../model/contract.ts';
import { estimateTokens, TOKENS_PER_MESSAGE } from '../../../lib/tokens.ts';
import type { TurnEffect, TurnEvent, TurnReport } from '../../../turn/contract.ts';
import type { MachineOptions } from '../../../turn/options.ts';
import { letters, SpeechLedger } from './ledger.ts';
import { findProblems, MOST_TOKENS, type AssistantMessage, type ListFacts } from './legality.ts';
import { personaIn } from './personas.ts';

/** R28: what is known of a list that stands still. */
interface SetAside {
  callId: string;
  sent: readonly Message[];
  wasCompactedEver: boolean;
  headLength: number;
  known: ListFacts;
  ledger: SpeechLedger;
  /** A line has stopped meanwhile, perhaps in words of this list. */
  wasCut: boolean;
  wasCutByLine: boolean;
}

/** Watches one call's messages from event to event. Every finding begins with the rule that it breaks. */
export class HistoryWatch {
  /** Of the words that stand in the list that counts. */
  #ledger: SpeechLedger;
  /** R28: of the lists of those who began the tasks that are on, and of tasks that are over. */
  #otherLedgers: SpeechLedger[] = [];
  readonly #below: SetAside[] = [];
  readonly #beginnings = new Map<string, string>();
  #options: MachineOptions;
  readonly #known: ListFacts;
  #headLength: number;
  /** The list that the last request carried. */
  #sent: readonly Message[] = [];
  /** Speech has been cut short since: assistant text may be shorter than it was sent. */
  #wasCut = false;
  /** By a line, which speaks on what it was given, and may have stopped in words of turns before. */
  #wasCutByLine = false;
  readonly #asides = new Set<string>();
  /** R24: what was asked of a turn that is not sure. */
  #ahead: readonly Message[] | undefined;
  /** R25: the last turn that was asked was taken back, and what the caller says next goes on in its message. */
  #wasTakenBack = false;
  /** The voice has given up some of it: words may be missing before others that were heard. */
  #hasFailed = false;
  #wasCompactedEver = false;
  /** Nothing that comes now is told to anybody. */
  #isOver = false;
  /** What was looked at last. */
  #before: { message: Message; content: string | null }[] = [];

  constructor(options: MachineOptions, facts?: string) {
    this.#ledger = new SpeechLedger(options.heardBy);
    this.#options = options;
    this.#known = { instructions: options.instructions, facts };
    this.#headLength = facts === undefined ? 1 : 2;
  }

  /** Everything said so far has been heard, or cleared. */
  get isHeard(): boolean {
    return this.#ledger.isHeard && this.#otherLedgers.every(({ isHeard }) => isHeard);
  }

  /** To be called once after each event with what came of it. Requested lists are frozen: they may never change again. */
  look(event: TurnEvent, effects: readonly TurnEffect[], messages: readonly Message[]): string[] {
    this.tell(event);
    const problems = effects.flatMap((effect) => this.carryOut(effect, effects, messages));
    return [...problems, ...this.lookAt(event, effects, messages)];
  }

  /** The first part of `look`: what happened. */
  tell(event: TurnEvent): void {
    if (event.type === 'task-begin') this.#beginnings.set(event.callId, event.instructions);
    if (event.type === 'facts' && event.text && !this.#isOver) this.#learn(event.text);
    if (event.type === 'hang-up') this.#isOver = true;
    if (event.type === 'hang-up' || event.type === 'interrupt') this.#cut();
    this.#wasCutByLine ||= isStopOfLine(event) || (event.type === 'hang-up' && this.#options.heardBy === 'line');
    if (isStopOfLine(event)) for (const list of this.#below) list.wasCutByLine = true;
    if (this.#ledger.hasFailed) this.#wasCut = this.#hasFailed = true;
    if (this.#isOver && isStopOfLine(event)) return;
    for (const ledger of [this.#ledger, ...this.#otherLedgers]) ledger.tell(event);
  }

  /** In whatever list the words stand that were on their way. */
  #cut(): void {
    this.#wasCut = true;
    for (const list of this.#below) list.wasCut = true;
  }

  #learn(facts: string): void {
    if (this.#sent.length > 0) this.#known.lateFacts = facts;
    else {
      this.#known.facts = facts;
      this.#headLength = 2;
    }
  }

  /** The second: each of the effects, in order. */
  carryOut(effect: TurnEffect, effects: readonly TurnEffect[], messages: readonly Message[]): string[] {
    this.#ledger.carryOut(effect);
    if (effect.type === 'clear') for (const ledger of this.#otherLedgers) ledger.carryOut(effect);
    if (effect.type === 'hang-up') this.#isOver = true;
    if (effect.type === 'begin-task') this.#beginTask(effect.callId);
    if (effect.type === 'end-task') this.#endTask(effect.callId);
    if (effect.type === 'clear') this.#cut();
    else if (effect.type === 'report' && effect.event.type === 'agent-change') this.#handOver(effect.event);
    else if (effect.type === 'report' && effect.event.type === 'turn-taken-back') this.#wasTakenBack = true;
    else if (effect.type === 'request-step' && effect.isAhead) return this.#lookAtAhead(effect.messages);
    else if (effect.type === 'request-step') return this.#lookAtRequest(effect.messages);
    else if (effect.type === 'report' && effect.event.type === 'ahead-end') return this.#endAhead(effect.event.outcome);
    else if (effect.type === 'report' && effect.event.type === 'compaction')
      return this.#lookAtCompaction(this.#listAfter(effects, effect) ?? messages, effect.event);
    return [];
  }

  /** R27: a new prefix begins, and of what was sent the new agent is shown all or nothing. */
  #handOver({ to, context }: Extract<TurnReport, { type: 'agent-change' }>): void {
    this.#options = personaIn(this.#options, to);
    this.#known.instructions = this.#options.instructions;
    const [, ...behind] = this.#sent;
    const isKept = ({ content }: Message) => content === this.#known.facts || content === this.#known.lateFacts;
    const prompt: Message = { role: 'system', content: this.#options.instructions };
    if (this.#sent.length > 0) this.#sent = [prompt, ...(context === 'all' ? behind : behind.filter(isKept))];
    this.#wasCompactedEver ||= context !== 'all';
  }

  /** R28: another list begins, with instructions of its own; the one that stood there stands still. */
  #beginTask(callId: string): void {
    const { instructions, facts, lateFacts } = this.#known;
    const [sent, wasCompactedEver, headLength] = [this.#sent, this.#wasCompactedEver, this.#headLength];
    const known = { instructions, facts, lateFacts };
    this.#below.push({
      callId,
      sent,
      wasCompactedEver,
      headLength,
      known,
      ledger: this.#ledger,
      wasCut: this.#wasCut,
      wasCutByLine: this.#wasCutByLine,
    });
    this.#otherLedgers.push(this.#ledger);
    this.#ledger = new SpeechLedger(this.#options.heardBy);
    this.#sent = [];
    this.#wasCompactedEver = false;
    this.#known.instructions = this.#beginnings.get(callId) ?? '';
    if (facts === undefined && lateFacts !== undefined) [this.#known.facts, this.#headLength] = [lateFacts, 2];
    if (facts === undefined) this.#known.lateFacts = undefined;
  }

  #endTask(callId: string): void {
    const top = this.#below.at(-1);
    if (top?.callId !== callId) return; // it had not begun
    this.#below.pop();
    const { facts, lateFacts } = this.#known;
    this.#otherLedgers = [...this.#otherLedgers.filter((one) => one !== top.ledger), this.#ledger];
    [this.#ledger, this.#sent, this.#wasCompactedEver] = [top.ledger, top.sent, top.wasCompactedEver];
    this.#headLength = top.headLength;
    this.#wasCut ||= top.wasCut;
    this.#wasCutByLine ||= top.wasCutByLine;
    Object.assign(this.#known, top.known);
    const learned = [lateFacts, facts].find((text) => text !== undefined && text !== top.known.facts);
    if (learned !== undefined) this.#known.lateFacts ??= learned;
  }

  /** The last: the list as it stands. */
  lookAt(event: TurnEvent, effects: readonly TurnEffect[], messages: readonly Message[]): string[] {
    if (event.type === 'caller-turn' && effects.every(({ type }) => type !== 'request-step'))
      this.#asides.add(event.text);
    if (this.#isSettled(event, effects) && this.#isAsBefore(messages)) return [];
    this.#before = messages.map((message) => ({ message, content: message.content }));
    return [
      ...findProblems(messages, this.#known),
      ...this.#lookAtWords(messages, 'messages'),
      ...this.#lookAtGrowth(messages),
    ];
  }

  /** Nothing happened that changes what the messages should be. */
  #isSettled(event: TurnEvent, effects: readonly TurnEffect[]): boolean {
    if (['hang-up', 'playback-idle', 'facts', 'interrupt'].includes(event.type)) return false;
    if (event.type === 'heard' && event.isExact) return false;
    return effects.every(({ type }) => type !== 'say' && type !== 'clear');
  }

  /** The very same messages with the very same words: they were looked at before. */
  #isAsBefore(messages: readonly Message[]): boolean {
    const before = this.#before;
    return (
      before.length === messages.length &&
      messages.every((message, index) => {
        const then = before[index];
        return then?.message === message && then.content === message.content;
      })
    );
  }

  /** R24: it is as legal as any other, and what it holds is not the history before the turn is sure. */
  #lookAtAhead(messages: readonly Message[]): string[] {
    this.#ahead = messages;
    messages.forEach(freeze);
    const problems = [...findProblems(messages, this.#known), ...this.#lookAtWords(messages, 'request ahead')];
    if (!messages.some(({ role }) => role === 'user')) problems.push('R24: nothing was asked ahead');
    return [...problems, ...this.#lookAtGrowth(messages)];
  }

  #endAhead(outcome: string): string[] {
    const ahead = this.#ahead;
    this.#ahead = undefined;
    if (!ahead) return ['R24: an end of what was not asked ahead'];
    return outcome === 'kept' ? this.#lookAtRequest(ahead) : [];
  }

  #lookAtRequest(messages: readonly Message[]): string[] {
    const problems = findProblems(messages, this.#known);
    const last = messages.at(-1);
    if (last?.role === 'assistant') problems.push('R21: a request ends with an assistant message');
    problems.push(...this.#lookAtWords(messages, 'request'), ...this.#lookAtSpaces(messages));
    problems.push(...this.#lookAtGrowth(messages));
    problems.push(...this.#lookAtSize(messages));
    messages.forEach(freeze);
    this.#sent = Object.isFrozen(messages) ? messages : Object.freeze([...messages]);
    this.#wasCut = this.#wasCutByLine = this.#hasFailed = this.#wasTakenBack = false;
    return problems;
  }

  /** R22. After a compaction only the end of what was said is left. */
  #lookAtWords(messages: readonly Message[], where: string): string[] {
    const { expected, expectedAhead } = this.#ledger;
    const all = assistantLetters(messages);
    const missing = expectedAhead.find((phrase) => !all.includes(phrase));
    if (missing !== undefined) return [`R22: \`${missing}\` was said ahead, and the ${where} has ${all}`];
    const actual = expectedAhead.reduce((left, phrase) => left.replace(phrase, ''), all);
    if (this.#isExpected(actual)) return [];
    // The same phrase may have been said in its turn as well, before and after: then it is another one that was ahead.
    for (const left of withoutEach(all, expectedAhead)) if (this.#isExpected(left)) return [];
    const same = commonPrefix(expected, actual);
    return [
      `R22: the ${where} should hold the words ...${expected.slice(Math.max(0, same - 20))}, ` +
        `got ...${actual.slice(Math.max(0, same - 20))}`,
    ];
  }

  #isExpected(actual: string): boolean {
    return this.#ledger.allowed.some((held) => (this.#wasCompactedEver ? held.endsWith(actual) : held === actual));
  }

  /** R22. Words that were said apart stand apart, and words that were said in pieces stand together. */
  #lookAtSpaces(messages: readonly Message[]): string[] {
    if (this.#wasCompactedEver || this.#ledger.expectedAhead.length > 0) return [];
    const all = messages.map((message) => (message.role === 'assistant' ? (message.content ?? '') : '')).join(' ');
    const [text, words] = [all.replace(/\s+/g, ' '), this.#ledger.texts.map((one) => one.replace(/\s+/g, ' ').trim())];
    let at = 0;
    for (const utterance of words) {
      const found = text.indexOf(utterance, at);
      if (found === -1) return [`R22: \`${utterance}\` was said, and the request has \`${text.slice(at, at + 80)}\``];
      at = found + utterance.length;
    }
    return [];
  }

  /**
   * R23. What was sent stays, byte for byte; only text that was cut to what was heard may be shorter, or gone, and what the
   * caller said in a turn that was taken back may go on (R25).
   */
  #lookAtGrowth(messages: readonly Message[]): string[] {
    const turnStart = this.#wasCutByLine ? 0 : this.#wasCut ? lastTurnStart(this.#sent, this.#asides) : Infinity;
    const lastUser = this.#sent.findLastIndex(({ role }) => role === 'user');
    let at = 0;
    for (let index = 0; index < this.#sent.length; index++) {
      const before = this.#sent[index];
      const now = messages[at];
      if (before === undefined || before === now || (now && isEqual(before, now))) {
        at++;
        continue;
      }
      if (this.#wasTakenBack && index === lastUser && now && goesOn(before, now)) {
        at++;
        continue;
      }
      const isInCut = index >= turnStart && before.role === 'assistant';
      if (isInCut && now && isCutOf(before, now, this.#hasFailed || this.#wasCutByLine)) at++;
      else if (!(isInCut && !before.tool_calls))
        return [`R23: message ${index} was sent as ${JSON.stringify(before)}, and is now ${JSON.stringify(now)}`];
    }
    return [];
  }

  #lookAtCompaction(messages: readonly Message[], report: { droppedMessages: number; keptMessages: number }): string[] {
    this.#wasCompactedEver = true;
    let left = report.droppedMessages;
    const isKept = ({ content }: Message, index: number): boolean =>
      index < this.#headLength || content === this.#known.lateFacts || left-- <= 0;
    // What was kept of the sent list goes on being held to its bytes.
    this.#sent = this.#sent.filter(isKept);
    if (report.droppedMessages < 1) return ['R23: a compaction dropped nothing'];
    if (report.keptMessages > messages.length)
      return [`R23: a compaction reports ${report.keptMessages} kept messages, there are ${messages.length}`];
    return [];
  }

  /** R21, R23: requests are compacted when they are too long and there is an old turn to drop. */
  #lookAtSize(messages: readonly Message[]): string[] {
    const { compactAtMessages, compactAtTokens } = this.#options.turn;
    // Old turns that were told in full can go, when they are enough to be worth the lost prefix.
    const newestTurn = lastTurnStart(messages, this.#asides);
    const hasOldTurns = newestTurn > messages.length / 2 && newestTurn <= this.#sent.length;
    if (hasOldTurns && messages.length > compactAtMessages * 1.5)
      return [`R23: ${messages.length} messages were sent, at most ${compactAtMessages} before a compaction`];
    let characters = 0;
    for (const message of messages) characters += sizeOf(message).length;
    if (characters < Math.min(compactAtTokens, MOST_TOKENS)) return [];
    const tokens = messages.reduce((sum, message) => sum + estimateTokens(sizeOf(message)) + TOKENS_PER_MESSAGE, 0);
    if (hasOldTurns && tokens > compactAtTokens * 1.1)
      return [`R23: about ${tokens} tokens were sent, at most ${compactAtTokens} before a compaction`];
    return tokens > MOST_TOKENS ? [`R21: about ${tokens} tokens were sent, at most ${MOST_TOKENS}`] : [];
  }

  /** The list of the request that follows a report in the same tick. */
  #listAfter(effects: readonly TurnEffect[], report: TurnEffect): readonly Message[] | undefined {
    const request = effects.slice(effects.indexOf(report)).find((effect) => effect.type === 'request-step');
    return request?.messages;
  }
}

/** A line that speaks by itself says what was heard after all. */
function isStopOfLine(event: TurnEvent): boolean {
  return event.type === 'interrupt' ? event.upTo !== undefined : event.type === 'heard' && event.isExact === true;
}

function freeze(message: Message): void {
  if (Object.isFrozen(message)) return;
  Object.freeze(message);
  if (message.role === 'assistant' && message.tool_calls) {
    Object.freeze(message.tool_calls);
    for (const call of message.tool_calls) Object.freeze(Object.freeze(call).function);
  }
}

/** All the assistant's words in a list. */
function assistantLetters(messages: readonly Message[]): string {
  let text = '';
  for (const message of messages) if (message.role === 'assistant' && message.content) text += message.content;
  return letters(text);
}

function sizeOf(message: Message): string {
  if (message.role !== 'assistant') return message.content;
  const calls = (message.tool_calls ?? []).map((call) => call.id + call.function.name + call.function.arguments);
  return (message.content ?? '') + calls.join('');
}

/**
 * Where the newest turn of a list begins: its last message of the caller.
 * @param asides What callers have said in the middle of a turn, which went on.
 */
function lastTurnStart(messages: readonly Message[], asides: ReadonlySet<string>): number {
  return Math.max(
    0,
    messages.findLastIndex(({ role, content }) => role === 'user' && !asides.has(content ?? '')),
  );
}

function isEqual(a: Message, b: Message): boolean {
  return a === b || (a.role === b.role && a.content === b.content && JSON.stringify(a) === JSON.stringify(b));
}

/** R25: the same words of the caller, and more. */
const goesOn = (before: Message, now: Message): boolean =>
  before.role === 'user' && now.role === 'user' && now.content.startsWith(`${before.content} `);

/** Whether `now` is `before` with words of it cut off at the end, or `anywhere`, its calls untouched. */
function isCutOf(before: AssistantMessage, now: Message, anywhere: boolean): boolean {
  if (now.role !== 'assistant') return false;
  if (JSON.stringify(now.tool_calls) !== JSON.stringify(before.tool_calls)) return false;
  const [then, left] = [before.content ?? '', now.content ?? ''];
  const isPart = anywhere ? isSubsequence(left.split(/\s+/), then.split(/\s+/)) : then.startsWith(left);
  return isPart && letters(left).length < letters(then).length;
}

function isSubsequence(some: readonly string[], all: readonly string[]): boolean {
  let at = 0;
  for (const one of all) if (at < some.length && (one === some[at] || some[at] === '')) at++;
  return at === some.length;
}

/** What is left of a text without these phrases, for every place at which each of them may stand. */
function* withoutEach(text: string, [phrase, ...others]: readonly string[]): Generator<string> {
  if (phrase === undefined) yield text;
  else if (phrase === '') yield* withoutEach(text, others);
  else
    for (let at = text.indexOf(phrase); at !== -1; at = text.indexOf(phrase, at + 1)) {
      yield* withoutEach(text.slice(0, at) + text.slice(at + phrase.length), others);
    }
}

function commonPrefix(a: string, b: string): number {
  let i = 0;
  while (i < a.length && a[i] === b[i]) i++;
  return i;
}

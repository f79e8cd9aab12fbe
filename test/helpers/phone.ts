/** What the proofs of a phone call have in common: an agent, waiting for what happens, and figures. */
import { expect } from 'vitest';
import { decodeToneSpeech } from '../../src/audio/tone-speech.ts';
import type { AgentInput } from '../../src/call/agent.ts';
import type { CallEvent } from '../../src/call/events.ts';
import type { RequestRecord } from '../../src/simulate/electron/journal.ts';
import type { ReplyRuleInput } from '../../src/simulate/electron/replies.ts';
import type { Phone, PhoneLine, PhoneOptions } from '../../src/testing/phone.ts';
import { lettersOf } from '../../src/testing/heard-words.ts';
import { until } from './until.ts';

/** An agent that says nothing of its own accord, so that what is heard is what the test has the model say. */
export function agentWith(options: Partial<AgentInput> = {}): AgentInput {
  return {
    name: 'proof',
    instructions: 'You answer the phone.',
    tools: [],
    ...options,
    // a machine that runs other things besides is slow: its silence is not what most tests are about
    turn: { silenceMs: 6_000, ...options.turn },
  };
}

/** The model's answers, by what the caller says; everything at the documented pace. */
export function answering(...replies: ReplyRuleInput[]): Pick<PhoneOptions, 'electron'> {
  return { electron: { replies, keepRequests: 10_000 } };
}

/** Runs `work` for 0 to `count` - 1, all at once. */
export function atOnce<T>(count: number, work: (index: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => work(index)));
}

export const after = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));

/** Waits until it is `atMs` by the caller's clock. */
export const reach = ({ caller }: PhoneLine, atMs: number): Promise<void> => after(atMs - caller.nowMs);

/** The newest request to the model whose messages hold `text`, as soon as `isIt`. */
export function requestWith(phone: Phone, text: string, isIt: (record: RequestRecord) => boolean = () => true) {
  const small = text.toLowerCase(); // what was asked ahead has the words as they were understood so far
  const holds = ({ body }: RequestRecord) => JSON.stringify(body?.messages).toLowerCase().includes(small);
  return until(`a request with "${text}"`, () =>
    phone.services.electron.requests().findLast((record) => holds(record) && isIt(record)),
  );
}

/** What the model was told that the agent has said, message by message. */
export function saidByAgent(record: RequestRecord): string[] {
  return messagesOf(record).flatMap(({ role, content }) => (role === 'assistant' && content ? [content] : []));
}

export function messagesOf(record: RequestRecord): { role: string; content?: string | null }[] {
  return (record.body?.messages ?? []) as { role: string; content?: string | null }[];
}

/** When an event of this type that `isIt` was told, by the caller's clock. */
export function timeOf<Type extends CallEvent['type']>(
  line: PhoneLine,
  type: Type,
  isIt: (event: Extract<CallEvent, { type: Type }>) => boolean = () => true,
): Promise<number> {
  return until(`\`${type}\``, () => {
    const found = line.eventsOf(type).find(isIt);
    return found && line.timeOf(found);
  });
}

/** The caller has heard `text` from `fromMs` on, every letter of it once, and nothing else. */
export function expectHeard(line: PhoneLine, text: string, fromMs = 0, toMs?: number): void {
  expect(lettersOf(understood(line, fromMs, toMs))).toBe(lettersOf(text));
}

/** What the caller understands of the sound, pauses and holes left out. */
export function understood(line: PhoneLine, fromMs = 0, toMs?: number): string {
  const characters = decodeToneSpeech(line.heardSound(fromMs, toMs), 8_000);
  return characters.map(({ text }) => text).join('');
}

/** A question and its answer cross this process so often, and each time it may stand still. */
const CROSSINGS = 4;

/** By how much a sound may have been late through no fault of the call: this process, which plays all parts, was slow. */
export function slackOf(...lines: PhoneLine[]): number {
  return CROSSINGS * Math.max(...lines.map(({ caller }) => caller.stats().mostLateMs));
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
}

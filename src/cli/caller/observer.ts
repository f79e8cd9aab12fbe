/**
 * A call as its caller lives it: who speaks when, how long the caller waits for an answer, what stops when they cut in,
 * and all of it added up at the end. Pure: the line tells what happens, with its time.
 */
import type { CallEnd, Gap } from '../../simulate/telephone.ts';

/** Times in milliseconds since the line was opened. Some things are known only a moment after they happened. */
export type CallerEvent = { atMs: number } & (
  | { type: 'connected'; line: 'media' | 'relay'; callSid: string; voice: string }
  /** `text` or `file` is what is said. */
  | { type: 'caller-start'; text?: string; file?: string; isCutIn: boolean }
  | { type: 'caller-end'; durationMs: number }
  | { type: 'caller-keys'; digits: string }
  /** `afterCallerMs`: since the caller's last word, when it is an answer; `afterAgentMs`: since the agent's own. */
  | { type: 'agent-start'; afterCallerMs?: number; afterAgentMs?: number }
  | { type: 'agent-words'; text: string }
  /** `afterCutInMs`: since the caller cut in. */
  | { type: 'agent-end'; durationMs: number; afterCutInMs?: number }
  | { type: 'agent-keys'; digits: string }
  /** A hole in what the agent says: the worker's audio did not come in time. `atMs` is its beginning. */
  | { type: 'gap'; durationMs: number }
  | { type: 'mark'; name: string }
  /** The worker threw away so much of what it had sent. */
  | { type: 'clear'; clearedMs: number }
  | { type: 'bad-frame'; message: string }
  /** `words`: what the worker said of it; `next`: what the call goes on with, elsewhere. */
  | { type: 'call-end'; by: CallEnd['by']; code: number; words?: string; next?: string }
);

type Body<Event> = Event extends unknown ? Omit<Event, 'atMs'> : never;

export interface Answer {
  /** From the caller's last word to the first sound; null when the agent was speaking already, or first. */
  afterMs: number | null;
  /** As far as it could be understood. */
  text: string;
}

export interface CallSummary {
  type: 'summary';
  line: 'media' | 'relay';
  callSid: string;
  durationMs: number;
  endedBy: CallEnd['by'];
  code: number;
  /** The first is the greeting, if there was one. */
  answers: Answer[];
  /** From each cut-in to silence; null when the agent went on. */
  cutIns: (number | null)[];
  gaps: Gap[];
  marks: number;
  clears: number;
  badFrames: number;
}

export class CallObserver {
  readonly #report: (event: CallerEvent) => void;
  readonly #answers: Answer[] = [];
  readonly #cutIns: (number | null)[] = [];
  readonly #gaps: Gap[] = [];
  #facts: Pick<CallSummary, 'line' | 'callSid'> = { line: 'media', callSid: '' };
  #counts = { marks: 0, clears: 0, badFrames: 0 };
  #end: { atMs: number; by: CallEnd['by']; code: number } = { atMs: 0, by: 'caller', code: 1006 };
  #agentSince: number | undefined;
  #agentEndMs: number | undefined;
  /** The caller's last word, until it is answered. */
  #unansweredMs: number | undefined;
  #cutInMs: number | undefined;

  constructor(report: (event: CallerEvent) => void) {
    this.#report = report;
  }

  get isAgentSpeaking(): boolean {
    return this.#agentSince !== undefined;
  }

  get hasHeardAgent(): boolean {
    return this.#answers.length > 0;
  }

  connected(facts: { line: 'media' | 'relay'; callSid: string; voice: string }): void {
    this.#facts = facts;
    this.#tell(0, { type: 'connected', ...facts });
  }

  callerStarts(atMs: number, what: { text?: string; file?: string }): void {
    const isCutIn = this.isAgentSpeaking;
    if (isCutIn) this.#cutsIn(atMs);
    this.#tell(atMs, { type: 'caller-start', ...what, isCutIn });
  }

  /** `lastWordMs`: their last sound, which may be before the end of a recording. */
  callerEnds(fromMs: number, lastWordMs: number): void {
    if (this.#agentEndMs === undefined || this.#agentEndMs <= lastWordMs) this.#unansweredMs = lastWordMs;
    this.#tell(lastWordMs, { type: 'caller-end', durationMs: round(Math.max(0, lastWordMs - fromMs)) });
  }

  callerPresses(atMs: number, digits: string): void {
    if (this.isAgentSpeaking) this.#cutsIn(atMs);
    this.#unansweredMs = atMs;
    this.#tell(atMs, { type: 'caller-keys', digits });
  }

  agentStarts(atMs: number): void {
    this.#agentSince = atMs;
    const since = this.#unansweredMs;
    const isAnswer = since !== undefined && since <= atMs;
    const afterAgent = this.#agentEndMs === undefined ? undefined : atMs - this.#agentEndMs;
    if (isAnswer || this.#answers.length === 0) {
      this.#answers.push({ afterMs: isAnswer ? round(atMs - since) : null, text: '' });
      this.#unansweredMs = undefined;
    }
    this.#tell(atMs, {
      type: 'agent-start',
      ...(isAnswer ? { afterCallerMs: round(atMs - since) } : {}),
      ...(!isAnswer && afterAgent !== undefined ? { afterAgentMs: round(afterAgent) } : {}),
    });
  }

  agentSays(atMs: number, text: string): void {
    const answer = this.#answers.at(-1);
    if (answer) answer.text = answer.text === '' ? text : `${answer.text} ${text}`;
    this.#tell(atMs, { type: 'agent-words', text });
  }

  agentEnds(atMs: number): void {
    const fromMs = this.#agentSince;
    if (fromMs === undefined) return;
    this.#agentSince = undefined;
    this.#agentEndMs = atMs;
    const cutInMs = this.#cutInMs;
    this.#cutInMs = undefined;
    const afterCutIn = cutInMs === undefined ? undefined : round(Math.max(0, atMs - cutInMs));
    if (afterCutIn !== undefined) this.#cutIns[this.#cutIns.length - 1] = afterCutIn;
    this.#tell(atMs, {
      type: 'agent-end',
      durationMs: round(atMs - fromMs),
      ...(afterCutIn === undefined ? {} : { afterCutInMs: afterCutIn }),
    });
  }

  agentPresses(atMs: number, digits: string): void {
    this.#tell(atMs, { type: 'agent-keys', digits });
  }

  gap({ fromMs, durationMs }: Gap): void {
    this.#gaps.push({ fromMs: round(fromMs), durationMs: round(durationMs) });
    this.#tell(fromMs, { type: 'gap', durationMs: round(durationMs) });
  }

  mark(atMs: number, name: string): void {
    this.#counts.marks++;
    this.#tell(atMs, { type: 'mark', name });
  }

  clear(atMs: number, clearedMs: number): void {
    this.#counts.clears++;
    this.#tell(atMs, { type: 'clear', clearedMs: round(clearedMs) });
  }

  badFrame(atMs: number, message: string): void {
    this.#counts.badFrames++;
    this.#tell(atMs, { type: 'bad-frame', message });
  }

  ended({ atMs, by, code, words, redirect, handoffData }: CallEnd): void {
    this.#end = { atMs, by, code };
    const next = redirect?.url ?? redirect?.twiml ?? handoffData;
    this.#tell(atMs, { type: 'call-end', by, code, ...(words && { words }), ...(next === undefined ? {} : { next }) });
  }

  summary(): CallSummary {
    const { atMs, by, code } = this.#end;
    return {
      type: 'summary',
      ...{ line: this.#facts.line, callSid: this.#facts.callSid },
      ...{ durationMs: round(atMs), endedBy: by, code },
      ...{ answers: this.#answers, cutIns: this.#cutIns, gaps: this.#gaps },
      ...this.#counts,
    };
  }

  #cutsIn(atMs: number): void {
    this.#cutInMs = atMs;
    this.#cutIns.push(null);
  }

  #tell(atMs: number, body: Body<CallerEvent>): void {
    const { type, ...facts } = body;
    this.#report({ type, atMs: round(atMs), ...facts } as CallerEvent);
  }
}

const round = (ms: number): number => Math.round(ms * 10) / 10;

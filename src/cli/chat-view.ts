/**
 * A conversation on a terminal, as it happens: who speaks, the tools beside it, and the times since the caller's turn.
 *
 *   0.00  caller  When can I come in tomorrow?
 *   0.31  agent   Let me check that for you.
 *   0.35    > find_appointments {"date":"2026-11-24"}
 *   0.53    < find_appointments, 0.18 s {"slots":["09:30","11:00"]}
 *   0.79  agent   I have nine thirty and eleven.
 *                 first word 0.31 s, 1.02 s in all, 2 requests, 840 tokens (512 cached)
 *
 * What was spoken, and not typed, ended before the turn began: how long the caller waited has a line of its own.
 */
import type { CallEvent } from '../call/events.ts';
import { plainLine, plainText, plainValue } from '../lib/plain.ts';
import { hideSecrets } from '../lib/provider-errors.ts';
import { paint } from './report.ts';
import { fitText, WordWrap } from './text-width.ts';
import { count, seconds, tellCauses, tellUsage } from './units.ts';

/** Of a tool's arguments or result, where the edge of the terminal is not known. */
const MOST_COLUMNS = 120;
/** Where what is said begins: after the time and who says it. */
const INDENT = ' '.repeat(15);
const TOOL_INDENT = ' '.repeat(11);

type EventOf<Type extends CallEvent['type']> = Extract<CallEvent, { type: Type }>;

export class ChatView {
  readonly #write: (text: string) => void;
  readonly #columns: () => number | undefined;
  #turnAtMs = 0;
  /** The agent's line that is being written. */
  #open: { id: string; wrap: WordWrap } | undefined;
  /** What the caller has said on the screen already. */
  #typed: string | undefined;
  #requests = 0;
  #tokens = 0;
  #cached = 0;

  /** @param columns Of the terminal, asked anew for every line; undefined where there is no edge. */
  constructor(write: (text: string) => void, columns: () => number | undefined = () => undefined) {
    this.#write = write;
    this.#columns = columns;
  }

  /** The caller's next turn need not be shown: they have typed it where it would stand. */
  wasTyped(text: string): void {
    this.#typed = plainLine(text);
  }

  /** Nothing of it but the lines of what is said can move the cursor or begin a line. */
  show(told: CallEvent): void {
    const event = told.type === 'text-delta' ? { ...plainValue(told), delta: plainText(told.delta) } : plainValue(told);
    switch (event.type) {
      case 'call-start':
        this.#turnAtMs = event.atMs;
        return;
      case 'turn-start':
        return this.#startTurn(event);
      case 'text-delta':
        return this.#words(event);
      case 'tool-start':
        return this.#tool(event, paint.yellow('  >'), paint.bold(event.name), event.name, event.arguments);
      case 'tool-progress':
        return this.#tool(event, paint.yellow('  .'), event.name, event.name, event.text);
      case 'tool-end': {
        const mark = event.ok ? paint.yellow('  <') : paint.red('  !');
        const title = `${event.name}, ${seconds(event.durationMs)}${event.isLate ? ', late' : ''}`;
        return this.#tool(event, mark, title, title, event.ok ? event.result : event.error);
      }
      case 'step-end':
        this.#requests++;
        this.#tokens += (event.usage?.promptTokens ?? 0) + (event.usage?.completionTokens ?? 0);
        this.#cached += event.usage?.cachedTokens ?? 0;
        return;
      case 'text-taken-back':
        return this.#line(event.atMs, paint.dim('unsaid'), 'what stands above was no answer', paint.dim);
      case 'interruption':
        if (this.#open) this.#write(this.#open.wrap.flush() + paint.magenta(' -'));
        return this.#line(
          event.atMs,
          paint.magenta('cut in'),
          event.unheard === '' ? '' : `not heard: ${event.unheard}`,
          paint.dim,
        );
      case 'turn-taken-back':
        return this.#line(event.atMs, paint.magenta('goes on'), 'before anything was heard', paint.dim);
      case 'transfer': {
        const who = event.ok ? paint.cyan('passed') : paint.red('failed');
        const what = event.ok ? `on to ${event.to}` : `to pass the caller on to ${event.to}: ${event.error}`;
        return this.#line(event.atMs, who, hideSecrets(what));
      }
      case 'agent-change':
        return this.#line(event.atMs, paint.cyan('agent '), `${event.to} has the caller, in place of ${event.from}`);
      case 'vendor-change': {
        const what = event.code === undefined ? 'again' : `in place of ${event.from}: ${event.code}`;
        return this.#line(event.atMs, paint.yellow('vendor'), `${event.to} is the ${event.kind} ${what}`);
      }
      case 'transfer-progress':
        return this.#line(event.atMs, paint.dim('waits '), `${event.state}: ${event.to}`, paint.dim);
      case 'hold-start':
        return this.#line(event.atMs, paint.dim('hold  '), 'the agent waits until somebody speaks', paint.dim);
      case 'hold-end':
        return this.#line(
          event.atMs,
          paint.dim('hold  '),
          `over after ${seconds(event.heldMs)}: ${event.why}`,
          paint.dim,
        );
      case 'digit':
        return this.#line(event.atMs, paint.cyan('key   '), event.digit);
      case 'error': {
        const request = event.requestId ? ` (request ${event.requestId})` : '';
        return this.#line(event.atMs, paint.red('error '), hideSecrets(`${event.code}: ${event.message}${request}`));
      }
      case 'turn-end':
        return this.#endTurn(event);
      case 'call-end': {
        const { reason, durationMs, usage } = event;
        const facts = [reason, seconds(durationMs), ...(usage.promptTokens > 0 ? [tellUsage(usage)] : [])];
        this.#turnAtMs = 0;
        return this.#line(event.atMs, paint.dim('end   '), facts.join(', '), paint.dim);
      }
      default:
    }
  }

  /** Ends the line that is being written, so that something else can be. */
  breakLine(): void {
    if (this.#open) this.#write(`${this.#open.wrap.flush()}\n`);
    this.#open = undefined;
  }

  /** What only the author of a tool is told of it, in lines. */
  fault(text: string): void {
    this.breakLine();
    for (const line of plainText(text).split('\n')) this.#write(`${TOOL_INDENT}${paint.red(line)}\n`);
  }

  #startTurn({ atMs, text }: EventOf<'turn-start'>): void {
    this.#turnAtMs = atMs;
    this.#requests = this.#tokens = this.#cached = 0;
    const wasTyped = this.#typed === text;
    this.#typed = undefined;
    if (text !== '' && !wasTyped) this.#line(atMs, paint.cyan('caller'), text);
  }

  #words({ atMs, kind, delta }: EventOf<'text-delta'>): void {
    // What the model says is one stream, filler or not; every phrase of Parley's own has a line, named by its kind.
    const isOwn = kind !== 'filler' && kind !== 'answer';
    const id = isOwn ? `${kind} ${atMs}` : 'model';
    if (this.#open?.id !== id) {
      this.breakLine();
      this.#open = { id, wrap: new WordWrap({ columns: this.#columns(), indent: INDENT }) };
      this.#write(`${this.#time(atMs)}  ${paint.green('agent ')}  `);
      if (isOwn && kind !== 'greeting') this.#write(this.#open.wrap.add(`[${kind}] `));
      delta = delta.trimStart();
    }
    const text = this.#open.wrap.add(delta);
    if (text !== '') this.#write(text);
  }

  #tool({ atMs }: CallEvent, mark: string, title: string, plainTitle: string, value: unknown): void {
    const columns = this.#columns() ?? MOST_COLUMNS;
    const room = Math.max(20, columns - TOOL_INDENT.length - plainTitle.length - 1);
    const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
    this.breakLine();
    this.#write(`${this.#time(atMs)}  ${mark} ${title} ${paint.dim(fitText(text, room))}\n`);
  }

  #line(atMs: number, who: string, text: string, colour = (plain: string) => plain): void {
    this.breakLine();
    const wrapped = this.#wrapped(text);
    this.#write(`${this.#time(atMs)}  ${who}${wrapped === '' ? '' : `  ${colour(wrapped)}`}\n`);
  }

  #endTurn({ outcome, latency }: EventOf<'turn-end'>): void {
    this.breakLine();
    const { firstWordMs, silence } = latency;
    const wasSpoken = silence.endpointingMs > 0;
    const waitedMs = waitedMsOf(latency);
    if (wasSpoken && waitedMs !== undefined) {
      const after = seconds(waitedMs);
      this.remark(`first word ${after} after the caller's last; silence: ${tellCauses({ ...silence })}`);
    }
    const parts = [
      outcome === 'replied' ? '' : outcome,
      wasSpoken || firstWordMs === undefined ? '' : `first word ${seconds(firstWordMs)}`,
      `${seconds(latency.totalMs)} in all`,
      count(this.#requests, 'request'),
      this.#tokens > 0 ? `${count(this.#tokens, 'token')} (${this.#cached} cached)` : '',
    ];
    this.remark(parts.filter((part) => part !== '').join(', '));
    this.#write('\n');
  }

  /** A line about what stands above it. */
  remark(text: string): void {
    this.#write(`${INDENT}${paint.dim(this.#wrapped(text))}\n`);
  }

  #wrapped(text: string): string {
    const wrap = new WordWrap({ columns: this.#columns(), indent: INDENT });
    return wrap.add(text) + wrap.flush();
  }

  #time(atMs: number): string {
    return paint.dim(((atMs - this.#turnAtMs) / 1000).toFixed(2).padStart(5));
  }
}

/** From the end of the caller's voice to the agent's first sound, in milliseconds; undefined where none was heard. */
export function waitedMsOf({ firstWordMs, silence }: EventOf<'turn-end'>['latency']): number | undefined {
  return firstWordMs === undefined ? undefined : silence.endpointingMs + firstWordMs;
}

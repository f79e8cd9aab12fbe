/**
 * A conversation on a terminal, as it happens: who speaks, the tools beside it, and the times since the caller's turn.
 *
 *   0.00  caller  When can I come in tomorrow?
 *   0.31  agent   Let me check that for you.
 *   0.35    > find_appointments {"date":"2026-11-24"}
 *   0.53    < find_appointments, 180 ms {"slots":["09:30","11:00"]}
 *   0.79  agent   I have nine thirty and eleven.
 *                 first word 0.31 s, 1.02 s in all, 2 requests, 840 tokens (512 cached)
 */
import pc from 'picocolors';
import type { CallEvent } from '../call/events.ts';

const MOST_CHARACTERS = 110;
const MARGIN = ' '.repeat(14);

export class ChatView {
  readonly #write: (text: string) => void;
  #turnAtMs = 0;
  /** The agent's line that is being written, by the kind of its words. */
  #open: string | undefined;
  #requests = 0;
  #tokens = 0;
  #cached = 0;

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  show(event: CallEvent): void {
    switch (event.type) {
      case 'call-start':
        this.#turnAtMs = event.atMs;
        return;
      case 'turn-start':
        this.#turnAtMs = event.atMs;
        this.#requests = this.#tokens = this.#cached = 0;
        return event.text === '' ? undefined : this.#line(event.atMs, pc.cyan('caller'), event.text);
      case 'text-delta':
        return this.#words(event);
      case 'tool-start':
        return this.#line(event.atMs, pc.yellow('  >'), `${pc.bold(event.name)} ${pc.dim(short(event.arguments))}`, '');
      case 'tool-progress':
        return this.#line(event.atMs, pc.yellow('  .'), `${event.name}: ${event.text}`, '');
      case 'tool-end': {
        const mark = event.ok ? pc.yellow('  <') : pc.red('  !');
        const late = event.isLate ? ', late' : '';
        const took = `${event.name}, ${event.durationMs} ms${late} `;
        return this.#line(event.atMs, mark, took + pc.dim(short(event.result ?? event.error ?? '')), '');
      }
      case 'step-end':
        this.#requests++;
        this.#tokens += (event.usage?.promptTokens ?? 0) + (event.usage?.completionTokens ?? 0);
        this.#cached += event.usage?.cachedTokens ?? 0;
        return;
      case 'interruption':
        return this.#line(event.atMs, pc.magenta('cut in'), unheardOf(event.unheard));
      case 'digit':
        return this.#line(event.atMs, pc.cyan('key'), event.digit);
      case 'error': {
        const request = event.requestId ? ` (request ${event.requestId})` : '';
        return this.#line(event.atMs, pc.red('error'), `${event.code}: ${event.message}${request}`);
      }
      case 'turn-end':
        return this.#endTurn(event);
      case 'call-end': {
        const { promptTokens, completionTokens, cachedTokens } = event.usage;
        const tokens = `${promptTokens} tokens in (${cachedTokens} cached), ${completionTokens} out`;
        return this.#line(
          event.atMs,
          pc.dim('end'),
          pc.dim(`${event.reason}, ${seconds(event.durationMs)}, ${tokens}`),
        );
      }
      default:
    }
  }

  /** Ends the line that is being written, so that something else can be. */
  breakLine(): void {
    if (this.#open !== undefined) this.#write('\n');
    this.#open = undefined;
  }

  #words({ atMs, kind, delta }: Extract<CallEvent, { type: 'text-delta' }>): void {
    // What the model says is one stream, filler or not; every phrase of Parley's own has a line, named by its kind.
    const line = kind === 'filler' || kind === 'answer' ? 'model' : `${kind} ${atMs}`;
    const note = line === 'model' || kind === 'greeting' ? '' : pc.dim(`[${kind}] `);
    if (this.#open === line) return this.#write(delta.replaceAll('\n', `\n${MARGIN}`));
    this.breakLine();
    this.#write(
      `${this.#time(atMs)}  ${pc.green('agent ')}  ${note}${delta.trimStart().replaceAll('\n', `\n${MARGIN}`)}`,
    );
    this.#open = line;
  }

  #line(atMs: number, who: string, text: string, gap = ' '): void {
    this.breakLine();
    this.#write(`${this.#time(atMs)}  ${who}${gap} ${text}\n`);
  }

  #endTurn({ outcome, latency }: Extract<CallEvent, { type: 'turn-end' }>): void {
    this.breakLine();
    const parts = [
      outcome === 'replied' ? '' : outcome,
      latency.firstWordMs === undefined ? '' : `first word ${seconds(latency.firstWordMs)}`,
      `${seconds(latency.totalMs)} in all`,
      `${this.#requests} request${this.#requests === 1 ? '' : 's'}`,
      this.#tokens > 0 ? `${this.#tokens} tokens (${this.#cached} cached)` : '',
    ];
    this.#write(`${MARGIN}${pc.dim(parts.filter((part) => part !== '').join(', '))}\n\n`);
  }

  #time(atMs: number): string {
    return pc.dim(((atMs - this.#turnAtMs) / 1000).toFixed(2).padStart(5));
  }
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;

const short = (text: string): string =>
  text.length <= MOST_CHARACTERS ? text : `${text.slice(0, MOST_CHARACTERS - 3)}...`;

const unheardOf = (unheard: string): string => (unheard === '' ? '' : pc.dim(`not heard: ${short(unheard)}`));

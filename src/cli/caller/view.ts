/**
 * A call from its caller's side, for people: one row for each thing that happens, with its time.
 *
 *     0.31  agent   begins
 *     0.31          Hello, this is Acme Clinic.
 *     3.90          ends after 3.59 s
 *     5.40  caller  Which appointments are free tomorrow?
 *     8.83  agent   begins, 0.92 s after the caller's last word
 */
import { plainLine, plainValue } from '../../lib/plain.ts';
import { paint } from '../report.ts';
import { WordWrap } from '../text-width.ts';
import { count, seconds } from '../units.ts';
import type { CallerEvent, CallSummary } from './observer.ts';

export interface ViewOptions {
  write: (text: string) => void;
  /** Of the terminal; undefined where there is no edge. */
  columns: () => number | undefined;
  /** Marks too, which are many. */
  isVerbose: boolean;
}

/** Before what is said: the time and who. */
const INDENT = ' '.repeat(16);
/** The agent's words are shown a sentence at a time, or so many characters. */
const MOST_CHARACTERS = 100;
/** A longer hole was heard as a pause, and is told when the agent goes on. */
const LONG_GAP_MS = 500;

export class CallerView {
  readonly #options: ViewOptions;
  #words = '';
  #wordsAtMs = 0;

  constructor(options: ViewOptions) {
    this.#options = options;
  }

  /** Nothing that the worker has sent can move the cursor or begin a line. */
  show(told: CallerEvent): void {
    const event = plainValue(told);
    if (event.type === 'agent-words') return this.#hear(event.atMs, event.text);
    if (event.type === 'mark' && !this.#options.isVerbose) return;
    if (event.type !== 'mark' && event.type !== 'gap') this.#flush();
    const { atMs } = event;
    switch (event.type) {
      case 'connected':
        return this.#row(atMs, 'line', connected(event), paint.dim);
      case 'caller-start': {
        const what = event.text ?? `[plays ${event.file ?? 'audio'}]`;
        return this.#row(atMs, 'caller', event.isCutIn ? `${paint.magenta('cuts in:')} ${what}` : what);
      }
      case 'caller-keys':
        return this.#row(atMs, 'caller', `presses ${event.digits}`);
      case 'agent-start':
        return this.#row(atMs, 'agent', begins(event), paint.dim);
      case 'agent-end': {
        const cutIn =
          event.afterCutInMs === undefined ? '' : `, ${seconds(event.afterCutInMs)} after the caller cut in`;
        return this.#row(atMs, '', `ends after ${seconds(event.durationMs)}${cutIn}`, paint.dim);
      }
      case 'agent-keys':
        return this.#row(atMs, 'agent', `presses ${event.digits}`);
      case 'gap':
        if (event.durationMs >= LONG_GAP_MS) return;
        return this.#row(atMs, '', `a gap of ${seconds(event.durationMs)} in what the agent says`, paint.yellow);
      case 'mark':
        return this.#row(atMs, 'line', `mark ${event.name}`, paint.dim);
      case 'clear':
        return this.#row(atMs, 'line', `clear: ${seconds(event.clearedMs)} thrown away unheard`, paint.dim);
      case 'bad-frame':
        return this.#row(atMs, 'line', `the worker sent what no carrier understands: ${event.message}`, paint.red);
      case 'call-end': {
        const next = event.next === undefined ? '' : `; the call goes on with ${event.next}`;
        const isHandedOver = event.by === 'worker' && event.words === 'transferred';
        const ended = isHandedOver ? 'the agent handed the caller over' : ENDED_BY[event.by];
        return this.#row(atMs, 'end', `${ended}${next}`, paint.dim);
      }
      case 'caller-end':
    }
  }

  /** A word of the command's own, beside what happens. */
  note(text: string): void {
    this.#options.write(`${INDENT}${paint.dim(plainLine(text))}\n`);
  }

  summary(summary: CallSummary): void {
    for (const line of summaryLines(summary)) this.#options.write(`${line}\n`);
  }

  #hear(atMs: number, word: string): void {
    if (this.#words === '') this.#wordsAtMs = atMs;
    this.#words += this.#words === '' ? word : ` ${word}`;
    if (/[.?!।…]["')]?$/u.test(word) || this.#words.length >= MOST_CHARACTERS) this.#flush();
  }

  #flush(): void {
    const words = this.#words;
    this.#words = '';
    if (words !== '') this.#row(this.#wordsAtMs, '', words, (text) => paint.green(text));
  }

  #row(atMs: number, who: string, text: string, colour = (plain: string) => plain): void {
    const wrap = new WordWrap({ columns: this.#options.columns(), indent: INDENT });
    const wrapped = wrap.add(text) + wrap.flush();
    const time = (atMs / 1_000).toFixed(2).padStart(6);
    this.#options.write(`${paint.dim(time)}  ${nameOf(who)}  ${colour(wrapped)}\n`);
  }
}

function nameOf(who: string): string {
  const name = who.padEnd(6);
  if (who === 'caller') return paint.cyan(name);
  return who === 'agent' ? paint.green(name) : paint.dim(name);
}

function connected({ line, voice }: CallerEvent & { type: 'connected' }): string {
  return line === 'relay' ? 'connected, a line of text' : `connected, a line of sound; the caller's voice: ${voice}`;
}

function begins({ afterCallerMs, afterAgentMs }: CallerEvent & { type: 'agent-start' }): string {
  if (afterCallerMs !== undefined) return `begins, ${seconds(afterCallerMs)} after the caller's last word`;
  return afterAgentMs === undefined ? 'begins' : `goes on after ${seconds(afterAgentMs)} of silence`;
}

const ENDED_BY = { caller: 'the caller hung up', worker: 'the agent hung up', rest: 'ended by the API' } as const;

function summaryLines({ durationMs, answers, cutIns, gaps, marks, clears, badFrames }: CallSummary): string[] {
  const waits = answers.flatMap(({ afterMs }) => (afterMs === null ? [] : [afterMs]));
  const ended = cutIns.flatMap((ms) => (ms === null ? [] : [ms]));
  const lines = [`The call took ${seconds(durationMs)}.`];
  if (waits.length > 0) lines.push(`Answered ${times(waits.length)}, after ${spread(waits)}.`);
  if (cutIns.length > 0) {
    const silent = ended.length === 0 ? 'the agent went on' : `silence after ${spread(ended)}`;
    lines.push(`Cut in ${times(cutIns.length)}: ${silent}.`);
  }
  const holes =
    gaps.length === 0 ? 'No gap' : `${count(gaps.length, 'gap')} of ${spread(gaps.map((gap) => gap.durationMs))}`;
  lines.push(
    `${holes} in what the agent said, where its audio came too late. ${count(marks, 'mark')}, ${count(clears, 'clear')}.`,
  );
  if (badFrames > 0) lines.push(paint.red(`${count(badFrames, 'message')} that no carrier understands.`));
  return lines;
}

function spread(values: readonly number[]): string {
  const sorted = [...values].sort((a, b) => a - b);
  const [least = 0, most = 0] = [sorted[0], sorted.at(-1)];
  return least === most ? seconds(least) : `${seconds(least)} to ${seconds(most)}`;
}

const times = (many: number): string => (many === 1 ? 'once' : many === 2 ? 'twice' : `${many} times`);

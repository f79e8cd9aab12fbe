/** What a caller does, one step after the other: from options of the command line or from typed lines. Pure. */
import { UsageError } from '../report.ts';

export type CallerAction =
  | { type: 'say'; text: string }
  /** Plays a recording. */
  | { type: 'wav'; file: string }
  | { type: 'keys'; digits: string }
  /** Says nothing for so long. */
  | { type: 'wait'; ms: number }
  | { type: 'hang-up' };

export type CallerStep = CallerAction & {
  /** Cuts in, so long after the agent has begun to answer. Left out: the caller waits until the agent has finished. */
  cutInMs?: number;
};

export const TYPED_HELP = [
  'text         says it, once the agent has finished',
  '! text       cuts in at once; from a pipe, one second into the answer',
  '/keys 123#   presses keys: 0-9, *, #',
  '/wav FILE    plays a recording',
  '/wait 2000   says nothing for so many milliseconds',
  '/hangup      hangs up',
];

/** A typed line; undefined for an empty one. @throws {UsageError} */
export function readTypedLine(line: string): CallerStep | undefined {
  const text = line.trim();
  if (text === '') return undefined;
  if (!text.startsWith('!')) return readAction(text);
  const action = readAction(text.slice(1).trim());
  if (action.type === 'wait') throw new UsageError('expected something to cut in with after !, got /wait');
  return { ...action, cutInMs: 0 };
}

function readAction(text: string): CallerAction {
  if (text === '') throw new UsageError('expected what the caller says after !, got nothing');
  const [, command, argument = ''] = /^\/([\w-]*)\s*(.*)$/s.exec(text) ?? [];
  switch (command) {
    case undefined:
      return { type: 'say', text };
    case 'keys':
      return { type: 'keys', digits: readDigits('/keys', argument) };
    case 'wav':
      if (argument === '') throw new UsageError('expected a file after /wav, got nothing');
      return { type: 'wav', file: argument };
    case 'wait':
      return { type: 'wait', ms: readMs('/wait', argument) };
    case 'hangup':
    case 'hang-up':
      return { type: 'hang-up' };
    default:
      throw new UsageError(`expected /keys, /wav, /wait or /hangup, got /${command}`);
  }
}

/** The steps that options of the command line add up to, in the order in which they were given. */
export class StepList {
  readonly #steps: CallerStep[] = [];
  #cutInMs: number | undefined;

  get isEmpty(): boolean {
    return this.#steps.length === 0 && this.#cutInMs === undefined;
  }

  add(action: CallerAction): void {
    this.#steps.push(this.#cutInMs === undefined ? action : { ...action, cutInMs: this.#cutInMs });
    this.#cutInMs = undefined;
  }

  /** For the step that is added next. */
  cutIn(ms: number): void {
    this.#cutInMs = ms;
  }

  /** @throws {UsageError} when a cut-in has nothing to cut in with */
  finish(): readonly CallerStep[] {
    if (this.#cutInMs === undefined) return this.#steps;
    throw new UsageError('expected --say, --wav or --keys after --cut-in, got nothing');
  }
}

export function readDigits(source: string, text: string): string {
  const digits = text.replace(/\s/g, '');
  if (/^[0-9*#]+$/.test(digits)) return digits;
  throw new UsageError(`expected ${source} to be keys of 0-9, * and #, got ${text || 'nothing'}`);
}

export function readMs(source: string, text: string): number {
  if (/^\d{1,8}$/.test(text.trim())) return Number(text);
  throw new UsageError(`expected ${source} to be whole milliseconds, got ${text || 'nothing'}`);
}

/**
 * A failure that its author hears of in one sentence and the model in another: a server that is down, a key that it does not take.
 * It is logged as any other error of a tool is; unlike a `ToolError` it is no answer, and a `read` may be run again for it.
 */
import { VoiceError } from '../lib/errors.ts';
import { fieldOf, isA } from '../lib/thrown.ts';

const TELLING = Symbol.for('parley-voice.telling-error');

/** What is known of a failure, beside its message for the author. */
export interface Telling {
  /** For the model, which every observer reads too. */
  told: string;
  /** Whether it is worth the retries of a `read`. */
  mayPass: boolean;
  /** Whether what the tool does has not been done, for certain. */
  isUndone: boolean;
}

/** `message`: for the log, which shows it whole, so that nothing of a caller or a secret may be in it. */
export class TellingError extends VoiceError implements Telling {
  override readonly name = 'TellingError';
  readonly [TELLING] = true;
  readonly told: string;
  readonly mayPass: boolean;
  readonly isUndone: boolean;
  constructor(message: string, { told, mayPass, isUndone, cause }: Telling & { cause?: unknown }) {
    super('provider-failed', message, cause === undefined ? undefined : { cause });
    this.told = told;
    this.mayPass = mayPass;
    this.isUndone = isUndone;
  }
}

/** What it tells; undefined for any other error. Never throws. */
export function tellingOf(thrown: unknown): Telling | undefined {
  if (!isA(thrown, Error) || fieldOf(thrown, TELLING) !== true) return undefined;
  const told = fieldOf(thrown, 'told');
  if (typeof told !== 'string') return undefined;
  return { told, mayPass: fieldOf(thrown, 'mayPass') === true, isUndone: fieldOf(thrown, 'isUndone') === true };
}

/** How such a sentence ends: with what is certain. */
export function ending(isUndone: boolean): string {
  return isUndone
    ? 'Nothing was changed. Tell the caller that it does not work at the moment.'
    : 'It is not certain whether it was done: tell the caller so.';
}

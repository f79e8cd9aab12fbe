import { VoiceError } from '../../../../src/lib/errors.ts';

/** The code of what `run` throws, undefined when it does not. What is not a `VoiceError` is thrown on. */
export function codeOf(run: () => unknown): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    if (!(error instanceof VoiceError)) throw error;
    return error.code;
  }
}

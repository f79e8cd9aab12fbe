/** Whether anything of a conversation worked: a command that has got no answer at all has failed, whatever it said instead. */
import type { Call } from '../call/call.ts';
import { VoiceError } from '../lib/errors.ts';

/** Returns what tells, after the call, why no turn was answered; undefined when one was, or none failed. */
export function watchAnswers(call: Call): () => VoiceError | undefined {
  let wasAnswered = false;
  let hasFailed = false;
  let why = '';
  call.on('turn-end', ({ outcome, heard }) => {
    if (outcome === 'failed') hasFailed = true;
    else if (heard.trim() !== '') wasAnswered = true;
  });
  call.on('error', ({ code, message, step }) => {
    if (step !== undefined) hasFailed = true;
    why = `: ${message}${code === 'unauthorized' ? ' (the key is SMALLEST_API_KEY)' : ''}`;
  });
  return () =>
    hasFailed && !wasAnswered ? new VoiceError('provider-failed', `no turn was answered${why}`) : undefined;
}

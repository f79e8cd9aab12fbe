/** `end_call`: the agent hangs up, once its last words have been heard (R19). */
import { z } from 'zod';
import { defineTool, hangUp } from '../define.ts';

const LONGEST_REASON = 200;

/** `end_call`: hangs up, once the last words have been heard; not when the caller speaks over them. */
export const endCall = defineTool({
  name: 'end_call',
  description: 'Ends the phone call. Use it when the caller has said goodbye or there is nothing left to do.',
  input: z.object({ reason: z.string().optional().describe('Why, in a few words.') }),
  effect: 'terminal',
  filler: ['Thank you for calling. Goodbye.', 'Goodbye, and have a good day.'],
  run: ({ reason }) => hangUp(reason?.trim().slice(0, LONGEST_REASON) || undefined),
});

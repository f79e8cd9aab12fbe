/** `send_digits` and `collect_digits`: the telephone's keys, in both directions. */
import { z } from 'zod';
import { ToolError, defineTool } from '../define.ts';

/** `send_digits`: presses keys on the agent's side of the line, where the line can do it. */
export const sendDigits = defineTool({
  name: 'send_digits',
  description: 'Presses keys on the phone line, to get through a menu of the other side or to give a code.',
  input: z.object({
    digits: z
      .string()
      .regex(/^[0-9*#w]{1,64}$/)
      .describe('Digits, * and #; w waits for half a second.'),
  }),
  effect: 'write',
  repeatable: true, // a menu may well ask for the same key twice
  async run({ digits }, { line }) {
    if (!line.sendDigits) throw new ToolError('This phone line cannot send digits.');
    await line.sendDigits(digits);
    return { sent: digits };
  },
});

const QUIET_MS = 6_000;
const MOST_DIGITS = 32;

/** `collect_digits`: waits for the caller to press keys, and takes them for itself meanwhile. */
export const collectDigits = defineTool({
  name: 'collect_digits',
  description:
    'Waits for the caller to enter digits on the keypad, after you have asked for them, and returns what was entered.',
  input: z.object({
    count: z.int().min(1).max(MOST_DIGITS).optional().describe('How many; leave out when it varies.'),
    terminator: z.enum(['#', '*']).optional().describe('The key that ends the entry.'),
  }),
  effect: 'read',
  filler: 'Please enter it on your keypad.',
  timeoutMs: 60_000,
  waitsForCaller: true,
  async run({ count, terminator }, { line, signal }) {
    if (!line.collectDigits) throw new ToolError('This phone line cannot receive digits. Ask the caller to say them.');
    const digits = await line.collectDigits({ count, terminator, timeoutMs: QUIET_MS, signal });
    if (digits === '') return { digits, note: 'The caller pressed nothing.' };
    return count !== undefined && digits.length < count
      ? { digits, note: `The caller pressed ${digits.length} of ${count}.` }
      : { digits };
  },
});

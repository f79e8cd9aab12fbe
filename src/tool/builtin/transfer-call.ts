/** `transfer_call`: the agent hands the caller over, once its last words have been heard (R19). */
import { z } from 'zod';
import { messageOf, VoiceError } from '../../lib/errors.ts';
import { defineTool, transferTo, type ToolDefinition } from '../define.ts';

/** Whom a `transfer_call` may hand a caller over to. */
export interface TransferCallOptions {
  /**
   * Where the caller may be sent: a name for the model, and the phone number or SIP address that it stands for. The
   * model sees only the names, so that no caller can talk it into dialling a number of theirs.
   */
  destinations?: Readonly<Record<string, string>> | undefined;
}

const FILLER = ['I am putting you through now.', 'One moment, I am connecting you.'];

/**
 * Makes a `transfer_call`. Without `destinations`, the model may name any number: say in the instructions which.
 * @throws {VoiceError} `options-invalid`, when `destinations` is empty or has an empty name or number.
 */
export function transferCall({ destinations }: TransferCallOptions = {}): ToolDefinition {
  return destinations === undefined ? toAnywhere() : toOneOf(destinations);
}

function toAnywhere(): ToolDefinition {
  return defineTool({
    name: 'transfer_call',
    description: 'Hands the caller over to someone else and ends your part of the call.',
    input: z.object({ to: z.string().trim().min(1).describe('Phone number such as +15551230000, or SIP address.') }),
    effect: 'terminal',
    filler: FILLER,
    run: ({ to }) => transferTo(to),
  });
}

function toOneOf(destinations: Readonly<Record<string, string>>): ToolDefinition {
  const numbers = new Map(Object.entries(destinations));
  const [first, ...others] = numbers.keys();
  if (first === undefined) {
    throw new VoiceError('options-invalid', 'Expected `destinations` to name at least one number, got none');
  }
  for (const [name, number] of numbers) {
    if (name.trim() !== '' && typeof number === 'string' && number.trim() !== '') continue;
    const got = `\`${messageOf(number)}\` for \`${name}\``;
    throw new VoiceError('options-invalid', `Expected \`destinations\` to hold names and their numbers, got ${got}`);
  }
  return defineTool({
    name: 'transfer_call',
    description: 'Hands the caller over to someone else and ends your part of the call.',
    input: z.object({ to: z.enum([first, ...others]).describe('Who to put the caller through to.') }),
    effect: 'terminal',
    filler: FILLER,
    run: ({ to }) => transferTo(numbers.get(to) ?? to),
  });
}

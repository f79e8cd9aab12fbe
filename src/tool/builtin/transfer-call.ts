/** `transfer_call`: the agent hands the caller over, once its last words have been heard (R19). */
import { z } from 'zod';
import { messageOf, VoiceError } from '../../lib/errors.ts';
import { defineTool, isDestination, transferTo, type ToolDefinition, type WarmOptions } from '../define.ts';
import { problemOfWarm } from '../warm-order.ts';

/** Whom a `transfer_call` may hand a caller over to. */
export interface TransferCallOptions {
  /**
   * Where the caller may be sent: a name for the model, and the phone number or SIP address that it stands for. The
   * model sees only the names, so that no caller can talk it into dialling a number of theirs.
   */
  destinations?: Readonly<Record<string, string>> | undefined;
  /**
   * In person: whoever is to take the call is rung first, hears from the model what it is about, and is asked; the caller waits,
   * and is back with the agent when nobody takes it. `true`, or how. Default: the caller is sent on.
   */
  warm?: boolean | Omit<WarmOptions, 'summary'> | undefined;
}

const FILLER = ['I am putting you through now.', 'One moment, I am connecting you.'];
const WARM_FILLER = [
  'Please hold the line, I will see whether somebody can take your call.',
  'One moment, I am asking somebody.',
];

const DESCRIPTION = 'Hands the caller over to someone else and ends your part of the call.';
const WARM_DESCRIPTION =
  'Asks someone else to take the caller over: they are called and told the summary while the caller waits. If they do, your part of the call ends; if not, you are told why.';

/**
 * Makes a `transfer_call`. Without `destinations`, the model may name any number: say in the instructions which.
 * @throws {VoiceError} `options-invalid`, when `destinations` is empty or has an empty name or number, or `warm` makes no sense.
 */
export function transferCall(options: TransferCallOptions = {}): ToolDefinition {
  checkOptions(options);
  const { destinations, warm = false } = options;
  const how = warm === true ? {} : warm === false ? undefined : warm;
  return destinations === undefined ? toAnywhere(how) : toOneOf(destinations, how);
}

/** What is wrong is said where it is written, and not in a call. */
function checkOptions({ warm = false, destinations: _, ...others }: TransferCallOptions): void {
  const isHow = typeof warm === 'object' && (warm as unknown) !== null;
  const { ringMs, waitSound, ...unknown } = isHow ? warm : {};
  const [other] = [...Object.keys(others), ...Object.keys(unknown).map((name) => `warm.${name}`)];
  if (other !== undefined) {
    const expected = '`destinations` and `warm`, which has `ringMs` and `waitSound`';
    const message = `Expected the options of transferCall() to be ${expected}, got \`${other}\``;
    throw new VoiceError('options-invalid', message);
  }
  const wrong =
    isHow || typeof warm === 'boolean'
      ? problemOfWarm({ summary: 'said in the call', ringMs, waitSound })
      : `to be true, false or an object, got \`${messageOf(warm)}\``;
  if (wrong !== undefined) throw new VoiceError('options-invalid', `Expected \`warm\` of transferCall() ${wrong}`);
}

type How = Omit<WarmOptions, 'summary'> | undefined;

const SUMMARY = z
  .string()
  .trim()
  .min(1)
  .max(500)
  .describe('What they should know, in a sentence or two: who is calling, what about, what was done.');

const ONE_LINE = 'a number or an address, without line breaks and the like';

function toAnywhere(how: How): ToolDefinition {
  const to = z
    .string()
    .trim()
    .min(1)
    .refine(isDestination, ONE_LINE)
    .describe('Phone number such as +15551230000, or SIP address.');
  return how ? warmTool(to, how, (name) => name) : coldTool(to, (name) => name);
}

function toOneOf(destinations: Readonly<Record<string, string>>, how: How): ToolDefinition {
  const numbers = new Map(Object.entries(destinations));
  const [first, ...others] = numbers.keys();
  if (first === undefined) {
    throw new VoiceError('options-invalid', 'Expected `destinations` to name at least one number, got none');
  }
  for (const [name, number] of numbers) {
    if (name.trim() !== '' && isDestination(number)) continue;
    const got = `\`${messageOf(number)}\` for \`${name}\``;
    throw new VoiceError('options-invalid', `Expected \`destinations\` to hold names and their numbers, got ${got}`);
  }
  const to = z.enum([first, ...others]).describe('Who to put the caller through to.');
  const numberOf = (name: string) => numbers.get(name) ?? name;
  return how ? warmTool(to, how, numberOf) : coldTool(to, numberOf);
}

const coldTool = (to: z.ZodType<string>, numberOf: (name: string) => string): ToolDefinition =>
  defineTool({
    ...{ name: 'transfer_call', description: DESCRIPTION, effect: 'terminal', filler: FILLER },
    input: z.object({ to }),
    run: (input) => transferTo(numberOf(input.to)),
  });

const warmTool = (to: z.ZodType<string>, how: NonNullable<How>, numberOf: (name: string) => string): ToolDefinition =>
  defineTool({
    ...{ name: 'transfer_call', description: WARM_DESCRIPTION, effect: 'terminal', filler: WARM_FILLER },
    input: z.object({ to, summary: SUMMARY }),
    run: ({ to: name, summary }) => transferTo(numberOf(name), { warm: { ...how, summary } }),
  });

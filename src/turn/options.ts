/** Every timing and number of the rules, with its default; the agent file's `turn` and `phrases`. */
import { z } from 'zod';
import type { ToolFacts } from '../tool/contract.ts';

const ms = (least: number, most: number, standard: number) => z.int().min(least).max(most).default(standard);

export const TurnOptions = z.strictObject({
  /** Silence that ends the caller's turn when it sounds complete, in milliseconds. */
  endpointMs: ms(100, 5_000, 500),
  /** The same when it sounds open-ended: "and then", "my number is". */
  openEndpointMs: ms(100, 10_000, 1_100),
  /** Words, backchannels not counted, that make the caller's speech over the agent's an interruption (R11). */
  interruptWords: z.int().min(1).max(20).default(2),
  /** Voice that does the same before any word is understood. Long enough to let a cough and "mm-hm" pass. */
  interruptMs: ms(100, 10_000, 800),
  /** How long playback stays paused for speech that nothing confirms, before it resumes. */
  pauseMs: ms(100, 10_000, 2_000),
  /** Model requests in one turn, those after tools included (R8). */
  maxSteps: z.int().min(1).max(20).default(6),
  /** An ended write with equal arguments is answered from its journal for so long (R15). */
  dedupeMs: ms(0, 600_000, 30_000),
  /** A step that calls tools and has said nothing speaks the tool's filler after this (R16). */
  fillerAfterMs: ms(0, 10_000, 350),
  /** The longest that the agent keeps the caller in silence (R17). */
  silenceMs: ms(200, 30_000, 1_500),
  /** Between progress phrases. */
  progressMs: ms(500, 60_000, 4_000),
  /** Silence, phrases aside, after which the agent gives up on what it waits for. */
  giveUpMs: ms(1_000, 300_000, 20_000),
  /** Where to, when the agent gives up: a number or name that the bridge can transfer to. Default: nowhere. */
  transferTo: z.string().min(1).optional(),
  /** A caller's silence before they are nudged (R18). */
  awayMs: ms(1_000, 600_000, 15_000),
  /** Nudges before the call ends. */
  nudges: z.int().min(0).max(10).default(2),
  /** How long a result that came late waits for the caller to speak before it starts a step of its own (R14). */
  lateResultMs: ms(0, 30_000, 700),
  /** A call that lasts for longer is ended, politely. `none`: however long it lasts. */
  longestCallMs: z.union([z.int().min(1_000).max(86_400_000), z.literal('none')]).default(7_200_000),
  /** Pause after the last key that ends a row of digits. */
  digitsMs: ms(200, 30_000, 2_000),
  /** How far ahead of real time playback is sent. */
  leadMs: ms(40, 5_000, 300),
  /** Prompt tokens at which old turns are dropped, down to half (R23). */
  compactAtTokens: z.int().min(500).max(31_000).default(26_000),
  /** Messages at which old turns are dropped, down to half. */
  compactAtMessages: z.int().min(10).max(190).default(180),
});
export type TurnOptions = z.output<typeof TurnOptions>;
export type TurnOptionsInput = z.input<typeof TurnOptions>;

const phrases = (...standard: string[]) =>
  z
    .union([
      z
        .string()
        .min(1)
        .transform((one) => [one]),
      z.array(z.string().min(1)).min(1),
    ])
    .default(standard);

/** What the agent says when the model does not. Each is one phrase or several, used in turn. */
export const Phrases = z.strictObject({
  /** When something failed and the caller has to say it again. */
  recovery: phrases(
    'Sorry, something went wrong on my side. Could you say that again?',
    'I am sorry, I lost that. Could you please repeat it?',
  ),
  /** When the model or the queue is slow and no tool has a phrase of its own. */
  hold: phrases('One moment, please.', 'Just a second.'),
  /** When it goes on being slow. */
  progress: phrases('I am still working on it.', 'Thank you for waiting, this is taking a little longer.'),
  /** When the caller says nothing for a long time. */
  nudge: phrases('Are you still there?', 'Hello, can you hear me?'),
  /** In place of the greeting, to a caller who was cut off, or sent away, and is back in the same call. */
  welcomeBack: phrases('I am back on the line. Let us go on where we stopped.'),
  /** Before Parley itself ends the call. */
  goodbye: phrases('Thank you for calling. Goodbye.'),
  /** Before it ends the call because that has lasted for so long (`longestCallMs`). */
  tooLong: phrases('I am sorry, we have to end this call here. Please call again. Goodbye.'),
  /** Before it ends the call because it can no longer hear the caller, or hardly speak. */
  outage: phrases('I am sorry, we have a technical problem. Please call again in a few minutes. Goodbye.'),
  /** The same when there is somebody to hand the caller to (`transferTo`). */
  handover: phrases('I am sorry, we have a technical problem. I am putting you through to someone.'),
});
export type Phrases = z.output<typeof Phrases>;
export type PhrasesInput = z.input<typeof Phrases>;

/** What a machine is built from. Plain data: the first line of a recording holds it, and replay starts from it. */
export const MachineOptions = z.strictObject({
  /** The system prompt, verbatim; never changes during a call. */
  instructions: z.string(),
  /** Spoken at once, without a model request. */
  greeting: z.string().optional(),
  tools: z.array(
    z.strictObject({
      name: z.string(),
      effect: z.enum(['read', 'write', 'terminal']),
      filler: z.array(z.string()),
      progress: z.array(z.string()),
      waitsForCaller: z.boolean().optional(),
    }),
  ),
  turn: TurnOptions,
  phrases: Phrases,
  /** Code of the language that is listened for: what listeners say in it interrupts nobody. Default `en`. */
  language: z.string().optional(),
  /**
   * `emitted`: text counts as heard when it is said (chat). `reported`: `heard` and `playback-idle` events say what the
   * caller has heard (a voice). `line`: they do too, of a line that hears and speaks by itself (a text bridge): it speaks
   * what it was given, unless it stops by itself and says so.
   */
  heardBy: z.enum(['emitted', 'reported', 'line']),
});
type Parsed = z.output<typeof MachineOptions>;
export interface MachineOptions extends Omit<Parsed, 'tools' | 'greeting' | 'language'> {
  greeting?: string | undefined;
  language?: string | undefined;
  tools: readonly ToolFacts[];
}

/** Every timing and number of the rules, with its default; the agent file's `turn` and `phrases`. */
import { z } from 'zod';
import type { ToolFacts } from '../tool/contract.ts';
import type { Pressed } from './menu-loops.ts';

const ms = (least: number, most: number, standard: number) => z.int().min(least).max(most).default(standard);

/** A field's comment is what an editor shows and what `docs/agent.md` says: its sentence, then its unit, range and default. */
const TURN_FIELDS = {
  /**
   * Silence that ends the caller's turn where it may well be complete; it is shorter the surer that is, and longer where more
   * is to be expected. Shifts all of these alike. Milliseconds, 100 to 5,000; default 500.
   */
  endpointMs: ms(100, 5_000, 500),
  /** The shortest silence that ends a turn, however sure it is that the caller has finished. Milliseconds, 100 to 5,000; default 250. */
  leastEndpointMs: ms(100, 5_000, 250),
  /** The longest that is waited for, however open it sounds: "and then", half a number. Milliseconds, 100 to 10,000; default 3,000. */
  mostEndpointMs: ms(100, 10_000, 3_000),
  /** Counts no more: `mostEndpointMs` has taken its place. Still read, for older agent files and recordings. Milliseconds, 100 to 10,000. Default: not set. */
  openEndpointMs: z.int().min(100).max(10_000).optional(),
  /**
   * Requests of a turn that are sent before it is sure that the caller has finished, while the plan has room to spare; what
   * they bring is heard once it is sure. Without room to spare silences are waited for longer. 0 to 5, 0: none; default 2.
   */
  aheadRequests: z.int().min(0).max(5).default(2),
  /** Words, backchannels not counted, that make the caller's speech over the agent's an interruption. 1 to 20; default 2. */
  interruptWords: z.int().min(1).max(20).default(2),
  /**
   * Voice that does the same before any word is understood: long enough to let a cough and "mm-hm" pass. Milliseconds, 100 to
   * 10,000; default 800.
   */
  interruptMs: ms(100, 10_000, 800),
  /** How long playback stays paused for speech that nothing confirms, before it resumes. Milliseconds, 100 to 10,000; default 2,000. */
  pauseMs: ms(100, 10_000, 2_000),
  /** Model requests in one turn, those after tools included; the last one may call no tool. 1 to 20; default 6. */
  maxSteps: z.int().min(1).max(20).default(6),
  /**
   * An ended write with equal arguments is answered from its journal for so long, instead of being done again. Milliseconds,
   * 0 to 600,000; default 30,000.
   */
  dedupeMs: ms(0, 600_000, 30_000),
  /** A step that calls tools and has said nothing speaks the tool's filler after this. Milliseconds, 0 to 10,000; default 350. */
  fillerAfterMs: ms(0, 10_000, 350),
  /** The longest that the agent keeps the caller in silence before it says a phrase. Milliseconds, 200 to 30,000; default 1,500. */
  silenceMs: ms(200, 30_000, 1_500),
  /** Between progress phrases, while the caller still waits. Milliseconds, 500 to 60,000; default 4,000. */
  progressMs: ms(500, 60_000, 4_000),
  /** Silence, phrases aside, after which the agent gives up on what it waits for. Milliseconds, 1,000 to 300,000; default 20,000. */
  giveUpMs: ms(1_000, 300_000, 20_000),
  /** Where to, when the agent gives up: a number or name that the line can transfer to. Default: nowhere. */
  transferTo: z.string().min(1).optional(),
  /** A caller's silence before they are nudged. Milliseconds, 1,000 to 600,000; default 15,000. */
  awayMs: ms(1_000, 600_000, 15_000),
  /** Nudges before the call ends. 0 to 10; default 2. */
  nudges: z.int().min(0).max(10).default(2),
  /** Whether the call ends when the caller says nothing after the last nudge; else it waits for them. Default: true. */
  awayEnds: z.boolean().default(true),
  /**
   * How long a result that came late waits for the caller to speak before it starts a step of its own. Milliseconds, 0 to
   * 30,000; default 700.
   */
  lateResultMs: ms(0, 30_000, 700),
  /**
   * A call that lasts for longer is ended, politely. Milliseconds, 1,000 to 86,400,000, or `none`: however long it lasts;
   * default 7,200,000, two hours.
   */
  longestCallMs: z.union([z.int().min(1_000).max(86_400_000), z.literal('none')]).default(7_200_000),
  /** So long the agent waits on hold before its model is asked whether to go on. Milliseconds, 10,000 to 7,200,000; default 1,800,000, half an hour. */
  mostHoldMs: ms(10_000, 7_200_000, 1_800_000),
  /** Pause after the last key that ends a row of digits. Milliseconds, 200 to 30,000; default 2,000. */
  digitsMs: ms(200, 30_000, 2_000),
  /**
   * How often the caller is handed from one agent of a team to another without a word of theirs in between; then it is the agent's
   * turn that has them. 0 to 50; default 6.
   */
  mostHandoffs: z.int().min(0).max(50).default(6),
  /** How far ahead of real time playback is sent. Milliseconds, 40 to 5,000; default 300. */
  leadMs: ms(40, 5_000, 300),
  /** Size of the prompt at which old turns are dropped, down to half. Tokens, 500 to 31,000; default 26,000. */
  compactAtTokens: z.int().min(500).max(31_000).default(26_000),
  /** Messages at which old turns are dropped, down to half. 10 to 190; default 180. */
  compactAtMessages: z.int().min(10).max(190).default(180),
};
/** Named, so that the comments of its fields reach whoever installs the package. */
export interface TurnSchema extends z.ZodObject<typeof TURN_FIELDS, z.core.$strict> {}
export const TurnOptions: TurnSchema = z.strictObject(TURN_FIELDS);
export type TurnOptions = z.output<typeof TurnOptions>;
export type TurnOptionsInput = z.input<typeof TurnOptions>;

const Words = z.string().min(1);
const OneOrMore = z.union([Words.transform((one) => [one]), z.array(Words).min(1)]);
const phrases = (...standard: string[]) => OneOrMore.default(standard);

const PHRASE_FIELDS = {
  /** Said when something failed and the caller has to say it again. Default: two sentences in English. */
  recovery: phrases(
    'Sorry, something went wrong on my side. Could you say that again?',
    'I am sorry, I lost that. Could you please repeat it?',
  ),
  /** Said when the model or the queue is slow and no tool has a phrase of its own. Default: two sentences in English. */
  hold: phrases('One moment, please.', 'Just a second.'),
  /** Said when it goes on being slow. Default: two sentences in English. */
  progress: phrases('I am still working on it.', 'Thank you for waiting, this is taking a little longer.'),
  /** Said when the caller says nothing for a long time (`turn.awayMs`). Default: two sentences in English. */
  nudge: phrases('Are you still there?', 'Hello, can you hear me?'),
  /** Said in place of the greeting to a caller who was cut off, or sent away, and is back in the same call. Default: a sentence in English. */
  welcomeBack: phrases('I am back on the line. Let us go on where we stopped.'),
  /** Left on the answering machine of somebody who was called, where the order has no message of its own. Default: a sentence in English. */
  voicemail: phrases('Hello. This is an automated call: we have tried to reach you, and will try again. Goodbye.'),
  /** Said behind what a caller wants, to somebody who is rung to take them over: how they say whether they do. Default: two sentences in English. */
  offer: phrases('Press 1, or say yes, to take the call. Press 2, or say no, if you cannot.'),
  /** Said before Parley itself ends the call. Default: a sentence in English. */
  goodbye: phrases('Thank you for calling. Goodbye.'),
  /** Said before it ends the call because that has lasted for so long (`turn.longestCallMs`). Default: a sentence in English. */
  tooLong: phrases('I am sorry, we have to end this call here. Please call again. Goodbye.'),
  /** Said before it ends the call because it can no longer hear the caller, or hardly speak. Default: a sentence in English. */
  outage: phrases('I am sorry, we have a technical problem. Please call again in a few minutes. Goodbye.'),
  /** The same when there is somebody to hand the caller to (`turn.transferTo`). Default: a sentence in English. */
  handover: phrases('I am sorry, we have a technical problem. I am putting you through to someone.'),
};
/** Named for the same reason. */
export interface PhrasesSchema extends z.ZodObject<typeof PHRASE_FIELDS, z.core.$strict> {}
/** What the agent says when the model does not. Each is one phrase or several, used in turn. */
export const Phrases: PhrasesSchema = z.strictObject(PHRASE_FIELDS);
export type Phrases = z.output<typeof Phrases>;
export type PhrasesInput = z.input<typeof Phrases>;

const Tool = z.strictObject({
  name: z.string(),
  effect: z.enum(['read', 'write', 'terminal']),
  filler: z.array(z.string()),
  progress: z.array(z.string()),
  waitsForCaller: z.boolean().optional(),
  isTask: z.boolean().optional(),
});

/** What of a machine's options belongs to one agent: a handover (R27) changes all of it. */
const PERSONA_FIELDS = {
  /** The agent's name, where there is a team; else it is nobody's business. */
  agent: z.string().optional(),
  /** Whom it may hand the caller over to: its own names for them, and theirs. Default: nobody. */
  team: z.record(z.string(), z.string()).optional(),
  /** The system prompt, verbatim; changes with the agent alone. */
  instructions: z.string(),
  /** Spoken at once, without a model request. */
  greeting: z.string().optional(),
  tools: z.array(Tool),
  turn: TurnOptions,
  phrases: Phrases,
  /** Code of the language that is listened for: what listeners say in it interrupts nobody. Default `en`. */
  language: z.string().optional(),
};
const OneAgent = z.strictObject(PERSONA_FIELDS);

/** What a machine is built from. Plain data: the first line of a recording holds it, and replay starts from it. */
export const MachineOptions = z.strictObject({
  /** Of the agent that the call begins with. */
  ...PERSONA_FIELDS,
  /** The other agents of its team, and of theirs, each with a name of its own. Default: there are none. */
  others: z.array(OneAgent).optional(),
  /** Keys that were pressed on earlier lines of the same call, and what was heard before each. Default: none. */
  pressed: z.array(z.strictObject({ words: z.string(), keys: z.string() })).optional(),
  /**
   * `emitted`: text counts as heard when it is said (chat). `reported`: `heard` and `playback-idle` events say what the
   * caller has heard (a voice). `line`: they do too, of a line that hears and speaks by itself (a text bridge): it speaks
   * what it was given, unless it stops by itself and says so.
   */
  heardBy: z.enum(['emitted', 'reported', 'line']),
});

type OptionalOf = 'greeting' | 'language' | 'agent' | 'team';
type Parsed = z.output<typeof MachineOptions>;
/** What of a machine's options belongs to one agent. */
export interface Persona extends Omit<z.output<typeof OneAgent>, 'tools' | OptionalOf> {
  agent?: string | undefined;
  team?: Readonly<Record<string, string>> | undefined;
  greeting?: string | undefined;
  language?: string | undefined;
  tools: readonly ToolFacts[];
}
export interface MachineOptions extends Persona {
  heardBy: Parsed['heardBy'];
  others?: readonly Persona[] | undefined;
  pressed?: readonly Pressed[] | undefined;
}

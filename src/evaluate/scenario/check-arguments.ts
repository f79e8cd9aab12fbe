/** What each check is told in a scenario: nothing, a number, words, or an object. The checks themselves: `checks.ts`. */
import { z } from 'zod';
import { JUDGED_RULES } from '../../testing/checks/keeps-the-rules.ts';
import { nearestName } from '../../testing/near-name.ts';
import { END_REASONS } from '../../watch/end-reason.ts';
import { DurationMs, PatternText } from './units.ts';

const NOTHING = 'expected nothing behind this check';
const nothing = z.union([z.undefined(), z.null(), z.literal(true)], NOTHING).transform(() => undefined);
const Words = z.string().min(1);
const someWords = z.union(
  [Words.transform((one) => [one]), z.array(Words).min(1)],
  'expected a text, or a list of texts',
);
const patterns = z.union([PatternText.transform((one) => [one]), z.array(PatternText).min(1)], {
  error: 'expected words, a regular expression between slashes, or a list of these',
});

/** A tool or a program may end a call for any reason; what is nearly one of Parley's own is meant to be that. */
const reasons = someWords.superRefine((written, context) => {
  for (const reason of written) {
    const near = END_REASONS.has(reason) ? undefined : nearestName(reason, [...END_REASONS]);
    if (near !== undefined)
      context.addIssue({
        code: 'custom',
        message: `expected why calls end, got \`${reason}\`: did you mean \`${near}\`?`,
      });
  }
});
const Rule = z.enum(JUDGED_RULES, { error: `expected rules that are looked at, of ${JUDGED_RULES.join(', ')}` });

const ToolWanted = z.union(
  [
    Words.transform((name) => ({ name })),
    z.strictObject({
      name: Words,
      args: z.record(z.string(), z.unknown()).optional(),
      times: z.int().nonnegative().optional(),
      before: Words.optional(),
    }),
  ],
  { error: 'expected the name of a tool, or { name, args, times, before }' },
);

const CameBack = z.union(
  [Words.transform((from) => ({ from })), z.strictObject({ from: Words, why: PatternText.optional() })],
  { error: 'expected the number that was rung, or { from, why }' },
);

export const CHECK_ARGUMENTS = {
  calledTool: ToolWanted,
  noOtherTool: z.union([nothing, z.array(Words)]),
  toolOrder: z.array(Words).min(2, 'expected two names of tools or more, in their order'),
  effectsOnce: nothing,
  world: z.record(z.string(), z.unknown()),
  said: patterns,
  heard: patterns,
  told: someWords,
  filler: z.union([nothing, PatternText]),
  noRepeats: nothing,
  speakable: nothing,
  brief: z.int('expected how many words a turn may have').positive(),
  unusedReply: nothing,
  answerWithin: DurationMs,
  noDeadAirOver: DurationMs,
  noGapOver: DurationMs,
  noTalkOver: nothing,
  yieldedWithin: DurationMs,
  falseStops: z.union([nothing.transform(() => 0), z.int().nonnegative()]),
  keptTalking: nothing,
  trueHistory: nothing,
  goodbyeHeard: nothing,
  ended: reasons,
  transferredTo: Words,
  cameBack: CameBack,
  personHeard: patterns,
  digits: z.string('expected keys as a text, such as "4711": without quotes YAML reads a number'),
  wer: z.strictObject({ most: z.number().min(0), when: z.literal('real-hearing').optional() }),
  cost: z.strictObject({ most: z.number().positive() }),
  keepsTheRules: z.union([nothing, z.array(Rule).min(1)], {
    error: `expected nothing behind it, or a list of rules, such as [R14]: those are ${JUDGED_RULES.join(', ')}`,
  }),
} as const;

export type CheckName = keyof typeof CHECK_ARGUMENTS;
export type CheckArgument<Name extends CheckName> = z.output<(typeof CHECK_ARGUMENTS)[Name]>;

export const CHECK_NAMES = Object.keys(CHECK_ARGUMENTS) as CheckName[];
export const isCheckName = (name: string): name is CheckName => Object.hasOwn(CHECK_ARGUMENTS, name);

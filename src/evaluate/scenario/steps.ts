/** What a scripted caller does, one thing after the other: each step is one word of these, with what belongs to it. */
import { z } from 'zod';
import { nearestName } from '../../testing/near-name.ts';
import { CheckList, type CheckInput, type CheckUse } from './check-use.ts';
import { DurationMs, PatternText, type Duration } from './units.ts';

/** Where in what the agent says: at a word, so long after its first sound, at a share of it, or at its so many-th word. */
export type Instant =
  | { at: 'word'; word: string }
  | { at: 'time'; ms: number }
  | { at: 'share'; share: number }
  | { at: 'number'; number: number };

/** One step, as a person writes it. Beside `say` and `cutIn`, `as` is what the ear understands in place of it. */
export type StepInput =
  | { say: string; as?: string; pauseMs?: Duration }
  | { hears: string | RegExp }
  | { cutIn: { at: string | number | { word: number }; say: string }; as?: string }
  | { press: string }
  | { make: 'mm-hm' | 'cough' }
  | { wait: Duration }
  | { hangUp: true }
  | 'hangUp'
  | { expect: CheckInput[] };

/** The same, read. */
export type Step =
  | { does: 'say'; text: string; as: string | undefined; pauseMs: number | undefined }
  | { does: 'hears'; what: string | RegExp }
  | { does: 'cutIn'; instant: Instant; text: string; as: string | undefined }
  | { does: 'press'; keys: string }
  | { does: 'make'; sound: 'mm-hm' | 'cough' }
  | { does: 'wait'; ms: number }
  | { does: 'hangUp' }
  | { does: 'expect'; checks: CheckUse[] };

const KEYS_ARE_TEXT =
  'expected keys as a text, such as "012": without quotes YAML reads a number, which has lost its zeros';
const INSTANT = 'expected a word of the agent\'s, a time such as 800ms, or a share such as "50 %"';

const Words = z.string().min(1);
const Keys = z.string({ error: KEYS_ARE_TEXT }).regex(/^[0-9*#A-D]+$/, 'expected keys: 0 to 9, *, # and A to D');

const InstantText = z.unknown().transform((value, context): Instant => {
  const instant = readInstant(value);
  if (instant) return instant;
  context.issues.push({ code: 'custom', message: INSTANT, input: value });
  return z.NEVER;
});

function readInstant(value: unknown): Instant | undefined {
  if (typeof value === 'number' && value >= 0) return { at: 'time', ms: value };
  if (typeof value === 'object' && value !== null && 'word' in value) {
    return Number.isInteger(value.word) && Number(value.word) > 0
      ? { at: 'number', number: Number(value.word) }
      : undefined;
  }
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  const [, share] = /^\s*(\d+(?:\.\d+)?)\s*%\s*$/.exec(value) ?? [];
  if (share !== undefined) return Number(share) <= 100 ? { at: 'share', share: Number(share) / 100 } : undefined;
  const time = DurationMs.safeParse(value);
  return time.success ? { at: 'time', ms: time.data } : { at: 'word', word: value.trim() };
}

const as = Words.optional();

/** By the word that a step begins with: what stands behind it and beside it. */
const VERBS = {
  say: z.strictObject({ say: Words, as, pauseMs: DurationMs.optional() }),
  hears: z.strictObject({ hears: PatternText }),
  cutIn: z.strictObject({ cutIn: z.strictObject({ at: InstantText, say: Words }), as }),
  press: z.strictObject({ press: Keys }),
  make: z.strictObject({ make: z.enum(['mm-hm', 'cough']) }),
  wait: z.strictObject({ wait: DurationMs }),
  hangUp: z.strictObject({ hangUp: z.literal(true).nullable() }),
  expect: z.strictObject({ expect: CheckList }),
} as const;
type Verb = keyof typeof VERBS;
type Read<Name extends Verb> = z.output<(typeof VERBS)[Name]>;

const READERS: { [Name in Verb]: (step: Read<Name>) => Step } = {
  say: ({ say, as, pauseMs }) => ({ does: 'say', text: say, as, pauseMs }),
  hears: ({ hears }) => ({ does: 'hears', what: hears }),
  cutIn: ({ cutIn, as }) => ({ does: 'cutIn', instant: cutIn.at, text: cutIn.say, as }),
  press: ({ press }) => ({ does: 'press', keys: press }),
  make: ({ make }) => ({ does: 'make', sound: make }),
  wait: ({ wait }) => ({ does: 'wait', ms: wait }),
  hangUp: () => ({ does: 'hangUp' }),
  expect: ({ expect }) => ({ does: 'expect', checks: expect }),
};

const NAMES = Object.keys(VERBS).join(', ');
const isVerb = (name: string): name is Verb => Object.hasOwn(VERBS, name);

/** A step, of the one word that says what it is. */
export const ScriptStep = z
  .union([z.literal('hangUp').transform(() => ({ hangUp: true })), z.record(z.string(), z.unknown())], {
    error: `expected a step: one of ${NAMES}`,
  })
  .transform((written, context): Step => {
    const verbs = Object.keys(written).filter(isVerb);
    const [verb] = verbs;
    if (verb === undefined || verbs.length > 1) {
      const [first = ''] = Object.keys(written);
      const message = verb === undefined ? noVerb(first) : `expected one step, got ${verbs.join(' and ')} in one`;
      context.issues.push({ code: 'custom', message, input: written, path: verb === undefined ? [first] : [] });
      return z.NEVER;
    }
    return readAs(verb, written, context);
  });

function readAs<Name extends Verb>(verb: Name, written: unknown, context: z.core.ParsePayload): Step {
  const read = VERBS[verb].safeParse(written);
  if (read.success) return READERS[verb](read.data as Read<Name>);
  for (const issue of read.error.issues) context.issues.push({ ...issue, input: written } as z.core.$ZodRawIssue);
  return z.NEVER;
}

function noVerb(written: string): string {
  const near = nearestName(written, Object.keys(VERBS));
  const help = near ? `did you mean \`${near}\`?` : `those are ${NAMES}`;
  return `\`${written}\` is not a step: ${help}`;
}

/** Regular expressions that people write into options: checked when they are read, the same everywhere afterwards. */
import { z } from 'zod';

/** Upper and lower case are alike. */
export function toRegExp(pattern: string): RegExp {
  return new RegExp(pattern, 'iu');
}

export const Pattern = z.string().superRefine((pattern, context) => {
  try {
    toRegExp(pattern);
  } catch (error) {
    context.addIssue({
      code: 'custom',
      message: `Expected a regular expression, got \`${pattern}\` (${String(error)})`,
    });
  }
});

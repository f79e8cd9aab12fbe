/** What people said of recorded calls: the yardstick of a judge. */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { messageOf, VoiceError } from '../../lib/errors.ts';
import { fileError } from '../../lib/file-error.ts';

const YES_OR_NO = z.union(
  [z.enum(['yes', 'no']), z.boolean().transform((value) => (value ? ('yes' as const) : ('no' as const)))],
  {
    error: 'expected `label` to be yes or no',
  },
);
const Labels = z
  .array(
    z.strictObject({
      /** Folder of the recorded call, relative to this file. */
      call: z.string().min(1),
      /** What may have happened in it, as a criterion says it. */
      criterion: z.string().min(1),
      /** Whether it did. */
      label: YES_OR_NO,
    }),
  )
  .min(1);
export type Label = z.output<typeof Labels>[number];

/** @throws {VoiceError} `file-unreadable`, or `options-invalid` with what is wrong */
export async function readLabels(file: string): Promise<Label[]> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw fileError('read', file, error);
  });
  const { parse } = await import('yaml');
  let value: unknown;
  try {
    value = parse(text);
  } catch (error) {
    throw new VoiceError('options-invalid', `${file}: ${messageOf(error)}`, { cause: error });
  }
  const read = Labels.safeParse(value);
  if (read.success) return read.data;
  const expected = 'expected a list of { call: FOLDER, criterion: "...", label: yes or no }';
  throw new VoiceError(
    'options-invalid',
    `${file}: ${expected}: ${z.prettifyError(read.error).replace(/\s*\n\s*/g, ' ')}`,
  );
}

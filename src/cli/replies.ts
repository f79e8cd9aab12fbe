/** A file of reply rules: what the stand-in for the model says, and calls, when it is asked this or that. */
import { readFile } from 'node:fs/promises';
import { isRecord, parseJson, tellOther } from '../lib/json.ts';
import { VoiceError } from '../lib/errors.ts';
import type { ModelStandInOptions } from '../simulate/stand-ins.ts';
import { fileError } from '../lib/file-error.ts';

export const REPLIES_HELP =
  '\nReplies: [{ "when": "refund", "say": "One moment.", "call": { "name": "find_order", "arguments": {} } },' +
  '\n          { "after": "find_order", "say": "It is on its way." }]';

/**
 * A list of reply rules, or an object with any of the simulator's options, `replies` among them.
 * @throws {VoiceError} `file-unreadable`, or `options-invalid` with every field that is wrong.
 */
export async function readReplies(file: string): Promise<ModelStandInOptions> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw fileError('read', file, error);
  });
  const value = parseJson(text);
  const options: unknown = Array.isArray(value) ? { replies: value } : value;
  if (!isRecord(options)) {
    const expected = 'a JSON list of rules, or a JSON object of options with `replies`';
    throw new VoiceError('options-invalid', `${file}: Expected ${expected}, got ${tellOther(text, value)}`);
  }
  const { checkModelOptions } = await import('../simulate/stand-ins.ts');
  checkModelOptions(options, file); // says what is wrong by the file's name
  return options;
}

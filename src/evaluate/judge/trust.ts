/** Whether a judge may decide, by what `parley eval judge --out` has written of it, and what reports say of that. */
import { readFileSync } from 'node:fs';
import { VoiceError } from '../../lib/errors.ts';
import { fileError } from '../../lib/file-error.ts';
import { isRecord, parseJson } from '../../lib/json.ts';

export interface Trust {
  mayGate: boolean;
  /** One sentence. */
  note: string;
}

/**
 * Of the judge of that name. `file` undefined: nobody has compared it with people.
 * @throws {VoiceError} `file-unreadable`, or `options-invalid` when it is another file
 */
export function trustIn(name: string, file: string | undefined): Trust {
  if (file === undefined)
    return { mayGate: false, note: 'The judge was not calibrated: what it finds is shown, and decides nothing.' };
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw fileError('read', file, error);
  }
  const value = parseJson(text);
  if (!isRecord(value) || typeof value['judge'] !== 'string' || typeof value['mayGate'] !== 'boolean') {
    throw new VoiceError(
      'options-invalid',
      `${file}: expected what \`parley eval judge --out\` writes, got another file`,
    );
  }
  if (value['judge'] !== name)
    return {
      mayGate: false,
      note: `The calibration is of another judge (${value['judge']}): what this one finds is shown, and decides nothing.`,
    };
  const agreement = `The judge agrees with people ${share(typeof value['agreement'] === 'number' ? value['agreement'] : undefined)} of the time`;
  return value['mayGate']
    ? { mayGate: true, note: `${agreement}.` }
    : { mayGate: false, note: `${agreement}, too seldom: what it finds is shown, and decides nothing.` };
}

const share = (value: number | undefined): string => (value === undefined ? '-' : value.toFixed(2));

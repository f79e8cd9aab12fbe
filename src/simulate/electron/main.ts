/** Runs the simulator by itself, as `parley simulate` does: options from a JSON file, the command line's on top. */
import { readFile } from 'node:fs/promises';
import { VoiceError, messageOf } from '../../lib/errors.ts';
import { parseJson } from '../../lib/json.ts';
import { ElectronOptions, readOptions, type ElectronOptionsInput } from './options.ts';
import { startElectronSimulator, type ElectronSimulator } from './server.ts';

export interface SimulateElectronOptions {
  /** A JSON file with any of the simulator's options. */
  file?: string | undefined;
  /** These win over the file's. */
  options?: ElectronOptionsInput;
}

/** A person watches, so it answers at the pace that is documented, unless told otherwise. */
const DEFAULTS: ElectronOptionsInput = { pace: 'documented' };

/** @throws {VoiceError} `file-unreadable` for the file or the port, `options-invalid` with every field that is wrong. */
export async function simulateElectron({ file, options }: SimulateElectronOptions = {}): Promise<ElectronSimulator> {
  const fromFile = file === undefined ? {} : await readElectronFile(file);
  return startElectronSimulator({ ...DEFAULTS, ...fromFile, ...options });
}

/** The options in a JSON file, checked but as they were written. @throws {VoiceError} as `simulateElectron` */
export async function readElectronFile(file: string): Promise<ElectronOptionsInput> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new VoiceError('file-unreadable', `${file}: ${messageOf(error)}`, { cause: error });
  });
  const value = parseJson(text);
  if (value === undefined) throw new VoiceError('options-invalid', `${file}: Expected JSON, got something else`);
  readOptions(ElectronOptions, value, file);
  return value as ElectronOptionsInput;
}

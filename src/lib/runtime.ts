/** What Parley runs on. */
import { VoiceError } from './errors.ts';
import { runtimeProblem } from './node-version.ts';

/** @throws {VoiceError} `options-invalid`, under an older Node or under Bun. See `node-version.ts`. */
export function requireNode(versions: Readonly<Record<string, string | undefined>> = process.versions): void {
  const problem = runtimeProblem(versions);
  if (problem !== undefined) throw new VoiceError('options-invalid', `Parley ${problem}`);
}

/** What Parley runs on. */
import { VoiceError } from './errors.ts';

/**
 * Bun answers `import 'undici'` with a module of its own, which has no pools and no way to send a request through them: no
 * model can be asked there, and which tool is to blame for an error cannot be told either.
 * @throws {VoiceError} `options-invalid`, under Bun.
 */
export function requireNode(versions: Readonly<Record<string, string | undefined>> = process.versions): void {
  const { bun } = versions;
  if (bun === undefined) return;
  throw new VoiceError(
    'options-invalid',
    `Expected Node 20.19 or later, got Bun ${bun}, which puts a client of its own in the place of undici: run it with \`node\``,
  );
}

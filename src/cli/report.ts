/** How the command line tells what went wrong: one clear text on standard error, never a stack trace for a user's mistake. */
import { readFileSync } from 'node:fs';
import { CommanderError } from 'commander';
import { VoiceError } from '../lib/errors.ts';

/** Wrong usage that the argument parser could not know of. */
export class UsageError extends Error {}

/** Prints `error` and returns the exit code that goes with it: 2 for wrong usage, 1 for everything else. */
export function report(error: unknown): number {
  if (error instanceof CommanderError || error instanceof UsageError) {
    const message = error.message.replace(/^error: /, '').replaceAll('\n', ' ');
    say(
      `parley: ${message.replace(/[.\s]*$/, '.')} Try \`parley ${process.argv[2]?.replace(/^-.*/, '') ?? ''}`.trimEnd() +
        ' --help`.',
    );
    return 2;
  }
  if (error instanceof VoiceError && error.code !== 'internal') {
    say(`parley: ${error.message}`);
    return 1;
  }
  say(
    `parley: something broke inside Parley; please report this.\n${error instanceof Error ? error.stack : String(error)}`,
  );
  return 1;
}

/** To standard error, so that standard output stays what was asked for. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

export function version(): string {
  const file = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

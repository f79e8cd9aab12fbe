/** How the command line speaks: what was asked for to standard output, all else to standard error, and never a stack trace for a user's mistake. */
import { readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { CommanderError } from 'commander';
import pc from 'picocolors';
import { messageOf, VoiceError } from '../lib/errors.ts';
import { PACKAGE_FOLDER } from '../lib/own-files.ts';
import { jsonLine, plainText } from '../lib/plain.ts';
import { hideSecrets } from '../lib/provider-errors.ts';
import { isA, readThrown } from '../lib/thrown.ts';
import { wrapText } from './text-width.ts';

/** Wrong usage that the argument parser could not know of. */
export class UsageError extends Error {}

/** Colours for standard output: none when it is piped, when the terminal is dumb, or under NO_COLOR. FORCE_COLOR insists. */
export const paint = pc.createColors(wantsColours(process.env, process.stdout.isTTY === true));

function wantsColours({ NO_COLOR, FORCE_COLOR, TERM }: NodeJS.ProcessEnv, isTerminal: boolean): boolean {
  if (NO_COLOR) return false;
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== '0';
  return isTerminal && TERM !== 'dumb';
}

/** Prints `error` and returns the exit code that goes with it: 2 for wrong usage, 1 for everything else. */
export function report(error: unknown): number {
  if (isA(error, CommanderError) && error.code === 'commander.help') return 2; // it was printed instead of this
  if (isA(error, CommanderError) || isA(error, UsageError)) {
    say(`parley: ${usageMessage(error)} Try \`parley${helpfulCommand(error)} --help\`.`);
    return 2;
  }
  if (isA(error, VoiceError) && error.code !== 'internal') {
    say(`parley: ${error.message}`);
    return 1;
  }
  say(`parley: something broke inside Parley; please report this.\n${readThrown(error).stack}`);
  return 1;
}

function usageMessage({ message }: Error): string {
  const line = message
    .replace(/^error: /, '')
    .replace(/\s*\n\s*/g, ' ')
    .replace(/[.\s]*$/, '');
  return /[?!)]$/.test(line) ? line : `${line}.`;
}

function helpfulCommand(error: Error): string {
  const isKnown = !(error instanceof CommanderError && error.code === 'commander.unknownCommand');
  const command = process.argv[2];
  return isKnown && command && /^[a-z]/.test(command) ? ` ${command}` : '';
}

/**
 * What to type for `parley`, by the way in which npm started this process: a script of a clone, npx, or not at all. Where npx
 * has fetched the package for this once, it goes by its own name: `npx parley` would fetch another one.
 */
export function ownName(env: NodeJS.ProcessEnv = process.env, folder = PACKAGE_FOLDER): string {
  const { npm_lifecycle_event: script = '', npm_lifecycle_script: text = '' } = env;
  const isFetched = folder.split(sep).includes('_npx');
  if (script === 'npx' && /^'?parley\b/.test(text)) return isFetched ? 'npx parley-voice' : 'npx parley';
  return /src\/cli\/main\.ts/.test(text) ? 'npm run parley --' : 'parley';
}

/**
 * To standard error, so that standard output stays what was asked for. Whatever it quotes, it holds no key, nothing that a
 * terminal would obey, and no second line that looks like a first.
 */
export function say(text: string): void {
  const told = hideSecrets(plainText(text)).replace(/\n(?=\S)/g, '\n  ');
  process.stderr.write(`${wrapText(told, edgeOf(process.stderr))}\n`);
}

/** Lines for people: on a terminal, broken between their words. */
export function print(text: string): void {
  write(`${wrapText(text, edgeOf(process.stdout))}\n`);
}

/** A path as it is shown: from here where it lies below, else whole. Empty for the folder that we are in. */
export function shownPath(path: string): string {
  const near = relative(process.cwd(), path);
  return near.startsWith('..') ? path : near;
}

/** In columns; undefined where there is no edge, or, as some terminals say, one of 0 columns. */
export const edgeOf = ({ isTTY, columns }: NodeJS.WriteStream): number | undefined =>
  isTTY && columns > 0 ? columns : undefined;

/** One JSON object in a line, for a program. */
export function printJson(value: unknown): void {
  process.stdout.write(`${jsonLine(value)}\n`);
}

/**
 * To standard output, for people. What others have written is made plain before it is put together with what is ours, for
 * nobody can tell their lines and colours from ours afterwards; should anything have been forgotten, no code but a colour
 * passes here, and none where there are no colours.
 */
export function write(text: string): void {
  const pieces = paint.isColorSupported ? text.split(COLOUR) : [text];
  process.stdout.write(pieces.map((piece, i) => (i % 2 === 1 ? piece : plainText(piece))).join(''));
}

const COLOUR = /(\u001b\[\d{1,2}m)/;

/**
 * What Node says of this process, and what a tool has it say (`process.emitWarning`), is told to `tell` in place of being
 * printed past everything. Returns a function that goes back to how it was.
 */
export function takeWarnings(tell: (warning: Error) => void): () => void {
  const before = process.listeners('warning');
  process.removeAllListeners('warning');
  process.on('warning', tell);
  return () => {
    process.removeListener('warning', tell);
    for (const listener of before) process.on('warning', listener);
  };
}

/**
 * What nobody has caught is told as everything else is, not printed by Node with whatever stands in it, and ends the process.
 * A command that has its own way with it (`parley serve`) is left to it.
 */
export function watchFaults(): void {
  process.on('uncaughtException', (thrown) => {
    if (process.listenerCount('uncaughtException') > 1) return;
    say(`parley: an error that nobody caught, of a tool or of Parley itself.\n${readThrown(thrown).stack}`);
    process.exit(1);
  });
}

/** A reader that goes away has read enough: that is no failure. A full disk is. */
export function watchOutput(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED' || process.exitCode === 1) return;
    say(`parley: cannot write to standard output: ${messageOf(error)}`);
    process.exitCode = 1;
  });
  process.stderr.on('error', () => {}); // nowhere left to say it
}

/** How long a process may take to end by itself when it has nothing more to do. */
const LINGER_MS = 250;

/** Whatever a module of the agent's has left open: a worker that has finished is gone. The exit code is the process's. */
export function endSoon(): void {
  setTimeout(() => process.exit(), LINGER_MS).unref();
}

/** The same for a command that has printed what it was asked for: that goes out first. */
export function endWhenPrinted(): void {
  process.stdout.write('', () => endSoon());
}

export function version(): string {
  return (JSON.parse(readFileSync(join(PACKAGE_FOLDER, 'package.json'), 'utf8')) as { version: string }).version;
}

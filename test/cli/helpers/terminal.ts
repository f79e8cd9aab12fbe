/** Runs `parley` on a terminal, by `script` of util-linux: what is typed is echoed, and lines have an edge. */
import { spawn, spawnSync } from 'node:child_process';
import { onTestFinished } from 'vitest';
import { buildCommand, ROOT } from './build.ts';
import { RunningCommand } from './command.ts';
import { cleanEnvironment } from './environment.ts';

const MAIN = buildCommand();

/** Where there is no such program, no terminal can be had. */
export const HAS_TERMINAL =
  spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux') ?? false;

/** Both its streams are the terminal's, and so come together. It is killed with the test, should it outlive it. */
export function startOnTerminal(args: readonly string[], { columns = 80, env = {} } = {}) {
  const quoted = [process.execPath, MAIN, ...args].map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
  const child = spawn(
    'script',
    ['--quiet', '--return', '--command', `stty cols ${columns} rows 40; exec ${quoted}`, '/dev/null'],
    {
      cwd: ROOT,
      env: { ...cleanEnvironment(), TERM: 'xterm', SHELL: '/bin/sh', ...env },
      stdio: 'pipe',
    },
  );
  onTestFinished(() => void child.kill('SIGKILL'));
  return new RunningCommand(child);
}

/** What stands on the screen, without colours; a line that was taken back, as the prompt is before an answer, is gone. */
export const screenOf = (stdout: string): string =>
  stdout
    .split('\n')
    .map((row) => row.replace(/^.*\u001b\[1G\u001b\[0J/s, ''))
    .join('\n')
    .replace(/\u001b\[[0-9;?]*[A-Za-z]/g, '')
    .replaceAll('\r', '');

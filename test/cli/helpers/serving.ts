/** `parley serve` as a process that a test dials. */
import type { ChildProcess } from 'node:child_process';
import { dialMedia, type DialMediaOptions } from '../../../src/simulate/twilio/media.ts';
import { until } from '../../helpers/until.ts';
import type { CommandResult } from './command.ts';
import { run } from './processes.ts';

export const AGENT = 'examples/clinic.ts';
export const WAIT_MS = 90_000;

export interface Serving {
  url: string;
  child: ChildProcess;
  output: () => string;
  exited: Promise<CommandResult>;
}

/** Starts it, and is done when it says where it is. */
export async function serve(
  args: readonly string[] = [],
  env: Record<string, string> = {},
  agent = AGENT,
): Promise<Serving> {
  let seen: Pick<Serving, 'child' | 'output'> | undefined;
  const exited = run(['serve', '--agent', agent, '--port', '0', ...args], {
    env: { PARLEY_MAX_LAG_MS: '60000', ...env }, // what else runs on this machine is not what is tested
    watch: (child, output) => (seen = { child, output }),
  });
  if (!seen) throw new Error('Expected a process');
  const { child, output } = seen;
  const url = await until(
    'it to be ready',
    () => {
      if (child.exitCode !== null) throw new Error(`Expected it to be ready, got ${output()}`);
      return /"url":"([^"]+)".*"msg":"ready/.exec(output())?.[1];
    },
    WAIT_MS,
  );
  return { url, child, output, exited };
}

/** Every line of its log. */
export const logOf = ({ stderr }: CommandResult): Record<string, unknown>[] =>
  stderr
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);

export const mediaOf = (url: string): string => `${url.replace('http', 'ws')}/twilio/media`;
export const dial = (url: string, options: Partial<DialMediaOptions> = {}) =>
  dialMedia({ url: mediaOf(url), from: '+15550100', to: '+15550199', ...options });

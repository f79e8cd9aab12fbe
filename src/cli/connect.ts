/** Which services a command talks to: the real ones with a key, the simulators without. */
import { createParley } from '../worker/create-parley.ts';
import type { Parley } from '../worker/parley.ts';
import type { Clock } from '../lib/clock.ts';
import { createLog } from '../lib/log.ts';
import { SMALLEST_BASE_URL } from '../lib/smallest.ts';
import type { ModelStandInOptions } from '../simulate/stand-ins.ts';
import { readReplies } from './replies.ts';
import { UsageError, say } from './report.ts';

export interface ConnectOptions {
  baseUrl?: string;
  plan?: 'standard' | 'enterprise' | 'none';
  simulate?: boolean;
  logLevel?: string;
  /** Rules for the simulated model, which then answers. */
  replies?: string;
}

export interface Connection {
  parley: Parley;
  /** The address that is asked; undefined: the simulators. */
  server: string | undefined;
  /** What must not be shown. */
  secrets: readonly string[];
  close(): Promise<void>;
}

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

/** Says in one line on standard error when it is the simulators. */
export async function connect(options: ConnectOptions, clock: Clock): Promise<Connection> {
  const level = options.logLevel ?? 'silent';
  if (!LEVELS.includes(level))
    throw new UsageError(`expected --log-level to be one of ${LEVELS.join(', ')}, got ${level}`);
  if (options.baseUrl !== undefined && !/^https?:\/\/./.test(options.baseUrl)) {
    throw new UsageError(`expected --base-url to begin with http:// or https://, got ${options.baseUrl}`);
  }
  const apiKey = process.env['SMALLEST_API_KEY']?.trim() || undefined;
  const secrets = apiKey === undefined ? [] : [apiKey];
  const log = createLog({ level, secrets });
  const replies = options.replies === undefined ? undefined : await repliesOf(options.replies, options);
  const baseUrl = options.baseUrl ?? process.env['SMALLEST_BASE_URL'];
  const isSimulated =
    options.simulate === true || replies !== undefined || (apiKey === undefined && baseUrl === undefined);
  if (!isSimulated) {
    const parley = createParley({ apiKey, baseUrl, plan: options.plan, clock, log });
    return { parley, server: addressOf(baseUrl ?? SMALLEST_BASE_URL), secrets, close: () => parley.close() };
  }
  if (!options.simulate && replies === undefined)
    say('parley: SMALLEST_API_KEY is not set, so the simulated Electron answers.');
  const { startModelStandIn } = await import('../simulate/stand-ins.ts');
  const standIn = await startModelStandIn(replies);
  const parley = createParley({ ...standIn.settings, plan: options.plan ?? 'none', clock, log });
  const close = async () => {
    await parley.close();
    await standIn.close();
  };
  return { parley, server: undefined, secrets, close };
}

async function repliesOf(file: string, { baseUrl }: ConnectOptions): Promise<ModelStandInOptions> {
  if (baseUrl === undefined) return readReplies(file);
  throw new UsageError('expected --replies without --base-url, since the simulated Electron alone answers by rules');
}

/** Without what may be a secret in it. */
function addressOf(baseUrl: string): string {
  if (!URL.canParse(baseUrl)) return baseUrl;
  const { origin, pathname } = new URL(baseUrl);
  return origin + pathname.replace(/\/+$/, '');
}

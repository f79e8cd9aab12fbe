/** Which services a command talks to: the real ones with a key, the simulators without. */
import { ACCOUNT_SETTINGS } from '../call/vendors.ts';
import { createParley } from '../worker/create-parley.ts';
import type { Parley } from '../worker/parley.ts';
import type { Clock } from '../lib/clock.ts';
import { createLog } from '../lib/log.ts';
import { withoutSecrets } from '../lib/public-url.ts';
import { isSmallestAi } from '../lib/smallest.ts';
import { readBlock, secretsIn } from '../lib/settings.ts';
import type { ModelStandInOptions } from '../simulate/stand-ins.ts';
import { readReplies } from './replies.ts';
import { UsageError, say } from './report.ts';

export interface ConnectOptions {
  baseUrl?: string;
  model?: string;
  plan?: 'standard' | 'enterprise' | 'none';
  simulate?: boolean;
  logLevel?: string;
  /** Rules for the simulated model, which then answers. */
  replies?: string;
}

export interface ModelChoice {
  /** The agent brings its own, so that nobody else is asked. */
  isOwnModel: boolean;
}

export interface Connection {
  parley: Parley;
  /** The address that is asked; undefined: the simulators. */
  server: string | undefined;
  /** The agent's own model answers. */
  isOwn: boolean;
  /** What must not be shown. */
  secrets: readonly string[];
  close(): Promise<void>;
}

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

/** Says in one line on standard error when it is the simulators. */
export async function connect(options: ConnectOptions & ModelChoice, clock: Clock): Promise<Connection> {
  const level = options.logLevel ?? 'silent';
  if (!LEVELS.includes(level))
    throw new UsageError(`expected --log-level to be one of ${LEVELS.join(', ')}, got ${level}`);
  if (options.baseUrl !== undefined && !/^https?:\/\/./.test(options.baseUrl)) {
    throw new UsageError(`expected --base-url to begin with http:// or https://, got ${options.baseUrl}`);
  }
  const { isOwnModel: isOwn, baseUrl: given, model: modelName } = options;
  const settings = readBlock(ACCOUNT_SETTINGS, process.env, { overrides: { modelBaseUrl: given, modelName } });
  const secrets = secretsIn(ACCOUNT_SETTINGS, settings);
  const log = createLog({ level, secrets });
  const replies = options.replies === undefined ? undefined : await repliesOf(options.replies, options);
  const baseUrl = settings.modelBaseUrl ?? settings.baseUrl;
  const hasNoKey = isSmallestAi(baseUrl) && (settings.modelApiKey ?? settings.apiKey) === undefined;
  const isSimulated = !isOwn && (options.simulate === true || replies !== undefined || hasNoKey);
  if (!isSimulated) {
    const parley = createParley({ baseUrl: given, modelName, plan: options.plan, clock, log });
    return { parley, server: withoutSecrets(baseUrl), isOwn, secrets, close: () => parley.close() };
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
  return { parley, server: undefined, isOwn, secrets, close };
}

async function repliesOf(file: string, { baseUrl }: ConnectOptions): Promise<ModelStandInOptions> {
  if (baseUrl === undefined) return readReplies(file);
  throw new UsageError('expected --replies without --base-url, since the simulated Electron alone answers by rules');
}

/**
 * Settings of the process itself: where it listens, who may knock beside the carriers, how many calls it takes, what it
 * keeps and logs. Where a help speaks of carriers it names those that the worker has doors for.
 */
import { z } from 'zod';
import type { Door } from '../../bridge/door.ts';
import { flag, FLAG_EXPECTED, number, origins, setting, tokens, url, URL_EXPECTED, whole } from '../../lib/settings.ts';

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** What is answered, and where. */
export function reach(carriers: readonly Door[]) {
  const labels = either(carriers.map(({ label }) => label));
  const documents = either(carriers.map(({ answersWith }) => answersWith).filter((text) => text !== undefined));
  return {
    agent: setting('PARLEY_AGENT', z.string().min(1), {
      help: 'the agent file',
      expected: 'the agent file (or --agent FILE)',
    }),
    watch: setting('PARLEY_WATCH', flag.default(false), {
      help: 'load the agent anew for the next call when its file, its tools or what they import change',
      expected: FLAG_EXPECTED,
    }),
    host: setting('PARLEY_HOST', z.string().min(1).default('127.0.0.1'), {
      help: 'address to listen on; 0.0.0.0 for all',
      expected: 'an address such as 127.0.0.1',
    }),
    port: number('PARLEY_PORT', [0, 65_535, 8080], 'port to listen on; 0 picks a free one'),
    publicUrl: setting('PARLEY_PUBLIC_URL', url.optional(), {
      help: `the address that ${labels} was given: signatures are checked against it, and ${documents} names it`,
      expected: URL_EXPECTED,
    }),
  };
}

/** Who may knock, beside the carriers. */
export function access(carriers: readonly Door[]) {
  const labels = either(carriers.map(({ label }) => label));
  return {
    bridgeTokens: tokens(
      'PARLEY_BRIDGE_TOKEN',
      'token of peers that cannot sign, shown as `Authorization: Bearer` or `?token=`; two while it changes',
    ),
    origins: setting('PARLEY_ORIGINS', origins.default([]), {
      help: 'web pages that may open a line, by origin, separated by commas; none by default',
      expected: 'origins such as https://desk.example.com, separated by commas',
    }),
    trustedProxies: number(
      'PARLEY_TRUST_PROXY',
      [0, 10, 0],
      'proxies before the worker whose X-Forwarded-For is believed when addresses are counted',
    ),
    maxUpgrades: number(
      'PARLEY_MAX_UPGRADES',
      [1, 1_000_000, 600],
      `sockets opened by one address in a minute, when they are not signed by ${labels}`,
    ),
    maxForbidden: number(
      'PARLEY_MAX_FORBIDDEN',
      [1, 1_000_000, 60],
      'requests of one address in a minute that may fail to show who they are; then it is not heard until the minute is over',
    ),
    metricsTokens: tokens('PARLEY_METRICS_TOKEN', 'token to read /metrics with; without one only this machine may'),
    metricsOpen: setting('PARLEY_METRICS_OPEN', flag.default(false), {
      help: 'let everybody who reaches the port read /metrics, as in a private network',
      expected: FLAG_EXPECTED,
    }),
  };
}

/** How many calls it takes, and what it keeps of them. */
export function work(carriers: readonly Door[]) {
  const labels = either(carriers.map(({ label }) => label));
  return {
    processes: setting('PARLEY_PROCESSES', z.union([z.literal('auto'), whole(1, 256)]).default(1), {
      help: 'processes that share the calls: a number, or auto for one a core',
      expected: 'auto or a whole number from 1 to 256',
    }),
    maxCalls: number(
      'PARLEY_MAX_CALLS',
      [1, 10_000, 100],
      'calls at once, of all processes together; more are refused',
    ),
    planCalls: setting('PARLEY_PLAN_CALLS', whole(1, 10_000).optional(), {
      help: "calls at once that the account's quota carries (default: its requests a minute / 7)",
      expected: 'a whole number from 1 to 10000',
    }),
    callsFrom: setting('PARLEY_CALLS_FROM', z.string().min(1).optional(), {
      help: 'number that calls are placed from, where POST /calls names none',
      expected: 'a number such as +15550100',
    }),
    callsPerSecond: number(
      'PARLEY_CALLS_PER_SECOND',
      [1, 100, 1],
      'calls placed in a second; more wait for their turn, as carriers refuse what comes faster',
    ),
    maxLagMs: number(
      'PARLEY_MAX_LAG_MS',
      [10, 60_000, 200],
      'lateness of the event loop, at p99 over two seconds, above which calls are refused, in milliseconds',
    ),
    refusal: setting(
      'PARLEY_REFUSAL',
      z.string().min(1).default('All our lines are busy. Please call again in a few minutes.'),
      { help: 'what a caller is told who is refused', expected: 'a sentence' },
    ),
    refusalUrl: setting('PARLEY_REFUSAL_URL', url.optional(), {
      help: `where ${labels} is sent with a caller who is refused, in place of that sentence`,
      expected: URL_EXPECTED,
    }),
    drainMs: number(
      'PARLEY_DRAIN_MS',
      [0, 86_400_000, 600_000],
      'how long running calls may go on after SIGTERM, in milliseconds; then they hear a goodbye, or are transferred',
    ),
    recordDirectory: setting('PARLEY_RECORD', z.string().min(1).optional(), {
      help: 'folder for recordings of every call; off by default',
      expected: 'a folder',
    }),
    prices: setting('PARLEY_PRICES', z.string().min(1).optional(), {
      help: 'file of prices (JSON), by which the log tells what each call has cost; off by default',
      expected: 'a file',
    }),
    logLevel: setting('PARLEY_LOG_LEVEL', z.enum(LEVELS).default('info'), {
      help: `what goes to standard error: ${LEVELS.join(', ')}`,
      expected: `one of ${LEVELS.join(', ')}`,
    }),
    logText: setting('PARLEY_LOG_TEXT', flag.default(false), {
      help: 'show in logs what is said, phone numbers, and the words of errors that may repeat them',
      expected: FLAG_EXPECTED,
    }),
    logFormat: setting('PARLEY_LOG_FORMAT', z.enum(['auto', 'json']).default('auto'), {
      help: 'json: lines for programs; auto: the same, but on a terminal lines for people, and what is said in each call',
      expected: 'auto or json',
    }),
    simulate: setting('PARLEY_SIMULATE', flag.default(false), {
      help: 'use the simulators in place of Smallest AI',
      expected: FLAG_EXPECTED,
    }),
  };
}

/** `a`, `a or b`, `a, b or c`. */
function either(names: readonly string[]): string {
  return names.join(', ').replace(/, ([^,]*)$/, ' or $1');
}

/** What `mcp({...})` takes: checked when the agent is loaded, every mistake named. */
import { z } from 'zod';
import { isRecord } from '../../lib/json.ts';
import type { ExpectedAnswer } from '../../listen/contract.ts';
import { shown } from '../check.ts';
import { Expects } from '../expects.ts';
import type { OriginProblem } from '../origin.ts';
import { labelOf } from './label.ts';

/** What is said of one tool of a server in place of what the server says, or beside it. */
export interface McpToolOptions {
  /** As the model is to know it. Default: the server's name for it, behind `prefix`. */
  name?: string | undefined;
  /** One sentence, for the model. Default: the server's. */
  description?: string | undefined;
  /** Default: `read` where the server marks it as one that only reads (`readOnlyHint`), else `write`. */
  effect?: 'read' | 'write' | undefined;
  /** A phrase, or several, for when the model says nothing before it. Default: that of the server's options. */
  filler?: string | readonly string[] | undefined;
  /** Phrases for a long run. Default: none. */
  progress?: string | readonly string[] | undefined;
  /** From the call to its outcome, in milliseconds. Default: that of the server's options. */
  timeoutMs?: number | undefined;
  /** How many runs at once in the whole process. Default: unlimited. */
  concurrency?: number | undefined;
  /** How many times a `read` that failed is run again. Default 0. */
  retries?: number | undefined;
  /** A `write` that may be done twice in a row with the same arguments. Default false. */
  repeatable?: boolean | undefined;
  /** What the caller will say next, once it is called, as of any tool. Default: what the agent asks shows it. */
  expects?: ExpectedAnswer | undefined;
}

/** What every server has, wherever it runs. */
export interface McpCommonOptions {
  /** In messages, logs and metrics. Default: the command with its first argument that is no option, or the address without its query. */
  name?: string | undefined;
  /** Which of the server's tools the agent has, by the server's names: a list, or each with what is to be said of it. Default: all. */
  tools?: readonly string[] | Readonly<Record<string, McpToolOptions>> | undefined;
  /** What may be done with a tool, by the server's names; counts more than what the server says. */
  effects?: Readonly<Record<string, 'read' | 'write'>> | undefined;
  /** Stands before each name, so that two servers may have tools of one name: `calendar_`. Default: nothing. */
  prefix?: string | undefined;
  /** A phrase, or several, for each tool, for when the model says nothing before it. Default: none. */
  filler?: string | readonly string[] | undefined;
  /** Of each tool, from the call to its outcome. Milliseconds, 1 to 600,000; default 10,000. */
  timeoutMs?: number | undefined;
  /** How long the start waits for the server. Milliseconds, 100 to 60,000; default 5,000. */
  connectMs?: number | undefined;
  /**
   * Whether the agent is not valid while the server is down. False: it starts without these tools, the log and the metrics say
   * so, and the next call has them once the server is there. Default false.
   */
  required?: boolean | undefined;
}

/** A server that is a program on this machine: started with the agent, and ended with the process. */
export interface McpCommand extends McpCommonOptions {
  /** The program, such as `npx` or `node`. */
  command: string;
  /** Default: none. */
  args?: readonly string[] | undefined;
  /** Beside PATH, HOME and the like; of the rest of this process' environment it sees nothing. Default: nothing. */
  env?: Readonly<Record<string, string>> | undefined;
  /** Where it runs, relative to the agent file. Default: the agent file's folder. */
  cwd?: string | undefined;
  url?: undefined;
}

/** A server that is reached by HTTP (Streamable HTTP). */
export interface McpAddress extends McpCommonOptions {
  /** Such as `https://tools.example.com/mcp`. */
  url: string | URL;
  /** With each request, such as `Authorization`. Never shown. Default: none. */
  headers?: Readonly<Record<string, string>> | undefined;
  command?: undefined;
}

/** A server of the Model Context Protocol, and which of its tools an agent has. */
export type McpOptions = McpCommand | McpAddress;

const Phrases = z.union([z.string(), z.array(z.string())]).optional();
const Effect = z.enum(['read', 'write']);
const ToolEntry = z.strictObject({
  name: z.string().optional(),
  description: z.string().optional(),
  effect: Effect.optional(),
  filler: Phrases,
  progress: Phrases,
  timeoutMs: z.number().optional(),
  concurrency: z.number().optional(),
  retries: z.number().optional(),
  repeatable: z.boolean().optional(),
  expects: Expects.optional(),
});
const Options = z.strictObject({
  command: z.string().min(1).optional(),
  args: z.array(z.string()).optional(),
  env: z.record(z.string(), z.string()).optional(),
  cwd: z.string().optional(),
  url: z
    .union([z.string(), z.instanceof(URL)])
    .transform(String)
    .pipe(z.string().regex(/^https?:\/\/[^\s/]+/))
    .optional(),
  headers: z.record(z.string(), z.string()).optional(),
  name: z.string().min(1).max(100).optional(),
  tools: z.union([z.array(z.string()), z.record(z.string(), ToolEntry)]).optional(),
  effects: z.record(z.string(), Effect).optional(),
  prefix: z
    .string()
    .regex(/^[a-zA-Z0-9_-]{0,32}$/)
    .default(''),
  filler: Phrases,
  timeoutMs: z.int().min(1).max(600_000).default(10_000),
  connectMs: z.int().min(100).max(60_000).default(5_000),
  required: z.boolean().default(false),
});

const EXPECTED: Readonly<Record<string, string>> = {
  command: 'a program, such as `npx`',
  args: 'a list of texts',
  env: 'texts by name',
  cwd: 'a folder',
  url: 'an address such as https://tools.example.com/mcp',
  headers: 'texts by name',
  name: '1 to 100 characters',
  tools: 'a list of names, or an object with what is to be said of each',
  effects: "'read' or 'write' by the names of tools",
  prefix: 'at most 32 letters, digits, `_` or `-`',
  filler: 'a phrase or a list of phrases',
  timeoutMs: 'a whole number of milliseconds, 1 to 600000',
  connectMs: 'a whole number of milliseconds, 100 to 60000',
  required: 'true or false',
};
/** What others call the same things. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  ...{ serverUrl: 'url', endpoint: 'url', environment: 'env', arguments: 'args', allowedTools: 'tools', tool: 'tools' },
  ...{ timeout: 'timeoutMs', type: 'url', transport: 'url' },
};
/** Values of these are secrets. */
const SECRET = new Set(['env', 'headers']);

/** Complete, with one of `command` and `url`. */
export type CheckedMcpOptions = z.output<typeof Options> & { label: string };

export function readMcpOptions(given: unknown): { options?: CheckedMcpOptions; problems: OriginProblem[] } {
  const { success, data, error } = Options.safeParse(given);
  if (!success) return { problems: error.issues.flatMap((issue) => problemsOf(issue, given)) };
  const { command, url } = data;
  if ((command === undefined) === (url === undefined)) {
    const got = command === undefined ? 'neither' : 'both';
    return { problems: [{ field: undefined, expected: 'either `command` or `url`', got }] };
  }
  const misplaced = (command === undefined ? (['args', 'env', 'cwd'] as const) : (['headers'] as const)).find(
    (field) => data[field] !== undefined,
  );
  if (misplaced !== undefined) {
    const beside = command === undefined ? 'command' : 'url';
    return { problems: [{ field: misplaced, expected: `beside \`${beside}\` only`, got: 'it without' }] };
  }
  return { options: { ...data, label: labelOf(given) }, problems: [] };
}

function problemsOf(issue: z.core.$ZodIssue, given: unknown): OriginProblem[] {
  if (issue.code === 'unrecognized_keys' && issue.path.length === 0) {
    return issue.keys.map((key) => ({ field: key, expected: undefined, got: unknownField(key) }));
  }
  const [field = 'mcp'] = issue.path.map(String);
  const value = issue.path.reduce<unknown>((outer, key) => (isRecord(outer) ? outer[String(key)] : undefined), given);
  const got = SECRET.has(field) && issue.path.length > 1 ? `a ${typeof value}` : shown(value);
  return [{ field: issue.path.map(String).join('.') || undefined, expected: EXPECTED[field] ?? 'mcp({...})', got }];
}

function unknownField(key: string): string {
  const meant = Object.hasOwn(OTHER_NAMES, key) ? OTHER_NAMES[key] : undefined;
  const known = Object.keys(Options.shape).join(', ');
  return `\`${key}\` is not a field of mcp(): ${meant === undefined ? `those are ${known}` : `did you mean \`${meant}\`?`}`;
}

/** Opens what `mcp({...})` stands for: the server is shared, connected, and asked for its tools. */
import { resolve } from 'node:path';
import { isA } from '../../lib/thrown.ts';
import type { ToolDefinition } from '../define.ts';
import type { OpenedOrigin, OriginPlace, OriginProblem } from '../origin.ts';
import { labelOf } from './label.ts';
import { readMcpOptions, type CheckedMcpOptions } from './options.ts';
import { McpServer } from './server.ts';
import { shareServer } from './servers.ts';
import { McpMistake, openSession, type McpTarget } from './session.ts';
import { toolsOf, unlisted } from './tools.ts';

/** Tells of mistakes in what it gives. */
export async function openMcp(given: unknown, place: OriginPlace): Promise<OpenedOrigin> {
  const { options, problems } = readMcpOptions(given);
  if (!options) return { tools: [], problems, summary: `mcp ${labelOf(given)}`, close: () => {} };
  const { label, connectMs } = options;
  const { clock, log } = place;
  const target = targetOf(options, place);
  const common = { connectMs, clock, log, open: openSession };
  const { server, letGo } = shareServer({ label, target }, () => new McpServer({ label, target, ...common }));
  await server.start();
  const mistakes = mistakesOf(server, options);
  if (mistakes.length > 0) {
    await letGo();
    return { tools: [], problems: mistakes, summary: `mcp ${label}`, close: letGo };
  }
  return opened(server, options, { letGo, place });
}

/** What somebody has to mend before a call is answered; a server that is down is not among it, unless it is required. */
function mistakesOf(server: McpServer, options: CheckedMcpOptions): OriginProblem[] {
  const { trouble } = server;
  if (trouble && (options.required || isA(trouble.error, McpMistake))) {
    return [{ field: undefined, expected: undefined, got: `The server cannot be reached: ${trouble.reason}` }];
  }
  if (trouble) return [];
  const names = server.tools.map(({ name }) => name).join(', ') || 'none';
  return unlisted(server, options).map(({ field, name }) => ({
    ...{ field, expected: `names of the server's tools (${names})`, got: `\`${name}\`` },
  }));
}

function opened(
  server: McpServer,
  options: CheckedMcpOptions,
  { letGo, place: { log } }: { letGo: () => Promise<void>; place: OriginPlace },
): OpenedOrigin {
  const { label } = options;
  let listed = server.tools;
  let tools: ToolDefinition[] = toolsOf(server, options);
  const current = () => {
    if (listed === server.tools) return tools;
    listed = server.tools;
    for (const { field, name } of unlisted(server, options)) {
      log.warn({ mcp: label, field }, `an MCP server does not list the tool \`${name}\``);
    }
    return (tools = toolsOf(server, options));
  };
  const { trouble } = server;
  return {
    get tools() {
      return current();
    },
    problems: [],
    troubles: trouble
      ? [`mcp ${label}: the server cannot be reached, and its tools are missing: ${trouble.reason}`]
      : [],
    summary: `mcp ${label}: ${tools.length} of ${server.tools.length} tools`,
    onChange: (told) => server.onChange(told),
    close: letGo,
  };
}

function targetOf(
  { command, args = [], env = {}, cwd = '.', url = '', headers = {} }: CheckedMcpOptions,
  place: OriginPlace,
): McpTarget {
  if (command === undefined) return { type: 'http', url, headers };
  return {
    type: 'child',
    command,
    args,
    env: { ...safeEnvironment(process.env), ...env },
    cwd: resolve(place.from, cwd),
  };
}

/** What a program needs to be found and to run; none of it is a secret. */
const SAFE = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'TERM',
  'LANG',
  'LC_ALL',
  'TZ',
  'TMPDIR',
  'TEMP',
  'SYSTEMROOT',
].concat(['APPDATA', 'USERPROFILE', 'HOMEDRIVE', 'HOMEPATH', 'PATHEXT', 'COMSPEC', 'NODE_EXTRA_CA_CERTS']);

function safeEnvironment(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(SAFE.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
}

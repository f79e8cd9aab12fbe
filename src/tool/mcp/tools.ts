/** Tools that a server lists, as tools of an agent. */
import { isA, readThrown } from '../../lib/thrown.ts';
import { ToolError, defineTool, type ToolContext, type ToolDefinition } from '../define.ts';
import { inputFrom } from '../foreign-schema.ts';
import type { CheckedMcpOptions, McpToolOptions } from './options.ts';
import { readMcpResult } from './result.ts';
import type { McpServer } from './server.ts';
import { McpRefused, McpUnreachable, type McpTool } from './session.ts';

/** What a server is told beside the arguments. A prefix of our own, as the protocol asks for. */
const META = { key: 'parley-voice/idempotencyKey', call: 'parley-voice/callId', timeout: 'parley-voice/timeoutMs' };
/** What writes goes on when nobody waits for it any longer: it has so long, and its tool's time, to tell how it ended. */
const LONGEST_WRITE_MS = 120_000;

/** Those of them that an agent has, in the server's order. Each is made once for each of the server's own. */
export function toolsOf(server: McpServer, options: CheckedMcpOptions): ToolDefinition[] {
  return server.tools.filter(({ name }) => isWanted(name, options)).map((tool) => toolOf(tool, server, options));
}

/** Names in the options that the server does not list. */
export function unlisted(
  { tools }: McpServer,
  options: CheckedMcpOptions,
): { field: 'tools' | 'effects'; name: string }[] {
  const listed = new Set(tools.map(({ name }) => name));
  const wanted = Array.isArray(options.tools) ? options.tools : Object.keys(options.tools ?? {});
  return [
    ...wanted.map((name) => ({ field: 'tools' as const, name })),
    ...Object.keys(options.effects ?? {}).map((name) => ({ field: 'effects' as const, name })),
  ].filter(({ name }) => !listed.has(name));
}

function isWanted(name: string, { tools }: CheckedMcpOptions): boolean {
  if (tools === undefined) return true;
  return Array.isArray(tools) ? tools.includes(name) : Object.hasOwn(tools, name);
}

function toolOf(tool: McpTool, server: McpServer, options: CheckedMcpOptions): ToolDefinition {
  const own: McpToolOptions = Array.isArray(options.tools) ? {} : (options.tools?.[tool.name] ?? {});
  const { name = options.prefix + tool.name.replace(/[^a-zA-Z0-9_-]/g, '_'), filler = options.filler } = own;
  const { timeoutMs = options.timeoutMs, progress, concurrency, retries, repeatable, expects } = own;
  const marked = tool.annotations?.readOnlyHint === true ? 'read' : 'write';
  const effect = own.effect ?? options.effects?.[tool.name] ?? marked;
  return defineTool({
    ...{ name, effect, filler, progress, timeoutMs, concurrency, retries, repeatable, expects },
    description: own.description ?? (tool.description?.trim() || tool.title || tool.name),
    input: inputFrom(tool.inputSchema),
    run: (input, context) => run({ server, tool: tool.name, effect, timeoutMs }, input, context),
  });
}

interface Ran {
  server: McpServer;
  /** By the server's name. */
  tool: string;
  effect: 'read' | 'write';
  timeoutMs: number;
}

async function run({ server, tool, effect, timeoutMs }: Ran, input: object, context: ToolContext): Promise<unknown> {
  const { signal, idempotencyKey, callId } = context;
  try {
    const answer = await server.call({
      ...{ tool, signal, progress: (text) => context.progress(text) },
      input: { ...input },
      meta: { [META.key]: idempotencyKey, [META.call]: callId, [META.timeout]: timeoutMs },
      isRead: effect === 'read',
      timeoutMs: effect === 'read' ? timeoutMs : timeoutMs + LONGEST_WRITE_MS,
    });
    return readMcpResult(tool, answer);
  } catch (error) {
    if (isA(error, McpUnreachable)) {
      context.log.warn({ mcp: server.label, err: readThrown(error) }, 'a tool could not be asked for');
      throw new ToolError(
        'The system behind this tool cannot be reached at the moment, and nothing was done. Tell the caller so; it may work in a minute.',
      );
    }
    if (isA(error, McpRefused)) throw new ToolError(`It was refused, and not done: ${error.message}`);
    throw error;
  }
}

/** `mcp({...})`: the tools of a server of the Model Context Protocol, for an agent's `tools`. What it takes is loaded with the agent. */
import { toolOrigin, type ToolOrigin } from '../origin.ts';
import { labelOf } from './label.ts';
import type { McpOptions } from './options.ts';

/**
 * Tools of an MCP server: a program that is started (`command`), or one at an address (`url`). Connected once in a process, when its
 * agent is loaded, and anew whenever it is gone. Needs the package `@modelcontextprotocol/client`. Never throws: what is wrong with
 * it is reported together with everything else when the agent is loaded.
 */
export function mcp(options: McpOptions): ToolOrigin {
  return toolOrigin(`mcp ${labelOf(options)}`, async (place) => (await import('./open.ts')).openMcp(options, place));
}

/** `openApi`: tools made of the operations of an OpenAPI document that lies in a file. Its reader is loaded with the first. */
import { toolOrigin, type OpenedOrigin, type ToolOrigin } from '../origin.ts';
import type { OpenApiOptions } from './options.ts';

/**
 * Makes tools of an OpenAPI document, 3.0 or 3.1, in JSON or YAML: it stands in an agent's `tools`. Never throws: what is wrong with
 * it, and each operation of which there can be no tool, is told with its reason when the agent is loaded.
 * @param file A path, relative to the agent file, or a `file:` address.
 */
export function openApi(file: string | URL, options: OpenApiOptions): ToolOrigin {
  return toolOrigin(`openApi ${String(file)}`, ({ from }) => openDocument(file, options, from));
}

async function openDocument(file: string | URL, options: OpenApiOptions, from: string): Promise<OpenedOrigin> {
  const { readOpenApi } = await import('./read.ts');
  const { tools, problems, path } = await readOpenApi(file, options, from);
  const count = tools.length === 1 ? '1 tool' : `${tools.length} tools`;
  return {
    tools: tools.map(({ definition }) => definition),
    problems: problems.map(({ path: field, expected, got }) => ({
      field: field.length > 0 ? field.map(String).join('.') : undefined,
      expected,
      got,
    })),
    files: path === '' ? [] : [path],
    summary: `openApi ${String(file)}: ${count}`,
    close: () => undefined,
  };
}

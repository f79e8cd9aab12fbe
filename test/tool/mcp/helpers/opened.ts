/** Opens MCP servers as an agent does, and lets go of them behind each test. */
import { afterEach } from 'vitest';
import { createLog } from '../../../../src/lib/log.ts';
import { inspectTools, type InspectedTools } from '../../../../src/tool/load.ts';
import { mcp } from '../../../../src/tool/mcp/mcp.ts';
import type { McpOptions } from '../../../../src/tool/mcp/options.ts';
import type { LogLine } from '../../../helpers/worker.ts';

const cleanups: (() => unknown)[] = [];

/** Behind the test, the last first. */
export const cleanUp = (clean: () => unknown): void => void cleanups.push(clean);

/** Call it once in a file. */
export function cleanUpAfterEach(): void {
  afterEach(async () => {
    for (const clean of cleanups.splice(0).reverse()) await clean();
  });
}

export interface Opened extends InspectedTools {
  logs: LogLine[];
  /** What a server has said on its standard error: the group of the pattern. */
  said: (pattern: RegExp) => string | undefined;
}

export async function open(...options: McpOptions[]): Promise<Opened> {
  const logs: LogLine[] = [];
  const write = (line: string) => void logs.push(JSON.parse(line) as LogLine);
  const log = createLog({ showText: true, level: 'debug', stream: { write } });
  const inspected = await inspectTools(
    options.map((one) => mcp(one)),
    { from: import.meta.dirname, log },
  );
  cleanUp(() => inspected.list.close());
  const said = (pattern: RegExp) =>
    logs.map(({ text }) => pattern.exec(String(text))?.[1]).find((found) => found !== undefined);
  return { ...inspected, logs, said };
}

export const messages = ({ problems }: InspectedTools) => problems.map(({ message }) => message);
export const now = ({ list }: InspectedTools) => list.tools;
export const namesOf = ({ list }: InspectedTools) => list.tools.map(({ definition }) => definition.name);

/** The MCP servers of this process: one connection each, whichever agents, calls and loads of a file name it. */
import { canonicalJson } from '../../lib/json.ts';
import type { McpFigures, McpServer, McpServerOptions } from './server.ts';

export type { McpFigures };

interface Shared {
  server: McpServer;
  users: number;
}

const servers = new Map<string, Shared>();

/** Figures of all that there are, by their labels. Two of one label are told together. */
export function mcpFigures(): Record<string, McpFigures> {
  const figures: Record<string, McpFigures> = {};
  for (const { server } of servers.values()) {
    const { isUp, reconnects, failedCalls } = server.figures;
    const before = figures[server.label];
    figures[server.label] = {
      isUp: isUp && (before?.isUp ?? true),
      reconnects: reconnects + (before?.reconnects ?? 0),
      failedCalls: failedCalls + (before?.failedCalls ?? 0),
    };
  }
  return figures;
}

/**
 * The server of this label and address, which others may use too; the first has it made. `letGo` when it is no longer used
 * here; safe to call twice.
 */
export function shareServer(
  { label, target }: Pick<McpServerOptions, 'label' | 'target'>,
  make: () => McpServer,
): { server: McpServer; letGo: () => Promise<void> } {
  const key = canonicalJson({ label, target });
  const shared = servers.get(key) ?? { server: make(), users: 0 };
  servers.set(key, shared);
  shared.users++;
  let isUsed = true;
  const letGo = async () => {
    if (!isUsed) return;
    isUsed = false;
    if (--shared.users > 0) return;
    servers.delete(key);
    await shared.server.close();
  };
  return { server: shared.server, letGo };
}

/** How the MCP servers do that tools of this process come from. Nothing is shown where there are none. */
import { Gauge, type Registry } from 'prom-client';
import { mcpFigures, type McpFigures } from '../tool/mcp/servers.ts';
import { countReading } from './readings.ts';

const LABEL = 'server';

/** Once for a registry. */
export function registerMcpMetrics(registry: Registry): void {
  new Gauge({
    name: 'parley_mcp_up',
    help: '1 while an MCP server is connected.',
    labelNames: [LABEL],
    registers: [registry],
    aggregator: 'min', // of several processes, one that cannot reach it is worth knowing of
    collect() {
      this.reset();
      for (const [server, { isUp }] of Object.entries(mcpFigures())) this.set({ [LABEL]: server }, isUp ? 1 : 0);
    },
  });
  const read = (pick: (figures: McpFigures) => number) => () =>
    Object.fromEntries(Object.entries(mcpFigures()).map(([server, figures]) => [server, pick(figures)]));
  countReading(registry, {
    name: 'parley_mcp_reconnects_total',
    help: 'Connections to an MCP server that were made anew.',
    label: LABEL,
    read: read(({ reconnects }) => reconnects),
  });
  countReading(registry, {
    name: 'parley_mcp_failed_calls_total',
    help: 'Calls of tools that found their MCP server gone, or lost it.',
    label: LABEL,
    read: read(({ failedCalls }) => failedCalls),
  });
}

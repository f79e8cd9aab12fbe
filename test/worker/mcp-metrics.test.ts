/** What `/metrics` shows of MCP servers: nothing where there are none. */
import { expect, test } from 'vitest';
import { Registry } from 'prom-client';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLog } from '../../src/lib/log.ts';
import { McpServer } from '../../src/tool/mcp/server.ts';
import { shareServer } from '../../src/tool/mcp/servers.ts';
import type { McpSession } from '../../src/tool/mcp/session.ts';
import { registerMcpMetrics } from '../../src/worker/mcp-metrics.ts';

const session: McpSession = {
  ...{ server: 'calendar', tools: [], call: async () => ({}), ping: async () => {}, close: async () => {} },
};

const samples = async (registry: Registry) =>
  (await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));

test('each server by its name, while somebody has its tools', async () => {
  const registry = new Registry();
  registerMcpMetrics(registry);
  expect(await samples(registry)).toEqual([]);
  const target = { type: 'http', url: 'http://127.0.0.1:9/mcp', headers: {} } as const;
  const common = { target, connectMs: 1_000, clock: systemClock, log: silentLog };
  const share = (label: string, open: () => Promise<McpSession>) =>
    shareServer({ label, target }, () => new McpServer({ ...common, label, open }));
  const up = share('calendar', async () => session);
  const down = share('crm', () => Promise.reject(new Error('no')));
  await Promise.all([up.server.start(), down.server.start()]);
  expect(await samples(registry)).toEqual([
    'parley_mcp_up{server="calendar"} 1',
    'parley_mcp_up{server="crm"} 0',
    'parley_mcp_reconnects_total{server="calendar"} 0',
    'parley_mcp_reconnects_total{server="crm"} 0',
    'parley_mcp_failed_calls_total{server="calendar"} 0',
    'parley_mcp_failed_calls_total{server="crm"} 0',
  ]);
  await Promise.all([up.letGo(), down.letGo()]);
  expect(await samples(registry)).toEqual([]);
});

/** A calendar as an MCP server, by the official server package: what real servers do, and what they do wrong. */
import { setTimeout as wait } from 'node:timers/promises';
import { McpServer, type ServerContext } from '@modelcontextprotocol/server';
import { z } from 'zod';

export interface CalendarState {
  /** What each booking was asked with. */
  bookings: { slot: string; meta: unknown }[];
  /** Runs of `wait` that were cancelled. */
  cancelled: number;
}

const text = (words: string) => ({ content: [{ type: 'text' as const, text: words }] });

export function createCalendar(
  state: CalendarState = { bookings: [], cancelled: 0 },
  { crash = () => {} } = {},
): McpServer {
  const server = new McpServer(
    { name: 'calendar', version: '1.2.0' },
    { capabilities: { tools: { listChanged: true } } },
  );
  const day = z.object({ day: z.iso.date().describe('Such as 2026-12-01.') });
  server.registerTool(
    'find.slots',
    { description: 'Finds free slots of a day.', inputSchema: day, annotations: { readOnlyHint: true } },
    async ({ day: wanted }) => text(JSON.stringify({ day: wanted, slots: ['09:00', '10:30'] })),
  );
  server.registerTool(
    'book_slot',
    {
      description: 'Books a slot.',
      inputSchema: z.object({ slot: z.string() }),
      outputSchema: z.object({ booked: z.string() }),
    },
    async ({ slot }, { mcpReq }) => {
      state.bookings.push({ slot, meta: mcpReq._meta });
      return { ...text('done'), structuredContent: { booked: slot } };
    },
  );
  server.registerTool('fail', { description: 'Fails.', inputSchema: z.object({}) }, async () => ({
    ...text('The calendar is closed for the day.'),
    isError: true,
  }));
  server.registerTool(
    'wait',
    { description: 'Waits.', inputSchema: z.object({ ms: z.int() }), annotations: { readOnlyHint: true } },
    async ({ ms }, context) => waitFor(ms, context, state),
  );
  server.registerTool('show', { description: 'Shows.', inputSchema: z.object({}) }, async () => ({
    content: [
      { type: 'text', text: 'The plan:' },
      { type: 'image', data: 'aGk=', mimeType: 'image/png' },
      { type: 'resource', resource: { uri: 'file:///plan.txt', text: 'Monday: closed.' } },
      { type: 'resource_link', uri: 'file:///more.txt', name: 'more' },
    ],
  }));
  server.registerTool('extend', { description: 'Adds a tool.', inputSchema: z.object({}) }, async () => {
    server.registerTool('cancel_slot', { description: 'Cancels.', inputSchema: z.object({}) }, async () => text('ok'));
    return text('extended');
  });
  server.registerTool('crash', { description: 'Crashes.', inputSchema: z.object({}) }, async () => {
    crash();
    await wait(60_000, undefined, { ref: false });
    return text('never');
  });
  return server;
}

async function waitFor(ms: number, { mcpReq }: ServerContext, state: CalendarState) {
  const token = mcpReq._meta?.progressToken;
  if (token !== undefined) {
    const params = { progressToken: token, progress: 1, message: 'still looking' };
    await mcpReq.notify({ method: 'notifications/progress', params });
  }
  try {
    await wait(ms, undefined, { signal: mcpReq.signal });
    return text('waited');
  } catch {
    state.cancelled++;
    process.stderr.write('cancelled\n');
    return text('cancelled');
  }
}

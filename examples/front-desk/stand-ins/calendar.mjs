// A calendar for the example: an MCP server over standard input and output, by the official package.
import { McpServer } from '@modelcontextprotocol/server';
import { StdioServerTransport } from '@modelcontextprotocol/server/stdio';
import { z } from 'zod';

const TIMES = ['09:00', '10:30', '15:00'];
const taken = new Set();

const answer = (value) => ({ content: [{ type: 'text', text: JSON.stringify(value) }] });
const day = z.iso.date().describe('Such as 2026-12-01.');
const server = new McpServer({ name: 'calendar', version: '1.0.0' });

server.registerTool(
  'find_times',
  {
    description: 'Finds the free times of a day.',
    inputSchema: z.object({ day }),
    annotations: { readOnlyHint: true },
  },
  async ({ day }) => answer({ day, free: TIMES.filter((time) => !taken.has(`${day} ${time}`)) }),
);

server.registerTool(
  'book_time',
  {
    description: 'Books a free time for somebody.',
    inputSchema: z.object({ day, time: z.string().describe('Such as 09:00.'), name: z.string() }),
  },
  async ({ day, time, name }) => {
    const slot = `${day} ${time}`;
    if (!TIMES.includes(time) || taken.has(slot))
      return { ...answer(`${time} is not free on that day.`), isError: true };
    taken.add(slot);
    return answer({ booked: true, day, time, name });
  },
);

await server.connect(new StdioServerTransport());

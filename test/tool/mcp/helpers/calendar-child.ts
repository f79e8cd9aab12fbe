/** The calendar as a program: over its standard input and output. It says what it does on its standard error. */
import { spawn } from 'node:child_process';
import { StdioServerTransport } from '@modelcontextprotocol/server/stdio';
import { createCalendar } from './calendar.ts';

const [how] = process.argv.slice(2);
if (how === 'broken') {
  process.stderr.write('CALENDAR_TOKEN is not set\n');
  process.exit(3);
}
if (how === 'parent') {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  process.stderr.write(`started ${child.pid}\n`);
}
if (how === 'deaf') process.on('SIGTERM', () => {});
process.stderr.write(
  `pid ${process.pid} token ${process.env['CALENDAR_TOKEN'] ?? 'none'} key ${process.env['SMALLEST_API_KEY'] ?? 'none'}\n`,
);
const server = createCalendar(undefined, { crash: () => process.exit(9) });
await server.connect(new StdioServerTransport());
if (how === 'deaf') setInterval(() => {}, 1_000);

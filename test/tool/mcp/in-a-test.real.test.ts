/**
 * A call in virtual time whose agent has an MCP server: its time is held until the server has really answered.
 *
 * Real time: the server is a process.
 */
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { startTestCall } from '../../../src/testing/test-call.ts';
import { mcp } from '../../../src/tool/mcp/mcp.ts';

const TSX = resolve(import.meta.dirname, '../../../node_modules/tsx/dist/esm/index.mjs');
const CHILD = resolve(import.meta.dirname, 'helpers/calendar-child.ts');

test('what a server takes to answer is no time of the call, however long its process needs for it', async () => {
  const calendar = mcp({
    command: process.execPath,
    args: ['--import', TSX, CHILD],
    connectMs: 30_000,
    tools: ['wait'],
  });
  await using call = await startTestCall(
    { name: 'desk', instructions: 'You wait.', tools: [calendar] },
    {
      line: 'text',
      model: {
        replies: [
          { when: 'please wait', call: { name: 'wait', arguments: { ms: 400 } } },
          { after: 'wait', say: 'It was not long.' },
        ],
        pace: 'instant',
      },
    },
  );
  await call.say('please wait');
  const ends = call.result().events.flatMap((event) => (event.type === 'tool-end' ? [event] : []));
  expect(ends).toMatchObject([{ name: 'wait', ok: true }]);
  expect(ends[0]?.durationMs).toBeLessThan(50);
});

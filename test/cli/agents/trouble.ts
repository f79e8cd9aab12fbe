/** An agent whose tools give trouble, one of each kind. */
import { defineAgent, defineTool, endCall, say, ToolError } from 'parley-voice';
import { z } from 'zod';

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const nothing = z.object({});
const tool = (name: string, effect: 'read' | 'write', run: () => unknown, timeoutMs = 5_000) =>
  defineTool({ name, description: `It is ${name}.`, input: nothing, effect, timeoutMs, filler: 'One moment.', run });

const circle: Record<string, unknown> = {};
circle['self'] = circle;

export default defineAgent({
  name: 'trouble',
  instructions: 'You are in trouble. Before you use a tool, say a brief acknowledgement.',
  greeting: 'Hello.',
  tools: [
    tool('throws_at_once', 'read', () => {
      throw new Error('secret details');
    }),
    tool('rejects', 'read', () => Promise.reject(new ToolError('There is no such order.'))),
    tool('hangs', 'read', () => new Promise(() => {}), 200),
    tool('returns_a_circle', 'read', () => circle),
    tool('returns_a_function', 'read', () => () => 1),
    tool('returns_nothing', 'write', () => undefined),
    tool('returns_much', 'read', () => ({ text: 'x'.repeat(100_000) })),
    tool('says_it_itself', 'read', () => say('Straight from the tool.')),
    tool('writes_slowly', 'write', async () => {
      await wait(400);
      return { written: true };
    }),
    defineTool({
      name: 'wants_a_number',
      description: 'It wants a number.',
      input: z.object({ count: z.int() }),
      run: ({ count }) => ({ count }),
    }),
    endCall,
  ],
});

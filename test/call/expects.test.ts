/** What a tool expects of the caller reaches the ear of its call, however it is said, and holds for one turn. */
import { expect, test } from 'vitest';
import { z } from 'zod';
import { startTestCall } from '../../src/testing/test-call.ts';
import { defineTool, type ToolOptions } from '../../src/tool/define.ts';

const CARD = 'four two four two ... four two four two ... four two four two ... four two four two';

async function turnsWith(tool: Partial<ToolOptions<z.ZodObject>>): Promise<string[]> {
  await using call = await startTestCall(
    {
      name: 'till',
      instructions: 'Take the payment.',
      tools: [
        defineTool({
          name: 'start_payment',
          description: 'Begins a payment.',
          input: z.object({}),
          effect: 'read',
          run: () => ({ isOpen: true }),
          ...tool,
        }),
      ],
    },
    {
      model: {
        replies: [
          { when: 'pay', call: { name: 'start_payment' } },
          { after: 'start_payment', say: 'Go ahead, I am listening.' },
          { say: 'Thank you.' },
        ],
      },
      tools: { start_payment: 'run' },
    },
  );
  await call.say('I would like to pay my bill now, please.');
  await call.say(CARD, { pauseMs: 1_300 });
  await call.hangUp();
  return call.turns.map(({ said }) => said ?? '');
}

test('R26: a card number in four groups is one turn where the tool says that it expects one', async () => {
  expect(await turnsWith({ expects: 'card-number' })).toHaveLength(2);
});

test('R26: and where the tool says so while it runs', async () => {
  const run: ToolOptions<z.ZodObject>['run'] = (_, { line }) => {
    line.expect?.({ code: 16 });
    return { isOpen: true };
  };
  expect(await turnsWith({ run })).toHaveLength(2);
});

test('R26: where nobody says so, each group is taken for an answer', async () => {
  expect((await turnsWith({})).length).toBeGreaterThan(2);
});

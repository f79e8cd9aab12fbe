/** What a tool expects of the caller reaches the ear of its call, however it is said, and holds for one turn. */
import { expect, test } from 'vitest';
import { z } from 'zod';
import { askEach, collectAddress, collectPhone, confirm, type CollectTask } from '../../src/call/collect/collectors.ts';
import { startTestCall } from '../../src/testing/test-call.ts';
import { defineTool, type ToolOptions } from '../../src/tool/define.ts';
import { defineTask } from '../../src/tool/task.ts';

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

/** What the caller said in each turn of a call in which "please begin" begins the task. */
async function turnsIn(task: CollectTask | ReturnType<typeof defineTask>, said: readonly string[]): Promise<string[]> {
  await using call = await startTestCall(
    { name: 'desk', instructions: 'You take orders.', tools: [task] },
    {
      model: {
        replies: [
          { when: 'please begin', call: { name: task.name } },
          { after: task.name, say: 'Thank you.' },
          { say: 'Go on.' },
        ],
      },
    },
  );
  await call.say('Hello, please begin.');
  for (const words of said) await call.say(words, { pauseMs: 1_500 });
  await call.hangUp();
  return call.turns.map((turn) => turn.said ?? '').slice(1);
}

const OWN = 'And the best one to catch you on?';
const NUMBER = 'two zero two ... five five five ... zero one four three';

test('R26: a ready-made task waits for what it collects, whatever the words of its question are', async () => {
  expect(await turnsIn(collectPhone({ ask: OWN }), [NUMBER])).toHaveLength(1);
});

test('R26: so does each of several, the second asked when the first is there', async () => {
  const both = askEach([
    confirm({ question: 'Ready when you are' }),
    collectPhone({ ask: OWN }),
    collectAddress({ ask: 'Where does the van go?' }),
  ]);
  const said = ['Yes.', NUMBER, 'Yes.', 'fourteen ... Acacia Avenue ... Springfield'];
  expect(await turnsIn(both, said)).toHaveLength(4);
});

test('R26: of a number of which a part was taken, the rest is waited for', async () => {
  const turns = await turnsIn(collectPhone({ ask: OWN }), ['two zero two five five five', 'zero one ... four three']);
  expect(turns).toHaveLength(2);
});

test('R26: a task of your own may say what answers the question that it begins with', async () => {
  const task = (expects?: 'card-number') =>
    defineTask({
      ...{ name: 'pay', description: 'Takes a card.', instructions: 'Take it.', ask: 'Go ahead, I am listening.' },
      ...{ result: z.object({ done: z.boolean() }), expects },
    });
  expect(await turnsIn(task('card-number'), [CARD])).toHaveLength(1);
  expect((await turnsIn(task(), [CARD])).length).toBeGreaterThan(1);
});

/** An agent whose tools do harm when nobody waits for them any more, one of each kind. */
import { defineAgent, defineTool } from 'parley-voice';
import { z } from 'zod';

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const tool = (name: string, run: () => unknown) =>
  defineTool({ name, description: `It ${name}.`, input: z.object({}), effect: 'read', filler: 'One moment.', run });

function block(): void {
  const untilMs = performance.now() + 400;
  while (performance.now() < untilMs);
}

export default defineAgent({
  name: 'rogue',
  instructions: 'You are in trouble.',
  greeting: 'Hello.',
  tools: [
    tool('throws_later', () => {
      setTimeout(() => {
        throw new Error('nobody waits for this');
      }, 20);
      return 'done';
    }),
    tool('rejects_aside', () => {
      void wait(20).then(() => Promise.reject(new Error('nobody looks at this')));
      return 'done';
    }),
    tool('blocks_at_once', () => (block(), 'done')),
    tool('blocks_in_the_middle', async () => {
      await wait(20);
      block();
      return 'done';
    }),
  ],
});

// as a library would that no tool has called
process.on('SIGUSR2', () => {
  throw new Error('of unknown origin');
});

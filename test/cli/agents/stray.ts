/** An agent with a tool that leaves timers behind: one throws, one rejects, one never ends. */
import { defineAgent, defineTool } from 'parley-voice';
import { z } from 'zod';

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export default defineAgent({
  name: 'stray',
  instructions: 'You are in trouble.',
  tools: [
    defineTool({
      name: 'leave_timers',
      description: 'Leaves timers behind.',
      input: z.object({}),
      filler: 'One moment.',
      async run() {
        setInterval(() => {}, 1_000);
        setTimeout(() => {
          throw new Error('thrown by a timer');
        }, 5);
        void wait(5).then(() => Promise.reject(new Error('rejected by a timer')));
        await wait(50);
        return { done: true };
      },
    }),
  ],
});

/** An agent that works, and costs its caller and its owner more than it need. */
import { defineAgent, defineTool, endCall } from 'parley-voice';
import { z } from 'zod';

export default defineAgent({
  name: 'careless',
  instructions: 'It is now 2026-11-23 15:04:05. You find everything for Mary.',
  greeting: 'Hello and a warm welcome. '.repeat(10),
  voice: { id: 'nobody', unlisted: true, language: 'hi' },
  turn: { endpointMs: 3_000 },
  tools: [
    endCall,
    defineTool({
      name: 'find_everything',
      description: 'Finds everything that there is to be found. '.repeat(10),
      input: z.object({ what: z.string() }),
      timeoutMs: 60_000,
      run: ({ what }) => ({ what }),
    }),
  ],
});

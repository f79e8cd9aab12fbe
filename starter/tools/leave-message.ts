import { defineTool } from 'parley-voice';
import { z } from 'zod';

export default defineTool({
  name: 'leave_message',
  description: 'Leaves a message for the mechanic, who calls back.',
  input: z.object({
    name: z.string().min(2).describe('Who is calling.'),
    message: z.string().min(2).describe('What the mechanic should know.'),
  }),
  effect: 'write', // does something: never cancelled, and never done twice
  filler: 'I am writing that down.',
  run({ name, message }, { caller, idempotencyKey, log }) {
    // A real tool sends this to a server, with the key: what is sent twice by a lost connection is then done once.
    log.info({ idempotencyKey, name, message, from: caller.from }, 'a message for the mechanic');
    return { left: true, summary: `Thank you, ${name}. The mechanic will call you back.` };
  },
});

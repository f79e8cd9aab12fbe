import { defineTool, ToolError } from 'parley-voice';
import { z } from 'zod';

/** What a real tool would ask a server for. */
const REPAIRS: Readonly<Record<string, { bicycle: string; state: string }>> = {
  '1001': { bicycle: 'the red city bike', state: 'ready to be picked up' },
  '1002': { bicycle: 'the racing bike', state: 'waiting for a new chain' },
};

export default defineTool({
  name: 'repair_status',
  description: 'Tells whether a bicycle is ready, by the number on the ticket of its repair.',
  input: z.object({
    ticket: z
      .string()
      .regex(/^\d{4}$/)
      .describe('The number on the ticket: four digits.'),
  }),
  effect: 'read', // changes nothing: cancelled when the caller speaks over it
  filler: 'One moment while I look.', // spoken when the model has said nothing and the result takes a while
  run({ ticket }) {
    const repair = REPAIRS[ticket];
    if (!repair) throw new ToolError(`There is no ticket ${ticket}. Could you read it out again?`);
    return { ticket, ...repair, summary: `Ticket ${ticket}, ${repair.bicycle}, is ${repair.state}.` };
  },
});

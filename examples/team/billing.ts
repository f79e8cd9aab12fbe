/** The desk's colleague for money: it has no greeting, and so it answers at once what the caller has asked the desk. */
import { defineAgent, defineTool } from 'parley-voice';
import { z } from 'zod';

const findBill = defineTool({
  name: 'find_bill',
  description: "Finds the caller's last bill.",
  input: z.object({}),
  effect: 'read',
  filler: 'I am opening your last bill.',
  run: () => ({ summary: 'The last bill is 80 euros: 50 for the visit on Monday, and 30 for the blood test.' }),
});

export default defineAgent({
  name: 'clinic-billing',
  description: 'Bills and payments.',
  instructions: `You answer questions about bills of Acme Clinic, on the phone. The desk has handed the caller over to you.
Speak in one or two short sentences, plainly, without lists or markup.
Before you look something up, say a brief acknowledgement. For anything but money, hand the caller back to the desk.`,
  model: { maxTokens: 300 },
  voice: { id: 'jordan' },
  tools: [findBill, 'hand_off', 'end_call'],
  team: { desk: './desk.ts' },
});

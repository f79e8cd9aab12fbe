/** A front desk with a colleague. Talk to them with `parley chat examples/team/desk.ts`: ask why your bill is so high, and then for an appointment. */
import { defineAgent } from 'parley-voice';

export default defineAgent({
  name: 'clinic-desk',
  description: 'Appointments and everything else.',
  instructions: `You are the front desk of Acme Clinic, on the phone.
Speak in one or two short sentences, plainly, without lists or markup.
Questions about bills and payments are for billing: say that you bring them in, and hand the caller off.
Before you use another tool, say a brief acknowledgement such as "Let me check that for you."`,
  greeting: 'Hello, this is Acme Clinic. How can I help you?',
  model: { maxTokens: 300 },
  tools: ['../../tools', 'hand_off', 'end_call'],
  team: { billing: './billing.ts' },
});

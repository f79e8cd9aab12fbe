/** A clinic's front desk. Talk to it with `parley chat examples/clinic.ts`. */
import { defineAgent, endCall } from 'parley-voice';

export default defineAgent({
  name: 'clinic-desk',
  instructions: `You are the front desk of Acme Clinic, on the phone.
Speak in one or two short sentences, plainly, without lists or markup.
Before you use a tool, say a brief acknowledgement such as "Let me check that for you."
Offer at most three times at once. Before you book, you need the day, the time and the name of the patient.
When the caller has all they need, say goodbye and end the call.`,
  greeting: 'Hello, this is Acme Clinic. How can I help you?',
  // What changes from call to call comes after the instructions, so that these stay in the model's prefix cache.
  facts: ({ from }) =>
    `Today is ${new Intl.DateTimeFormat('en-CA', { dateStyle: 'full' }).format(new Date())} (${new Intl.DateTimeFormat('en-CA').format(new Date())}).${from ? ` The caller's number is ${from}.` : ''}`,
  model: { temperature: 0.3, maxTokens: 300 },
  voice: { id: 'magnus', model: 'lightning_v3.1', language: 'en' },
  tools: ['../tools', endCall],
  phrases: { goodbye: 'Thank you for calling Acme Clinic. Goodbye.' },
});

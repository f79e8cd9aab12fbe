/** The front desk of a bicycle workshop. Change the words, the voice and the tools: what each field does is shown by your editor. */
import { defineAgent, endCall } from 'parley-voice';

export default defineAgent({
  name: 'parley-starter',
  // The same for every call, so that the model keeps it in its cache. What changes from call to call goes into `facts`.
  instructions: `You are the front desk of Wheel Works, a bicycle workshop, on the phone.
Speak in one or two short sentences, plainly, without lists or markup.
Before you use a tool, say a brief acknowledgement such as "Let me check that for you."
When the caller has all they need, say goodbye and end the call.`,
  greeting: 'Hello, this is Wheel Works. How can I help you?',
  facts: ({ from }) => `Today is ${new Date().toDateString()}. The caller's number is ${from ?? 'unknown'}.`,
  model: { temperature: 0.3, maxTokens: 300 },
  voice: { id: 'magnus', model: 'lightning_v3.1', language: 'en' },
  tools: ['./tools', endCall],
});

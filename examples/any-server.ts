/**
 * An agent with a tool against any OpenAI-compatible server: vLLM, Ollama, llama.cpp, Gemini, a gateway. What the server wants
 * beyond the protocol is found out by one refusal, and then kept to.
 * Run: OPENAI_BASE_URL=http://localhost:11434/v1 OPENAI_MODEL=qwen3 npx tsx examples/any-server.ts "What is two and two?"
 */
import { createAgent, createParley, defineTool } from 'parley-voice';
import { z } from 'zod';

const baseUrl = process.env['OPENAI_BASE_URL'];
if (!baseUrl) {
  console.error('Set OPENAI_BASE_URL to the address of your server, such as http://localhost:11434/v1');
  process.exit(2);
}
const openingHours = defineTool({
  name: 'opening_hours',
  description: 'Says when the shop is open on a day of the week.',
  input: z.object({ day: z.string().describe('A day of the week.'), holiday: z.boolean().optional() }),
  effect: 'read',
  run: ({ day }) => ({ day, open: /^sun/i.test(day) ? 'closed' : 'from 9 am to 6 pm' }),
});
const agent = await createAgent({
  name: 'any-server',
  instructions: 'Answer in one short spoken sentence.',
  facts: async () => `Today is ${new Date().toDateString()}.`,
  tools: [openingHours],
  model: { model: process.env['OPENAI_MODEL'] ?? 'gpt-4o-mini' },
});
const parley = createParley({ baseUrl, apiKey: process.env['OPENAI_API_KEY'], plan: 'none' });
const call = parley.startCall(agent);
call.on('text-delta', ({ delta }) => process.stdout.write(delta));
call.on('error', ({ code, message }) => console.error(`\n${code}: ${message}`));
const questions = process.argv.length > 2 ? process.argv.slice(2) : ['Say hello.'];
let hasReplied = true;
for (const question of questions) {
  const turn = await call.say(question);
  hasReplied &&= turn?.outcome === 'replied';
  process.stdout.write('\n');
}
call.hangUp();
await call.ended;
await parley.close();
process.exitCode = hasReplied ? 0 : 1;

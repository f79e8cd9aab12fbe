/**
 * An agent against any OpenAI-compatible server: vLLM, Ollama, llama.cpp, a gateway.
 * Run: OPENAI_BASE_URL=http://localhost:11434/v1 OPENAI_MODEL=qwen3 npx tsx examples/any-server.ts "What is two and two?"
 */
import { createAgent, createParley } from 'parley-voice';

const baseUrl = process.env['OPENAI_BASE_URL'];
if (!baseUrl) {
  console.error('Set OPENAI_BASE_URL to the address of your server, such as http://localhost:11434/v1');
  process.exit(2);
}
const agent = await createAgent({
  name: 'any-server',
  instructions: 'Answer in one short spoken sentence.',
  model: { model: process.env['OPENAI_MODEL'] ?? 'gpt-4o-mini' },
});
const parley = createParley({ baseUrl, apiKey: process.env['OPENAI_API_KEY'], plan: 'none' });
const call = parley.startCall(agent);
call.on('text-delta', ({ delta }) => process.stdout.write(delta));
call.on('error', ({ code, message }) => console.error(`\n${code}: ${message}`));
const turn = await call.say(process.argv[2] ?? 'Say hello.');
process.stdout.write('\n');
call.hangUp();
await call.ended;
await parley.close();
process.exitCode = turn?.outcome === 'replied' ? 0 : 1;

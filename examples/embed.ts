/** Parley inside a program of your own: a text call, its events, and its end. Run: npx tsx examples/embed.ts */
import { createAgent, createParley, defineTool } from 'parley-voice';
import { startElectronSimulator } from 'parley-voice/testing';
import { z } from 'zod';

const weather = defineTool({
  name: 'weather',
  description: 'Tells the weather in a city.',
  input: z.object({ city: z.string().describe('The city.') }),
  effect: 'read',
  run: ({ city }) => ({ city, sky: 'sunny', celsius: 24 }),
});
const agent = await createAgent({
  name: 'weather-line',
  instructions: 'You tell the weather. Before you use a tool, say a brief acknowledgement.',
  greeting: 'Hello, this is the weather line. ',
  tools: [weather],
});

const simulator = await startElectronSimulator(); // with a key: createParley() and nothing else
const parley = createParley({ baseUrl: simulator.url, apiKey: 'sk_simulated' });
const call = parley.startCall(agent, {
  // before its first event: who listens afterwards misses `call-start` and the greeting
  listen(one) {
    one.on('call-start', ({ agent: name }) => console.log(`${name}:`));
    one.on('text-delta', ({ delta }) => process.stdout.write(delta));
    one.on('tool-end', ({ name, durationMs }) => process.stdout.write(` [${name}: ${durationMs} ms] `));
  },
});
await call.say('What is the weather in Pune?');
call.hangUp();
console.log('\n', await call.ended);
await parley.close();
await simulator.close();

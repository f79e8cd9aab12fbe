/**
 * A whole agent on servers of one's own: its model by OpenAI's chat completions, its voice and its ear by OpenAI's audio API.
 * Run: npx tsx examples/own-servers.ts (a call to it against stand-ins on this machine), or with --serve: a worker that takes
 * calls, no account needed, with PARLEY_MODEL_BASE_URL, PARLEY_SPEECH_BASE_URL and PARLEY_TRANSCRIPTIONS_BASE_URL.
 */
import { createAgent, startWorker } from 'parley-voice';
import { startPhone } from 'parley-voice/testing';

const agent = await createAgent({
  name: 'own-servers',
  instructions: 'You answer the phone in one short spoken sentence.',
  greeting: 'Hello, this line has servers of its own.',
  model: { maxTokens: 300 },
  voice: { vendor: 'openai-speech', id: process.env['VOICE'] ?? 'alloy' },
  listen: { vendor: 'openai-transcriptions', language: 'en', keywords: ['Parley'] },
});

if (process.argv.includes('--serve')) {
  const worker = await startWorker({}, agent);
  process.once('SIGTERM', () => void worker.drain().then(() => worker.close()));
  console.log(worker.url);
} else {
  const phone = await startPhone(agent);
  const line = await phone.dial();
  line.call.on('turn-start', ({ text }) => console.log(`Caller: ${text}`));
  line.call.on('turn-end', ({ heard }) => console.log(`Agent:  ${heard}`));
  await line.caller.waitForSpeech();
  await line.caller.waitForSilence({ forMs: 900 });
  await line.say('Say good morning to the harbour.');
  await line.caller.waitForSpeech({ fromMs: line.caller.nowMs });
  await line.caller.waitForSilence({ forMs: 900 });
  await line.caller.hangUp();
  await phone.close();
}

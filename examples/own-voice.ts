/**
 * A voice of your own: here every letter is a beep. An agent file names it as `voice.vendor`; an ear or a model of your own
 * goes the same way. Run: npx tsx examples/own-voice.ts (a call to it on this machine, no account needed),
 * or with --serve: a worker that takes calls, with the settings of `parley serve`.
 */
import { createAgent, startWorker, type Synthesizer, type VoiceOptions, type VoiceVendor } from 'parley-voice';
import { startPhone } from 'parley-voice/testing';
import { z } from 'zod';

const Options = z.strictObject({ pitchHz: z.number().min(100).max(3_000).default(440) });
const RATE_HZ = 8_000;
const LETTER_MS = 60;

/** 16-bit samples: a beep for each letter, a pause for everything else. */
function beep(text: string, voice: VoiceOptions): Uint8Array {
  const { pitchHz } = Options.parse(voice);
  const letter = (RATE_HZ * LETTER_MS) / 1_000;
  const samples = Int16Array.from({ length: text.length * letter }, (_, at) => {
    const isHeard = /\p{L}/u.test(text[Math.floor(at / letter)] ?? '') && at % letter < letter / 2;
    return isHeard ? 8_000 * Math.sin((2 * Math.PI * pitchHz * at) / RATE_HZ) : 0;
  });
  return new Uint8Array(samples.buffer);
}

const format = { encoding: 'linear16', sampleRateHz: RATE_HZ } as const;
const beeps: Synthesizer = {
  name: 'beeps',
  format,
  open: ({ voice }) => ({
    begin: (listener) => ({
      speak: (clause) => listener.audio(beep(clause, voice)),
      end: () => listener.done(),
      abort() {},
    }),
    prewarm() {},
    close() {},
  }),
  render: async (text, voice) => ({ format, audio: beep(text, voice) }),
  close: async () => {},
};
const vendor: VoiceVendor = { provider: 'my-own', options: Options, create: () => beeps };
const vendors = { voices: { beeps: vendor } };

const agent = await createAgent(
  {
    name: 'beeper',
    instructions: 'You answer in one short sentence.',
    greeting: 'Hello, I beep.',
    voice: { vendor: 'beeps', pitchHz: 600 },
  },
  { vendors },
);

if (process.argv.includes('--serve')) {
  const worker = await startWorker({}, agent, { vendors });
  process.once('SIGTERM', () => void worker.drain().then(() => worker.close()));
  console.log(worker.url);
} else {
  const phone = await startPhone(agent, { vendors });
  const line = await phone.dial();
  line.call.on('turn-end', ({ heard }) => console.log(`Heard: ${heard}`));
  await line.caller.waitForSilence({ forMs: 900 });
  await line.say('Good morning.');
  await line.caller.waitForSpeech({ fromMs: line.caller.nowMs });
  await line.caller.waitForSilence({ forMs: 900 });
  console.log(`The caller heard ${(line.heardSound().length / RATE_HZ).toFixed(1)} s of beeps.`);
  await phone.close();
}

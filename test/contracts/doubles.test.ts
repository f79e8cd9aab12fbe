/** The vendors in tests only keep the contracts that they stand in for. */
import { CountingClock } from '../speak/helpers/lightning.ts';
import { ScriptedEar } from '../helpers/scripted-ear.ts';
import { transcriberContract } from './transcriber.suite.ts';

transcriberContract('the scripted ear', async () => {
  const clock = new CountingClock();
  const transcriber = new ScriptedEar({ clock, closeTimeoutMs: 200 });
  return {
    transcriber,
    format: { encoding: 'mulaw', sampleRateHz: 8_000 },
    listen: { language: 'en', keywords: [] },
    unheard: { format: { encoding: 'mulaw', sampleRateHz: 8_000 }, listen: { language: '', keywords: [] } },
    audioOf: (callId, words, { atMs, silenceMs }) =>
      new Uint8Array((transcriber.say(callId, words, atMs) - atMs + silenceMs) * 8).fill(0xff),
    lose: () => transcriber.lose(),
    refuse: () => (transcriber.isRefusing = true),
    mute: () => (transcriber.isMute = true),
    timers: () => clock.pending,
    close: async () => {},
  };
});

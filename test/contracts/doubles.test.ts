/** The vendors in tests only keep the contracts that they stand in for. */
import { CountingClock } from '../speak/helpers/lightning.ts';
import type { AudioFormat } from '../../src/audio/contract.ts';
import { ScriptedEar } from '../helpers/scripted-ear.ts';
import { ScriptedModel } from '../helpers/scripted-model.ts';
import { ScriptedVoice } from '../helpers/scripted-voice.ts';
import { modelContract, type ModelReply } from './model.suite.ts';
import { synthesizerContract } from './synthesizer.suite.ts';
import { understandTones } from './tones.ts';
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

const FORMATS: AudioFormat[] = [
  { encoding: 'linear16', sampleRateHz: 8_000 },
  { encoding: 'mulaw', sampleRateHz: 8_000 },
];
for (const format of FORMATS) {
  synthesizerContract(`the scripted voice, in ${format.encoding},`, async () => {
    const clock = new CountingClock();
    const synthesizer = new ScriptedVoice({ clock, format });
    return {
      synthesizer,
      voice: { id: 'tones', model: 'tones', language: 'en', speed: 1 },
      understand: understandTones,
      cut: (afterMs, times = 1) => void synthesizer.cuts.push(...Array.from({ length: times }, () => afterMs)),
      mute: (afterMs, times = 1) => void synthesizer.mutes.push(...Array.from({ length: times }, () => afterMs)),
      refuse: () => (synthesizer.isRefusing = true),
      timers: () => clock.pending,
      close: async () => {},
    };
  });
}

modelContract('the scripted model', async () => {
  const clock = new CountingClock();
  const replies = new Map<string, ModelReply>();
  const model = new ScriptedModel(({ messages }) => replies.get(messages.at(-1)?.content ?? '') ?? {}, { clock });
  return {
    model,
    reply: (caller, reply) => void replies.set(caller, reply),
    timers: () => clock.pending,
    close: async () => {},
  };
});

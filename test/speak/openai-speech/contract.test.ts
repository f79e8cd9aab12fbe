/** The client of OpenAI-compatible speech, on real sockets to its stand-in, keeps the contract of a synthesizer, whatever comes. */
import { createOpenAiSpeech } from '../../../src/speak/openai-speech/synthesizer.ts';
import { startSpeechSimulator, type SpeechSimulatorOptions } from '../../../src/simulate/openai-speech/server.ts';
import { synthesizerContract } from '../../contracts/synthesizer.suite.ts';
import { understandTones } from '../../contracts/tones.ts';
import { CountingClock } from '../helpers/lightning.ts';

const SERVERS: Record<string, SpeechSimulatorOptions> = {
  'that sends bare samples': {},
  'that sends WAV at another rate, though samples were asked for': { answers: 'wav', rateHz: 22_050 },
};

for (const [what, behaviour] of Object.entries(SERVERS)) {
  synthesizerContract(`openai-speech, with a server ${what},`, async () => {
    const server = await startSpeechSimulator({ firstByteMs: 5, realTimeFactor: 30, ...behaviour });
    const clock = new CountingClock();
    const synthesizer = createOpenAiSpeech({ baseUrl: server.baseUrl, clock });
    return {
      synthesizer,
      voice: {},
      understand: understandTones,
      cut: (afterMs, times) => server.fail({ type: 'cut', afterMs }, times),
      mute: (afterMs, times) => server.fail({ type: 'mute', afterMs }, times),
      refuse: () => server.refuseAll(),
      timers: () => clock.pending,
      close: () => server.close(),
    };
  });
}

/** What a call in virtual time hears, speaks and thinks with keeps the contracts that the services' clients keep. */
import { createBudget } from '../../../src/model/budget.ts';
import { createElectron } from '../../../src/model/electron/client.ts';
import { ElectronDispatcher } from '../../../src/simulate/electron/dispatcher.ts';
import { ElectronService } from '../../../src/simulate/electron/service.ts';
import { EarStandIn } from '../../../src/testing/line/ear.ts';
import { repliesOf } from '../../contracts/electron-replies.ts';
import { modelContract } from '../../contracts/model.suite.ts';
import { transcriberContract } from '../../contracts/transcriber.suite.ts';
import { MULAW, spoken } from '../../helpers/pulse.ts';
import { synthesizerContract } from '../../contracts/synthesizer.suite.ts';
import { understandTones } from '../../contracts/tones.ts';
import { CountingClock, TIMED_VOICE } from '../../speak/helpers/lightning.ts';
import { VoiceStandIn } from '../../../src/testing/line/voice.ts';

transcriberContract('the ear of a call in virtual time', () => {
  const clock = new CountingClock();
  const ear = new EarStandIn(clock, { interimDelayMs: 0, finalDelayMs: 0 });
  return Promise.resolve({
    transcriber: ear,
    format: MULAW,
    listen: { language: 'en', keywords: [] },
    unheard: { format: { encoding: 'mulaw', sampleRateHz: 16_001 }, listen: { language: 'en', keywords: [] } },
    audioOf: (_callId, words, { silenceMs }) => spoken(words, MULAW, silenceMs),
    lose: () => ear.lose(),
    refuse: () => ear.refuse(),
    mute: () => ear.mute(),
    timers: () => clock.pending,
    close: () => Promise.resolve(),
  });
});

synthesizerContract('the voice of a call in virtual time', () => {
  const clock = new CountingClock();
  const voice = new VoiceStandIn(clock);
  return Promise.resolve({
    synthesizer: voice,
    voice: TIMED_VOICE,
    understand: understandTones,
    cut: (afterMs, times) => voice.fail({ type: 'cut', afterMs }, times),
    mute: (afterMs, times) => voice.fail({ type: 'mute', afterMs }, times),
    refuse: () => voice.refuse(),
    timers: () => clock.pending,
    close: () => Promise.resolve(),
  });
});

modelContract('electron, answered without a socket,', () => {
  const clock = new CountingClock();
  const service = new ElectronService({}, clock);
  const model = createElectron({
    apiKey: 'sk_test_0123456789',
    baseUrl: 'http://model-of-the-contract.test/waves/v1',
    budget: createBudget({ plan: 'none', clock }),
    random: () => 0.01, // retries come soon
    dispatcher: new ElectronDispatcher(service, { clock }),
    clock,
  });
  return Promise.resolve({
    model,
    reply: repliesOf(service),
    timers: () => clock.pending,
    close: () => Promise.resolve(),
  });
});

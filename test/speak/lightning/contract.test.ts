/** Lightning's client, on real sockets to its stand-in, keeps the contract of a synthesizer, whatever `complete` does. */
import { understandTones } from '../../contracts/tones.ts';
import { synthesizerContract } from '../../contracts/synthesizer.suite.ts';
import { setUpLightning, TIMED_VOICE } from '../helpers/lightning.ts';

for (const afterComplete of ['close', 'keep'] as const) {
  synthesizerContract(`lightning, whose sockets ${afterComplete} after complete,`, async () => {
    const { service, lightning, clock } = await setUpLightning({ afterComplete });
    return {
      synthesizer: lightning,
      voice: TIMED_VOICE,
      understand: understandTones,
      cut: (afterMs, times) => service.fail({ type: 'cut', afterMs }, times),
      mute: (afterMs, times) => service.fail({ type: 'mute', afterMs }, times),
      refuse: () => service.fail({ type: 'refuse', status: 401 }, 100),
      timers: () => clock.pending,
      close: () => service.close(),
    };
  });
}

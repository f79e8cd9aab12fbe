/** Pulse's client, on real sockets to its stand-in, keeps the contract of a transcriber. */
import { createPulse } from '../../../src/listen/pulse/transcriber.ts';
import { startPulseSimulator } from '../../../src/simulate/pulse/server.ts';
import { transcriberContract } from '../../contracts/transcriber.suite.ts';
import { CountingClock } from '../../speak/helpers/lightning.ts';
import { KEY, MULAW, spoken } from '../../helpers/pulse.ts';

transcriberContract('pulse', async () => {
  const simulator = await startPulseSimulator({ interimDelayMs: 0, finalDelayMs: 0 });
  const clock = new CountingClock();
  const transcriber = createPulse({
    apiKey: KEY,
    baseUrl: simulator.url,
    retryDelaysMs: [5, 5, 10, 15, 20],
    closeTimeoutMs: 2_000,
    clock,
  });
  const sessions = () => simulator.sessions().filter(({ isOpen }) => isOpen);
  return {
    transcriber,
    format: MULAW,
    listen: { language: 'en', keywords: [] },
    unheard: { format: { encoding: 'mulaw', sampleRateHz: 16_000 }, listen: { language: 'en', keywords: [] } },
    audioOf: (_callId, words, { silenceMs }) => spoken(words, MULAW, silenceMs),
    lose: () => sessions().forEach((session) => session.close(1011)),
    refuse: () => void simulator.fault({ type: 'refuse', status: 401, times: 100 }),
    mute: () => sessions().forEach((session) => session.fault({ type: 'mute' })),
    timers: () => clock.pending,
    close: () => simulator.close(),
  };
});

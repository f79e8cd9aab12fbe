/** The client of OpenAI-compatible transcriptions, on real sockets to its stand-in, keeps the contract of a transcriber, whatever the server's manners. */
import { createOpenAiTranscriptions } from '../../../src/listen/openai-transcriptions/transcriber.ts';
import { startTranscriptionsSimulator, type StreamManner } from '../../../src/simulate/openai-transcriptions/server.ts';
import { transcriberContract } from '../../contracts/transcriber.suite.ts';
import { MULAW, spoken } from '../../helpers/pulse.ts';
import { CountingClock } from '../../speak/helpers/lightning.ts';

const MANNERS: Partial<Record<StreamManner, string>> = {
  openai: 'that streams as OpenAI does',
  vllm: 'that streams as vLLM does',
  ignored: 'that cannot stream',
};

for (const [manner, what] of Object.entries(MANNERS)) {
  transcriberContract(`openai-transcriptions, with a server ${what},`, async () => {
    const streams = manner as StreamManner;
    const server = await startTranscriptionsSimulator({ answerMs: 0, wordMs: 15, streams });
    const clock = new CountingClock();
    const transcriber = createOpenAiTranscriptions({
      baseUrl: server.baseUrl,
      retryDelaysMs: [5, 5, 10, 15, 20],
      closeTimeoutMs: 2_000,
      clock,
    });
    return {
      transcriber,
      format: MULAW,
      listen: { language: 'en', keywords: [] },
      hasInterims: streams !== 'ignored',
      unheard: { format: { encoding: 'mulaw', sampleRateHz: 1_000 }, listen: { language: 'en', keywords: [] } },
      audioOf: (_callId, words, { silenceMs }) => spoken(words, MULAW, silenceMs),
      lose: () => server.fail({ type: 'reset' }),
      refuse: () => server.refuseAll(),
      mute: () => server.mute(),
      timers: () => clock.pending,
      close: () => server.close(),
    };
  });
}

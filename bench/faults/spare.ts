/** A second vendor of each kind, at addresses of their own, for a call whose agent has lists: the faults meet the first. */
import { VOICES, EARS } from '../../src/call/vendors.ts';
import { modelServer, type AgentInput, type EarVendor, type VoiceVendor } from '../../src/index.ts';
import { createPulse } from '../../src/listen/pulse/transcriber.ts';
import type { ReplyRuleInput } from '../../src/simulate/electron/replies.ts';
import { startStandIns } from '../../src/simulate/stand-ins.ts';
import { createLightning } from '../../src/speak/lightning/synthesizer.ts';

export interface Spare {
  /** Of the agent file. */
  lists: Pick<AgentInput, 'model' | 'voice' | 'listen'>;
  close(): Promise<void>;
}

export async function startSpare(replies: ReplyRuleInput[]): Promise<Spare> {
  const standIns = await startStandIns({ electron: { replies } });
  const { settings } = standIns;
  const voice: VoiceVendor = {
    provider: 'spare-voice',
    options: VOICES.lightning.options,
    create: ({ clock, log }) => createLightning({ ...accountOf(settings.lightning), concurrency: 100, clock, log }),
  };
  const ear: EarVendor = {
    provider: 'spare-ear',
    options: EARS.pulse.options,
    create: ({ clock, log }) => createPulse({ ...accountOf(settings.pulse), clock, log }),
  };
  const model = modelServer({ ...accountOf(settings.electron), name: 'spare-model' });
  const id = 'liam'; // the times of its words are known: of another voice it is a guess which was there in full
  return {
    lists: { model: [{}, { vendor: model }], voice: [{ id }, { vendor: voice, id }], listen: [{}, { vendor: ear }] },
    close: () => standIns.close(),
  };
}

const accountOf = ({ apiKey, baseUrl }: { apiKey: string; baseUrl: string }) => ({ apiKey, baseUrl });

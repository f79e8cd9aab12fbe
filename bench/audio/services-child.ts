/** The stand-ins for Electron, Pulse and Lightning, in a process of their own. */
import { startElectronSimulator } from '../../src/simulate/electron/server.ts';
import { startLightningSimulator } from '../../src/simulate/lightning/server.ts';
import { startPulseSimulator } from '../../src/simulate/pulse/server.ts';
import { answer } from '../frame/child.ts';
import { REPLIES } from './script.ts';
import { countUsage, type Usage } from './usage.ts';

export type ServicesQuestion = { what: 'start' } | { what: 'count' } | { what: 'tell' };

export interface Addresses {
  model: string;
  speech: string;
  transcription: string;
}

const UNLIMITED = 10_000;
let tell: (() => Usage) | undefined;

answer(({ what }: ServicesQuestion): Promise<Addresses> | Usage | undefined => {
  if (what === 'start') return start();
  if (what === 'tell') return tell?.();
  tell = countUsage();
  return undefined;
});

async function start(): Promise<Addresses> {
  const [electron, lightning, pulse] = await Promise.all([
    startElectronSimulator({ pace: 'documented', replies: REPLIES, keepRequests: 0 }),
    startLightningSimulator({ concurrency: UNLIMITED }),
    startPulseSimulator(),
  ]);
  return { model: electron.url, speech: lightning.baseUrl, transcription: pulse.url };
}

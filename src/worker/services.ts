/** The three services of a process: the real ones with a key, or the stand-ins, on the same wire. */
import { FrameClock } from '../audio/frame-clock.ts';
import type { SpeechServices } from '../call/phone.ts';
import { Parley } from './parley.ts';
import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import { createPulse } from '../listen/pulse/transcriber.ts';
import type { ElectronOptionsInput } from '../simulate/electron/options.ts';
import type { ElectronSimulator } from '../simulate/electron/server.ts';
import type { LightningSimulatorOptions, SimulatedVoice } from '../simulate/lightning/options.ts';
import type { LightningSimulator } from '../simulate/lightning/server.ts';
import type { KnownAudio } from '../simulate/pulse/known-audio.ts';
import type { PulseSimulatorInput } from '../simulate/pulse/options.ts';
import type { PulseSimulator } from '../simulate/pulse/server.ts';
import { createLightning } from '../speak/lightning/synthesizer.ts';
import { openQuota, type Quota } from './quota/quota.ts';

export interface Services {
  parley: Parley;
  speech: SpeechServices;
  quota: Quota;
  close(): Promise<void>;
}

export interface ServiceOptions {
  apiKey: string;
  baseUrl: string;
  plan: 'standard' | 'enterprise' | 'none';
  /** Syntheses at once that the account allows. */
  syntheses: number;
  /** Live sockets of Pulse. Default 100. */
  pulseSockets?: number | undefined;
  /** Where the workers of one account share its limits. Default: they do not. */
  redisUrl?: string | undefined;
  /** How many there are at least. Default 1, with Redis 2. */
  workersExpected?: number | undefined;
  clock: Clock;
  log: Log;
}

/** Where each service is. */
interface Addresses {
  model: string;
  speech: string;
  transcription: string;
}

/** @throws {VoiceError} `options-invalid`, when Redis refuses this worker; one that cannot be reached is no error. */
export async function connectServices(options: ServiceOptions): Promise<Services> {
  const { apiKey, baseUrl, plan, syntheses, pulseSockets, redisUrl, workersExpected, clock, log } = options;
  const account = { plan, syntheses, pulseSockets, workersExpected, clock };
  const quota = await openQuota({ ...account, redisUrl, apiKey, baseUrl, log });
  return connect({ model: baseUrl, speech: baseUrl, transcription: baseUrl }, { apiKey, quota, clock, log });
}

interface Connection {
  apiKey: string;
  quota: Quota;
  clock: Clock;
  log: Log;
}

function connect(addresses: Addresses, { apiKey, quota, clock, log }: Connection): Services {
  const parley = new Parley({ apiKey, baseUrl: addresses.model, budget: quota.electron, clock, log });
  const synthesizer = createLightning({ baseUrl: addresses.speech, apiKey, places: quota.lightning, clock, log });
  const transcriber = createPulse({ baseUrl: addresses.transcription, apiKey, places: quota.pulse, clock, log });
  const frameClock = new FrameClock(clock, (thrown) => log.error({ err: thrown }, 'a beat failed'));
  return {
    parley,
    speech: { synthesizer, transcriber, frameClock },
    quota,
    async close() {
      await parley.close();
      await Promise.all([synthesizer.close(), transcriber.close()]);
      await quota.redis?.close();
    },
  };
}

export interface SimulatedOptions {
  clock: Clock;
  log: Log;
  /** What Lightning speaks with. Default: tones that carry the text. */
  voice?: SimulatedVoice | undefined;
  /** Recordings that Pulse knows by heart. */
  transcripts?: KnownAudio[] | undefined;
  /** How each stand-in differs from a service in good health. */
  electron?: ElectronOptionsInput | undefined;
  lightning?: LightningSimulatorOptions | undefined;
  pulse?: PulseSimulatorInput | undefined;
  /** Where the limits of the plan Enterprise are shared with other workers. Default: there are no limits. */
  redisUrl?: string | undefined;
}

/** The services, and the stand-ins behind them: what they were asked, and what is to go wrong. */
export interface SimulatedServices extends Services {
  electron: ElectronSimulator;
  lightning: LightningSimulator;
  pulse: PulseSimulator;
}

/** Many calls at once do not wait for each other, as they would on a small account. */
const SYNTHESES = 1_000;
const PULSE_SOCKETS = 10_000;

/** Starts the stand-ins and connects to them over real sockets. */
export async function simulateServices(options: SimulatedOptions): Promise<SimulatedServices> {
  const { clock, log, voice, transcripts = [] } = options;
  const [{ startElectronSimulator }, { startLightningSimulator }, { startPulseSimulator }] = await Promise.all([
    import('../simulate/electron/server.ts'),
    import('../simulate/lightning/server.ts'),
    import('../simulate/pulse/server.ts'),
  ]);
  const syntheses = options.lightning?.concurrency ?? SYNTHESES;
  const [electron, lightning, pulse] = await Promise.all([
    startElectronSimulator({ pace: 'documented', ...options.electron }),
    startLightningSimulator({ concurrency: syntheses, ...(voice ? { voice } : {}), ...options.lightning }),
    startPulseSimulator({ transcripts, ...options.pulse }),
  ]);
  const addresses = { model: electron.url, speech: lightning.baseUrl, transcription: pulse.url };
  const { redisUrl } = options;
  const plan = redisUrl === undefined ? 'none' : 'enterprise';
  const account = { plan, syntheses, pulseSockets: PULSE_SOCKETS, clock } as const;
  const key = { apiKey: 'sk_simulated', baseUrl: electron.url, log };
  const quota = await openQuota({ ...account, ...key, redisUrl });
  const services = connect(addresses, { ...key, quota, clock });
  return {
    ...services,
    electron,
    lightning,
    pulse,
    async close() {
      await services.close();
      await Promise.all([electron.close(), lightning.close(), pulse.close()]);
    },
  };
}

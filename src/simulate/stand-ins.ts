/**
 * The stand-ins for the listed vendors, all of one process: each with an address of its own, and with what a vendor has to
 * be told to speak to it instead of to the real service.
 */
import type { Clock } from '../lib/clock.ts';
import { Closers } from '../lib/closers.ts';
import type { VendorSettings } from '../lib/vendor.ts';
import type { ElectronStats } from './electron/journal.ts';
import { ElectronOptions, readOptions, type ElectronOptionsInput } from './electron/options.ts';
import { startElectronSimulator, type ElectronSimulator } from './electron/server.ts';
import type { LightningSimulatorOptions, SimulatedVoice } from './lightning/options.ts';
import type { LightningSimulator } from './lightning/server.ts';
import type { SpeechSimulator, SpeechSimulatorOptions } from './openai-speech/server.ts';
import type { TranscriptionsSimulator, TranscriptionsSimulatorOptions } from './openai-transcriptions/server.ts';
import type { KnownAudio } from './pulse/known-audio.ts';
import type { PulseSimulatorInput } from './pulse/options.ts';
import type { PulseSimulator } from './pulse/server.ts';

/** How the model's differs from a service in good health, and its parts, as `parley simulate` reads them. */
export type { ElectronOptionsInput as ModelStandInOptions } from './electron/options.ts';
/** A recording that the ear knows by heart, with what is said in it. */
export type { KnownAudio } from './pulse/known-audio.ts';
export type { FaultInput } from './electron/faults.ts';
export type { PaceInput } from './electron/pace.ts';
export type { PlanLimits } from './electron/limits.ts';

export interface StandInOptions {
  /** What the voice speaks with. Default: tones that carry the text. */
  voice?: SimulatedVoice | undefined;
  /** Recordings that the ear knows by heart. Default: none. */
  transcripts?: KnownAudio[] | undefined;
  /** How each differs from a service in good health. */
  electron?: ElectronOptionsInput | undefined;
  lightning?: LightningSimulatorOptions | undefined;
  pulse?: PulseSimulatorInput | undefined;
  'openai-speech'?: SpeechSimulatorOptions | undefined;
  'openai-transcriptions'?: TranscriptionsSimulatorOptions | undefined;
  /** Told each time that a voice says something to the ear of which it knows no word. Default: nobody is. */
  notUnderstood?: (() => void) | undefined;
  /** What the account allows. Default `none`: no limits. */
  plan?: 'enterprise' | 'none' | undefined;
  /** By which they go. Default: the system's. */
  clock?: Clock | undefined;
}

/** What they were asked, and what is to go wrong. */
export interface StandIns {
  electron: ElectronSimulator;
  lightning: LightningSimulator;
  pulse: PulseSimulator;
  'openai-speech': SpeechSimulator;
  'openai-transcriptions': TranscriptionsSimulator;
}

export interface StartedStandIns {
  servers: StandIns;
  /** By vendor. */
  settings: Readonly<Record<keyof StandIns, VendorSettings> & Record<'electron' | 'lightning' | 'pulse', Account>>;
  /** Which part of one address, at which all would be, is whose. */
  routes: { prefix: string; url: string }[];
  /** What the model was asked so far. */
  stats(): ElectronStats;
  close(): Promise<void>;
}

type Account = VendorSettings & typeof KEY & { baseUrl: string };

const KEY = { apiKey: 'sk_simulated' };
/** Many calls at once do not wait for each other, as they would on a small account. */
const SYNTHESES = 1_000;
const PULSE_SOCKETS = 10_000;

/** @throws {VoiceError} `options-invalid`, when they cannot behave so; `file-unreadable`, when a port cannot be opened. */
export async function startStandIns(options: StandInOptions = {}): Promise<StartedStandIns> {
  const { voice, transcripts = [], plan = 'none', clock } = options;
  const syntheses = options.lightning?.concurrency ?? SYNTHESES;
  const loading = Promise.all([
    import('./lightning/server.ts'),
    import('./pulse/server.ts'),
    import('./openai-speech/server.ts'),
    import('./openai-transcriptions/server.ts'),
  ]);
  const opened = new Closers();
  const keep = <Started extends { close(): Promise<void> }>(started: Started): Started => {
    opened.add(() => started.close());
    return started;
  };
  // first, and alone: what is wrong with its many options is told before anything else runs
  const electron = keep(await startElectronSimulator({ pace: 'documented', ...options.electron }, clock));
  const [
    { startLightningSimulator },
    { startPulseSimulator },
    { startSpeechSimulator },
    { startTranscriptionsSimulator },
  ] = await loading;
  const speaks = startLightningSimulator({
    concurrency: syntheses,
    ...(voice && { voice }),
    ...(clock && { clock }),
    ...options.lightning,
  }).then(keep);
  const hears = startPulseSimulator(
    { transcripts, ...options.pulse, ...(options.notUnderstood && { notUnderstood: options.notUnderstood }) },
    clock,
  ).then(keep);
  const speaksToo = startSpeechSimulator({ voice, clock, ...options['openai-speech'] }).then(keep);
  const hearsToo = startTranscriptionsSimulator({ transcripts, clock, ...options['openai-transcriptions'] }).then(keep);
  const [lightning, pulse, speech, transcriptions] = await Promise.all([speaks, hears, speaksToo, hearsToo]).catch(
    async (error: unknown) => {
      await opened.close(); // the others, when they have started, too
      throw error;
    },
  );
  return {
    servers: { electron, lightning, pulse, 'openai-speech': speech, 'openai-transcriptions': transcriptions },
    settings: {
      electron: { ...KEY, baseUrl: electron.url, plan },
      lightning: { ...KEY, baseUrl: lightning.baseUrl, syntheses },
      pulse: { ...KEY, baseUrl: pulse.url, pulseSockets: PULSE_SOCKETS },
      'openai-speech': { speechBaseUrl: speech.baseUrl, speechRequests: SYNTHESES },
      'openai-transcriptions': {
        transcriptionsBaseUrl: transcriptions.baseUrl,
        transcriptionsRequests: PULSE_SOCKETS,
      },
    },
    routes: [
      { prefix: '/v1/audio/transcriptions', url: transcriptions.baseUrl },
      { prefix: '/v1/', url: speech.baseUrl },
      { prefix: '/waves/v1/chat/', url: electron.url },
      { prefix: '/waves/v1/stt', url: pulse.url },
      { prefix: '/waves/v1/', url: lightning.baseUrl }, // its routes have many names
      { prefix: '', url: electron.url },
    ],
    stats: () => electron.stats(),
    close: () => opened.close(),
  };
}

/** The model's alone, at the documented pace unless told another, for conversations in text: the others need not be loaded for them. */
export async function startModelStandIn(options: ElectronOptionsInput = {}): Promise<{
  settings: { apiKey: string; baseUrl: string };
  close(): Promise<void>;
}> {
  const electron = await startElectronSimulator({ pace: 'documented', ...options });
  return { settings: { ...KEY, baseUrl: electron.url }, close: () => electron.close() };
}

/** @throws {VoiceError} `options-invalid`, when the model's stand-in cannot behave so; `source` is named in the message. */
export function checkModelOptions(options: unknown, source: string): void {
  readOptions(ElectronOptions, options, source);
}

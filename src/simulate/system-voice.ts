/**
 * A voice that people understand, if this machine has one: the `flite` or `espeak-ng` program, run for each text. Flite
 * first, for its licence; neither is a dependency.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { resampleWhole } from '../audio/resample.ts';
import { readWav } from '../audio/wav.ts';
import type { SimulatedVoice } from './lightning/options.ts';

export interface SystemVoice {
  /** The program that speaks. */
  name: 'flite' | 'espeak-ng';
  voice: SimulatedVoice;
}

const run = promisify(execFile);
const TIMEOUT_MS = 10_000;
/** espeak-ng's normal pace, in words a minute. */
const WORDS_PER_MINUTE = 165;

/** The first program that runs here; undefined when there is none. */
export async function findSystemVoice(): Promise<SystemVoice | undefined> {
  for (const { name, speak } of PROGRAMS) {
    try {
      await speak('Hello.', 1);
    } catch {
      continue;
    }
    return {
      name,
      voice: async (text, sampleRateHz, speed) => resampled(readWav(await speak(text, speed)), sampleRateHz),
    };
  }
  return undefined;
}

const PROGRAMS: { name: SystemVoice['name']; speak: (text: string, speed: number) => Promise<Uint8Array> }[] = [
  {
    name: 'flite',
    /** It writes to real files only. */
    speak: async (text, speed) => {
      const folder = await mkdtemp(join(tmpdir(), 'parley-voice-'));
      try {
        const file = join(folder, 'speech.wav');
        const stretch = ['--setf', `duration_stretch=${(1 / speed).toFixed(3)}`];
        await run('flite', ['-voice', 'slt', ...stretch, '-t', text, '-o', file], { timeout: TIMEOUT_MS });
        return await readFile(file);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  },
  {
    name: 'espeak-ng',
    speak: async (text, speed) => {
      const pace = String(Math.round(WORDS_PER_MINUTE * speed));
      const options = { timeout: TIMEOUT_MS, maxBuffer: 64 * 1024 * 1024, encoding: 'buffer' as const };
      const { stdout } = await run('espeak-ng', ['--stdout', '-v', 'en-us', '-s', pace, '--', text], options);
      return stdout;
    },
  },
];

function resampled(
  { sampleRateHz: fromHz, channels }: { sampleRateHz: number; channels: Int16Array[] },
  toHz: number,
): Int16Array {
  return resampleWhole(channels[0] ?? new Int16Array(0), fromHz, toHz);
}

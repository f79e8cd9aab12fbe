/** Recordings that the simulated Pulse knows by heart: it cannot understand a voice, but it can tell which one it hears. */
import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { readWav } from '../audio/wav.ts';
import { messageOf, VoiceError } from '../lib/errors.ts';
import { parseJson } from '../lib/json.ts';
import { PACKAGE_FOLDER } from '../lib/own-files.ts';
import type { KnownAudio } from '../simulate/stand-ins.ts';
import { fileError } from '../lib/file-error.ts';

const DEMO = join(PACKAGE_FOLDER, 'examples/demo/lines.json');

/** What is said in a recording; its file's name is relative to the list's. */
const DemoLines = z.array(z.object({ file: z.string(), text: z.string(), cutInAfterMs: z.number().nullable() }));

export interface DemoLine {
  audio: KnownAudio;
  /** Into the agent's answer; null: the caller waits for its end. */
  cutInAfterMs: number | null;
}

/** The caller of `parley demo`. */
export async function readDemoLines(): Promise<DemoLine[]> {
  const lines = DemoLines.parse(parseJson(await readText(DEMO)));
  return Promise.all(
    lines.map(async ({ file, text, cutInAfterMs }) => ({
      audio: await readRecording(join(dirname(DEMO), file), text),
      cutInAfterMs,
    })),
  );
}

/** The demo's recordings, for anybody who plays one of them to a simulated worker. */
export async function demoTranscripts(): Promise<KnownAudio[]> {
  return (await readDemoLines()).map(({ audio }) => audio);
}

/**
 * Every `NAME.wav` of a folder that has a `NAME.txt` beside it with what is said in it.
 * @throws {VoiceError} `file-unreadable`, or `recording-invalid` for a WAV file that is none
 */
export async function readTranscripts(folder: string): Promise<KnownAudio[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw fileError('read', folder, error);
  });
  const known = names.filter((name) => name.endsWith('.wav') && names.includes(textOf(name))).sort();
  if (known.length === 0) {
    throw new VoiceError('file-unreadable', `${folder}: expected NAME.wav with NAME.txt beside it, got no such pair`);
  }
  return Promise.all(
    known.map(async (name) => readRecording(join(folder, name), await readText(join(folder, textOf(name))))),
  );
}

const textOf = (name: string): string => `${basename(name, '.wav')}.txt`;

async function readRecording(file: string, text: string): Promise<KnownAudio> {
  const bytes = await readFile(file).catch((error: unknown) => {
    throw fileError('read', file, error);
  });
  try {
    const { sampleRateHz, channels } = readWav(bytes);
    return { samples: channels[0] ?? new Int16Array(0), sampleRateHz, text: text.trim() };
  } catch (error) {
    throw new VoiceError('recording-invalid', `${file}: ${messageOf(error)}`, { cause: error });
  }
}

async function readText(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: unknown) => {
    throw fileError('read', file, error);
  });
}

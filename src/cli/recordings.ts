/** Which recordings of the machine a path means: the file itself, that of a call's folder, or those of all calls in a folder. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isRecord, parseJson } from '../lib/json.ts';
import { VoiceError } from '../lib/errors.ts';
import { MACHINE_FILE } from '../record/folder.ts';
import { fileError } from '../lib/file-error.ts';

export interface Recording {
  /** As the user reaches it. */
  file: string;
  text: string;
}

/** @throws {VoiceError} `file-unreadable`, or `recording-invalid` when a folder holds none. */
export async function findRecordings(path: string): Promise<Recording[]> {
  const facts = await stat(path).catch((error: unknown) => {
    throw fileError('read', path, error);
  });
  if (!facts.isDirectory()) return [await read(path)];
  const own = await readIfThere(join(path, MACHINE_FILE));
  if (own) return [own];
  const names = await readdir(path).catch((error: unknown) => {
    throw fileError('read', path, error);
  });
  const found: Recording[] = [];
  for (const name of names.sort()) {
    const file = name.endsWith('.jsonl') ? join(path, name) : join(path, name, MACHINE_FILE);
    const recording = await readIfThere(file);
    if (recording && (!name.endsWith('.jsonl') || isOfMachine(recording))) found.push(recording);
  }
  if (found.length > 0) return found;
  throw new VoiceError(
    'recording-invalid',
    `${path}: expected ${MACHINE_FILE}, or folders of recorded calls, in this folder, got neither`,
  );
}

async function read(file: string): Promise<Recording> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw fileError('read', file, error);
  });
  return { file, text };
}

/** A folder of calls holds other things too. */
async function readIfThere(file: string): Promise<Recording | undefined> {
  const facts = await stat(file).catch(() => undefined);
  return facts?.isFile() ? read(file) : undefined;
}

/** And not the events of a call, or lines of something else. */
function isOfMachine({ text }: Recording): boolean {
  const header = parseJson(text.slice(0, text.indexOf('\n')));
  return isRecord(header) && 'parley' in header;
}

/** Cassettes on disk: they hold what callers said, and are for whoever evaluates. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileError } from '../lib/file-error.ts';
import { makeFolders } from '../lib/folders.ts';
import { OWNER_ONLY, OWNER_ONLY_FOLDER } from '../record/folder.ts';
import { Cassette } from './cassette.ts';

/** @throws {VoiceError} `file-unreadable`, when there is none; `recording-invalid`, with the line, when it is none */
export function readCassette(file: string): Cassette {
  return Cassette.fromText(readText(file), file);
}

/** To be recorded on: what was kept of other calls stays. @throws {VoiceError} as `readCassette`, of a file that is there */
export function openCassette(file: string): Cassette {
  return existsSync(file) ? readCassette(file) : new Cassette();
}

/** @throws {VoiceError} `file-unreadable` */
export function writeCassette(file: string, cassette: Cassette): void {
  try {
    makeFolders(dirname(file), OWNER_ONLY_FOLDER);
    writeFileSync(file, cassette.toText(), { mode: OWNER_ONLY });
  } catch (error) {
    throw fileError('write', file, error);
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw fileError('read', file, error);
  }
}

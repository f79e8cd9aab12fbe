/** What a machine has for itself, its keys above all: `.env` in the folder in which a command is started. */
import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { fieldOf } from '../lib/thrown.ts';
import { fileError } from '../lib/file-error.ts';

const FILE = '.env';
/** No file of that name; a folder of that name is somebody else's, such as Python's. */
const NONE = new Set(['ENOENT', 'EISDIR', 'ENOTDIR']);

/**
 * Puts what it says into `env`, where that has nothing of the name. What it leaves empty is as if it were not there.
 * @throws {VoiceError} `file-unreadable`, when it is there and cannot be read.
 */
export function readEnvFile(env: NodeJS.ProcessEnv = process.env): void {
  for (const [name, value] of Object.entries(parseEnv(readText()))) {
    if (value !== '' && env[name] === undefined) env[name] = value;
  }
}

function readText(): string {
  try {
    return readFileSync(FILE, 'utf8');
  } catch (error) {
    if (NONE.has(String(fieldOf(error, 'code')))) return '';
    throw fileError('read', FILE, error);
  }
}

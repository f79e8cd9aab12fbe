/**
 * Where recordings lie: a folder for all, and in it one for each call. What was said is for whoever runs the process, and
 * for nobody else on its machine: folders that are made here are 0700, files 0600, and no link that somebody has laid there
 * is followed. The folder for all is the operator's own word, and may be a link.
 */
import { constants, mkdirSync } from 'node:fs';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { LONGEST_ID } from '../lib/call-id.ts';
import { messageOf, VoiceError } from '../lib/errors.ts';
import { makeFolders } from '../lib/folders.ts';

/** Of a call: the log of its turn machine, every event, and both voices. */
export const MACHINE_FILE = 'machine.jsonl';
export const EVENTS_FILE = 'events.jsonl';
export const SOUND_FILE = 'call.wav';

export const OWNER_ONLY = 0o600;
export const OWNER_ONLY_FOLDER = 0o700;

/** Opens a file for writing, what stood in it being gone; fails where a link has its name. */
export const WRITE_NO_LINK = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | (constants.O_NOFOLLOW ?? 0);

/** Calls of one id: only a program that gives the same one to several has more than one. */
const MOST_OF_A_NAME = 1_000;

/**
 * Makes the folder that recordings go into, so that what is wrong with it is known before there is a call. One that is
 * there keeps its rights.
 * @throws {VoiceError} `file-unreadable`, when there is no such folder, or nothing can be written into it.
 */
export async function prepareFolder(directory: string): Promise<void> {
  try {
    makeFolders(directory, OWNER_ONLY_FOLDER);
    await access(directory, constants.W_OK);
  } catch (error) {
    throw cannotRecord(directory, error);
  }
}

/**
 * A new folder in `directory` for the call with this id, whatever the id is made of: it never lies elsewhere. Where there is
 * one of that name already, or a link, the new one has a number behind it.
 * @throws {VoiceError} `file-unreadable`, when it cannot be made.
 */
export function makeCallFolder(directory: string, callId: string): string {
  try {
    makeFolders(directory, OWNER_ONLY_FOLDER);
    const path = join(directory, folderNameOf(callId));
    for (let number = 1; ; number++) {
      const numbered = number === 1 ? path : `${path}-${number}`;
      if (tryToMake(numbered, number < MOST_OF_A_NAME)) return numbered;
    }
  } catch (error) {
    throw cannotRecord(directory, error);
  }
}

/** False when something of that name is there, and another name may be tried. */
function tryToMake(path: string, mayTryAgain: boolean): boolean {
  try {
    mkdirSync(path, { mode: OWNER_ONLY_FOLDER });
    return true;
  } catch (error) {
    if (mayTryAgain && codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** One name, and none that means another folder: letters, digits, `_`, `-` and, but for the first, dots. */
function folderNameOf(callId: string): string {
  const name = callId.slice(0, LONGEST_ID).replace(/[^\w.-]/g, '_');
  return name.replace(/^\.+/, (dots) => '_'.repeat(dots.length)) || '_';
}

function cannotRecord(directory: string, error: unknown): VoiceError {
  const isFile = ['EEXIST', 'ENOTDIR'].includes(codeOf(error) ?? '');
  return new VoiceError(
    'file-unreadable',
    `cannot record into ${directory}: ${isFile ? 'it is not a folder' : messageOf(error)}`,
    { cause: error },
  );
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

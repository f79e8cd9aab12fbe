/** `parley eval RECORDINGS --agent FILE`: recorded calls with the agent as it is now, until they go another way. */
import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { writeWav } from '../audio/wav.ts';
import { loadAgent, type Agent } from '../call/agent.ts';
import { follow } from '../evaluate/follow/follow.ts';
import { drawFollowPage, placeText, type FollowedCall } from '../evaluate/follow/page.ts';
import type { RecordedCall } from '../evaluate/recording.ts';
import { isA, VoiceError } from '../lib/errors.ts';
import { fileError } from '../lib/file-error.ts';
import { makeFolders } from '../lib/folders.ts';
import { plainLine } from '../lib/plain.ts';
import { renderPage } from '../page/page.ts';
import { OWNER_ONLY, OWNER_ONLY_FOLDER } from '../record/folder.ts';
import { loudnessOf } from '../testing/loudness.ts';
import type { CallResult } from '../testing/result.ts';
import { paint, print, printJson, shownPath } from './report.ts';
import { count } from './units.ts';

export interface FollowOptions {
  agent: string;
  out: string;
  json?: boolean | undefined;
  /** A call that goes another way makes the exit code 1. */
  mustMatch?: boolean | undefined;
}

/** @throws {VoiceError} what the agent's file is not, or a recording; `file-unreadable`, when nothing can be written */
export async function followRecordings(calls: readonly RecordedCall[], options: FollowOptions): Promise<void> {
  const agent = await loadAgent(options.agent, { mayLackEnv: true });
  try {
    followAll(calls, agent, options);
  } finally {
    await agent.close();
  }
}

function followAll(calls: readonly RecordedCall[], agent: Agent, { out, json, mustMatch }: FollowOptions): void {
  const followed: FollowedCall[] = [];
  for (const { folder, call } of calls) {
    const one = nameFolder(folder, () => follow(call, agent));
    const name = basename(folder);
    const at = `calls/${String(followed.length + 1).padStart(3, '0')}`;
    const pages = {
      recorded: writeCall(out, `${at}-recorded`, one.recorded),
      now: writeCall(out, `${at}-now`, one.now),
    };
    followed.push({ ...one, name, pages });
    const { divergence, notes } = one;
    if (json) printJson({ type: 'followed', name, ...(divergence && { divergence }), notes, pages });
    else tell(followed.at(-1)!);
  }
  write(out, 'index.html', drawFollowPage(followed, agent.name));
  const parted = followed.filter(({ divergence }) => divergence).length;
  const page = shownPath(join(out, 'index.html'));
  if (json) printJson({ type: 'summary', calls: followed.length, diverged: parted, page });
  else
    print(
      `${count(followed.length, 'call')}: ${followed.length - parted} the same, ${parted} diverged · side by side ${page}`,
    );
  if (parted > 0 && mustMatch) process.exitCode = 1;
}

function tell({ name, divergence, notes }: FollowedCall): void {
  if (divergence)
    print(`${paint.red('≠')} ${plainLine(name)}  ${placeText(divergence)}: ${plainLine(divergence.what)}`);
  else print(`${paint.green('=')} ${plainLine(name)}  the same to its end`);
  for (const note of notes) print(paint.dim(`  ${plainLine(note)}`));
}

/** What is wrong with a recording, with where it lies. */
function nameFolder<Result>(folder: string, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (!isA(error, VoiceError) || error.code !== 'recording-invalid') throw error;
    throw new VoiceError('recording-invalid', `${folder}: ${error.message}`, { cause: error });
  }
}

/** Its page and its sound; where the page is. */
function writeCall(out: string, folder: string, { events, sound }: CallResult): string {
  write(
    out,
    `${folder}/call.html`,
    renderPage(events, { audio: sound && 'call.wav', loudness: sound && loudnessOf(sound) }),
  );
  if (sound) {
    const { sampleRateHz, caller, agent } = sound;
    write(out, `${folder}/call.wav`, writeWav({ sampleRateHz, channels: [caller, agent] }));
  }
  return `${folder}/call.html`;
}

function write(out: string, name: string, content: string | Uint8Array): void {
  const file = join(out, name);
  try {
    makeFolders(join(file, '..'), OWNER_ONLY_FOLDER);
    writeFileSync(file, content, { mode: OWNER_ONLY });
  } catch (error) {
    throw fileError('write', file, error);
  }
}

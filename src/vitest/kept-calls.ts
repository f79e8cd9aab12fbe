/**
 * What a test that fails leaves behind: the page of its call, with a pin at each finding, and its sound. Into a folder for
 * each test, below `.parley-calls/` where the tests are run.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { writeWav } from '../audio/wav.ts';
import { renderPage } from '../page/page.ts';
import { drawnEvents } from '../testing/drawn-events.ts';
import { loudnessOf } from '../testing/loudness.ts';
import type { CallResult, Finding } from '../testing/result.ts';

/** One test, as vitest names it. */
export interface TestName {
  name: string;
  file: string;
}

/** Of one test, in one run of it. */
interface Kept {
  checks: number;
  findings: Finding[];
  files: string[];
  /** Tells the reporter of a file. */
  annotate: Annotate | undefined;
}

/** As the context of a test has it. */
export type Annotate = (message: string, attachment: { path: string }) => unknown;

const FOLDER = '.parley-calls';
const LONGEST_NAME = 80;

const kept = new Map<string, Kept>();
const keyOf = ({ name, file }: TestName): string => `${file} ${name}`;

function keptOf(test: TestName): Kept {
  const known = kept.get(keyOf(test));
  if (known) return known;
  const made: Kept = { checks: 0, findings: [], files: [], annotate: undefined };
  kept.set(keyOf(test), made);
  return made;
}

/** A test begins: what it left the last time is gone. */
export function beginTest(test: TestName, annotate: Annotate): void {
  kept.delete(keyOf(test));
  keptOf(test).annotate = annotate;
  rmSync(folderOf(test), { recursive: true, force: true });
}

/** It is over: nothing can be annotated any more. */
export const endTest = (test: TestName): void => void (keptOf(test).annotate = undefined);

/** A check is made. */
export const noteCheck = (test: TestName): void => void keptOf(test).checks++;

/** How many were. */
export const checksOf = (test: TestName): number => keptOf(test).checks;

/** The files that it has left. */
export const filesOf = (test: TestName): readonly string[] => keptOf(test).files;

/** Writes the call, with all that was found in it so far, and says where. A disk that is full fails no test of an agent. */
export function keepCall(test: TestName, call: CallResult, findings: readonly Finding[]): string[] {
  const own = keptOf(test);
  own.findings.push(...findings);
  try {
    const isNew = own.files.length === 0;
    own.files = writeCall(folderOf(test), call, own.findings);
    if (isNew) for (const path of own.files) own.annotate?.(`The call: ${shortened(path)}`, { path });
  } catch (error) {
    return [`The call could not be kept: ${error instanceof Error ? error.message : String(error)}`];
  }
  return [`The call: ${own.files.map(shortened).join(', ')}`];
}

const shortened = (file: string): string => relative(process.cwd(), file);

function folderOf({ name, file }: TestName): string {
  const safe = (text: string) => text.replace(/[^\p{L}\p{N}.-]+/gu, '-').replace(/^[-.]+|[-.]+$/g, '');
  const test = safe(name).slice(0, LONGEST_NAME) || 'test';
  return join(process.cwd(), FOLDER, safe(basename(file)) || 'tests', test);
}

function writeCall(folder: string, call: CallResult, findings: readonly Finding[]): string[] {
  mkdirSync(folder, { recursive: true });
  const { sound } = call;
  const [page, audio] = [join(folder, 'call.html'), join(folder, 'call.wav')];
  if (sound) writeFileSync(audio, writeWav({ sampleRateHz: sound.sampleRateHz, channels: equallyLong(sound) }));
  writeFileSync(
    page,
    renderPage(drawnEvents(call), { audio: sound && 'call.wav', loudness: sound && loudnessOf(sound), pins: findings }),
  );
  return sound ? [page, audio] : [page];
}

type Sound = NonNullable<CallResult['sound']>;

function equallyLong({ caller, agent }: Sound): Int16Array[] {
  const length = Math.max(caller.length, agent.length);
  return [caller, agent].map((samples) => {
    const padded = new Int16Array(length);
    padded.set(samples);
    return padded;
  });
}

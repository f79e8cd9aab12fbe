/**
 * What an evaluation leaves behind, in one folder: the page of all, each call's page and sound, and what is needed to go on
 * after a stop. What was said is for whoever runs it: files are theirs alone.
 */
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeWav } from '../audio/wav.ts';
import { messageOf, VoiceError } from '../lib/errors.ts';
import { makeFolders } from '../lib/folders.ts';
import { canonicalJson, isRecord, parseJson } from '../lib/json.ts';
import { renderPage } from '../page/page.ts';
import { EVENTS_FILE, MACHINE_FILE, OWNER_ONLY, OWNER_ONLY_FOLDER, SOUND_FILE } from '../record/folder.ts';
import { drawnEvents } from '../testing/drawn-events.ts';
import { loudnessOf } from '../testing/loudness.ts';
import type { CallResult } from '../testing/result.ts';
import type { DoneRun, PlannedRun, PlannedScenario } from './evaluate.ts';
import type { Evaluation, ReportedFinding, RunReport } from './evaluation.ts';
import { KEPT_CALLS } from './recording.ts';
import { drawJunit } from './report/junit.ts';
import { drawPage } from './report/page.ts';

const RUNS_FILE = 'runs.jsonl';
const EVALUATION_FILE = 'evaluation.json';
export const PAGE_FILE = 'index.html';

export class ResultFolder {
  readonly folder: string;
  readonly #known: Map<string, RunReport>;

  /**
   * @param mayGoOn What an evaluation that was stopped has left there is taken up.
   * @throws {VoiceError} `file-unreadable`, when nothing can be written there, or when something else is in it.
   */
  constructor(folder: string, mayGoOn: boolean) {
    this.folder = folder;
    const there = existsSync(folder) ? readdirSync(folder) : [];
    if (there.length > 0 && !there.includes(RUNS_FILE)) {
      throw new VoiceError(
        'file-unreadable',
        `cannot write into ${folder}: something else is in it. Name another folder by --out`,
      );
    }
    this.#known = mayGoOn ? readKnown(join(folder, RUNS_FILE)) : new Map<string, RunReport>();
    this.#write(RUNS_FILE, [...this.#known].map(([key, report]) => lineOf(key, report)).join(''));
  }

  /** How many calls are known from before. */
  get knownRuns(): number {
    return this.#known.size;
  }

  /** What a call came to that was held before, with the very same scenario. */
  readonly known = (scenario: PlannedScenario, run: PlannedRun): RunReport | undefined =>
    this.#known.get(keyOf(scenario, run));

  /** Draws a call, and notes that it was held. */
  readonly keep = (done: DoneRun): Promise<RunReport> => {
    const report = done.call ? this.draw(done.at, done.report, done.call) : done.report;
    appendFileSync(join(this.folder, RUNS_FILE), lineOf(keyOf(done.scenario, done.planned), report), {
      mode: OWNER_ONLY,
    });
    return Promise.resolve(report);
  };

  /** The whole of it, once there is no more to come. */
  finish(evaluation: Evaluation): string {
    this.#write(EVALUATION_FILE, `${JSON.stringify(evaluation, undefined, 1)}\n`);
    this.#write(PAGE_FILE, drawPage(evaluation));
    this.#write('junit.xml', drawJunit(evaluation));
    return join(this.folder, PAGE_FILE);
  }

  /** The page of a call and its sound, and what else a recording of it has; the report with where they are. */
  draw(at: DoneRun['at'], report: RunReport, call: CallResult): RunReport {
    const folder = `${KEPT_CALLS}/${pad(at.scenario + 1)}-${pad(at.run + 1)}`;
    const { sound, machine, events } = call;
    this.#write(`${folder}/call.html`, drawCall(call, report));
    if (machine !== undefined && call.line !== 'recording') {
      this.#write(`${folder}/${MACHINE_FILE}`, machine);
      this.#write(`${folder}/${EVENTS_FILE}`, events.map((event) => `${JSON.stringify(event)}\n`).join(''));
    }
    if (!sound) return { ...report, page: `${folder}/call.html` };
    const wav = writeWav({ sampleRateHz: sound.sampleRateHz, channels: [sound.caller, sound.agent] });
    this.#write(`${folder}/${SOUND_FILE}`, wav);
    return { ...report, page: `${folder}/call.html`, sound: `${folder}/${SOUND_FILE}` };
  }

  #write(name: string, content: string | Uint8Array): void {
    const file = join(this.folder, name);
    try {
      makeFolders(join(file, '..'), OWNER_ONLY_FOLDER);
      writeFileSync(file, content, { mode: OWNER_ONLY });
    } catch (error) {
      throw new VoiceError('file-unreadable', `cannot write ${file}: ${messageOf(error)}`, { cause: error });
    }
  }
}

const pad = (number: number): string => String(number).padStart(3, '0');

/** The page, with what was found pinned to its instant; of a call that is void, why. */
function drawCall(call: CallResult, { findings, troubles }: RunReport): string {
  const { sound } = call;
  const pins = [...troubles.map((what) => ({ check: 'void', what })), ...findings.map(pinOf)];
  return renderPage(drawnEvents(call), { audio: sound && SOUND_FILE, loudness: sound && loudnessOf(sound), pins });
}

const pinOf = ({ kind, check, what, ...rest }: ReportedFinding) => ({
  ...rest,
  what,
  check: kind === 'fault' ? check : `${check} (${kind})`,
});

// ---- what was held before -------------------------------------------------------------------------------------------

const lineOf = (key: string, report: RunReport): string => `${JSON.stringify({ key, report })}\n`;

/** The same scenario, cell, run and seed: a scenario that was changed since is played again. */
function keyOf({ scenario }: PlannedScenario, { scenario: filled, cell, run, seed }: PlannedRun): string {
  const text = canonicalJson([scenario.name, shape(filled), cell, run, seed]);
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}

/** A function is what it says. */
const shape = (value: unknown): unknown =>
  parseJson(
    JSON.stringify(value, (_key, inner: unknown) =>
      typeof inner === 'function' || inner instanceof RegExp ? String(inner) : inner,
    ),
  );

/** The last line may be half a one: the process was stopped while it was written. */
function readKnown(file: string): Map<string, RunReport> {
  if (!existsSync(file)) return new Map();
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => parseJson(line));
  return new Map(lines.filter(isKnown).map(({ key, report }) => [key, report]));
}

const isKnown = (value: unknown): value is { key: string; report: RunReport } =>
  isRecord(value) && typeof value['key'] === 'string' && isRecord(value['report']);

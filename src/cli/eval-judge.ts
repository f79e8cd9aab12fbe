/** `parley eval judge`: how far a judge can be believed, measured on calls that people have judged. */
import { writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Clock } from '../lib/clock.ts';
import { plainValue } from '../lib/plain.ts';
import { OWNER_ONLY } from '../record/folder.ts';
import {
  calibrate,
  correctedRate,
  LEAST_AGREEMENT,
  type Calibration,
  type LabelledVerdict,
} from '../evaluate/judge/calibration.ts';
import { judgeCall } from '../evaluate/judge/judge.ts';
import { readLabels } from '../evaluate/judge/labels.ts';
import { readRecording } from '../evaluate/recording.ts';
import { openJudge } from '../evaluate/thinkers.ts';
import { fileError } from '../lib/file-error.ts';
import { paint, print, printJson } from './report.ts';

/** Asked the same so often. */
const TIMES = 3;

/** The exit code is 1 when the judge may not decide. */
export async function evalJudge(
  file: string,
  { out, json }: { out?: string; json?: boolean },
  clock: Clock,
): Promise<void> {
  const labels = await readLabels(file);
  const judge = openJudge(process.env, clock);
  const told: LabelledVerdict[] = [];
  for (const { call, criterion, label } of labels) {
    const recorded = await readRecording(resolve(dirname(file), call));
    const verdicts: LabelledVerdict['verdicts'] = [];
    for (let time = 0; time < TIMES; time++) {
      verdicts.push((await judgeCall(recorded, { must: criterion }, { ask: judge.think, name: judge.name })).verdict);
    }
    told.push({ call, criterion, label, verdicts });
  }
  await judge.close();
  const calibration = calibrate(told);
  if (out !== undefined) write(out, { judge: judge.name, ...calibration });
  if (json) printJson({ judge: judge.name, ...calibration });
  else tell(judge.name, plainValue(calibration));
  if (!calibration.mayGate) process.exitCode = 1;
}

function write(file: string, value: object): void {
  try {
    writeFileSync(file, `${JSON.stringify(value, undefined, 1)}\n`, { mode: OWNER_ONLY });
  } catch (error) {
    throw fileError('write', file, error);
  }
}

const share = (value: number | undefined): string => (value === undefined ? '-' : value.toFixed(2));

function tell(name: string, calibration: Calibration): void {
  const { labelled, interval, disagreements, mayGate } = calibration;
  print(`${paint.bold(name)}: ${labelled} labelled, ${calibration.void} void`);
  print(`  agrees with itself, asked ${TIMES} times   ${share(calibration.selfConsistency)}`);
  print(
    `  agrees with people                 ${share(calibration.agreement)}${interval ? ` (between ${share(interval.from)} and ${share(interval.to)})` : ''}`,
  );
  print(
    `  always the more frequent answer    ${share(calibration.constantGuess)}, since ${share(calibration.baseRate)} of all did happen`,
  );
  print(`  sees what happened (TPR)           ${share(calibration.truePositives)}`);
  print(`  lets pass what did not (TNR)       ${share(calibration.trueNegatives)}`);
  print(`  kappa, beyond chance               ${share(calibration.kappa)}`);
  const corrected = correctedRate(calibration.baseRate ?? 0, calibration);
  if (corrected !== undefined)
    print(`  a share of ${share(calibration.baseRate)} that it sees stands for ${share(corrected)}`);
  for (const { call, criterion, label, verdicts } of disagreements)
    print(`  ${paint.yellow('differs')}  ${call}: people say ${label}, the judge ${verdicts.join(', ')}: ${criterion}`);
  const verdict = mayGate ? paint.green('may decide') : paint.red('may not decide');
  print(
    `  ${verdict}: it takes ${LEAST_AGREEMENT} of agreement, more than always the same answer, and labels of both kinds`,
  );
}

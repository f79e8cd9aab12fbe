/** Part `lines`: as many calls at once by each line that carries sound, side by side with Twilio's. */
import { LATE_MS, lateP99Ms, measureCrowd, withProcesses, type Crowd } from '../audio/crowd.ts';
import { cores } from '../audio/usage.ts';
import { LINE_DOORS, type LineDoor } from '../lines/doors.ts';
import type { Part, PartContext, PartResult } from '../frame/part.ts';
import { figure, median, quantile, ratio } from '../frame/statistics.ts';

const CALLS = 100;
const SECONDS = 60;

const LATEST = 'the line whose beats are latest at p99';
const DEAREST = 'the line that costs most, against Twilio';

const part: Part = {
  name: 'lines',
  title: 'Lines',
  order: 5,
  predictions: {
    [LATEST]: '12 ms: those that we pace send on the beat itself',
    [DEAREST]: '1.6 x: 16 kHz both ways are resampled for nobody, but twice the bytes',
    'calls lost': '0',
  },
  run,
};
export default part;

interface Found {
  line: string;
  crowd: Crowd;
}

async function run(context: PartContext): Promise<PartResult> {
  const { calls: [calls = CALLS] = [], seconds = SECONDS, lines } = context;
  const doors = LINE_DOORS.filter(({ line }) => line === 'twilio' || lines === undefined || lines.includes(line));
  const found: Found[] = [];
  for (const door of doors) {
    context.progress(`${door.line}, ${calls} calls at once`);
    found.push({ line: door.line, crowd: await crowdOf(context, door, calls, seconds) });
  }
  return summarise(found, calls, seconds);
}

function crowdOf(context: PartContext, door: LineDoor, calls: number, seconds: number): Promise<Crowd> {
  const options = { door };
  return withProcesses(
    context,
    (processes) => measureCrowd(processes, calls, { lengthMs: seconds * 1_000, ...options }),
    options,
  );
}

function summarise(found: readonly Found[], calls: number, seconds: number): PartResult {
  const twilio = found[0]?.crowd;
  const cost = ({ worker }: Crowd) => cores(worker);
  const against = (crowd: Crowd) => (twilio ? cost(crowd) / cost(twilio) : NaN);
  const by = (value: (crowd: Crowd) => number) =>
    found.reduce((most, one) => (value(one.crowd) > value(most.crowd) ? one : most));
  const [latest, dearest] = [by(lateP99Ms), by(against)];
  const lost = found.reduce((sum, { crowd }) => sum + crowd.callers.lost + (calls - crowd.worker.calls), 0);
  return {
    method:
      `The worker of \`parley serve\` in one process, the simulators of the services in a second, ${calls} callers in a third who dial as ` +
      `each carrier does and speak and hear in real time for ${seconds} s: a fresh worker for each line, one after the other. What is late is a ` +
      'beat of 20 ms, on which frames go out.',
    checks: [
      {
        ...{ what: LATEST, target: `at most ${LATE_MS} ms` },
        measured: `${latest.line}, ${figure(lateP99Ms(latest.crowd))} ms`,
        isMet: lateP99Ms(latest.crowd) <= LATE_MS,
      },
      {
        ...{ what: DEAREST, target: '' },
        measured: `${dearest.line}, ${ratio(against(dearest.crowd))}`,
        isMet: undefined,
      },
      { what: 'calls lost', target: '0', measured: String(lost), isMet: lost === 0 },
    ],
    tables: [
      {
        title: `${calls} calls at once, by line`,
        columns: [
          '',
          'beat late p50',
          'p99, ms',
          'cores',
          'against Twilio',
          'answered after p50',
          'p90, ms',
          'holes',
          'lost',
        ],
        rows: found.map(({ line, crowd }) => rowOf(line, crowd, against(crowd))),
      },
    ],
    notes: [
      'Holes are longer than 20 ms, within what the agent says, as a share of what was heard; all processes share the cores.',
    ],
    headline: `${found.length} lines, ${calls} calls each: beats late by ${figure(lateP99Ms(latest.crowd))} ms at p99 at most`,
  };
}

function rowOf(line: string, crowd: Crowd, against: number): string[] {
  const { worker, callers } = crowd;
  const holesMs = callers.gapsMs.reduce((sum, ms) => sum + ms, 0);
  return [
    line,
    figure(quantile(worker.beatsLateMs, 0.5)),
    figure(lateP99Ms(crowd)),
    cores(worker).toFixed(2),
    ratio(against),
    figure(median(callers.answeredAfterMs)),
    figure(quantile(callers.answeredAfterMs, 0.9)),
    `${((100 * holesMs) / callers.heardMs).toFixed(2)} %`,
    String(callers.lost),
  ];
}

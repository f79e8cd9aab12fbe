/** Part `audio`: phone calls over real sockets, heard at the caller's end; how many at once one worker holds. */
import { cores, type Usage } from '../audio/usage.ts';
import { isHeld, LATE_MS, lateP99Ms, silenceMedians, tryCrowd, withProcesses, type Crowd } from '../audio/crowd.ts';
import type { FillerHeard } from '../audio/caller-child.ts';
import { SLOW_ARGUMENTS_MS, TOOL_MS } from '../audio/script.ts';
import type { WorkerFigures } from '../audio/worker-child.ts';
import type { Check, Part, PartContext, PartResult, Table } from '../frame/part.ts';
import { figure, median, quantile } from '../frame/statistics.ts';

const CALLS_AT_ONCE = [50, 100, 300];
const CROWD_MS = 25_000;
const QUIET_MS = 20_000;
const FILLERS = { calls: 4, turns: 10 };
const CUTS = { calls: 4, times: 5 };
/** Between the most that were held and the fewest that were not. */
const MORE_TRIES = 2;
const NEAREST_CALLS = 25;

const part: Part = {
  name: 'audio',
  title: 'Phone calls',
  order: 4,
  predictions: {
    'most audio calls at once, beats late by at most 20 ms at p99': '150: two cores for all four processes',
    'resident memory an audio call': '0.7 MB',
    'first filler audio, arguments 1,500 ms against 0': '2 ms',
    'silence between filler and answer, median': '5 ms',
    'silence between filler and answer, most': '25 ms',
    'from the voice to silence, median': '120 ms',
    'the same recorded and interrupted, beats late at p99': '15 ms: a recording writes two small files',
    'calls per core, recorded and interrupted': '15 % fewer than without',
  },
  run,
};
export default part;

interface Filler {
  differenceMs: number;
  quickMs: number;
  slowMs: number;
  turns: number;
  silencesMs: number[];
  notUnderstood: number;
}

async function run(context: PartContext): Promise<PartResult> {
  const { progress } = context;
  progress('fillers');
  const filler = await withProcesses(context, async ({ worker, callers, url }) => {
    await worker.ask({ what: 'count' });
    const heard = await callers.ask<FillerHeard[]>({ what: 'fillers', url, ...FILLERS });
    return judgeFillers(heard, await worker.ask<WorkerFigures>({ what: 'tell' }));
  });
  progress('interruptions');
  const cuts = await withProcesses(context, ({ callers, url }) =>
    callers.ask<number[]>({ what: 'cuts', url, ...CUTS }),
  );
  progress('one call');
  const quiet = await tryCrowd(context, 1, QUIET_MS);
  const crowds = await tryCrowds(context);
  const busyCalls = mostHeld(crowds) || Math.min(...crowds.map(({ calls }) => calls));
  progress(`${busyCalls} calls at once, recorded and interrupted`);
  const busy = await tryCrowd(context, busyCalls, CROWD_MS, { isBusy: true });
  return summarise({ filler, cuts, quiet, crowds, busy });
}

/** Those that were asked for, then between the most that were held and the fewest that were not. */
async function tryCrowds(context: PartContext): Promise<Crowd[]> {
  const crowds: Crowd[] = [];
  const attempt = async (calls: number) => {
    context.progress(`${calls} calls at once`);
    crowds.push(await tryCrowd(context, calls, CROWD_MS));
  };
  for (const calls of context.calls ?? CALLS_AT_ONCE) await attempt(calls);
  for (let more = 0; more < MORE_TRIES; more++) {
    const held = mostHeld(crowds);
    const fewest = Math.min(...crowds.filter((crowd) => !isHeld(crowd)).map(({ calls }) => calls));
    const between = Math.round((held + fewest) / 2 / NEAREST_CALLS) * NEAREST_CALLS;
    if (!Number.isFinite(fewest) || between <= held || between >= fewest) break;
    await attempt(between);
  }
  return crowds.sort((a, b) => a.calls - b.calls);
}

const mostHeld = (crowds: readonly Crowd[]): number => Math.max(0, ...crowds.filter(isHeld).map(({ calls }) => calls));

/** In each call the turns come in the same order at both ends. */
function judgeFillers(heard: readonly FillerHeard[], { turns }: WorkerFigures): Filler {
  const delays = (isSlow: boolean) =>
    heard
      .filter((one) => one.isSlow === isSlow)
      .map(({ callId, heardAtMs }) => {
        const tokens = turns.filter((turn) => turn.callId === callId).map(({ firstTokenAtMs }) => firstTokenAtMs);
        return heardAtMs - Math.max(...tokens.filter((atMs) => atMs < heardAtMs));
      })
      .filter(Number.isFinite);
  const [quick, slow] = [delays(false), delays(true)];
  const silencesMs = heard.map(({ silenceMs }) => silenceMs).filter(Number.isFinite);
  return {
    differenceMs: median(slow) - median(quick),
    quickMs: median(quick),
    slowMs: median(slow),
    turns: Math.min(quick.length, slow.length),
    silencesMs,
    notUnderstood: heard.length - silencesMs.length,
  };
}

interface Found {
  filler: Filler;
  cuts: number[];
  quiet: Crowd;
  crowds: Crowd[];
  /** With a tool, interruptions and recording. */
  busy: Crowd;
}

function summarise({ filler, cuts, quiet, crowds, busy }: Found): PartResult {
  const largest = crowds.at(-1) ?? quiet;
  const held = mostHeld(crowds);
  return {
    method:
      'The worker of `parley serve` in one process, the simulators of all three services in a second, callers in a third who dial as ' +
      'Twilio does, speak and hear in real time; everything over loopback sockets, 8 kHz both ways. Each crowd meets a fresh ' +
      `worker, warmed by 10 calls, and is measured for ${CROWD_MS / 1_000} s; every caller says a line, hears the answer and thinks for ` +
      `0.5 to 2 s; one line in four needs a tool of ${TOOL_MS} ms. The last crowd is as large as the largest that was held; its calls are recorded, and every third answer is cut into. All processes share the cores.`,
    checks: [...checksOf(held, largest, filler, cuts), ...busyChecks(busy, crowds)],
    tables: [
      crowdTable('The worker, by calls at once', [quiet, ...crowds]),
      crowdTable('The worker, recording every call, a third of its answers interrupted', [busy]),
      machineTable([quiet, ...crowds]),
      latencyTable([quiet, ...crowds]),
      profileTable(largest),
      profileTable(busy, ', recorded and interrupted'),
    ],
    notes: [
      `Filler heard ${figure(filler.quickMs)} ms after the model's first word with arguments that take 0 ms, ${figure(filler.slowMs)} ms with ` +
        `${SLOW_ARGUMENTS_MS} ms: medians of ${filler.turns} turns or more each; the voice's first byte takes 150 ms of it.`,
      `Silence between filler and answer over ${filler.silencesMs.length} turns (${filler.notUnderstood} more were not understood): p90 ` +
        `${figure(quantile(filler.silencesMs, 0.9))} ms.`,
      `From the voice to silence over ${cuts.length} interruptions: p90 ${figure(quantile(cuts, 0.9))} ms, most ${figure(Math.max(...cuts))} ms.`,
      limitOf(crowds),
    ],
    headline:
      `${held} calls held; filler ${figure(filler.differenceMs)} ms apart, then ${figure(median(filler.silencesMs))} ms of silence; ` +
      `silent ${figure(median(cuts))} ms after a voice`,
  };
}

function checksOf(held: number, largest: Crowd, filler: Filler, cuts: readonly number[]): Check[] {
  const silence = median(filler.silencesMs);
  const longest = Math.max(...filler.silencesMs);
  const difference = Math.abs(filler.differenceMs);
  return [
    {
      what: 'most audio calls at once, beats late by at most 20 ms at p99',
      target: '300',
      measured: `${held} (of ${largest.calls}: ${figure(lateP99Ms(largest))} ms)`,
      isMet: held >= 300,
    },
    {
      what: 'resident memory an audio call',
      target: 'under 1 MB',
      measured: `${figure(largest.rssPerCall / 1e6)} MB`,
      isMet: largest.rssPerCall < 1e6,
    },
    {
      what: 'first filler audio, arguments 1,500 ms against 0',
      target: 'at most 10 ms apart',
      measured: `${figure(filler.differenceMs)} ms`,
      isMet: difference <= 10,
    },
    {
      what: 'silence between filler and answer, median',
      target: 'at most 20 ms',
      measured: `${figure(silence)} ms`,
      isMet: silence <= 20,
    },
    {
      what: 'silence between filler and answer, most',
      target: 'at most 20 ms',
      measured: `${figure(longest)} ms`,
      isMet: longest <= 20,
    },
    { what: 'from the voice to silence, median', target: '', measured: `${figure(median(cuts))} ms`, isMet: undefined },
  ];
}

/** How many calls a core carries at this load: the worker's own work alone. */
const callsPerCore = ({ calls, worker }: Pick<Crowd, 'calls' | 'worker'>): number => calls / cores(worker);

function busyChecks(busy: Crowd, crowds: readonly Crowd[]): Check[] {
  const lateMs = lateP99Ms(busy);
  const same = crowds.find(({ calls }) => calls === busy.calls);
  const plain = same ? ` (${figure(callsPerCore(same))} without)` : '';
  return [
    {
      what: 'the same recorded and interrupted, beats late at p99',
      target: 'at most 20 ms',
      measured: `${figure(lateMs)} ms with ${busy.calls} calls`,
      isMet: isHeld(busy),
    },
    {
      what: 'calls per core, recorded and interrupted',
      target: '',
      measured: `${figure(callsPerCore(busy))}${plain}`,
      isMet: undefined,
    },
  ];
}

function crowdTable(title: string, crowds: readonly Crowd[]): Table {
  return {
    title,
    columns: [
      'Calls',
      'Cores',
      'Calls per core',
      'CPU ms a call-second',
      'MB resident a call',
      'MB heap a call',
      'Beats late p50/p99 ms',
      'Last frame late p99 ms',
      'Loop late p50/p99 ms',
      'Gaps over 20 ms a minute heard',
      'Lost',
      'Unanswered',
      'Errors',
    ],
    rows: crowds.map(({ calls, worker, callers, rssPerCall, heapPerCall }) => [
      String(calls),
      figure(cores(worker)),
      figure(callsPerCore({ calls, worker })),
      figure(worker.cpuMs / (calls * (worker.wallMs / 1_000))),
      figure(rssPerCall / 1e6),
      figure(heapPerCall / 1e6),
      `${figure(median(worker.beatsLateMs))} / ${figure(quantile(worker.beatsLateMs, 0.99))}`,
      figure(quantile(worker.lastFramesLateMs, 0.99)),
      `${figure(worker.loopP50Ms)} / ${figure(worker.loopP99Ms)}`,
      figure(callers.gapsMs.length / (callers.heardMs / 60_000)),
      String(callers.lost),
      String(callers.unanswered),
      Object.entries(worker.errors)
        .map(([code, count]) => `${code} ${count}`)
        .join(', '),
    ]),
  };
}

/** Whether it is the worker that is slow, or what stands around it. */
function machineTable(crowds: readonly Crowd[]): Table {
  const loop = ({ loopP99Ms }: Usage) => figure(loopP99Ms);
  return {
    title: 'What the others used',
    columns: [
      'Calls',
      'Cores: services',
      'Cores: callers',
      'Loop late p99 ms: services',
      'callers',
      "Callers' frames over 20 ms late",
    ],
    rows: crowds.map(({ calls, services, callers }) => [
      String(calls),
      figure(cores(services)),
      figure(cores(callers)),
      loop(services),
      loop(callers),
      `${((100 * callers.framesLate) / callers.framesSent).toFixed(1)} %`,
    ]),
  };
}

function latencyTable(crowds: readonly Crowd[]): Table {
  return {
    title: 'Where the silence of a turn goes: medians in ms; the last column is what the caller measured',
    columns: ['Calls', 'Turns', 'Endpointing', 'Queue', 'Model', 'Tool', 'Speech', 'Last word to first audio'],
    rows: crowds.map((crowd) => {
      const { turns, endpointing, queue, model, tool, speech, heard } = silenceMedians(crowd);
      return [
        crowd.calls,
        turns,
        ...[endpointing, queue, model, tool, speech, heard].map((ms) => figure(ms ?? NaN)),
      ].map(String);
    }),
  };
}

function profileTable({ calls, profile }: Crowd, how = ''): Table {
  return {
    title: `Where the worker's processor time went with ${calls} calls${how} (self time; lines are those of the compiled code)`,
    columns: ['Function', 'Share'],
    rows: profile.map(({ where, share }) => [`\`${where}\``, `${(100 * share).toFixed(1)} %`]),
  };
}

function limitOf(crowds: readonly Crowd[]): string {
  const failed = crowds.find((crowd) => !isHeld(crowd));
  if (!failed) return 'Every crowd was held.';
  const [own, services, callers] = [failed.worker, failed.services, failed.callers].map(cores);
  return (
    `With ${failed.calls} calls beats were more than ${LATE_MS} ms late at p99: the worker used ${figure(own ?? NaN)} cores, the simulators ` +
    `${figure(services ?? NaN)} and the callers ${figure(callers ?? NaN)}. A worker under 0.8 cores whose beats are late was kept waiting by the others.`
  );
}

/** Part `soak`: what thousands of calls leave behind in a process that lives on. */
import type { Addresses } from '../audio/services-child.ts';
import { startChild } from '../frame/child.ts';
import type { Check, Part, PartContext, PartResult, Table } from '../frame/part.ts';
import { figure, slope } from '../frame/statistics.ts';
import type { Left } from '../soak/left.ts';
import type { ServerReport } from '../text/server.ts';

const TEXT = { calls: 10_000, every: 1_000, atOnce: 20 };
const AUDIO = { calls: 1_000, every: 100, atOnce: 50 };
/** The first rounds still fill caches and compile code. */
const WARM_UP_ROUNDS = 3;
/** Sockets and timers that are on their way out are given so long. */
const SETTLE_MS = 3_500;

const part: Part = {
  name: 'soak',
  title: 'Soak',
  order: 6,
  predictions: {
    'text: heap growth a call': '0.02 kB',
    'text: sockets and timers when all is closed': '0',
    'audio: heap growth a call': '0.3 kB: histograms and pools still grow',
    'audio: sockets and timers when all is closed': '0',
    'audio: calls that did not go as they should': '0',
    'warnings of leaked listeners': '0',
  },
  run,
};
export default part;

interface Soak {
  every: number;
  /** Before the first call, then after each round. */
  rounds: Left[];
  /** When everything is closed. */
  end: Left;
  failed: number;
  seconds: number;
}

async function run(context: PartContext): Promise<PartResult> {
  const text = await soakText(context);
  const audio = await soakAudio(context);
  return summarise(text, audio);
}

async function soakText({ built, progress }: PartContext): Promise<Soak> {
  const server = startChild({ file: built('bench/text/server.ts') });
  const child = startChild({ file: built('bench/soak/text-child.ts'), nodeOptions: ['--expose-gc'] });
  try {
    const { port } = await server.ask<ServerReport>('report');
    const url = `http://127.0.0.1:${port}/instant`;
    const beganMs = performance.now();
    const rounds = [await child.ask<Left>({ what: 'left' })];
    for (let done = 0; done < TEXT.calls; done += TEXT.every) {
      progress(`text calls, ${done} of ${TEXT.calls}`);
      await child.ask({ what: 'calls', url, calls: TEXT.every, atOnce: TEXT.atOnce });
      rounds.push(await child.ask<Left>({ what: 'left' }));
    }
    const seconds = (performance.now() - beganMs) / 1_000;
    await child.ask({ what: 'close' });
    await sleep(SETTLE_MS);
    return { every: TEXT.every, rounds, end: await child.ask<Left>({ what: 'left' }), failed: 0, seconds };
  } finally {
    await child.stop();
    await server.stop();
  }
}

async function soakAudio({ built, progress }: PartContext): Promise<Soak> {
  const services = startChild({ file: built('bench/audio/services-child.ts') });
  const worker = startChild({ file: built('bench/soak/audio-child.ts'), nodeOptions: ['--expose-gc'] });
  const callers = startChild({ file: built('bench/audio/caller-child.ts') });
  try {
    const addresses = await services.ask<Addresses>({ what: 'start' });
    const rounds = [await worker.ask<Left>({ what: 'left' })];
    const url = await worker.ask<string>({ what: 'start', addresses });
    const beganMs = performance.now();
    let failed = 0;
    for (let done = 0; done < AUDIO.calls; done += AUDIO.every) {
      progress(`audio calls, ${done} of ${AUDIO.calls}`);
      failed += await callers.ask<number>({ what: 'short', url, calls: AUDIO.every, atOnce: AUDIO.atOnce });
      await sleep(SETTLE_MS); // a transcriber's line is let go a moment after its call
      rounds.push(await worker.ask<Left>({ what: 'left' }));
    }
    const seconds = (performance.now() - beganMs) / 1_000;
    await worker.ask({ what: 'close' });
    await sleep(SETTLE_MS);
    return { every: AUDIO.every, rounds, end: await worker.ask<Left>({ what: 'left' }), failed, seconds };
  } finally {
    await Promise.all([callers, worker, services].map((one) => one.stop()));
  }
}

function summarise(text: Soak, audio: Soak): PartResult {
  const warnings = [...text.end.warnings, ...audio.end.warnings];
  return {
    method:
      `${TEXT.calls} text calls of one turn with a tool, ${TEXT.atOnce} at once, in one process; ${AUDIO.calls} phone calls over real sockets, in real ` +
      `time and with words of a second or less, ${AUDIO.atOnce} at once, against one worker, with the services and the callers in processes of ` +
      'their own: a greeting, a question, an answer, and the caller hangs up. After every round everything is collected and ' +
      `counted; the growth is that of least squares, the first ${WARM_UP_ROUNDS} rounds left out. Timers that do not keep a process alive count too.`,
    checks: [
      ...checksOf('text', text),
      ...checksOf('audio', audio),
      {
        what: 'audio: calls that did not go as they should',
        target: '0',
        measured: String(audio.failed),
        isMet: audio.failed === 0,
      },
      {
        what: 'warnings of leaked listeners',
        target: '0',
        measured: String(warnings.length),
        isMet: warnings.length === 0,
      },
    ],
    tables: [tableOf('Text', text), tableOf('Audio', audio)],
    notes: [
      `${figure(text.seconds)} s for the text calls, ${figure(audio.seconds)} s for the phone calls.`,
      ...warnings.slice(0, 5),
    ],
    headline: `${figure(growthKb(text))} kB a text call, ${figure(growthKb(audio))} kB an audio call; ${leftOf(text) + leftOf(audio)} sockets and timers left`,
  };
}

function checksOf(name: string, soak: Soak): Check[] {
  const growth = growthKb(soak);
  return [
    {
      what: `${name}: heap growth a call`,
      target: 'under 1 kB',
      measured: `${growth.toFixed(3)} kB`,
      isMet: growth < 1,
    },
    {
      what: `${name}: sockets and timers when all is closed`,
      target: '0 more than before',
      measured: String(leftOf(soak)),
      isMet: leftOf(soak) <= 0,
    },
  ];
}

function growthKb({ rounds, every }: Soak): number {
  const points = rounds.map(({ heap }, at) => ({ x: at * every, y: heap })).slice(1 + WARM_UP_ROUNDS);
  return slope(points) / 1_000;
}

const leftOf = ({ rounds, end }: Soak): number =>
  end.sockets - (rounds[0]?.sockets ?? 0) + (end.timers - (rounds[0]?.timers ?? 0));

function tableOf(title: string, { rounds, every, end }: Soak): Table {
  const all = [...rounds, end];
  const row = (name: string, value: (left: Left) => string) => [name, ...all.map(value)];
  return {
    title: `${title}: after so many calls`,
    columns: ['', ...rounds.map((_, at) => String(at * every)), 'closed'],
    rows: [
      row('heap MB', ({ heap }) => (heap / 2 ** 20).toFixed(2)),
      row('sockets', ({ sockets }) => String(sockets)),
      row('timers', ({ timers }) => String(timers)),
      row('listeners on the process', ({ listeners }) => String(listeners)),
    ],
  };
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

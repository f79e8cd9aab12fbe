/**
 * One cell of the matrix over real sockets: a call that is in progress meets the fault, beside another that must not
 * notice. What was heard, and when, is measured at the callers' end of the line.
 */
import { Writable } from 'node:stream';
import { decodeToneSpeech } from '../../src/audio/tone-speech.ts';
import type { AgentInput } from '../../src/call/agent.ts';
import { createLog } from '../../src/lib/log.ts';
import { startPhone, type Phone, type PhoneLine } from '../../src/testing/phone.ts';
import { ASK_BOATS, ASK_SEA, ASK_STORY, BOATS, PUTTING_THROUGH, SEA, STORY, type Cell, type Scene } from './cells.ts';
import { FaultyRedis } from './redis.ts';
import { startSpare, type Spare } from './spare.ts';

export interface Timings {
  silenceMs: number;
  progressMs: number;
  giveUpMs: number;
}

export interface CellResult {
  service: string;
  fault: string;
  means: string;
  /** From the caller's question on. */
  heard: string;
  /** From the caller's last word to the first sound; NaN when there was none. */
  firstMs: number;
  longestSilenceMs: number;
  /** `goes on`, or why the call ended. */
  end: string;
  /** What the call or the log told, each with whether it names the service's request. */
  codes: string[];
  notes: string[];
  /** What is wrong with any of it; empty when all is well. */
  problems: string[];
  /** How late this process, which plays all parts, was at most. */
  lateMs: number;
  /** The same cell with an agent that lists a second vendor of each kind; undefined where no vendor meets the fault. */
  withFallback?: CellResult;
}

const PHRASES = {
  hold: 'One moment, please.',
  progress: ['I am still at it.', 'It takes a little longer.'],
  recovery: ['Sorry, could you say that again?', 'I lost that, once more please?'],
  outage: 'I am sorry, our line is broken. Please call again.',
};
/** How long a silence ends a turn here at most, whatever its words: the matrix is about what comes behind it. */
const MOST_ENDPOINT_MS = 500;
/** The same with the way through the transcriber; then R17 begins to count. */
const ENDPOINT_MS = MOST_ENDPOINT_MS + 200;
/** From a phrase that is due to its sound, on a machine with nothing else to do. */
const SLACK_MS = 300;
/** A question and its answer cross this process so often, and each time it may stand still. */
const CROSSINGS = 4;
const INTO_THE_QUESTION_MS = 600;
/** As pino counts. */
const WARN = 40;
/** A letter may be lost where a line ran dry, and two where a voice broke off. */
const LETTERS = 3;

/** Whose faults another vendor may make up for. */
const VENDORS: readonly string[] = ['Electron', 'Pulse', 'Lightning'];

/** The cell, and where a vendor meets the fault, the same with another one at hand, at the same time. */
export async function runCell(cell: Cell, timings: Timings): Promise<CellResult> {
  const [result, withFallback] = await Promise.all([
    runScene(cell, timings),
    VENDORS.includes(cell.service) ? runWithSpare(cell, timings) : undefined,
  ]);
  return { ...result, ...(withFallback && { withFallback }) };
}

async function runWithSpare(cell: Cell, timings: Timings): Promise<CellResult> {
  const spare = await startSpare(REPLIES);
  return runScene(cell, timings, spare).finally(() => spare.close());
}

async function runScene(cell: Cell, timings: Timings, spare?: Spare): Promise<CellResult> {
  const log = new LogLines();
  const redis = cell.hasRedis ? await FaultyRedis.start() : undefined;
  const phone = await startPhone(
    { ...agentWith(timings), ...spare?.lists },
    {
      electron: { replies: REPLIES, keepRequests: 100 },
      ...(cell.isSigned && { hasAccount: true }),
      ...(cell.isFull && { maxCalls: 2 }),
      ...(redis && { redisUrl: redis.url }),
      log: createLog({ level: 'info', stream: log }),
    },
  );
  try {
    return await playScene(cell, phone, { timings, log, redis, hasSpare: spare !== undefined });
  } finally {
    await phone.close();
    await redis?.close();
  }
}

interface Stage {
  timings: Timings;
  log: LogLines;
  redis: FaultyRedis | undefined;
  hasSpare: boolean;
}

async function playScene(cell: Cell, phone: Phone, { timings, log, redis, hasSpare }: Stage): Promise<CellResult> {
  const line = await phone.dial();
  await until('the call to be heard by Pulse', () => phone.services.pulse.sessions().length > 0, 5_000);
  const other = await phone.dial();
  await Promise.all([ask(line, ASK_SEA), ask(other, ASK_SEA)]);

  const notes: string[] = [];
  const scene: Scene = { phone, line, redis, note: (text) => notes.push(text) };
  const first = cell.isForNext ? ask(other, ASK_BOATS) : undefined;
  if (first) await other.caller.waitForSpeech();
  const meet = cell.arm(scene);
  const others = first ?? ask(other, ASK_BOATS);
  const turn = await ask(line, cell.asks ?? ASK_STORY, {
    during: meet ?? undefined,
    turns: cell.turns,
    timeoutMs: timings.giveUpMs + 15_000 + (cell.takesMs ?? 0),
  });
  const next = line.caller.isOver ? undefined : await ask(line, ASK_SEA);
  const untouched = await others;
  const isOver = line.caller.isOver;
  await Promise.all([line.caller.hangUp(), other.caller.hangUp()]);
  const { reason } = await line.call.ended;
  const lateMs = CROSSINGS * Math.max(line.caller.stats().mostLateMs, other.caller.stats().mostLateMs);
  return {
    service: cell.service,
    fault: cell.fault,
    means: cell.means,
    heard: turn.heard,
    firstMs: turn.firstMs,
    longestSilenceMs: turn.longestSilenceMs,
    end: isOver ? reason : 'goes on',
    codes: codesOf(line, log),
    notes: [...notes, ...(cell.hasRedis ? log.warnings : [])],
    problems: [
      ...problemsOf(cell, turn, { timings, lateMs }),
      ...(next && !isLike(next.heard, SEA) ? [`the next answer was "${next.heard}"`] : []),
      ...(cell.outcome === 'line-lost' || !isOver || (reason.endsWith('-failed') && !hasSpare)
        ? []
        : [`ended: ${reason}`]),
      ...(hasSpare && !isWhole(cell, turn.heard) ? [`heard "${turn.heard}"`] : []),
      ...problemsOfOther(other, untouched, { timings, lateMs }),
    ],
    lateMs,
  };
}

function problemsOf(cell: Cell, turn: Turn, { timings, lateMs }: { timings: Timings; lateMs: number }): string[] {
  if (cell.outcome === 'line-lost') return [];
  const { silenceMs, progressMs } = timings;
  const [firstMs, laterMs] = [
    ENDPOINT_MS + silenceMs + SLACK_MS + lateMs,
    Math.max(silenceMs, progressMs) + SLACK_MS + lateMs + (cell.deadMs ?? 0),
  ];
  return [
    ...(turn.heard === '' ? ['nothing was heard'] : []),
    ...(turn.firstMs > firstMs ? [`first sound after ${turn.firstMs.toFixed(0)} ms`] : []),
    ...(turn.longestSilenceMs > Math.max(firstMs, laterMs)
      ? [`${turn.longestSilenceMs.toFixed(0)} ms of silence`]
      : []),
  ];
}

function problemsOfOther(other: PhoneLine, turn: Turn, limits: { timings: Timings; lateMs: number }): string[] {
  const firstMs = ENDPOINT_MS + limits.timings.silenceMs + limits.lateMs;
  return [
    ...(isLike(turn.heard, BOATS) ? [] : [`the other call heard "${turn.heard}"`]),
    ...(turn.firstMs > firstMs ? [`the other call waited ${turn.firstMs.toFixed(0)} ms`] : []),
    ...other.eventsOf('error').map(({ code }) => `the other call told ${code}`),
  ];
}

/** With another vendor at hand no word is lost, and none comes twice, unless the model itself broke off (R10). */
function isWhole({ service, fault }: Cell, heard: string): boolean {
  if (service === 'Electron' && ['stall', 'cut', 'garbage'].includes(fault)) return heard !== '';
  const phrases = [PHRASES.hold, ...PHRASES.progress];
  const own = phrases.reduce((text, phrase) => text.replace(phrase, ''), heard);
  const start = Math.max(0, own.indexOf(STORY.slice(0, LETTERS)));
  const isCutPhrase = start === 0 || phrases.some((phrase) => phrase.startsWith(own.slice(0, start - 1)));
  return isCutPhrase && isLike(own.slice(start), STORY);
}

// ---- a turn, from the caller's end ----------------------------------------------------------------------------------

interface Turn {
  heard: string;
  firstMs: number;
  longestSilenceMs: number;
}

interface AskOptions {
  during?: (() => void | Promise<void>) | undefined;
  timeoutMs?: number;
  turns?: number | undefined;
}

/** Asks, and listens until the agent has finished or the line has ended. */
async function ask(line: PhoneLine, question: string, options: AskOptions = {}): Promise<Turn> {
  const { during, timeoutMs = 40_000, turns = 1 } = options;
  const { caller } = line;
  const goal = line.eventsOf('turn-end').length + turns;
  const saying = line.say(question);
  if (during) await sleep(INTO_THE_QUESTION_MS);
  const meeting = Promise.resolve(during?.());
  const { fromMs, toMs } = await saying;
  const isDone = () => caller.isOver || line.eventsOf('turn-end').length >= goal;
  await until('the end of the turn', isDone, timeoutMs).catch(() => undefined); // told as what was heard
  const endMs = caller.nowMs;
  await meeting.catch(() => undefined); // the line ended first
  if (!caller.isOver) await caller.waitForSilence({ forMs: 300 }).catch(() => undefined);
  const sounds = caller.heard.stretches({ minGapMs: 50 }).filter(({ toMs: until }) => until > fromMs);
  return { heard: understood(line, fromMs), ...silenceOf(sounds, toMs, endMs) };
}

function silenceOf(sounds: readonly { fromMs: number; toMs: number }[], fromMs: number, endMs: number) {
  let lastMs = fromMs;
  let longestSilenceMs = sounds.length === 0 ? endMs - fromMs : 0;
  for (const sound of sounds) {
    longestSilenceMs = Math.max(longestSilenceMs, sound.fromMs - lastMs);
    lastMs = sound.toMs;
  }
  return { firstMs: Math.max(0, (sounds[0]?.fromMs ?? NaN) - fromMs), longestSilenceMs };
}

function understood(line: PhoneLine, fromMs: number): string {
  const characters = decodeToneSpeech(line.heardSound(fromMs), 8_000);
  return characters.map(({ text }) => text).join('');
}

const letters = (text: string): string => text.replace(/\s/g, '');

/** The same but for a few letters, counted from both ends. */
function isLike(heard: string, text: string): boolean {
  const [one, two] = [letters(heard), letters(text)];
  let head = 0;
  while (head < one.length && one[head] === two[head]) head++;
  let tail = 0;
  const most = Math.min(one.length, two.length) - head;
  while (tail < most && one.at(-1 - tail) === two.at(-1 - tail)) tail++;
  return Math.max(one.length, two.length) - head - tail <= LETTERS;
}

// ---- what was told --------------------------------------------------------------------------------------------------

/** Error codes of the call's events and of its log lines, each once. */
function codesOf(line: PhoneLine, log: LogLines): string[] {
  const told = [
    ...line.eventsOf('error').map(({ code, requestId }) => ({ code, requestId })),
    ...log.lines.filter(({ callId }) => callId === undefined || callId === line.call.id),
  ];
  const codes = new Map<string, boolean>();
  for (const { code, requestId } of told) {
    if (typeof code === 'string') codes.set(code, (codes.get(code) ?? false) || requestId !== undefined);
  }
  return [...codes].map(([code, hasId]) => (hasId ? `${code} +id` : code));
}

class LogLines extends Writable {
  readonly lines: { callId?: string; code?: unknown; requestId?: unknown; level: number; msg?: string }[] = [];

  /** Of the process, which have no code. */
  get warnings(): string[] {
    const told = this.lines.filter(({ level, callId, code }) => level >= WARN && callId === undefined && !code);
    return [...new Set(told.map(({ msg = '' }) => msg))];
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    for (const text of chunk.toString().split('\n')) {
      if (text !== '') this.lines.push(JSON.parse(text) as { level: number });
    }
    done();
  }
}

async function until(what: string, look: () => boolean, timeoutMs: number): Promise<void> {
  const giveUpAtMs = performance.now() + timeoutMs;
  while (!look()) {
    if (performance.now() > giveUpAtMs) throw new Error(`Expected ${what} within ${timeoutMs} ms`);
    await sleep(10);
  }
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const REPLIES = [
  { when: 'story', say: STORY },
  { when: 'boats', say: BOATS },
  { when: 'person', say: PUTTING_THROUGH, call: { name: 'transfer_call', arguments: { to: '+15550142' } } },
  { say: SEA },
];

function agentWith(timings: Timings): AgentInput {
  return {
    name: 'matrix',
    instructions: 'You answer the phone.',
    tools: ['transfer_call'],
    turn: { mostEndpointMs: MOST_ENDPOINT_MS, ...timings },
    phrases: PHRASES,
  };
}

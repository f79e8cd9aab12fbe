/** The callers, who dial as Twilio does and measure at their end of the line. */
import { setTimeout as wait } from 'node:timers/promises';
import { decodeToneSpeech } from '../../src/audio/tone-speech.ts';
import { DIALECTS } from '../../src/simulate/dialects.ts';
import { placeCallBy } from '../../src/simulate/telephone.ts';
import { dialMedia, type MediaCaller } from '../../src/simulate/twilio/media.ts';
import { voiceOf } from '../../src/testing/phone.ts';
import { answer } from '../frame/child.ts';
import { monotonicMs } from '../frame/monotonic.ts';
import { PUBLIC_URL, type LineDoor } from '../lines/doors.ts';
import { ASK_QUICK, ASK_SHORT, ASK_SLOW, ASK_STORY, CUT_IN, FREE_BERTHS, SMALL_TALK } from './script.ts';
import { countUsage, type Usage } from './usage.ts';

export type CallerQuestion =
  | ({ what: 'crowd' } & Gathering)
  | { what: 'count' }
  | { what: 'tell' }
  | { what: 'leave' }
  | { what: 'short'; url: string; calls: number; atOnce: number }
  | { what: 'fillers'; url: string; calls: number; turns: number }
  | { what: 'cuts'; url: string; calls: number; times: number };

export interface CrowdFigures extends Usage {
  /** From the caller's last word to the first sound of the agent. */
  answeredAfterMs: number[];
  /** Longer than 20 ms, of a line that ran dry within what was said. */
  gapsMs: number[];
  heardMs: number;
  framesSent: number;
  framesLate: number;
  /** Calls that ended before they should. */
  lost: number;
  /** Questions that nobody answered. */
  unanswered: number;
}

/** A turn with a tool. */
export interface FillerHeard {
  callId: string;
  isSlow: boolean;
  /** Monotonic: the first sound of the filler. */
  heardAtMs: number;
  /** Between filler and answer, less the silence that ends any tone. */
  silenceMs: number;
}

/** Ends any character of a voice that speaks in tones, in milliseconds. */
const TONE_GAP_MS = (1_000 / 15) * 0.2;
const FROM_GREETING_MS = 1_000;
const GAP_MS = 20;
const CUT_EVERY = 3;
const CUT_AFTER_MS = 800;

interface Crowd {
  callers: MediaCaller[];
  isLeaving: boolean;
  isInterrupting: boolean;
  answeredAfterMs: number[];
  unanswered: number;
  lost: number;
  talks: Promise<void>[];
}
let crowd: Crowd | undefined;
let tellUsage: (() => Usage) | undefined;
let sent: Sent = { framesSent: 0, framesLate: 0, heardMs: 0, gaps: 0 };

answer((question: CallerQuestion): unknown => {
  switch (question.what) {
    case 'crowd':
      return gather(question);
    case 'count':
      return count();
    case 'tell':
      return tell();
    case 'leave':
      return leave();
    case 'short':
      return callShortly(question);
    case 'fillers':
      return atOnce(question.calls, (index) => hearFillers(question.url, index, question.turns));
    case 'cuts':
      return atOnce(question.calls, (index) => cutIn(question.url, index, question.times));
  }
});

async function atOnce<T>(calls: number, work: (index: number) => Promise<T[]>): Promise<T[]> {
  return (await Promise.all(Array.from({ length: calls }, (_, index) => work(index)))).flat();
}

const NUMBERS = { from: '+15550100', to: '+15550199' };

/** The socket of Twilio's Media Streams, at once. `url`: of the worker. */
const dial = (url: string, keep: 'all' | 'stats') =>
  dialMedia({ ...NUMBERS, url: `${url.replace('http', 'ws')}/twilio/media`, keep });

/** As the carrier of this line does it, from the webhook on. */
async function dialBy({ line, secret }: LineDoor, url: string): Promise<MediaCaller> {
  const placed = await placeCallBy(line, {
    ...{ ...NUMBERS, voiceUrl: PUBLIC_URL + DIALECTS[line].paths.voice, authToken: secret, media: { keep: 'stats' } },
    reach: (known) =>
      known.replace(/^(http|ws)s:\/\/voice\.example\.com/, (_, scheme: string) => url.replace('http', scheme)),
  });
  if (placed.type !== 'media') throw new Error(`Expected a call of sound by ${line}, got ${JSON.stringify(placed)}`);
  return placed.caller;
}

/** Undefined when the agent has not answered after so long. */
const nextSpeech = (caller: MediaCaller, fromMs: number): Promise<number | undefined> =>
  caller.waitForSpeech({ fromMs, timeoutMs: 15_000 }).catch(() => undefined);

// ---- A crowd --------------------------------------------------------------------------------------------------------

interface Gathering {
  url: string;
  calls: number;
  rampMs: number;
  /** Every third answer is cut into. */
  isInterrupting?: boolean;
  /** By which line. Default: the socket of Twilio's, at once. */
  door?: LineDoor | undefined;
}

async function gather({ url, calls, rampMs, isInterrupting = false, door }: Gathering): Promise<void> {
  const here: Crowd = {
    callers: [],
    isLeaving: false,
    isInterrupting,
    answeredAfterMs: [],
    unanswered: 0,
    lost: 0,
    talks: [],
  };
  crowd = here;
  for (let index = 0; index < calls; index++) {
    here.talks.push(
      (door ? dialBy(door, url) : dial(url, 'stats')).then((caller) => {
        here.callers.push(caller);
        return talk(here, caller, index).catch((error: unknown) => {
          if (!here.isLeaving) throw error;
        });
      }),
    );
    await wait(rampMs / calls);
  }
}

/** Asks, hears, thinks, and asks again, until everybody leaves. */
async function talk(here: Crowd, caller: MediaCaller, index: number): Promise<void> {
  void caller.ended.then(() => (here.lost += here.isLeaving ? 0 : 1));
  await caller.waitForSilence({ forMs: 300, fromMs: FROM_GREETING_MS, timeoutMs: 60_000 });
  await wait((index * 619) % 3_000); // not all at the same time
  for (let turn = index; !here.isLeaving && !caller.isOver; turn++) {
    const { toMs } = await caller.say(voiceFor(SMALL_TALK[turn % SMALL_TALK.length] ?? ASK_QUICK));
    const heardMs = await nextSpeech(caller, toMs);
    if (here.isLeaving) return;
    if (heardMs === undefined) here.unanswered++;
    else here.answeredAfterMs.push(heardMs - toMs);
    if (here.isInterrupting && heardMs !== undefined && turn % CUT_EVERY === 0) await cut(caller);
    await caller.waitForSilence({ forMs: 900, timeoutMs: 60_000 });
    await wait(500 + ((turn * 811) % 1_500));
  }
}

/** Into the answer, a moment after it began; what is said then is answered too. */
async function cut(caller: MediaCaller): Promise<void> {
  await wait(CUT_AFTER_MS);
  const { toMs } = await caller.interrupt(voiceFor(CUT_IN));
  await nextSpeech(caller, toMs);
}

const voices = new Map<string, Uint8Array>();
function voiceFor(text: string): Uint8Array {
  const voice = voices.get(text) ?? voiceOf(text);
  voices.set(text, voice);
  return voice;
}

interface Sent {
  framesSent: number;
  framesLate: number;
  heardMs: number;
  gaps: number;
}

function addUp(callers: readonly MediaCaller[]): Sent {
  const sum: Sent = { framesSent: 0, framesLate: 0, heardMs: 0, gaps: 0 };
  for (const caller of callers) {
    const { framesSent, framesLate, heardMs } = caller.stats();
    sum.framesSent += framesSent;
    sum.framesLate += framesLate;
    sum.heardMs += heardMs;
  }
  return sum;
}

let countedFromMs = new Map<MediaCaller, number>();

function count(): void {
  if (!crowd) throw new Error('Expected `crowd` before `count`');
  crowd.answeredAfterMs = [];
  crowd.unanswered = 0;
  sent = addUp(crowd.callers);
  countedFromMs = new Map(crowd.callers.map((caller) => [caller, caller.nowMs]));
  tellUsage = countUsage();
}

function tell(): CrowdFigures {
  if (!crowd || !tellUsage) throw new Error('Expected `count` before `tell`');
  const usage = tellUsage();
  const now = addUp(crowd.callers);
  const gapsMs = crowd.callers.flatMap((caller) =>
    caller
      .stats()
      .gaps.filter(({ fromMs, durationMs }) => durationMs > GAP_MS && fromMs >= (countedFromMs.get(caller) ?? 0))
      .map(({ durationMs }) => durationMs),
  );
  return {
    ...usage,
    answeredAfterMs: crowd.answeredAfterMs,
    gapsMs,
    heardMs: now.heardMs - sent.heardMs,
    framesSent: now.framesSent - sent.framesSent,
    framesLate: now.framesLate - sent.framesLate,
    lost: crowd.lost,
    unanswered: crowd.unanswered,
  };
}

async function leave(): Promise<void> {
  if (!crowd) return;
  crowd.isLeaving = true;
  await Promise.all(crowd.callers.map((caller) => caller.hangUp()));
  await Promise.allSettled(crowd.talks);
  crowd = undefined;
}

// ---- Many short calls --------------------------------------------------------------------------------------------------

/** How many did not go as they should. */
async function callShortly({ url, calls, atOnce }: { url: string; calls: number; atOnce: number }): Promise<number> {
  let left = calls;
  let failed = 0;
  const talkOn = async () => {
    while (left-- > 0) await talkShortly(url).catch(() => failed++);
  };
  await Promise.all(Array.from({ length: atOnce }, talkOn));
  return failed;
}

/** The greeting, a question, the answer; then the caller hangs up. */
async function talkShortly(url: string): Promise<void> {
  const caller = await dial(url, 'stats');
  try {
    await caller.waitForSpeech({ fromMs: 0, timeoutMs: 10_000 });
    await caller.waitForSilence({ forMs: 200, fromMs: 100, timeoutMs: 10_000 });
    const { toMs } = await caller.say(voiceFor(ASK_SHORT));
    await caller.waitForSpeech({ fromMs: toMs, timeoutMs: 10_000 });
    await caller.waitForSilence({ forMs: 200, timeoutMs: 10_000 });
  } finally {
    await caller.hangUp();
  }
}

// ---- A few, heard to the sample -------------------------------------------------------------------------------------

async function hearFillers(url: string, index: number, turns: number): Promise<FillerHeard[]> {
  await wait(index * 1_300);
  const caller = await dial(url, 'all');
  const found: FillerHeard[] = [];
  await caller.waitForSilence({ forMs: 300, fromMs: FROM_GREETING_MS });
  for (let turn = 0; turn < turns; turn++) {
    const isSlow = (turn + index) % 2 === 1;
    const { toMs } = await caller.say(voiceFor(isSlow ? ASK_SLOW : ASK_QUICK));
    const fromMs = await nextSpeech(caller, toMs);
    if (fromMs === undefined) continue;
    const heardAtMs = monotonicMs() - (caller.nowMs - fromMs);
    await caller.waitForSilence({ forMs: 900, fromMs });
    found.push({ callId: caller.callSid, isSlow, heardAtMs, silenceMs: silenceBefore(caller, FREE_BERTHS, fromMs) });
    await wait((turn * 37) % 200); // at any instant between two beats
  }
  await caller.hangUp();
  return found;
}

/** NaN when the answer was not understood. */
function silenceBefore(caller: MediaCaller, text: string, fromMs: number): number {
  const characters = decodeToneSpeech(caller.heard.readSamples(fromMs), 8_000);
  const at = characters
    .map(({ text: character }) => (character.length === 1 ? character : '?'))
    .join('')
    .indexOf(text);
  const [before, first] = [characters[at - 1], characters[at]];
  return before && first ? first.startMs - before.endMs - TONE_GAP_MS : NaN;
}

/** From the caller's first sound to the agent's last, for each time. */
async function cutIn(url: string, index: number, times: number): Promise<number[]> {
  await wait(index * 1_300);
  const caller = await dial(url, 'all');
  const found: number[] = [];
  await caller.waitForSilence({ forMs: 300, fromMs: FROM_GREETING_MS });
  for (let time = 0; time < times; time++) {
    const { toMs } = await caller.say(voiceFor(ASK_STORY));
    if ((await nextSpeech(caller, toMs)) === undefined) continue;
    await wait(700 + ((time * 397 + index * 211) % 1_700));
    const isSaid = caller.interrupt(voiceFor(CUT_IN));
    const silentMs = await caller.waitForSilence({ forMs: 400 });
    const { fromMs, toMs: saidMs } = await isSaid;
    found.push(silentMs - fromMs);
    await nextSpeech(caller, saidMs);
    await caller.waitForSilence({ forMs: 900 });
  }
  await caller.hangUp();
  return found;
}

/** Part `turns`: who is cut off, and how soon the others are answered, on turns with pauses as real callers make them. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Check, Part, PartContext, PartResult, Table } from '../frame/part.ts';
import { figure } from '../frame/statistics.ts';
import { figuresOf, cutOffBySilence, silenceFor, type Figures } from '../turns/figures.ts';
import { playCalls, type PlayedTurn, type PlayOptions } from '../turns/play-call.ts';
import { readCalls } from '../turns/set.ts';
import { measureScoring, type Scoring } from '../turns/scoring.ts';

const ROOT = join(import.meta.dirname, '../..');
/** Turns that the weights have not seen: those that are shared, then those of our own making. */
const SETS = [join(ROOT, '../shared/turns/dev.json'), join(ROOT, 'bench/turns/own.json')];
const LATE_MS = 300;
const ENDPOINTS_MS = [300, 800];
const CURVE_MS = [300, 500, 700, 900, 1_100, 1_300, 1_600, 2_000];
const CALLS = 300;

const part: Part = {
  name: 'turns',
  title: 'When the caller has finished',
  order: 4.5,
  predictions: {
    'cut off': '6 %',
    'answer, p50': '750 ms: 330 ms of wait, 415 of model and voice',
    'answer, p90': '1,250 ms',
    'digits and spelling: cut off': '9 %',
    'digits and spelling: answer, p50': '950 ms',
    'the most of any language: cut off': '9 %',
    'a late transcriber: cut off': 'no more than without',
    'last words lost, a late transcriber': '0',
    'requests a turn': '1.3',
    'requests a turn, Standard plan': '1.1',
    'scoring at 300 calls, share of a core': '0.1 %',
  },
  run,
};
export default part;

interface Found {
  played: PlayedTurn[];
  others: { name: string; figures: Figures }[];
  late: Figures;
  standard: Figures;
  own: Figures | undefined;
  scoring: Scoring;
}

async function run({ turns: options = {}, progress }: PartContext): Promise<PartResult> {
  const { file, ...given } = options;
  const [first = '', second = ''] = file ? [file] : SETS.filter((set) => existsSync(set));
  const calls = readCalls(first);
  const playWith = (name: string, other: PlayOptions) =>
    playCalls(calls, { ...given, ...other }, (text) => progress(`${name}: ${text}`));
  const played = await playWith('as documented', {});
  const late = figuresOf(await playWith('late', { lagMs: (given.lagMs ?? 0) + LATE_MS }));
  const others = [{ name: `all lags ${LATE_MS} ms longer`, figures: late }];
  others.push({
    name: 'service tells its voice activity',
    figures: figuresOf(await playWith('VAD', { hasVad: true })),
  });
  const standard = figuresOf(await playWith('Standard plan', { hasRoomAhead: false }));
  others.push({ name: 'Standard plan: no request to give away', figures: standard });
  for (const endpointMs of ENDPOINTS_MS) {
    const name = `endpointMs ${endpointMs}`;
    others.push({ name, figures: figuresOf(await playWith(name, { turn: { ...given.turn, endpointMs } })) });
  }
  const own = second === '' ? undefined : figuresOf(await playCalls(readCalls(second), given, progress));
  return summarise({ played, late, standard, others, own, scoring: measureScoring(calls.flat(), CALLS) });
}

function summarise({ played, late, standard, others, own, scoring }: Found): PartResult {
  const all = figuresOf(played);
  const turns = played.map(({ turn }) => turn);
  const sameMs = silenceFor(turns, all.cutOff);
  const pauses = all.requestsATurn - 1;
  return {
    method:
      `${played.length} turns of callers with their pauses, each caller a whole call in virtual time at default settings: the ear, its ` +
      'voice activity, the endpoint, the machine, the speaker and its playback are the real ones; the services keep the documented ' +
      'paces (interims 200 ms behind, a final 250 ms after a voice or 60 ms after it is asked for, first token 250 ms, voice 150 ms). ' +
      'Cut off: 80 ms or more of the agent before their last sound, or an answer that was asked for without all of their words. ' +
      'Answer: from their last sound to the first of the answer, of the others.',
    checks: checksOf({ played, late, standard, scoring }),
    tables: [
      tableOf(
        'By language',
        byKey(played, ({ turn }) => turn.language),
      ),
      tableOf(
        'By kind of turn',
        byKey(played, ({ turn }) => turn.kind),
      ),
      tableOf(
        'By how the transcript looks',
        byKey(played, ({ turn }) => turn.style),
      ),
      tableOf('Otherwise', [...others, ...(own ? [{ name: 'turns of our own making', figures: own }] : [])]),
      curveOf(turns),
    ],
    notes: [
      `Silence alone would need ${sameMs} ms to cut off as few: the rules are worth ${Math.round(sameMs - all.p50Ms)} ms at p50.`,
      `${all.requestsATurn.toFixed(2)} requests a turn, ${all.forNothing} of them for nothing (${(100 * pauses).toFixed(0)} in 100 turns).`,
      `The words of one silence are judged in ${figure(scoring.eachUs)} us, all that the endpoint does with them included. One a second of each call is reckoned with: more than callers pause.`,
      `${all.blips} blips (under 80 ms of audio): the caller went on in the instant in which the answer began. In ${all.begunOverVoice} turns it began while their voice was on already.`,
      `${all.wordsLost} turns answered without their last words, ${all.unanswered} without an answer.`,
    ],
    headline: `${percent(all.cutOff)} cut off, answered after ${ms(all.p50Ms)} / ${ms(all.p90Ms)} (p50 / p90), ${all.requestsATurn.toFixed(2)} requests a turn`,
  };
}

function checksOf({ played, late, standard, scoring }: Omit<Found, 'others' | 'own'>): Check[] {
  const all = figuresOf(played);
  const digits = figuresOf(played.filter(({ turn }) => turn.kind === 'digits'));
  const languages = byKey(played, ({ turn }) => turn.language);
  const worst = Math.max(...languages.map(({ figures }) => figures.cutOff));
  const share = (what: string, value: number, most: number): Check => ({
    what,
    target: `at most ${percent(most)}`,
    measured: percent(value),
    isMet: value <= most,
  });
  const time = (what: string, value: number, most: number): Check => ({
    what,
    target: `at most ${ms(most)}`,
    measured: ms(value),
    isMet: value <= most,
  });
  const requests = (what: string, value: number, most: number): Check => ({
    what,
    target: `at most ${most}`,
    measured: value.toFixed(2),
    isMet: Math.round(value * 100) / 100 <= most,
  });
  return [
    share('cut off', all.cutOff, 0.07),
    time('answer, p50', all.p50Ms, 800),
    time('answer, p90', all.p90Ms, 1_300),
    share('digits and spelling: cut off', digits.cutOff, 0.1),
    time('digits and spelling: answer, p50', digits.p50Ms, 1_000),
    share('the most of any language: cut off', worst, 0.1),
    share('a late transcriber: cut off', late.cutOff, all.cutOff),
    {
      what: 'last words lost, a late transcriber',
      target: '0',
      measured: String(late.wordsLost),
      isMet: late.wordsLost === 0,
    },
    requests('requests a turn', all.requestsATurn, 1.5),
    requests('requests a turn, Standard plan', standard.requestsATurn, 1.1),
    share(`scoring at ${CALLS} calls, share of a core`, scoring.shareOfCore, 0.01),
  ];
}

function byKey(
  played: readonly PlayedTurn[],
  keyOf: (one: PlayedTurn) => string,
): { name: string; figures: Figures }[] {
  const names = [...new Set(played.map(keyOf))].sort();
  const parts = names.map((name) => ({ name, figures: figuresOf(played.filter((one) => keyOf(one) === name)) }));
  return [...parts, { name: 'all', figures: figuresOf(played) }];
}

function tableOf(title: string, rows: readonly { name: string; figures: Figures }[]): Table {
  return {
    title,
    columns: ['', 'turns', 'cut off', 'p50', 'p90', 'blips', 'requests a turn', 'for nothing', 'words lost'],
    rows: rows.map(({ name, figures }) => [
      name,
      String(figures.turns),
      percent(figures.cutOff),
      ms(figures.p50Ms),
      ms(figures.p90Ms),
      String(figures.blips),
      figures.requestsATurn.toFixed(2),
      String(figures.forNothing),
      String(figures.wordsLost),
    ]),
  };
}

function curveOf(turns: readonly PlayedTurn['turn'][]): Table {
  return {
    title: 'Silence alone: answered so long after any sound',
    columns: ['', ...CURVE_MS.map(ms)],
    rows: [['cut off', ...CURVE_MS.map((answerMs) => percent(cutOffBySilence(turns, answerMs)))]],
  };
}

const percent = (share: number): string => `${(100 * share).toFixed(share < 0.01 ? 2 : 1)} %`;
const ms = (value: number): string => `${Math.round(value)} ms`;

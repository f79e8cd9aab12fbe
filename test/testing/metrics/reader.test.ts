/**
 * The metrics against what was planted, and against a program of another language that shares no code with them and has nothing
 * but the sound: 200 calls with latencies, gaps, cut-ins and talk-overs of any length.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { writeWav } from '../../../src/audio/wav.ts';
import { gapsIn } from '../../../src/testing/metrics/gaps.ts';
import { firstSoundOf } from '../../../src/testing/metrics/latency.ts';
import { talkOversIn } from '../../../src/testing/metrics/talk-over.ts';
import { yieldsIn } from '../../../src/testing/metrics/yields.ts';
import type { CallResult, CallerStretch, SoundStretch } from '../../../src/testing/result.ts';
import { scopeOf } from '../../../src/testing/scope.ts';
import { lengthMs, stretchesOf } from '../../../src/testing/sound.ts';
import { turnsOf } from '../../../src/testing/turns.ts';
import { Dice } from '../../helpers/dice.ts';
import { trackOf } from '../helpers/call-script.ts';

const CALLS = 200;
const TOLERANCE_MS = 20;
const RATE_HZ = 8_000;
const PYTHON = spawnSync('python3', ['--version']).status === 0;

interface Measured {
  firstSound: (number | 'overlapped' | 'none')[];
  gaps: number[];
  yields: number[];
  talkOvers: number[];
}

interface Planted extends Measured {
  caller: CallerStretch[];
  agent: SoundStretch[];
  durationMs: number;
}

/** A call of two or three turns; in each the agent answers after a while, perhaps with a gap, is perhaps cut in on, or talks over. */
function plant(dice: Dice): Planted {
  const call: Planted = { caller: [], agent: [], durationMs: 0, firstSound: [], gaps: [], yields: [], talkOvers: [] };
  let atMs = dice.between(100, 600);
  for (let turn = dice.between(2, 3); turn > 0; turn--) atMs = plantTurn(call, dice, atMs);
  call.durationMs = atMs + 500;
  return call;
}

function plantTurn(call: Planted, dice: Dice, fromMs: number): number {
  const toMs = fromMs + dice.between(300, 1_200);
  const kind = dice.pick(['plain', 'gap', 'cut-in', 'into a pause', 'silent']);
  if (kind === 'into a pause') return plantPause(call, dice, fromMs);
  call.caller.push({ kind: 'utterance', text: kind, fromMs, toMs });
  if (kind === 'silent') {
    call.firstSound.push('none');
    return toMs + dice.between(300, 900);
  }
  const latencyMs = dice.between(30, 1_500);
  call.firstSound.push(latencyMs);
  const first = { fromMs: toMs + latencyMs, toMs: toMs + latencyMs + dice.between(400, 1_000) };
  call.agent.push(first);
  if (kind === 'gap') {
    const gapMs = dice.between(40, 900);
    call.gaps.push(gapMs);
    const second = { fromMs: first.toMs + gapMs, toMs: first.toMs + gapMs + dice.between(300, 800) };
    call.agent.push(second);
    return second.toMs + dice.between(400, 900);
  }
  return kind === 'cut-in' ? plantCutIn(call, dice, first) : first.toMs + dice.between(400, 900);
}

/** The caller begins while the agent speaks, which goes on for a while; the caller speaks on and is not answered. */
function plantCutIn(call: Planted, dice: Dice, over: SoundStretch): number {
  const fromMs = over.fromMs + dice.between(100, 250);
  const toMs = over.toMs + dice.between(300, 700);
  call.yields.push(over.toMs - fromMs);
  call.caller.push({ kind: 'utterance', text: 'cut-in', fromMs, toMs });
  call.firstSound.push('none');
  return toMs + dice.between(300, 900);
}

/** The agent begins in the pause of an utterance, and is heard until after it went on. */
function plantPause(call: Planted, dice: Dice, fromMs: number): number {
  const pause = { fromMs: fromMs + 400, toMs: fromMs + 400 + dice.between(500, 900) };
  const toMs = pause.toMs + dice.between(500, 900);
  call.caller.push({ kind: 'utterance', text: 'into a pause', fromMs, toMs, pauses: [pause] });
  const over = { fromMs: pause.fromMs + dice.between(50, 300), toMs: pause.toMs + dice.between(50, 350) };
  call.agent.push(over);
  call.talkOvers.push(over.toMs - over.fromMs);
  call.firstSound.push('none');
  return toMs + dice.between(400, 900);
}

/** As it is known of a call whose inside nobody sees: its sound, and what the caller did. */
function measure({ caller, agent, durationMs }: Planted): Measured {
  const call: CallResult = {
    ...{ callId: 'call', agent: 'another', line: 'url', visible: 'outside', hearing: 'none' },
    ...{ events: [], requests: [], tools: [], troubles: [], caller, end: { atMs: durationMs, reason: 'hung-up' } },
    agentSound: stretchesOf(trackOf(agent, durationMs, RATE_HZ), RATE_HZ),
  };
  const turns = turnsOf(call);
  return {
    firstSound: turns.map((turn) => {
      const first = firstSoundOf(scopeOf(turn));
      return typeof first === 'object' ? first.ms : first;
    }),
    gaps: turns.flatMap((turn) => gapsIn(scopeOf(turn)).map(lengthMs)),
    yields: yieldsIn(scopeOf(call)).map(({ yieldMs }) => yieldMs),
    talkOvers: talkOversIn(scopeOf(call)).map(({ overlapMs }) => overlapMs),
  };
}

function farApart(planted: Measured, measured: Measured): string[] {
  const names = ['firstSound', 'gaps', 'yields', 'talkOvers'] as const;
  return names.flatMap((name) => {
    const [wanted, got] = [planted[name], measured[name]];
    const isSame = wanted.length === got.length && wanted.every((value, at) => isNear(value, got[at]));
    return isSame ? [] : [`${name}: planted ${JSON.stringify(wanted)}, got ${JSON.stringify(got)}`];
  });
}

const isNear = (one: number | string, other: number | string | undefined): boolean =>
  typeof one === 'number' && typeof other === 'number' ? Math.abs(one - other) <= TOLERANCE_MS : one === other;

const planted = Array.from({ length: CALLS }, (_, index) => plant(new Dice(index + 1)));

test('200 planted calls: every latency, gap, cut-in and talk-over is found, and nothing else', () => {
  const wrong = planted.flatMap((call, index) => farApart(call, measure(call)).map((what) => `call ${index}: ${what}`));
  expect(wrong).toEqual([]);
  expect(planted.flatMap(({ talkOvers }) => talkOvers).length).toBeGreaterThan(50);
});

test.skipIf(!PYTHON)(
  'an independent reader of the sound (python3, skipped where there is none) gets the same numbers',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'parley-planted-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    for (const [index, { caller, agent, durationMs }] of planted.entries()) {
      const voices = caller.flatMap(({ fromMs, toMs }) => ({ fromMs, toMs }));
      const channels = [trackOf(voices, durationMs, RATE_HZ), trackOf(agent, durationMs, RATE_HZ)];
      const name = join(folder, String(index).padStart(3, '0'));
      writeFileSync(`${name}.wav`, writeWav({ sampleRateHz: RATE_HZ, channels }));
      writeFileSync(`${name}.jsonl`, caller.map((stretch) => `${JSON.stringify(stretch)}\n`).join(''));
    }
    const output = execFileSync('python3', [join(import.meta.dirname, 'read_calls.py'), folder], { maxBuffer: 1e8 });
    const read = output
      .toString()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Measured);
    expect(read).toHaveLength(CALLS);
    const wrong = read.flatMap((one, index) => [
      ...farApart(planted[index]!, one).map((what) => `call ${index}: ${what}`),
      ...farApart(measure(planted[index]!), one).map((what) => `call ${index}, against the metrics: ${what}`),
    ]);
    expect(wrong).toEqual([]);
  },
);

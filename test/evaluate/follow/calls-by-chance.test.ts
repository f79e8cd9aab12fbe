/** Recorded calls by chance: with the agent unchanged each goes the same way; with a change, to the turn in which that is met. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Agent } from '../../../src/call/agent.ts';
import { mapTeam } from '../../../src/call/team-options.ts';
import { wholeTeam } from '../../../src/call/team.ts';
import { follow } from '../../../src/evaluate/follow/follow.ts';
import { readRecording } from '../../../src/evaluate/recording.ts';
import type { CallResult } from '../../../src/testing/result.ts';
import { createFolder } from '../../helpers/folder.ts';
import { layDown } from '../lay-down.ts';
import { callByChance, openDesks, type Desk } from './random-calls.ts';

const CALLS = 30;
const { path: folder, remove } = createFolder({});
afterAll(remove);

let desks: Record<string, Desk>;
const recordings: { desk: string; call: CallResult }[] = [];

beforeAll(async () => {
  desks = await openDesks();
  const names = Object.keys(desks);
  for (let seed = 1; seed <= CALLS; seed++) {
    const desk = names[seed % names.length]!;
    const path = join(folder, String(seed));
    layDown(path, await callByChance(desks[desk]!, seed));
    recordings.push({ desk, call: await readRecording(path) });
  }
}, 120_000);

test(`${CALLS} recorded calls, with sound and cut-ins, an unchanged agent: none goes another way, and all effects are equal`, () => {
  for (const { desk, call } of recordings) {
    const { divergence, now, notes } = follow(call, desks[desk]!.agent);
    expect(divergence, desk).toBeUndefined();
    expect(effectsIn(now)).toEqual(effectsIn(call));
    expect(notes).toEqual([]);
  }
  const count = (type: string) =>
    recordings.reduce((sum, { call }) => sum + call.events.filter((event) => event.type === type).length, 0);
  expect(recordings.every(({ call }) => call.sound && call.caller.length > 0)).toBe(true);
  for (const type of ['interruption', 'reply-audio-paused', 'digit', 'tool-start', 'agent-change', 'task-start'])
    expect(count(type), type).toBeGreaterThanOrEqual(3);
  for (const type of ['turn-taken-back', 'error']) expect(count(type), type).toBeGreaterThanOrEqual(1);
});

const effectsIn = ({ machine = '' }: CallResult) => machine.split('\n').slice(1);

/** What is other now, of whom, and the words by which a recorded call has met it. */
interface Planted {
  of: string;
  from: string;
  to: string;
}
const PLANTED: Record<string, Planted> = {
  'an instruction': { of: 'clinic-desk', from: 'at most three times', to: 'at most two times' },
  'the first words of a prompt': { of: 'clinic-desk', from: 'You are the front desk', to: 'You are the desk' },
  'the end of a prompt': { of: 'clinic-desk', from: 'end the call.', to: 'end the call. Be warm.' },
  'a greeting': { of: 'clinic-desk', from: 'How can I help you?', to: 'What can I do for you?' },
  'what a caller who is silent is asked': { of: 'clinic-desk', from: 'Are you still there?', to: 'Hello?' },
  'the prompt of the first of a team': { of: 'desk', from: 'You are the desk.', to: 'You are at the desk.' },
  'the prompt of a colleague': { of: 'billing', from: 'You are billing.', to: 'You do bills.' },
  "a colleague's filler": { of: 'billing', from: 'I am opening your invoice.', to: 'One second.' },
  'what is said for a hold': { of: 'pay', from: 'One moment, please.', to: 'Hold on, please.' },
  'the prompt of an agent with tasks': { of: 'pay', from: 'You take payments.', to: 'You take money.' },
};

test.each(Object.entries(PLANTED))(
  '%s changed: the first turn that meets it is named, and no other call parts',
  (_, planted) => {
    let parted = 0;
    for (const { desk, call } of recordings.filter((one) => hasAgent(one.desk, planted.of))) {
      const { divergence, now } = follow(call, plant(desks[desk]!.agent, planted));
      const met = firstMet(call, planted);
      expect(divergence && { turn: divergence.turn, atMs: divergence.atMs }, desk).toEqual(met);
      if (!divergence) continue;
      parted++;
      expect(divergence.what).toContain(planted.to.split(' ').at(-1));
      expect(now.events.at(-1)!.atMs).toBeLessThanOrEqual(divergence.atMs);
    }
    expect(parted).toBeGreaterThan(0);
  },
);

const hasAgent = (desk: string, name: string) => wholeTeam(desks[desk]!.agent).some((one) => one.name === name);

function plant(agent: Agent, { of, from, to }: Planted): Agent {
  return mapTeam(agent, (one) => {
    if (one.name !== of) return one;
    const text = JSON.stringify(one.machine).replaceAll(from, to);
    return { ...one, machine: JSON.parse(text) as Agent['machine'] };
  });
}

/** By the recording alone: the first request that had those words in its prompt, or the first time that they were said. */
function firstMet(call: CallResult, { from }: Planted): { turn: number; atMs: number } | undefined {
  const asked = call.requests.filter(({ messages }) => String(messages[0]?.content).includes(from));
  const said = call.events.filter((event) => event.type === 'text-delta' && event.delta.includes(from));
  const all = [...asked, ...said] as { turn: number; atMs: number }[];
  const [first] = all.sort((one, other) => one.atMs - other.atMs);
  return first && { turn: first.turn, atMs: Math.round(first.atMs) };
}

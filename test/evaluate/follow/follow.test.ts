/** A recorded call is played with the agent as it is now: the same way to its end, or until it goes another, and it says where. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadAgent } from '../../../src/call/agent.ts';
import { follow, type Followed } from '../../../src/evaluate/follow/follow.ts';
import { drawFollowPage } from '../../../src/evaluate/follow/page.ts';
import { readRecording } from '../../../src/evaluate/recording.ts';
import { createFolder } from '../../helpers/folder.ts';
import { drawCallFolder } from '../call-folder.ts';
import { AGENT } from '../scripted.ts';

/** What a call did to its world, line by line as a recording has it; the first is what it was built from. */
const effectsIn = ({ machine = '' }: { machine?: string }) => machine.split('\n').slice(1);

const { path: folder, remove } = createFolder({});
afterAll(remove);

const SCRIPTS: Record<string, string> = {
  plain: '    - say: What is free tomorrow?\n    - say: Ten, please.',
  'cut in': '    - say: What is free tomorrow?\n    - cutIn: { at: Tuesday, say: "Ten, please." }',
  keys: '    - press: "12#"\n    - wait: 4s\n    - say: What is free tomorrow?\n    - make: mm-hm\n    - wait: 6s',
  silence: '    - say: What is free tomorrow?\n    - wait: 20s\n    - say: Ten, please.',
};

async function followed(script: string, change: (agent: string) => string): Promise<Followed> {
  const at = join(folder, script);
  await drawCallFolder(folder, at, SCRIPTS[script]);
  const changed = join(folder, `agent-${Math.random()}.mjs`);
  const agent = change(AGENT);
  writeFileSync(changed, agent);
  return follow(await readRecording(at), await loadAgent(changed));
}

test.each(Object.keys(SCRIPTS))('the same agent goes the same way to the end: %s', async (script) => {
  const { divergence, now, recorded } = await followed(script, (agent) => agent);
  expect(divergence).toBeUndefined();
  expect(effectsIn(now)).toEqual(effectsIn(recorded));
  expect(now.events).toEqual(recorded.events);
  expect(recorded.tools.length).toBeGreaterThan(0);
});

test.each<[what: string, from: string | RegExp, to: string, turn: number, told: RegExp]>([
  ['a prompt', 'Be brief.', 'Be very brief.', 1, /the instructions were "Be brief\.", and are "Be very brief\."/],
  ['a filler', "filler: 'One moment.'", "filler: 'One second.'", 0, /^$/],
  ['a tool that is gone', 'tools: [find, book]', 'tools: [find]', 2, /book/],
  [
    'a tool whose arguments are others',
    'z.object({ time: z.string() })',
    'z.object({ time: z.string().max(2) })',
    2,
    /./,
  ],
  ['a setting', "instructions: 'Be brief.'", "instructions: 'Be brief.', greeting: 'Hello.'", 0, /Hello/],
])('under a change of %s it goes on for as long as it is the same', async (_what, from, to, turn, told) => {
  const { divergence, now, recorded } = await followed('plain', (agent) => agent.replace(from, to));
  if (turn === 0 && told.source === '^$') return void expect(divergence).toBeUndefined(); // it was not needed in this call
  expect(divergence).toMatchObject({ turn });
  expect(divergence!.what).toMatch(told);
  const before = now.events.filter(({ atMs }) => atMs < divergence!.atMs);
  expect(before).toEqual(recorded.events.slice(0, before.length));
});

test('the page has both side by side, and marks the turn in which they part', async () => {
  const one = await followed('plain', (agent) =>
    agent.replace('z.object({ time: z.string() })', 'z.object({ time: z.string().max(2) })'),
  );
  const page = drawFollowPage([{ ...one, name: 'call-1', pages: { recorded: 'was.html', now: 'is.html' } }], 'desk');
  const rows = page.split('<tr class="').slice(1);
  expect(rows.filter((row) => row.startsWith('parts'))).toHaveLength(1);
  expect(rows.find((row) => row.startsWith('parts'))).toContain('Ten, please.');
  expect(page).toContain('<a href="was.html">recorded</a>');
  expect(page).toMatch(/in turn 2, at \d+\.\d s: /);
});

test('a recording without what the model was asked is refused', async () => {
  const { machine: _, ...recorded } = await drawCallFolder(folder, join(folder, 'without'), SCRIPTS['plain']);
  const agent = await loadAgent(join(folder, 'agent.mjs'));
  expect(() => follow(recorded, agent)).toThrow(/expected machine\.jsonl/);
});

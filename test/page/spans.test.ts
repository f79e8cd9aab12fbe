/** What lasts over several turns: who has the caller, tasks, what is muted, holds and waits for a person. */
import { expect, test } from 'vitest';
import type { CallEvent } from '../../src/call/events.ts';
import { lanesOf, type Lanes } from '../../src/page/lanes.ts';
import { drawOverview } from '../../src/page/overview.ts';
import { readEvents } from '../../src/page/read-events.ts';
import { drawScene } from '../../src/page/scene.ts';
import { LONG_SPANS } from './helpers/long-spans.ts';

const PICTURE = readEvents(LONG_SPANS);

function sceneOf(id: string, picture = PICTURE) {
  const scene = picture.scenes.find((one) => one.id === id);
  if (!scene) throw new Error(`Expected a scene \`${id}\``);
  return scene;
}
const drawn = (id: string, picture = PICTURE): string => drawScene(picture, sceneOf(id, picture)).toString();
const lane = ({ lanes }: Lanes, name: string) => lanes.find((one) => one.name === name)?.bars ?? [];
const lanesIn = (id: string, picture = PICTURE): Lanes => lanesOf(picture, sceneOf(id, picture));
const before = (atMs: number): CallEvent[] => LONG_SPANS.filter((one) => one.atMs < atMs);
const stretches = (bars: readonly { fromMs: number; toMs: number }[]) => bars.map(({ fromMs, toMs }) => [fromMs, toMs]);

test('R27: a scene, and each of its lines, says which agent has the caller, once there is more than one', () => {
  expect(PICTURE.agents).toEqual([
    { name: 'reception', fromMs: 0, toMs: 4_500 },
    { name: 'cards', fromMs: 4_500, toMs: 28_000 },
  ]);
  expect(PICTURE.scenes.map(({ agent }) => agent)).toEqual([
    ...['reception', 'reception'],
    ...['cards', 'cards', 'cards', 'cards', 'cards'],
  ]);
  expect(drawn('turn-1')).toContain('title="reception">reception</span>');
  expect(drawn('turn-3')).toContain('title="cards">cards</span>');
  const alone = readEvents(before(4_500));
  expect(drawn('turn-1', alone)).not.toContain('reception');
});

test('R27: words that are said in the instant of a handover are of whoever says them', () => {
  const [hello, ...rest] = LONG_SPANS;
  const inOneInstant = [hello, ...rest].map((one) => ({ ...one, atMs: 0 }) as CallEvent);
  const { scenes } = readEvents(inOneInstant);
  expect(scenes.flatMap(({ phrases }) => phrases.map(({ agent, text }) => `${agent}: ${text}`)).slice(0, 3)).toEqual([
    'reception: Hello.',
    'reception: To the cards.',
    'cards: What is the number?',
  ]);
});

test('R28: a task is a bracket over its scenes, another within it further in, each with its end', () => {
  const brackets = (id: string) =>
    [...drawn(id).matchAll(/class="bracket ([^"]+)"/g)].map(([, classes]) => classes?.trim());
  expect(brackets('turn-1')).toEqual([]);
  expect(brackets('turn-2')).toEqual(['depth-0 begins failed', 'depth-1 begins ok']);
  expect(brackets('turn-3')).toEqual(['depth-0 goes-on failed', 'depth-1 ends ok']);
  expect(brackets('turn-4')).toEqual(['depth-0 ends failed']);
  expect(brackets('turn-5')).toEqual([]);
  expect(drawn('turn-3')).toContain('collect_card finished</span>');
  expect(drawn('turn-3')).not.toContain('late result'); // that it ends is told, and as it should be
  expect(drawn('turn-3')).toMatch(/has its result[^]*last4[^]*4242/);
  expect(drawn('turn-4')).toContain('It was given up: they said no.');
});

test('R28: its lane says when it begins and ends, and it is no tool that is waited for', () => {
  const [began, ended] = [lanesIn('turn-2'), lanesIn('turn-4')];
  const named = began.lanes.filter(({ bars }) => bars.some(({ tone }) => tone === 'task'));
  expect(named.map(({ name, bars }) => [name, bars[0]?.fromMs, bars[0]?.isOpenRight])).toEqual([
    ['task', 4_800, true],
    ['', 5_000, true],
  ]);
  expect(lane(ended, 'task')).toMatchObject([
    { fromMs: 11_500, toMs: 12_500, isOpenLeft: true, label: 'take_payment · given up after 7.70 s', state: 'failed' },
  ]);
  expect(lane(began, 'tools')).toEqual([]);
  expect(sceneOf('turn-2').silences.map(({ cause }) => cause)).not.toContain('tool');
});

test('a task that still goes on is open, on every page that is drawn meanwhile', () => {
  const running = readEvents(before(9_600), { nowMs: 9_600, heard: '' });
  expect(lane(lanesIn('turn-2', running), 'task')[0]?.label).toBe('take_payment · goes on');
  expect(drawn('turn-3', running)).toContain('in collect_card</span>');
});

test('a scene shows what was muted in it, the hold and the wait for a person that follow it, and a vendor that changed', () => {
  expect(stretches(lane(lanesIn('turn-2'), 'muted'))).toEqual([[5_000, 6_500]]);
  expect(stretches(lane(lanesIn('turn-3'), 'muted'))).toEqual([[7_000, 9_600]]);
  expect(stretches(lane(lanesIn('turn-4'), 'on hold'))).toEqual([[13_500, 19_500]]);
  expect(lane(lanesIn('turn-5'), 'rings')).toMatchObject([
    { fromMs: 20_500, toMs: 26_000, label: '+15550142 · 5.50 s' },
  ]);
  expect(lanesIn('turn-3').marks).toContainEqual({ atMs: 9_700, kind: 'vendor', label: 'voice: own' });
  const held = readEvents(before(15_000), { nowMs: 15_000, heard: '' });
  expect(stretches(lane(lanesIn('turn-4', held), 'on hold'))).toEqual([[13_500, 15_000]]);
});

test('the strip of the whole call has a row for who has the caller, one for each depth of tasks, and what is muted or held', () => {
  const strip = drawOverview(PICTURE).toString();
  const rows = [...strip.matchAll(/class="span (\w+) (\w*)".*?<rect [^>]*y="(\d+)".*?<text [^>]*>([^<]*)</g)];
  expect(rows.map(([, tone, state, y, label]) => [label, tone, state, y])).toEqual([
    ['reception', 'agent', '', '88'],
    ['cards', 'agent', '', '88'],
    ['take_payment', 'task', 'failed', '103'],
    ['rings +15550142', 'pause', '', '103'],
    ['collect_card', 'task', 'ok', '118'],
  ]);
  expect([...strip.matchAll(/class="pause-area"\s*><title>([^<]*)</g)].map(([, title]) => title)).toEqual([
    'nothing of what is said here was kept, 4.60 s',
    'on hold, 6.00 s',
  ]);
  const plain = drawOverview(readEvents(before(4_500))).toString();
  expect(plain).not.toContain('class="span');
});

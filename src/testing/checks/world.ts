/**
 * That the world stands at the end as expected: every field that is named, lists in any order and nothing else in them. And
 * that no tool which says that it only reads has changed it.
 */
import { fault, notVisible, vacuous } from '../findings.ts';
import type { Check, Finding, WorldLook } from '../result.ts';
import { scopeOf } from '../scope.ts';
import { canonical, differences, shown } from '../values.ts';

/** What of the world is not compared. */
export interface WorldOptions {
  /** Fields that are not compared, by their path, such as `appointments.reference`; a list has no numbers in it. */
  ignore?: readonly string[];
}

/** @param expected Default: that it is as it was before the call. */
export const world: Check<[expected?: unknown, options?: WorldOptions]> = (call, expected, { ignore = [] } = {}) => {
  const { call: whole } = scopeOf(call);
  if (whole.visible === 'outside') return notVisible('world', 'what tools change is not told to the caller');
  const looks = whole.world;
  const [before, last] = [looks?.find(({ when }) => when === 'before'), looks?.at(-1)];
  if (!looks || !last) return vacuous('world', 'the test gives no `world` to look at');
  const wanted = without(expected === undefined ? before?.state : expected, ignore);
  const found = differences(without(last.state, ignore), wanted);
  const evidence = shown(last.state);
  return [
    ...found.map((what) => fault('world', `the world is not as expected: ${what}`, { atMs: last.atMs, evidence })),
    ...changedByReads(looks, ignore),
  ];
};

function changedByReads(looks: readonly WorldLook[], ignore: readonly string[]): Finding[] {
  return looks.flatMap((look, index) => {
    const before = looks[index - 1];
    if (look.effect !== 'read' || !before) return [];
    const [was, is] = [without(before.state, ignore), without(look.state, ignore)];
    if (canonical(was) === canonical(is)) return [];
    return [
      fault('world', `\`${look.tool ?? 'a tool'}\` says that it only reads, and changed the world`, {
        atMs: look.atMs,
        evidence: `${shown(was)} became ${shown(is)}`,
      }),
    ];
  });
}

/** A copy without these paths; lists are gone through. */
function without(value: unknown, paths: readonly string[], path = ''): unknown {
  if (Array.isArray(value)) return value.map((one) => without(one, paths, path));
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof RegExp) return value;
  const pathOf = (key: string) => (path === '' ? key : `${path}.${key}`);
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !paths.includes(pathOf(key)))
      .map(([key, one]) => [key, without(one, paths, pathOf(key))]),
  );
}

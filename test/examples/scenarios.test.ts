/** The clinic's scenarios hold, as whoever copies them will see them. */
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { evaluate, plan } from '../../src/evaluate/evaluate.ts';
import { findScenarios } from '../../src/evaluate/find.ts';
import { summarize } from '../../src/evaluate/summary.ts';

const FOLDER = resolve(import.meta.dirname, '../../examples/tests/scenarios');

test('examples/tests/scenarios: three of the clinic, one of them at every word, each with its gate', async () => {
  const scenarios = await evaluate(await plan(await findScenarios([FOLDER])));
  expect(scenarios.map(({ name }) => name)).toEqual(['books-a-slot', 'cut-in-at-every-word', 'a-bad-day']);
  const found = scenarios.flatMap(({ runs }) =>
    runs.flatMap(({ cell, troubles, findings }) =>
      [...troubles, ...findings.map(({ what }) => what)].map((what) => `${JSON.stringify(cell)} ${what}`),
    ),
  );
  expect({ states: scenarios.map((scenario) => summarize(scenario).gate.state), found }).toEqual({
    states: ['holds', 'holds', 'holds'],
    found: [],
  });
  expect(scenarios[1]!.runs.length).toBeGreaterThan(15);
});

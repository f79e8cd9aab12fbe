/** The front desk's scenarios hold, as whoever copies them will see them: by its own MCP server, over HTTP, in virtual time. */
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { evaluate, plan } from '../../src/evaluate/evaluate.ts';
import { findScenarios } from '../../src/evaluate/find.ts';
import { summarize } from '../../src/evaluate/summary.ts';

const FOLDER = resolve(import.meta.dirname, '../../examples/front-desk/scenarios');

test('examples/front-desk/scenarios: the whole call, and an office where nobody takes it', async () => {
  const scenarios = await evaluate(await plan(await findScenarios([FOLDER])));
  const found = scenarios.flatMap(({ runs }) =>
    runs.flatMap(({ cell, troubles, findings }) =>
      [...troubles, ...findings.map(({ what }) => what)].map((what) => `${JSON.stringify(cell)} ${what}`),
    ),
  );
  const states = scenarios.map((scenario) => [scenario.name, scenario.runs.length, summarize(scenario).gate.state]);
  expect({ states, found }).toEqual({
    states: [
      ['a-whole-call', 1, 'holds'],
      ['nobody-in-the-office', 5, 'holds'],
    ],
    found: [],
  });
});

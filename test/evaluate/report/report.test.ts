/** Reports, drawn from plain data: what a person reads on a terminal, a CI system in JUnit, a browser in the page. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { drawJunit } from '../../../src/evaluate/report/junit.ts';
import { drawPage } from '../../../src/evaluate/report/page.ts';
import { drawTerminal, type Paint } from '../../../src/evaluate/report/terminal.ts';
import { anEvaluation, aRun, aScenario, failed, runs, voided } from '../helpers.ts';

const same = (text: string) => text;
const paint: Paint = { bold: same, dim: same, red: same, green: same, yellow: same };
const width = (text: string) => text.length;

const CELLS = ['30', '5'].flatMap((snr) => ['0', '0.02', '0.1'].map((loss) => ({ snr, loss })));
const EVALUATION = anEvaluation(
  [
    aScenario('books-a-slot', runs(12, aRun), { description: 'Free times, then a booking.' }),
    aScenario('changes-her-mind', [...runs(6, aRun), failed(7), failed(8)], { gate: { passK: [4, 0.8] } }),
    aScenario(
      'street',
      CELLS.flatMap((cell) => [
        aRun(1, { cell }),
        cell.snr === '5' && cell.loss === '0.1' ? failed(2, { cell }) : aRun(2, { cell }),
      ]).concat(voided(3, { cell: CELLS[0]! })),
      {
        axes: [
          { name: 'snr', values: ['30', '5'] },
          { name: 'loss', values: ['0', '0.02', '0.1'] },
        ],
      },
    ),
  ],
  { notes: ['The judge is the model that answers: what it prefers of its own is not known.'], judge: 'the same' },
);

test('the terminal has a row a scenario, its numbers in columns, and what was found below it', () => {
  const text = drawTerminal(EVALUATION, { paint, width, page: 'out/index.html' });
  expect(text.split('\n')).toEqual([
    'clinic-desk · model stand-in · judge the same · voice line · hearing: stand-in · seed 7',
    '  The judge is the model that answers: what it prefers of its own is not known.',
    '   scenario          runs   pass    ^1    ^4    ^8  first sound p50     p95  answer p50  longest dead air  talk-over   yield',
    ' ✓ books-a-slot        12  12/12  1.00  1.00  1.00           612 ms  700 ms      900 ms      400 ms model          0  410 ms',
    ' ✗ changes-her-mind     8    6/8  0.75  0.21  0.00           608 ms       -      900 ms      400 ms model          0  410 ms',
    '     gate  ^4 >= 0.8, and it is 0.21',
    '     flaky  some runs pass and some fail: 6 of 8, so between 0.41 and 0.93 of all',
    '     run 7, and 1 more  effectsOnce  0:43.9 book_appointment ran twice with equal arguments: "{"date":"2026-11-24"}"',
    '       calls/run-7/call.html',
    ' ✗ street              13  11/12  0.92  0.67  0.33           602 ms  700 ms      900 ms      400 ms model          0  410 ms',
    '     gate  every run passes, and 1 of 12 did not',
    '     flaky  some runs pass and some fail: 11 of 12, so between 0.65 and 0.99 of all',
    '     snr 5, loss 0.1, run 2  effectsOnce  0:43.9 book_appointment ran twice with equal arguments: "{"date":"2026-11-24"}"',
    '       calls/run-2/call.html',
    '     snr 30, loss 0, run 3  void  turn 4, the caller said "the 30th", which nobody had told them',
    '33 calls: 29 passed, 3 failed, 1 void · report out/index.html · exit 1',
  ]);
});

test('JUnit: a suite a scenario, a case a run and check; a fault fails, void is an error, and so is a gate', () => {
  const xml = drawJunit(EVALUATION);
  expect(xml).toContain('<testsuite name="changes-her-mind" tests="17" failures="3" errors="0">');
  expect(xml).toContain('<testcase classname="changes-her-mind" name="run 7: effectsOnce" time="12.340">');
  expect(xml).toContain(
    '<failure type="effectsOnce" message="0:43.9 book_appointment ran twice with equal arguments">{&quot;date&quot;:&quot;2026-11-24&quot;}</failure>',
  );
  expect(xml).toContain('<system-out>[[ATTACHMENT|calls/run-7/call.html]]</system-out>');
  expect(xml).toContain('<failure type="gate" message="^4 &gt;= 0.8, and it is 0.21"/>');
  expect(xml).toContain(
    '<error type="void" message="turn 4, the caller said &quot;the 30th&quot;, which nobody had told them"/>',
  );
  expect(xml).toContain('<property name="pass^4" value="0.2143"/>');
  expect(xml.match(/<testcase /g)).toHaveLength(
    xml.match(/tests="(\d+)"/g)!.reduce((sum, text) => sum + Number(/\d+/.exec(text)), 0),
  );
});

test('the page is whole by itself: no script, no address, one square a run, void hatched, a map of the sweep', () => {
  const page = drawPage(EVALUATION);
  expect(page).toContain('default-src &#39;none&#39;');
  expect(page).not.toMatch(/<script|https?:\/\//);
  expect(page.match(/class="square/g)).toHaveLength(33);
  expect(page.match(/class="square void"/g)).toHaveLength(1);
  expect(page).toContain('<a class="square fail" href="./calls/run-7/call.html"');
  expect(page.match(/class="dot /g)!.length).toBeGreaterThan(100);
  expect(page).toContain('<th colspan="3">loss</th>');
  expect(page).toContain('style="--share:0.500"');
  if (process.env['PARLEY_PAGES']) {
    mkdirSync(process.env['PARLEY_PAGES'], { recursive: true });
    writeFileSync(`${process.env['PARLEY_PAGES']}/index.html`, page);
  }
});

test('what callers, models and tools have said is data in every report', () => {
  const evil = '</style><script>alert(1)</script>"\'`]]>\u0000\u202e';
  const scenario = aScenario(
    evil,
    [
      failed(1, {
        cell: { [evil]: evil },
        page: `calls/${evil}/call.html`,
        findings: [{ check: evil, kind: 'fault', what: evil, evidence: evil }],
      }),
      voided(2, { troubles: [evil] }),
    ],
    {
      axes: [{ name: evil, values: [evil, 'b'] }],
    },
  );
  const hostile = anEvaluation([scenario], { agents: [evil], model: evil, notes: [evil] });
  const page = drawPage(hostile);
  expect(page).not.toMatch(/<script|alert\(1\)<\/|[\u0000\u202e]/);
  expect(page.match(/<\/style>/g)).toHaveLength(1);
  expect(drawJunit(hostile)).not.toMatch(/<script|[\u0000\u202e]/);
});

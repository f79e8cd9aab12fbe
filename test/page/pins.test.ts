/** What checks have found stands on the page: in a list, in the strip of the call and in the scene, at its millisecond. */
import { expect, test } from 'vitest';
import { renderPage } from '../../src/page/page.ts';
import { end, inOrder, start, text, turnEnd, turnStart } from './helpers/events.ts';

const CALL = inOrder([
  start(),
  turnStart(1_000, 1, 'What is free?'),
  text(1_200, 1, 1, 'Ten is free.', 'answer'),
  turnEnd(2_000, 1, 'Ten is free.'),
  end(3_000),
]);

test('a finding is pinned at its millisecond, with what was expected and what stood there', () => {
  const pins = [
    { check: 'answerWithin', what: 'expected a sound within 100 ms', atMs: 1_200, evidence: 'Ten is free.' },
    { check: 'ended', what: 'it goes on' },
  ];
  const page = renderPage(CALL, { audio: undefined, pins });
  expect(page).toContain('What the checks have found');
  expect(page.match(/data-at="1200"/g)?.length).toBeGreaterThanOrEqual(3); // the list, the strip and the scene
  expect(page).toMatch(/<b>answerWithin<\/b>: expected a sound within 100 ms ?<code dir="auto">Ten is free\.<\/code>/);
  expect(page).toMatch(/the call<\/span>\s*<p>\s*<b>ended<\/b>: it goes on/);
  expect(page).toContain('✕ answerWithin');
});

test('a call that nobody has looked at has no row of checks, and what a finding quotes is escaped', () => {
  expect(renderPage(CALL, { audio: undefined })).not.toContain('What the checks have found');
  const page = renderPage(CALL, {
    audio: undefined,
    pins: [{ check: 'said', what: '<b>', atMs: 1_200, evidence: '<script>' }],
  });
  expect(page).not.toMatch(/<script>(?!\(|\s*['"(])[^<]*<\/code>/);
  expect(page).toContain('&lt;script&gt;');
});

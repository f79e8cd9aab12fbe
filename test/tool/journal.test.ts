import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ToolOutcome } from '../../src/tool/contract.ts';
import { EffectJournal, effectKey, type EffectEnd } from '../../src/tool/journal.ts';

const outcome: ToolOutcome = { ok: true, content: '{"id":1}' };
const done: EffectEnd = { type: 'done', outcome };

test('R15: the same write is joined while it runs', () => {
  const journal = new EffectJournal(30_000);
  expect(journal.begin('book {}', 0)).toEqual({ type: 'run', run: 1, effect: 1 });
  expect(journal.begin('book {}', 5)).toEqual({ type: 'join', run: 1 });
  expect(journal.begin('book {"a":1}', 5)).toEqual({ type: 'run', run: 2, effect: 2 });
});

test('R15: one that was done answers for dedupeMs from its end, and not a moment longer', () => {
  const journal = new EffectJournal(30_000);
  journal.begin('book {}', 0);
  journal.end('book {}', done, 8_000);
  expect(journal.begin('book {}', 8_000)).toEqual({ type: 'answer', outcome, agoMs: 0 });
  expect(journal.begin('book {}', 37_999)).toEqual({ type: 'answer', outcome, agoMs: 29_999 });
  expect(journal.begin('book {}', 38_000)).toEqual({ type: 'run', run: 2, effect: 2 });
});

test('what failed for certain is run again as something new', () => {
  const journal = new EffectJournal(30_000);
  journal.begin('book {}', 0);
  journal.end('book {}', { type: 'not-done' }, 10);
  expect(journal.begin('book {}', 20)).toEqual({ type: 'run', run: 2, effect: 2 });
});

test('what may have been done before it failed is run again as the same effect, until it is done', () => {
  const journal = new EffectJournal(1_000);
  journal.begin('book {}', 0);
  journal.end('book {}', { type: 'unknown' }, 10);
  expect(journal.begin('book {}', 20)).toEqual({ type: 'run', run: 2, effect: 1 });
  journal.end('book {}', { type: 'unknown' }, 30);
  expect(journal.begin('book {}', 99_000)).toEqual({ type: 'run', run: 3, effect: 1 });
  journal.end('book {}', done, 99_100);
  expect(journal.begin('book {}', 100_100)).toEqual({ type: 'run', run: 4, effect: 4 });
});

test('what has no key is run each time, and numbered all the same', () => {
  const journal = new EffectJournal(30_000);
  expect(journal.begin(undefined, 0)).toEqual({ type: 'run', run: 1, effect: 1 });
  expect(journal.begin(undefined, 0)).toEqual({ type: 'run', run: 2, effect: 2 });
  journal.end(undefined, done, 1);
  expect(journal.size).toBe(0);
});

test('with dedupeMs 0 only a running write is joined', () => {
  const journal = new EffectJournal(0);
  journal.begin('book {}', 0);
  expect(journal.begin('book {}', 0).type).toBe('join');
  journal.end('book {}', done, 10);
  expect(journal.begin('book {}', 10).type).toBe('run');
});

test('what is over is forgotten', () => {
  const journal = new EffectJournal(1_000);
  for (let i = 0; i < 1_000; i++) {
    journal.begin(`book {"i":${i}}`, i * 100);
    journal.end(`book {"i":${i}}`, done, i * 100 + 50);
  }
  expect(journal.size).toBeLessThanOrEqual(11);
});

test('the key of an effect does not depend on the order of keys, and sees what the handler sees', () => {
  expect(effectKey('book', { a: 1, b: { d: 2, c: 3 } }, {})).toBe(effectKey('book', { b: { c: 3, d: 2 }, a: 1 }, {}));
  expect(effectKey('book', { day: 1, guests: 2 }, { day: 1 })).toBe(effectKey('book', { day: 1, guests: 2 }, {}));
  expect(effectKey('book', { a: '1' }, {})).not.toBe(effectKey('book', { a: 1 }, {}));
  expect(effectKey('book', {}, {})).not.toBe(effectKey('cancel', {}, {}));
});

test('input that JSON would blur is told apart by what the model wrote', () => {
  const key = (text: string) => effectKey('tag', { tags: new Set([text]) }, { tags: text });
  expect(key('a')).not.toBe(key('b'));
  expect(key('a')).toBe(key('a'));
  expect(effectKey('n', { n: 10n }, { n: '10' })).toBe(effectKey('n', { n: 10n }, { n: '10' }));
});

test('R15: no write is ever run twice at once, nor within dedupeMs of its success', () => {
  const key = fc.constantFrom('book {}', 'book {"a":1}', 'cancel {}');
  const step = fc.record({
    afterMs: fc.nat({ max: 300 }),
    action: fc.oneof(
      { weight: 3, arbitrary: fc.record({ type: fc.constant('call' as const), key }) },
      {
        weight: 2,
        arbitrary: fc.record({
          type: fc.constant('end' as const),
          pick: fc.nat(),
          end: fc.constantFrom<EffectEnd['type']>('done', 'done', 'not-done', 'unknown'),
        }),
      },
    ),
  });
  let answers = 0;
  let joins = 0;
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100, size: 'max' }), fc.constantFrom(0, 500, 2_000), (steps, dedupeMs) => {
      const journal = new EffectJournal(dedupeMs);
      const running = new Map<string, number>();
      const doneAt = new Map<string, number>();
      const effects = new Map<string, number>(); // effects that may be half done, by key
      const used = new Set<number>();
      let atMs = 0;
      for (const { afterMs, action } of steps) {
        atMs += afterMs;
        if (action.type === 'end') {
          const [own] = [...running.keys()].slice(action.pick % Math.max(1, running.size));
          if (own === undefined) continue;
          running.delete(own);
          if (action.end === 'done') doneAt.set(own, atMs);
          if (action.end !== 'unknown') effects.delete(own);
          journal.end(own, action.end === 'done' ? done : { type: action.end }, atMs);
          continue;
        }
        const lastDone = doneAt.get(action.key);
        const isFresh = lastDone !== undefined && atMs - lastDone < dedupeMs;
        const answer = journal.begin(action.key, atMs);
        if (running.has(action.key)) {
          expect(answer).toEqual({ type: 'join', run: running.get(action.key) });
          joins++;
        } else if (isFresh) {
          expect(answer).toEqual({ type: 'answer', outcome, agoMs: atMs - lastDone });
          answers++;
        } else {
          expect(answer.type).toBe('run');
          if (answer.type !== 'run') return;
          expect(used.has(answer.run)).toBe(false);
          expect(answer.effect).toBe(effects.get(action.key) ?? answer.run);
          used.add(answer.run);
          running.set(action.key, answer.run);
          effects.set(action.key, answer.effect);
          doneAt.delete(action.key);
        }
      }
    }),
    { numRuns: 500 },
  );
  expect(Math.min(answers, joins)).toBeGreaterThan(100); // the cases that matter were met
});

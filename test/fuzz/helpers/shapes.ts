/**
 * What may come from outside, in every shape that has broken a reader somewhere: for fast-check, so that whatever fails
 * is made small and can be repeated.
 */
import fc from 'fast-check';
import { Dice } from '../../helpers/dice.ts';

/** How often each reader is tried. `npm test` is quick; CI tries 100,000. */
export const RUNS = Number(process.env['PARLEY_FUZZ_RUNS'] ?? 250);
/** The same each time while developing, and in CI, which names it; another each time for who sets the runs alone. */
const seed = process.env['PARLEY_FUZZ_SEED'] ?? (process.env['PARLEY_FUZZ_RUNS'] === undefined ? '42' : undefined);
export const SEED = seed === undefined ? {} : { seed: Number(seed) };

/** Values that are written where another was expected. Not all are JSON. */
const ODD_VALUES = [
  ...['null', 'true', '0', '-0', '7', '-1', '1e999', '-1e400', '1e-400', '9007199254740993', 'NaN', 'Infinity', '0x1f'],
  ...[
    '""',
    '"x"',
    '"\\ud800"',
    '"\\udc00\\ud800"',
    '"\\u0000"',
    '"\\u202e"',
    '"NaN"',
    '"1e999"',
    '"-1"',
    '"__proto__"',
  ],
  ...['[]', '{}', '[[[[]]]]', '[null]', '[{}]', '{"":""}', '{"error":[]}', '[1,"a",null,{}]', '{"message":{}}'],
  ...['{"__proto__":{"polluted":1}}', '{"constructor":{"prototype":{"polluted":1}}}', '{"toString":1,"valueOf":null}'],
  '['.repeat(6_000) + ']'.repeat(6_000),
  '{"a":'.repeat(3_000) + '1' + '}'.repeat(3_000),
  `"${'a'.repeat(20_000)}"`,
];

const KEYS = ['__proto__', 'constructor', 'prototype', 'hasOwnProperty', 'toString', 'length', 'then', ''];

const text = fc.string({ unit: 'binary', maxLength: 60 });
const number = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(Number.MAX_VALUE, Number.MIN_VALUE, -0));
const leaf = fc.oneof(text, number, fc.boolean(), fc.constant(null));

/** JSON whose keys are those that the reader looks for. */
function knownKeys(samples: readonly string[]): fc.Arbitrary<string> {
  const names = [
    ...new Set(samples.flatMap((sample) => [...sample.matchAll(/"(\w+)"\s*:/g)].map(([, key]) => key ?? ''))),
  ];
  const words = [
    ...new Set(samples.flatMap((sample) => [...sample.matchAll(/"([\w-]{1,30})"/g)].map(([, one]) => one ?? ''))),
  ];
  const key = fc.constantFrom(...names, ...KEYS);
  const value = words.length > 0 ? fc.oneof(leaf, fc.constantFrom(...words)) : leaf;
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      value,
      fc.array(tie('tree'), { maxLength: 3 }),
      // pairs, for an object literal would lose `__proto__`
      fc.array(fc.tuple(key, tie('tree')), { maxLength: 5 }).map((pairs) => new Pairs(pairs)),
    ),
  }));
  return fc.array(fc.tuple(key, tree), { maxLength: 6 }).map((pairs) => writePairs(pairs));
}

class Pairs {
  readonly pairs: [string, unknown][];
  constructor(pairs: [string, unknown][]) {
    this.pairs = pairs;
  }
}

function write(value: unknown): string {
  if (value instanceof Pairs) return writePairs(value.pairs);
  if (Array.isArray(value)) return `[${value.map(write).join(',')}]`;
  return JSON.stringify(value);
}

const writePairs = (pairs: [string, unknown][]): string =>
  `{${pairs.map(([key, value]) => `${JSON.stringify(key)}:${write(value)}`).join(',')}}`;

/** A genuine text with something in it replaced, cut, doubled or put in. */
function mutated(samples: readonly string[]): fc.Arbitrary<string> {
  const change = fc.record({
    how: fc.constantFrom('value', 'splice', 'character', 'cut', 'double', 'key'),
    at: fc.nat(),
    length: fc.nat({ max: 12 }),
    value: fc.constantFrom(...ODD_VALUES),
    character: fc.nat({ max: 0xffff }),
    key: fc.constantFrom(...KEYS),
  });
  return fc
    .tuple(fc.constantFrom(...samples), fc.array(change, { minLength: 1, maxLength: 4 }))
    .map(([sample, changes]) =>
      changes.reduce((frame, { how, at, length, value, character, key }) => {
        const from = at % (frame.length + 1);
        switch (how) {
          case 'value':
            return replaceNth(
              frame,
              /:\s*("[^"]*"|-?\d+(?:\.\d+)?|\{[^{}]*\}|\[[^[\]]*\]|true|false|null)/g,
              at,
              `:${value}`,
            );
          case 'key':
            return replaceNth(frame, /"\w*"\s*:/g, at, `${JSON.stringify(key)}:`);
          case 'splice':
            return frame.slice(0, from) + value + frame.slice(from + length);
          case 'character':
            return frame.slice(0, from) + String.fromCharCode(character) + frame.slice(from + length);
          case 'cut':
            return frame.slice(0, from);
          case 'double':
            return frame.slice(0, from) + frame;
        }
      }, sample),
    );
}

function replaceNth(text: string, pattern: RegExp, nth: number, by: string): string {
  if (text.length > 4_000) return text; // grown by the changes before
  const found = [...text.matchAll(pattern)];
  const match = found[nth % Math.max(1, found.length)];
  return match === undefined ? text : text.slice(0, match.index) + by + text.slice(match.index + match[0].length);
}

/** Texts for a reader of such texts. */
export function textLike(samples: readonly string[]): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 6, arbitrary: mutated(samples) },
    { weight: 4, arbitrary: knownKeys(samples) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 200 }) },
    { weight: 1, arbitrary: fc.json({ maxDepth: 3 }) },
    { weight: 1, arbitrary: fc.constantFrom(...ODD_VALUES) },
  );
}

/** Bytes for a reader of such bytes, and where the network has cut them. */
export function bytesLike(samples: readonly string[]): fc.Arbitrary<Uint8Array[]> {
  const bytes = fc.oneof(
    { weight: 5, arbitrary: textLike(samples).map((one) => Buffer.from(one)) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }) },
    {
      weight: 2,
      arbitrary: fc
        .tuple(fc.constantFrom(...samples), fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 8 }))
        .map(([sample, changes]) => {
          const all = Buffer.from(sample, 'latin1');
          for (const [at, byte] of changes) if (all.length > 0) all[at % all.length] = byte;
          return all;
        }),
    },
  );
  return fc.tuple(bytes, fc.array(fc.nat(), { maxLength: 4 })).map(([all, cuts]) => {
    const ends = [...cuts.map((cut) => cut % (all.length + 1)).sort((a, b) => a - b), all.length];
    return ends.map((end, i) => all.subarray(ends[i - 1] ?? 0, end));
  });
}

/** Patterns that send a reader back to where it has been, each to be repeated as often as it takes. */
const REPEATED = [
  ...['a', ' ', '\n', '\\', '"', '[', '{"a":', '[[],', '<', '<style', '<a b="', '&', '&#', '=', '+', '/', '-', '.'],
  ...[
    'sk-',
    'Bearer ',
    'Bearer',
    '1',
    '1,',
    '0.',
    '\u0000',
    '\ud800',
    'é',
    '**',
    '`',
    '(',
    '[a](',
    'http://',
    'data: x\n',
  ],
  ...['a=b&', '%', '%41', ':', '://', '; ', 'data:\n', 'event: e\n', '\r', 'data: {', '\n\n', '{}', '",', '":"', '[]'],
];

/** Two and three signs that mean something to one reader or another, the same each time. */
const SIGNS = [...' \n\r\\"[]{}<>&#;:=+/-.,%@?!\'`*()0a\u0000\u001b\u009d', 'é', 'data: ', '\\u00'];
const DRAWN = Array.from({ length: 20 }, (_, i) => {
  const dice = new Dice(i + 1);
  return Array.from({ length: 2 + (i % 2) }, () => dice.pick(SIGNS)).join('');
});

/** Long inputs of about a length: each pattern by itself, and in the place of a value of each sample. */
export function longTexts(samples: readonly string[]): { name: string; text: (length: number) => string }[] {
  return [...REPEATED, ...DRAWN].flatMap((pattern) => {
    const long = (length: number) => pattern.repeat(Math.ceil(length / pattern.length));
    const name = JSON.stringify(pattern);
    const inside = samples.flatMap((sample, i) => {
      const match = LONG_VALUE.exec(sample);
      if (!match?.[1]) return [];
      const [head, tail] = [
        sample.slice(0, match.index + match[0].length - match[1].length),
        sample.slice(match.index + match[0].length),
      ];
      return [{ name: `${name} in sample ${i}`, text: (length: number) => head + JSON.stringify(long(length)) + tail }];
    });
    return [{ name, text: long }, ...inside];
  });
}

const LONG_VALUE = /"(?:text|payload|message|transcript|voicePrompt|audio|content|arguments|name|error)":\s*("[^"]*")/;

/** What is read of files: passages under their headings, with the line where each begins. */
import { expect, test } from 'vitest';
import { readCsv } from '../../../src/tool/knowledge/csv.ts';
import { readHtml } from '../../../src/tool/knowledge/html.ts';
import { readMarkdown } from '../../../src/tool/knowledge/markdown.ts';
import { passagesOf, type Block } from '../../../src/tool/knowledge/passage.ts';
import { wordsOf } from '../../../src/tool/knowledge/words.ts';

const rows = (blocks: readonly Block[]) => blocks.map(({ line, heading, text }) => [line, heading, text]);

test('Markdown: headings of both kinds, front matter, lists, tables and code, each with its line', () => {
  const text = `---
title: x
---
Before all.

Prices
======

## In *summer* ##
One **bold** [link](https://x.example)
and on.

- a
- b

### Deep
\`\`\`
# no heading

code
\`\`\`

| Day | Hours |
| --- | ----: |
| Monday | 8 to 6 |

## In winter
Closed.`;
  expect(rows(readMarkdown(text))).toEqual([
    [4, '', 'Before all.'],
    [10, 'Prices > In *summer*', 'One bold link\nand on.'],
    [13, 'Prices > In *summer*', '- a\n- b'],
    [18, 'Prices > In *summer* > Deep', '# no heading\n\ncode'],
    [23, 'Prices > In *summer* > Deep', ' Day | Hours\n Monday | 8 to 6'.trim()],
    [28, 'Prices > In winter', 'Closed.'],
  ]);
});

test('text without marks is paragraphs, whatever ends its lines', () => {
  expect(rows(readMarkdown('One\r\ntwo\r\n\r\nthree'))).toEqual([
    [1, '', 'One\ntwo'],
    [4, '', 'three'],
  ]);
});

test('HTML: its words under its headings, nothing that nobody reads, entities as what they stand for', () => {
  const html = `<html><head><title>Shop</title></head><body>
<script>if (a < b) alert("no")</script><!-- no -->
<p>Before &amp; after&nbsp;all &#8364;5 &nosuch;</p>
<h1>Hours</h1>
<p
  class="a > b">Open
from 8</p><ul><li>Monday</li><li>Friday</li></ul>
<h2>Holidays</h2><table><tr><th>Day</th><td>Closed</td></tr></table>
</body></html>`;
  expect(rows(readHtml(html))).toEqual([
    [3, 'Shop', 'Before & after all €5 &nosuch;'],
    [6, 'Hours', 'Open from 8'],
    [7, 'Hours', 'Monday'],
    [7, 'Hours', 'Friday'],
    [8, 'Hours > Holidays', 'Day | Closed'],
  ]);
});

test('HTML: what nobody sees is not read, whatever else of it is missing', () => {
  const html = `<title>Shop</title><p hidden>no<p>yes &Ouml;l, &ntilde;and&uacute;, &Aring;s
<div style="color: red; display:none"><div>no</div>no</div>
<p style='visibility: hidden'>no</p><input hidden><b class="hidden">bold</b>
<ul><li hidden>no<li>item</ul>
<h2>End</h2><p>last<script>if (a < b) { no`;
  expect(rows(readHtml(html))).toEqual([
    [1, 'Shop', 'yes Öl, ñandú, Ås'],
    [3, 'Shop', 'bold'],
    [4, 'Shop', 'item'],
    [5, 'End', 'last'],
  ]);
  expect(rows(readHtml('<p>seen</p><!-- not <p>seen</p>'))).toEqual([[1, '', 'seen']]);
});

test('CSV: each row with the names of its columns, quotes with all that they may hold, three separators', () => {
  expect(rows(readCsv('Service,Price\n"Clean, ""deep""",60\n\n"two\nlines",7\r\nlast,'))).toEqual([
    [2, 'Clean, "deep"', 'Service: Clean, "deep"; Price: 60'],
    [4, 'two\nlines', 'Service: two\nlines; Price: 7'],
    [6, 'last', 'Service: last'],
  ]);
  expect(rows(readCsv('a;b\n1;2'))).toEqual([[2, '1', 'a: 1; b: 2']]);
  expect(rows(readCsv('a\tb\n1\t2'))).toEqual([[2, '1', 'a: 1; b: 2']]);
  expect([readCsv(''), readCsv('only,names')]).toEqual([[], []]);
});

test('short paragraphs under one heading are one passage, long ones are cut at sentences, and keep their lines', () => {
  const short = passagesOf('a.md', readMarkdown('# H\n\none\n\ntwo\n\n# I\n\nthree'));
  expect(short.map(({ line, text }) => [line, text])).toEqual([
    [3, 'one\ntwo'],
    [9, 'three'],
  ]);
  const sentence = `${'word '.repeat(40).trim()}.\n`;
  const long = passagesOf('a.md', readMarkdown(sentence.repeat(10)));
  expect(long.length).toBeGreaterThan(2);
  expect(long.every(({ text }) => text.length <= 900 && text.endsWith('.'))).toBe(true);
  expect(long.map(({ line }) => line)).toEqual([...long.keys()].map((at) => 1 + 4 * at));
});

test.each([
  ['Größe, NIÑO and café', ['gross', 'nin', 'and', 'caf']],
  ['दवाइयाँ', wordsOf('दवाइयां')],
  ['ज़रूर', wordsOf('जरूर')],
  ['१०८', ['108']],
  ['٣ and ৪', ['3', 'and', '4']],
  ["the dentist's", ['the', 'dentist']],
  ['खुलने', wordsOf('खुलता')],
  ['cancelling cancelled', ['cancell', 'cancell']],
  ['abierto abiertas', ['abiert', 'abiert']],
])('words of `%s`: accents, signs, digits and endings do not keep them apart', (text, words) => {
  expect(wordsOf(text)).toEqual(words);
});

test('a word of Devanagari with its vowel signs is one word, and Chinese is cut into several', () => {
  expect(wordsOf('क्लिनिक की पार्किंग')).toHaveLength(3);
  expect(wordsOf('营业时间是几点').length).toBeGreaterThan(1);
});

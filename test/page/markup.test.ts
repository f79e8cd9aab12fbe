import fc from 'fast-check';
import { expect, test } from 'vitest';
import { escapeText, html, trusted } from '../../src/page/markup.ts';

test('what is put into a template is escaped, in text and in attributes', () => {
  const text = `<b onclick="x('y')">&\``;
  expect(html`<i title="${text}">${text}</i>`.toString()).toBe(
    `<i title="${escapeText(text)}">&lt;b onclick=&quot;x(&#39;y&#39;)&quot;&gt;&amp;&#96;</i>`,
  );
});

test('markup inside markup is not escaped again, lists are joined, what is not there is left out', () => {
  const list = (['a', '<', undefined, false, 0] as const).map((one) => html`<i>${one}</i>`);
  expect(html`<b>${list}${trusted('<hr>')}${undefined}${false}</b>`.toString()).toBe(
    '<b><i>a</i><i>&lt;</i><i></i><i></i><i>0</i><hr></b>',
  );
});

test('white space of a template becomes one space, that of a value stays', () => {
  const template = Object.assign(['<p>\n    ', '\n  </p>'], { raw: [] });
  expect(html(template, 'two\n\n  lines').toString()).toBe('<p> two\n\n  lines </p>');
});

/** Any code units, halves of characters among them. */
const texts = fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units));

test('no text can leave its place, and every text can be read back', () => {
  const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", '#96': '`' };
  fc.assert(
    fc.property(texts, (text) => {
      const escaped = escapeText(text);
      expect(escaped).not.toMatch(/[<>"'`]/);
      const read = escaped.replace(/&([a-z0-9#]+);/g, (_, name: string) => entities[name] ?? '?');
      expect(escapeText(read)).toBe(escaped);
    }),
  );
});

test('control characters, half characters and marks that turn the line around are made visible', () => {
  expect(escapeText('a\u0000b\u202ec\ud800d\u2066e')).toBe('a\ufffdb\ufffdc\ufffdd\ufffde');
  expect(escapeText('नमस्ते 👋🏽\n\tسلام')).toBe('नमस्ते 👋🏽\n\tسلام');
});

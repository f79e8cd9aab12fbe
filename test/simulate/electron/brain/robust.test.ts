/** Whatever is said, whatever tools look like and return: an answer, quickly, and never an illegal call. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isRecord, parseJson } from '../../../../src/lib/json.ts';
import { readConversation } from '../../../../src/simulate/electron/brain/conversation.ts';
import { think } from '../../../../src/simulate/electron/brain/think.ts';
import { readRequest, type ChatRequest } from '../../../../src/simulate/electron/request.ts';
import { toolsOf } from '../../helpers/electron.ts';
import { BANK, CLINIC, ORDERS, RESTAURANT, SALON, TRAVEL } from '../../helpers/domains.ts';

const ALL = [CLINIC, ORDERS, TRAVEL, BANK, RESTAURANT, SALON];
/** Words that the rules know, beside any text at all. */
const WORDS = `book cancel find tomorrow at ten half past friday the second one yes no my name is Ana and then order
  number one two double five QX41 from Delhi to Goa 12 euros please goodbye again another what because $1 ( [ \\ {`;
const words = fc.array(fc.constantFrom(...WORDS.split(/\s+/)), { maxLength: 14 }).map((list) => list.join(' '));
const said = fc.oneof({ weight: 4, arbitrary: words }, fc.string({ unit: 'grapheme', maxLength: 60 }));
const result = fc.oneof(
  fc.json({ maxDepth: 3 }),
  fc.string(),
  fc.constant('{"slots":[{"slotId":"S1","time":"10:00"}]}'),
);

function requestOf(body: unknown): ChatRequest {
  const read = readRequest(JSON.stringify(body));
  if (!read.ok) throw new Error(JSON.stringify(read.refusal));
  return read.request;
}

test('a conversation of any words and any results always gets an answer, and calls only what is offered', () => {
  const script = fc.array(fc.tuple(said, fc.array(result, { minLength: 3, maxLength: 3 })), {
    minLength: 1,
    maxLength: 4,
  });
  fc.assert(
    fc.property(fc.constantFrom(...ALL), script, ({ instructions, tools }, lines) => {
      const messages: object[] = [{ role: 'system', content: instructions }];
      let made = 0;
      for (const [text, results] of lines) {
        messages.push({ role: 'user', content: text });
        for (const content of results) {
          const reply = think(readConversation(requestOf({ model: 'electron', messages, tools: toolsOf(tools) })), {
            today: '2026-08-21',
          });
          expect(reply.text !== '' || reply.calls.length > 0).toBe(true);
          for (const call of reply.calls) {
            expect(tools.map(({ name }) => name)).toContain(call.name);
            expect(isRecord(parseJson(call.arguments))).toBe(true);
          }
          const calls = reply.calls.map((call) => ({ id: `c${made++}`, type: 'function', function: call }));
          messages.push({
            role: 'assistant',
            content: reply.text || null,
            ...(calls.length > 0 && { tool_calls: calls }),
          });
          if (calls.length === 0) break;
          for (const { id } of calls) messages.push({ role: 'tool', tool_call_id: id, content });
        }
        if ('tool_call_id' in (messages.at(-1) ?? {})) messages.push({ role: 'assistant', content: 'So it is.' });
      }
    }),
    { numRuns: 80 },
  );
});

test('tools of any JSON are read without a word', () => {
  fc.assert(
    fc.property(
      fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { minLength: 1, maxLength: 3 }),
      said,
      (parts, text) => {
        const tools = parts.map((parameters, index) => ({
          type: 'function',
          function: {
            name: `find_${index}`,
            description: 'Finds an order.',
            parameters: { properties: parameters, ...parameters },
          },
        }));
        const messages = [{ role: 'user', content: `find my order ${text}` }];
        expect(() =>
          think(readConversation(requestOf({ model: 'electron', messages, tools })), { today: '2026-08-21' }),
        ).not.toThrow();
      },
    ),
    { numRuns: 60 },
  );
});

test.each([
  ['letters', 'a'],
  ['digits', '7'],
  ['codes', 'A7-'],
  ['spelled digits', 'five '],
  ['days', 'friday and '],
  ['dots', '. '],
  ['addresses', 'a.b dot '],
])('a whole context of %s is thought about in time', (_, unit) => {
  const messages = [{ role: 'user', content: `book ${unit.repeat(30_000 / unit.length)}` }];
  const request = requestOf({ model: 'electron', messages, tools: toolsOf(TRAVEL.tools) });
  const { text, calls } = think(readConversation(request), { today: '2026-08-21' });
  expect(text !== '' || calls.length > 0).toBe(true); // before the test's own time is over, which minutes are not
});

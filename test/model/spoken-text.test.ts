/** What a model writes, cut into deltas anywhere, and what of it is for the caller's ears. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { StreamReader } from '../../src/model/electron/stream.ts';
import { SpokenText } from '../../src/model/spoken-text.ts';

/** What is said of a text that comes in these pieces, but for what is taken back. */
function spoken(pieces: readonly string[], options = {}): string {
  const text = new SpokenText(options);
  let said = '';
  for (const piece of pieces) {
    const wasThought = text.wasThought;
    const words = text.push(piece);
    said = text.wasThought === wasThought ? said + words : words;
  }
  return said + text.end(true);
}

/** In one piece, cut once at every offset, and by the character. */
function inAllPieces(text: string): string[] {
  const cuts = Array.from({ length: text.length }, (_, at) => [text.slice(0, at), text.slice(at)]);
  return [[text], ...cuts, [...text], text.split('')].map((pieces) => spoken(pieces));
}

const THOUGHTS: [written: string, said: string][] = [
  [
    '<think>\nThe caller wants a table. I must not tell them that we are full.\n</think>\n\nYour table is booked for two.',
    'Your table is booked for two.',
  ],
  ['Hello. <think>Hm.</think> How are you?', 'Hello. How are you?'],
  ['Hello.\n<think>\nHm.\n</think>\n\nHow are you?', 'Hello.\nHow are you?'],
  ['Done.<think>What next?</think>Anything else?', 'Done. Anything else?'],
  ['Well<think>hm</think>, yes', 'Well, yes'],
  ['<thinking>a</thinking><reflection>b</reflection>Yes.', 'Yes.'],
  ['<thinking>a <reflection>b</reflection> c</thinking>\nYes.', 'Yes.'],
  ['<think>a</thinking>Yes.', 'Yes.'],
  ['<THINK>a</THINK >Yes.', 'Yes.'],
  ['<reasoning>We need it.</reasoning><reasoning> Let us call.</reasoning>Yes.', 'Yes.'],
  ['<analysis>a</analysis>Yes.', 'Yes.'],
  ['<scratch_pad>a</scratch_pad>Yes.', 'Yes.'],
  ['<mm:think>a</mm:think>Yes.', 'Yes.'],
  ['<seed:think>a</seed:think>Yes.', 'Yes.'],
  ['<thinking>a</thinking>Yes.', 'Yes.'],
  ['<think/>Yes.', 'Yes.'],
  ['<think>1 < 2 and [3] and <b>4</b></think>Yes.', 'Yes.'],
  ['[THINK]They want a table.[/THINK]It is booked.', 'It is booked.'],
  ['◁think▷a◁/think▷Yes.', 'Yes.'],
  ['<|begin_of_thought|>a<|end_of_thought|><|begin_of_solution|>Yes.<|end_of_solution|>', 'Yes.'],
  ['<|START_THINKING|>a<|END_THINKING|><|START_RESPONSE|>Yes.<|END_RESPONSE|>', 'Yes.'],
  ['<|inner_prefix|>a<|inner_suffix|>Yes.', 'Yes.'],
  ['<|channel>thought\nThey want a table.\n<channel|>It is booked.', 'It is booked.'],
  [
    '<|channel|>analysis<|message|>We need to answer.<|end|><|start|>assistant<|channel|>final<|message|>Hello.<|return|>',
    'Hello.',
  ],
  ['<|channel|>commentary<|message|>Let me look.<|end|>', 'Let me look.'],
  ['<think>a</think><answer>Yes.</answer>', 'Yes.'],
];

const CALLS: [written: string, said: string][] = [
  ['Let me look. <tool_call>\n{"name": "lookup", "arguments": {"id": "B7"}}\n</tool_call>', 'Let me look.'],
  ['Let me look.\n<tool_call>\n<function=get_current_weather', 'Let me look.'],
  ['Wait. <function=look>{"id": 1}</function> Done.', 'Wait. Done.'],
  ['Wait. <function name="look">{}</function> Done.', 'Wait. Done.'],
  ['<tool_call>look\n<arg_key>id</arg_key><arg_value>B7</arg_value>\n</tool_call>Done.', 'Done.'],
  ['<function_calls><invoke name="look"><parameter name="id">B7</parameter></invoke></function_calls>Done.', 'Done.'],
  ['<minimax:tool_call><invoke name="look"></invoke></minimax:tool_call>Done.', 'Done.'],
  ['<TOOLCALL>[{"name":"look"}]</TOOLCALL>Done.', 'Done.'],
  ['Let me look. [TOOL_CALLS][{"name": "look", "arguments": {"ids": [1, 2]}}]', 'Let me look.'],
  ['Let me look. [TOOL_CALLS]look[ARGS]{"id": "B7"}', 'Let me look.'],
  ['Let me look. <|python_tag|>look.call(id="B7")<|eom_id|>', 'Let me look.'],
  [
    'Let me look. <|tool_calls_section_begin|><|tool_call_begin|>functions.look:0<|tool_call_argument_begin|>{}<|tool_call_end|><|tool_calls_section_end|>',
    'Let me look.',
  ],
  ['Let me look. <|tool_call_begin|>look<|tool_call_end|> Done.', 'Let me look. Done.'],
  [
    'Let me look. <｜tool▁calls▁begin｜><｜tool▁call▁begin｜>look<｜tool▁sep｜>{}<｜tool▁call▁end｜><｜tool▁calls▁end｜><｜end▁of▁sentence｜>',
    'Let me look.',
  ],
  [
    'Let me look. <｜DSML｜function_calls><｜DSML｜invoke name="look"></｜DSML｜invoke></｜DSML｜function_calls>',
    'Let me look.',
  ],
  ['Let me look. <|tool_call>call:look{id:<|"|>B7<|"|>}<tool_call|> Done.', 'Let me look. Done.'],
  ['Let me look. <|action_start|><|plugin|>{"name":"look"}<|action_end|>', 'Let me look.'],
  ['Let me look. <|tool_call|>[{"name":"look"}]<|/tool_call|>', 'Let me look.'],
  [
    '<|start|>assistant to=functions.look<|channel|>commentary json<|message|>{"id":1}<|call|><|start|>assistant<|channel|>final<|message|>Hi.',
    'Hi.',
  ],
  ['<|channel|>commentary to=functions.look <|constrain|>json<|message|>{"id":1}<|call|>', ''],
  ['Yes.</tool_call>', 'Yes.'],
  ['It is done. </function> Bye.', 'It is done. Bye.'],
];

const ROLES: [written: string, said: string][] = [
  ['Hello.<|im_end|>', 'Hello.'],
  ['<|im_start|>assistant\nHello.<|im_end|>\n<|im_start|>user\nI am the caller.<|im_end|>', 'Hello.'],
  ['<|start_header_id|>assistant<|end_header_id|>\n\nHello.<|eot_id|>', 'Hello.'],
  ['Hello.<|user|>\nWhere is it?<|assistant|>\nThere.', 'Hello.\nThere.'],
  ['Hello.</s>', 'Hello.'],
  ['<s>[INST]Hello.[/INST]', 'Hello.'],
  ['Hello.<end_of_turn>', 'Hello.'],
];

/** Not one character of these is lost. */
const WORDS = [
  'a < b and c > d',
  'a<b>c</b> <br> d',
  '<t <th <thi <tool <to',
  'I <3 you',
  'He wrote [sic] and [1] and [T and [TO] and [THINKS].',
  'x < think about it > y',
  'Press <enter>, then <thinker>.',
  'A ◁ sign, a ◁thing',
  '[x](https://acme.com) <https://acme.com> < < [ [ <',
  'if a<t',
  'No markup at all.  Two spaces stay. ',
  '\n\nHello',
  '1<2',
  'a |> b <- c <| d',
  '',
];

describe('thoughts are not said', () => {
  test.each(THOUGHTS)('%j: %j', (written, said) => {
    for (const one of inAllPieces(written)) expect(one).toBe(said);
  });

  test('what is opened and never closed is not said', () => {
    for (const one of inAllPieces('<think>I wonder. And I wonder.')) expect(one).toBe('');
    for (const one of inAllPieces('Yes. <think>I wonder')) expect(one.trimEnd()).toBe('Yes.');
  });
});

/** A white space that came before its tag did is out already: nobody hears it. */
const exceptLastSpace = (text: string): string => text.trimEnd();

describe('tool calls that came as text are not said', () => {
  test.each(CALLS)('%j: %j', (written, said) => {
    expect(spoken([written])).toBe(said);
    for (const one of inAllPieces(written)) expect(exceptLastSpace(one)).toBe(said);
  });

  test('a call that the server has read after all ends its leaked markup', () => {
    const text = new SpokenText();
    expect(text.push('Let me look.\n<tool_call>\n<function=get')).toBe('Let me look.');
    expect(text.callStarts()).toBe('');
    expect(text.push('\n</function>\n</tool_call>\n')).toBe('');
    expect(text.push('One moment.')).toBe('\nOne moment.');
  });

  test.each(['<tool_c', '<tool_call', '<function=', '<|tool', '[TOOL_', '</tool'])('%j broke off', (broken) => {
    const text = new SpokenText();
    expect(text.push(`Let me look. ${broken}`)).toBe('Let me look.');
    expect(text.callStarts() + text.end(true)).toBe('');
  });
});

describe('control tokens and other roles are not said', () => {
  test.each(ROLES)('%j: %j', (written, said) => {
    for (const one of inAllPieces(written)) expect(exceptLastSpace(one)).toBe(said);
  });
});

describe('words are said, with every sign in them', () => {
  test.each(WORDS)('%j', (written) => {
    for (const one of inAllPieces(written)) expect(one).toBe(written);
  });

  test('text without the beginning of a tag goes out in the very string that came', () => {
    const text = new SpokenText();
    for (const delta of ['Hel', 'lo, ', ' ', '**you**.\n\n', ' &lt; 5 > 4 ]']) expect(text.push(delta)).toBe(delta);
  });

  test.each([
    ['a <k', 'a <k'],
    ['I <3', 'I <3'],
    ['He [s', 'He [s'],
    ['x < ', 'x < '],
    ['a <the', 'a <the'],
    ['Hello <', 'Hello'],
    ['Hello <to', 'Hello'],
    ['Hello [TO', 'Hello'],
  ])('of %j goes out at once: %j', (written, said) => {
    expect(new SpokenText().push(written)).toBe(said);
    const text = new SpokenText();
    expect(
      [...written]
        .map((delta) => text.push(delta))
        .join('')
        .trimEnd(),
    ).toBe(said.trimEnd());
  });

  test('at the end what was held and is no tag is said', () => {
    for (const held of ['<', '<t', '[', '[TO', '◁']) expect(spoken([`Yes ${held}`])).toBe(`Yes ${held}`);
  });
});

describe('thoughts that only a closing tag tells from the answer', () => {
  const WRITTEN = 'They want a table.\n</think>\n\nIt is booked.';

  test('what was said before the tag is told to be thoughts, once words follow', () => {
    const text = new SpokenText();
    expect(text.push('They want a table.\n')).toBe('They want a table.\n');
    expect(text.push('</think>')).toBe('');
    expect(text.wasThought).toBe(false);
    expect(text.push('\n\nIt is')).toBe('It is');
    expect(text.wasThought).toBe(true);
  });

  test('in one piece they are thoughts too', () => {
    const text = new SpokenText();
    expect(text.push(WRITTEN)).toBe('It is booked.');
    expect(text.wasThought).toBe(true);
  });

  test('a call behind the tag tells it too', () => {
    const text = new SpokenText();
    text.push('They want a table. </think>');
    text.callStarts();
    expect(text.wasThought).toBe(true);
  });

  test('with nothing behind it, what was said is the answer', () => {
    const text = new SpokenText();
    expect(text.push('It is booked.</think>') + text.push('\n') + text.end(true)).toBe('It is booked.');
    expect(text.wasThought).toBe(false);
  });

  test('behind thoughts that were opened, a second closing tag means nothing', () => {
    const text = new SpokenText();
    expect(text.push('<think>a</think>It is.</think> Good.')).toBe('It is. Good.');
    expect(text.wasThought).toBe(false);
  });

  test('of a model that is known to begin like that, nothing is said before the tag', () => {
    for (let at = 0; at <= WRITTEN.length; at++) {
      expect(spoken([WRITTEN.slice(0, at), WRITTEN.slice(at)], { beginsInThought: true })).toBe('It is booked.');
    }
    expect(spoken([`<think>${WRITTEN}`], { beginsInThought: true })).toBe('It is booked.');
    expect(spoken(['[THINK]a[/THINK]Yes.'], { beginsInThought: true })).toBe('Yes.');
  });

  test('when it answers at once after all, the answer is said at its end; cut off, it was thoughts', () => {
    const written = 'It is <b>booked</b>. <tool_call>{}</tool_call>';
    expect(spoken([...written], { beginsInThought: true })).toBe('It is <b>booked</b>.');
    const cut = new SpokenText({ beginsInThought: true });
    expect(cut.push('They want') + cut.end(false)).toBe('');
    expect(cut.isUnclosed).toBe(true);
  });
});

const FOLDER = resolve(import.meta.dirname, '../../../shared/streams');
/** Of the recorded streams, those whose text holds what is not for ears; of all others not a character is lost. */
const RECORDED: Readonly<Record<string, string>> = {
  'bedrock-tool-same-index-many-entries.sse': '',
  'llamacpp-filler-then-tool-leaked-markup.sse':
    'Hi there! Let me check the current weather for Washington DC for you.',
  'vllm-text-length.sse': 'doctor\nsupervisor\n<',
  'vllm-think-tags-then-tool.sse': '',
};

test.skipIf(!existsSync(FOLDER))('of recorded answers what is for ears is said, and their thoughts are not', () => {
  let answers = 0;
  for (const file of readdirSync(FOLDER).filter((name) => name.endsWith('.sse'))) {
    const deltas: string[] = [];
    const reader = new StreamReader((event) => void (event.type === 'text-delta' && deltas.push(event.delta)));
    reader.feed(readFileSync(join(FOLDER, file)));
    reader.end();
    if (deltas.length > 0) answers++;
    expect(spoken(deltas).trimEnd(), file).toBe((RECORDED[file] ?? deltas.join('')).trimEnd());
  }
  expect(answers).toBeGreaterThan(30);
});

const anyText = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...['<think>', '</think>', '<tool_call>', '</tool_call>', '[THINK]', '[/THINK]', '<|channel|>', '<|message|>'],
        ...[
          '<|end|>',
          '<|im_start|>',
          '<function=',
          '</function>',
          '<',
          '>',
          '[',
          ']',
          '|',
          '</',
          '<t',
          ' ',
          '\n',
          'a',
        ],
        ...['analysis', 'final', 'Hello. ', '◁think▷', '◁/think▷', '<|user|>', '<|assistant|>', '<channel|>'],
      ),
      fc.string({ maxLength: 4 }),
    ),
    { maxLength: 24 },
  )
  .map((parts) => parts.join(''));

test('any text in any pieces is judged alike, but for white space that was out before its tag came', () => {
  const sounds = (text: string) => text.replace(/\s+/g, '');
  fc.assert(
    fc.property(anyText, fc.array(fc.nat(200), { maxLength: 8 }), (text, cuts) => {
      const ends = [...cuts.filter((cut) => cut <= text.length), text.length].sort((a, b) => a - b);
      const pieces = ends.map((end, i) => text.slice(ends[i - 1] ?? 0, end));
      expect(sounds(spoken(pieces))).toBe(sounds(spoken([text])));
      expect(sounds(spoken(text.split('')))).toBe(sounds(spoken([text])));
    }),
    { numRuns: 2_000 },
  );
});

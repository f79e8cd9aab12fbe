/** What a simulated caller may do is code: a caller that invents, repeats itself or plays the agent makes its call void. */
import { describe, expect, test } from 'vitest';
import { brokenRule, deafness, inventedIn, readMove, type CallerView } from '../../../src/evaluate/caller/moves.ts';

const view = (given: Partial<CallerView> = {}): CallerView => ({
  goal: 'Book tomorrow at ten for Jane Doe.',
  knows: { name: 'Jane Doe', day: 'tomorrow' },
  refuses: [],
  talk: [],
  ...given,
});
const agent = (text: string) => ({ who: 'agent' as const, text });
const you = (text: string) => ({ who: 'you' as const, text });

test.each([
  ['{"say":"Hello."}', { does: 'say', text: 'Hello.' }],
  ['```json\n{"wait": true}\n```', { does: 'wait' }],
  ['{"hangUp":"done"}', { does: 'hangUp', why: 'done' }],
  ['Hello, I would like to book.', undefined],
  ['{"say":""}', undefined],
  ['{"say":"a","hangUp":"b"}', undefined],
  ['{"speak":"a"}', undefined],
])('%s', (text, move) => {
  expect(readMove(text)).toEqual(move);
});

describe('what nobody has told them is invented', () => {
  test.each([
    ['a second passenger', 'I need it for me and for Robert.', 'Robert'],
    ['another number', 'My number is 4711.', '4711'],
    ['another day', 'Friday would be better.', 'Friday'],
    ['a date', 'The 30th, please.', '30th'],
    ['a time', 'At half past eleven, please.', 'eleven'],
  ])('%s', (_what, text, invented) => {
    expect(inventedIn(text, view())).toBe(invented);
    expect(brokenRule({ does: 'say', text }, view())).toContain(`"${invented}", which nobody had told them`);
  });

  test.each([
    ['what they know', 'It is Jane Doe. Tomorrow, please.', view()],
    ['the number in another form', 'At 10, please.', view()],
    [
      'what the agent offered',
      'Half past two on Tuesday is fine.',
      view({ talk: [agent('On Tuesday I have half past two.')] }),
    ],
    ['a time with its minutes', '10:30 is fine.', view({ talk: [agent('I have 10:30.')] })],
    ['manners', "Hi, I'm calling about an appointment. One moment, please. That one is fine. OK.", view()],
    ['the first word of a sentence', 'Great. Perfect! Could you do that?', view()],
  ])('and this is not: %s', (_what, text, known) => {
    expect(brokenRule({ does: 'say', text }, known)).toBeUndefined();
  });
});

test('who speaks as the agent would has changed sides', () => {
  expect(brokenRule({ does: 'say', text: 'How can I help you today?' }, view())).toMatch(/as the agent would/);
});

test('a caller opens once', () => {
  const talk = [you('I want to book a time.'), agent('For when?'), you('Tomorrow.'), agent('Which time?')];
  expect(brokenRule({ does: 'say', text: 'I want to book a time!' }, view({ talk }))).toMatch(/began anew/);
  expect(brokenRule({ does: 'say', text: 'Tomorrow.' }, view({ talk }))).toBeUndefined();
});

test('who hears nothing of an agent that speaks is deaf', () => {
  expect(deafness(view({ talk: [you('Hello?')] }), true)).toMatch(/deaf/);
  expect(deafness(view({ talk: [you('Hello?')] }), false)).toBeUndefined();
  expect(deafness(view({ talk: [agent('Hello.')] }), true)).toBeUndefined();
});

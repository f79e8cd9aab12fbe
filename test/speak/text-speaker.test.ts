/** A line that speaks by itself: what is told as heard, by its reports or by the pace of speech. In virtual time. */
import { expect, test } from 'vitest';
import { VirtualClock } from '../../src/lib/clock.ts';
import { createTextSpeaker, type TextSpeakerOptions } from '../../src/speak/text-speaker.ts';

function setUp(options: Partial<TextSpeakerOptions> = {}) {
  const clock = new VirtualClock();
  const sent: string[] = [];
  const told: string[] = [];
  const heard = new Map<number, number>();
  const speaker = createTextSpeaker(
    {
      sink: {
        sendText: (text, isLast) => sent.push(isLast ? `${text}|` : text),
        clear: () => sent.push('clear'),
      },
      clock,
      ...options,
    },
    {
      started: (utterance) => told.push(`started ${utterance}`),
      heard: (utterance, characters, isExact) => {
        if (!isExact) expect(characters).toBeGreaterThan(heard.get(utterance) ?? 0); // never back, never twice
        heard.set(utterance, characters);
      },
      cutOff: (utterance) => told.push(`cut off ${utterance}`),
      idle: () => told.push('idle'),
      failed: (utterance) => told.push(`failed ${utterance}`),
    },
  );
  const say = (number: number, text: string) => {
    speaker.say(number, text);
    speaker.flush(number);
  };
  return { clock, speaker, sent, told, heard, say };
}

test('words go out in the tick in which they are said, and the end of an utterance once', () => {
  const { speaker, sent } = setUp();
  speaker.say(1, 'Let me ');
  speaker.say(1, 'look.');
  expect(sent).toEqual(['Let me ', 'look.']);
  speaker.flush(1);
  speaker.flush(1);
  speaker.flush(7);
  expect(sent).toEqual(['Let me ', 'look.', '|']);
});

test.each([
  ['links', 'Go to https://www.acme.com/help?id=5 now.', 'Go to acme.com now.'],
  ['markdown', 'We have:\n- **Tea**\n- [Milk](https://acme.com/milk)\n', 'We have:\nTea.\nMilk.\n'],
  ['emoji', 'Done ✅ 👍🏽 bye 😀', 'Done bye '],
  ['signs', 'Press *, or write to j_d@x.org.', 'Press star, or write to j underscore d@x.org.'],
])('the line is given what is to be said: %s', (_name, given, said) => {
  for (const pieces of [[given], [...given]]) {
    const { clock, speaker, sent, heard, told } = setUp({ charactersPerSecond: 100, startsAfterMs: 0 });
    for (const piece of pieces) speaker.say(1, piece);
    speaker.flush(1);
    expect(sent.join('')).toBe(`${said}|`);
    clock.advanceTo(5_000);
    expect(heard.get(1)).toBe(given.length); // R22: in the characters of the text as it was given
    expect(told).toEqual(['started 1', 'idle']);
  }
});

test('R22: what the line reports of the cleaned text is told in the characters of the text as it was given', () => {
  const given = 'It is **really** on [this page](https://acme.com/x) 😀 for j_d@x.org today.';
  const heardOf = (act: (speaker: ReturnType<typeof setUp>['speaker']) => void) => {
    const { speaker, heard, say } = setUp();
    say(1, given);
    act(speaker);
    return given.slice(0, heard.get(1));
  };
  expect(heardOf((speaker) => speaker.cutOff('it is really'))).toBe('It is **really** ');
  expect(heardOf((speaker) => speaker.cutOff('It is really on this page'))).toBe(
    'It is **really** on [this page](https://acme.com/x) 😀 ',
  );
  expect(heardOf((speaker) => speaker.cutOff('on this page for j underscore'))).toBe(
    'It is **really** on [this page](https://acme.com/x) 😀 for j_',
  );
  expect(heardOf((speaker) => speaker.spoken('It is really'))).toBe('It is **really**');
});

test('an utterance with nothing to say is over at once, and the line is not told of it', () => {
  const { clock, speaker, sent, told, heard, say } = setUp();
  say(1, '😀 ');
  expect(sent).toEqual([]);
  expect(told).toEqual(['started 1', 'idle']);
  expect(heard.get(1)).toBe('😀 '.length);
  expect(clock.pending).toBe(0);
  say(2, 'Hello.');
  speaker.say(3, '***');
  speaker.spoken('Hello.');
  speaker.flush(3);
  expect(sent).toEqual(['Hello.', '|']);
  expect(told.at(-1)).toBe('idle');
});

test('where the line reports nothing, words are heard at the pace of speech, to a word', () => {
  const { clock, speaker, told, heard, say } = setUp({ charactersPerSecond: 10, startsAfterMs: 200 });
  say(1, 'One moment, please.');
  clock.advanceTo(200 + 750);
  speaker.reportHeard();
  expect(heard.get(1)).toBe('One'.length + 1); // 7.5 characters are the middle of `moment`
  clock.advanceTo(200 + 1_100);
  speaker.reportHeard();
  expect(heard.get(1)).toBe('One moment,'.length);
  expect(told).toEqual(['started 1']);
  clock.advanceTo(3_000);
  expect(heard.get(1)).toBe('One moment, please.'.length);
  expect(told).toEqual(['started 1', 'idle']);
  expect(clock.pending).toBe(0);
});

test('utterances are heard one behind the other, each from its own beginning', () => {
  const { clock, speaker, told, heard, say } = setUp({ charactersPerSecond: 10, startsAfterMs: 0 });
  say(1, 'Hello. ');
  say(2, 'How are you?');
  clock.advanceTo(700 + 450);
  speaker.reportHeard();
  expect(heard.get(1)).toBe(7);
  expect(heard.get(2)).toBe('How '.length);
  expect(told).toEqual(['started 1', 'started 2']);
  clock.advanceTo(5_000);
  expect(told).toEqual(['started 1', 'started 2', 'idle']);
});

test('idle waits for an utterance that is open', () => {
  const { clock, speaker, told, heard } = setUp({ charactersPerSecond: 10, startsAfterMs: 0 });
  speaker.say(1, 'Well. ');
  clock.advanceTo(5_000);
  expect(heard.get(1)).toBe(6);
  expect(told).toEqual(['started 1']);
  speaker.flush(1);
  clock.advanceTo(6_000);
  expect(told).toEqual(['started 1', 'idle']);
});

test('a line that reports is believed, however long it takes', () => {
  const { clock, speaker, told, heard, say } = setUp();
  say(1, 'It leaves at ten. ');
  say(2, 'From pier four.');
  speaker.spoken('It leaves');
  clock.advanceTo(60_000);
  speaker.reportHeard();
  expect(heard.get(1)).toBe('It leaves'.length);
  speaker.spoken(' at ten. From'.padEnd(14));
  expect(heard.get(1)).toBeGreaterThan('It leaves'.length);
  speaker.spoken('x'.repeat(40));
  speaker.spoken('x'.repeat(40));
  expect([heard.get(1), heard.get(2)]).toEqual(['It leaves at ten. '.length, 'From pier four.'.length]);
  expect(told).toEqual(['started 1', 'started 2', 'idle']);
});

test('a line that falls silent has spoken all that was flushed, unless it says within a moment that it was cut off', () => {
  const silent = setUp();
  silent.say(1, 'All of this is heard.');
  silent.speaker.fellSilent();
  silent.clock.advanceBy(299);
  expect(silent.heard.get(1)).toBeUndefined();
  silent.clock.advanceBy(1);
  expect(silent.heard.get(1)).toBe('All of this is heard.'.length);
  expect(silent.told).toEqual(['started 1', 'idle']);

  const cut = setUp();
  cut.say(1, 'All of this is not heard.');
  cut.speaker.fellSilent();
  cut.clock.advanceBy(100);
  cut.speaker.cutOff('All of this');
  cut.clock.advanceBy(400);
  expect(cut.heard.get(1)).toBe('All of this '.length);
});

test('a silence while more is still to be said is a pause', () => {
  const { clock, speaker, heard } = setUp({ charactersPerSecond: 0.001 });
  speaker.say(1, 'Well, ');
  speaker.fellSilent();
  clock.advanceBy(1_000);
  expect(heard.get(1)).toBeUndefined();
});

test('a caller who cuts in is told by the line how much of everything said they heard', () => {
  const { speaker, heard, say } = setUp();
  say(1, 'One moment. ');
  say(2, 'Your flight leaves at 10:30 from gate 4.');
  speaker.cutOff('one moment your flight leaves at');
  expect(heard.get(1)).toBe('One moment. '.length);
  expect(heard.get(2)).toBe('Your flight leaves at '.length);
});

test('clear: the line is silenced, nothing of what was said is told any more, and idle does not come', () => {
  const { clock, speaker, sent, told, heard, say } = setUp();
  say(1, 'This will not be heard.');
  speaker.clear();
  expect(sent.at(-1)).toBe('clear');
  speaker.fellSilent();
  speaker.spoken('This');
  clock.advanceTo(30_000);
  expect(heard.size).toBe(0);
  expect(told).toEqual(['started 1']);
  say(2, 'But this.');
  speaker.spoken('But this.');
  expect(heard.get(2)).toBe('But this.'.length);
  expect(told).toEqual(['started 1', 'started 2', 'idle']);
});

test('close leaves no timer, and nothing is told afterwards', () => {
  const { clock, speaker, told, heard, say } = setUp();
  say(1, 'Goodbye.');
  speaker.fellSilent();
  speaker.close();
  expect(clock.pending).toBe(0);
  clock.advanceTo(10_000);
  expect(heard.size).toBe(0);
  expect(told).toEqual(['started 1']);
});

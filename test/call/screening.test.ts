/** The first seconds of a call that we placed, in virtual time: what becomes of the call, by what is heard and when. */
import { describe, expect, test } from 'vitest';
import { Screening, type ScreenedCall, type ScreeningOptions } from '../../src/call/screening.ts';
import { noUsage } from '../../src/call/usage.ts';
import { VirtualClock } from '../../src/lib/clock.ts';

const HOLD: ScreeningOptions['voicemail'] = { type: 'leave', message: 'Call us back.' };

/** A call that notes what is done with it. */
function screened(options: Partial<Pick<ScreeningOptions, 'greeting' | 'voicemail' | 'carrier'>> = {}) {
  const clock = new VirtualClock();
  const done: [atMs: number, what: string][] = [];
  const note = (what: string) => done.push([clock.nowMs(), what]);
  let end = () => {};
  const call: ScreenedCall = {
    ended: new Promise((resolve) => (end = () => resolve({ reason: 'x', durationMs: 0, usage: noUsage() }))),
    begin: () => note('begin'),
    announce: (text) => note(`say ${text}`),
    addFacts: (text) => note(`facts ${text}`),
    interrupt: () => note('interrupt'),
    sayGoodbye: (text, reason) => note(`goodbye ${text} ${reason}`),
    hangUp: (reason) => note(`hang up ${reason}`),
    answeredBy: (who, sign) => note(`${who} by ${sign}`),
    callerSpeech: (phase, words) => note(`speech ${phase}${words === undefined ? '' : ` ${words}`}`),
    callerTurn: (text) => note(`turn ${text}`),
  };
  const screening = new Screening({
    ...{ call, clock, greeting: 'Hello, this is Acme.', voicemail: { type: 'hang-up' } },
    hangUp: () => note('line ends'),
    ...options,
  });
  const at = (atMs: number) => clock.advanceTo(atMs);
  return { screening, at, done, end: () => end() };
}

describe('a person', () => {
  test('is greeted once they pause; what they said is told as a fact, and is no turn that would be answered again', () => {
    const { screening, at, done } = screened();
    at(300);
    screening.callerSpeech('start');
    at(800);
    screening.callerSpeech('words', 'hello');
    screening.callerSpeech('end');
    at(1_300);
    screening.callerTurn('Hello?', 500);
    expect(done).toEqual([
      [1_300, 'person by pause'],
      [1_300, 'begin'],
      [1_300, 'say Hello, this is Acme.'],
      [1_300, 'facts Whoever answered the telephone said: "Hello?"'],
    ]);
  });

  test('whose words are understood late, behind the greeting: they are a fact all the same; the next ones are a turn', () => {
    const { screening, at, done } = screened();
    screening.callerSpeech('start');
    at(400);
    screening.callerSpeech('end');
    at(1_600);
    screening.callerTurn('Hello?', 900);
    at(4_000);
    screening.callerSpeech('start');
    screening.callerSpeech('words', 'who is this');
    screening.callerTurn('Who is this?', 500);
    expect(done.map(([, what]) => what)).toEqual([
      ...['person by pause', 'begin', 'say Hello, this is Acme.'],
      'facts Whoever answered the telephone said: "Hello?"',
      ...['speech start', 'speech words who is this', 'turn Who is this?'],
    ]);
  });

  test('by an agent without a greeting is answered by the model', () => {
    const { screening, done } = screened({ greeting: undefined });
    screening.callerSpeech('start');
    screening.callerTurn('Hello?', 500);
    expect(done.map(([, what]) => what)).toEqual(['person by pause', 'begin', 'turn Hello?']);
  });
});

describe('a machine', () => {
  test('`hang-up`: the call and its line end, and the agent has not begun', () => {
    const { screening, done } = screened();
    screening.callerSpeech('start');
    screening.callerSpeech('words', 'please leave a message');
    expect(done.map(([, what]) => what)).toEqual(['machine by words', 'hang up answering-machine', 'line ends']);
  });

  test('`leave`: the message behind its greeting, whose words are no turns and cut nobody off', () => {
    const { screening, at, done } = screened({ voicemail: HOLD });
    screening.callerSpeech('start');
    screening.callerSpeech('words', 'please leave a message');
    at(3_000);
    screening.callerTurn('Please leave a message.', 500);
    screening.callerSpeech('end');
    at(9_000);
    expect(done).toEqual([
      [0, 'machine by words'],
      [5_500, 'begin'],
      [5_500, 'goodbye Call us back. voicemail-left'],
    ]);
  });

  test('that was taken for a person is found out: what the agent says is cut off, and the message is left later', () => {
    const { screening, at, done } = screened({ voicemail: HOLD });
    at(2_500);
    at(4_000);
    screening.callerSpeech('start');
    screening.callerSpeech('words', 'you have reached the mailbox of');
    at(6_000);
    screening.callerSpeech('end');
    at(9_000);
    expect(done).toEqual([
      [2_500, 'unknown by silence'],
      [2_500, 'begin'],
      [2_500, 'say Hello, this is Acme.'],
      [4_000, 'speech start'],
      [4_000, 'speech words you have reached the mailbox of'],
      [4_000, 'machine by words'],
      [4_000, 'interrupt'],
      [8_500, 'goodbye Call us back. voicemail-left'],
    ]);
  });

  test('of which the carrier knows is believed at once, and its line is told nothing more once the call is over', async () => {
    let tell: ((who: 'person' | 'machine', mayLeave: boolean) => void) | undefined;
    const { at, done, end } = screened({
      voicemail: HOLD,
      carrier: (told) => {
        tell = told;
        return () => (tell = undefined);
      },
    });
    at(500);
    tell?.('machine', true);
    expect(done.map(([, what]) => what)).toEqual([
      'machine by carrier',
      'begin',
      'goodbye Call us back. voicemail-left',
    ]);
    end();
    await Promise.resolve();
    expect(tell).toBeUndefined();
  });
});

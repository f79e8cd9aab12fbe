/** The life of one synthesis, in virtual time: every event in every state, and what is left after each. */
import { describe, expect, test } from 'vitest';
import { ProviderError } from '../../../src/lib/errors.ts';
import type { ErrorFacts } from '../../../src/lib/provider-errors.ts';
import type { RequestEffect, RequestEvent } from '../../../src/speak/lightning/request-events.ts';
import { SynthesisRequest } from '../../../src/speak/lightning/request.ts';
import type { RequestOptions } from '../../../src/speak/lightning/round.ts';
import { Dice } from '../../helpers/dice.ts';
import { VOICE } from '../helpers/lightning.ts';

const OPTIONS: RequestOptions = {
  voice: VOICE,
  sampleRateHz: 8_000,
  sessionId: 'call-7',
  wordTimestamps: false,
  timings: { maxBufferFlushMs: 250, completeBackoffMs: 100, firstAudioMs: 5_000, stallMs: 6_000, queueMs: 4_000 },
  expectMs: () => 1_000,
  random: () => 1,
};
/** A second of audio: what one clause should take. */
const SECOND = new Uint8Array(16_000);

/** When each state below has been reached. Nothing is overdue a moment later. */
const NOW = 100;

const facts = (message: string, code: string): ErrorFacts => ({
  message,
  code,
  details: undefined,
  requestId: 'task_1',
  sessionId: undefined,
  status: undefined,
  retryAfterMs: undefined,
});
const refusal = (status: number, retryAfterMs?: number) =>
  new ProviderError('lightning', 'provider-failed', 'no', { phase: 'connect', status, retryAfterMs });
const frame = { requestId: 'r1' };

const EVENTS = {
  speak: { type: 'speak', clause: 'More. ' },
  end: { type: 'end' },
  abort: { type: 'abort' },
  turn: { type: 'turn' },
  granted: { type: 'granted' },
  expired: { type: 'expired' },
  connected: { type: 'connected', requestId: 'r2', isUsed: false },
  'unreachable for now': { type: 'unreachable', error: refusal(503) },
  'unreachable for long': { type: 'unreachable', error: refusal(503, 60_000) },
  'unreachable for good': { type: 'unreachable', error: refusal(400) },
  rested: { type: 'rested' },
  'resumption of some': { type: 'resumption', rest: { clauses: ['rest.'], keptMs: 500 } },
  'resumption of nothing': { type: 'resumption', rest: { clauses: [], keptMs: 1_000 } },
  'no resumption': { type: 'resumption', rest: undefined },
  overtaken: { type: 'overtaken' },
  dropped: { type: 'dropped' },
  closed: { type: 'closed', code: 1006, behind: 'nobody' },
  time: { type: 'time', behind: 'nobody' },
  settled: { type: 'settled' },
  word: { ...frame, type: 'word', word: 'Hello', startMs: 40, endMs: 190 },
  complete: { ...frame, type: 'complete', taskId: 'task_1' },
  unreadable: { ...frame, type: 'unreadable', taskId: 'task_1' },
  refused: { ...frame, type: 'error', kind: 'refused', facts: facts('Invalid Voice ID', 'custom') },
  'refused for its key': { ...frame, type: 'error', kind: 'refused', facts: facts('no', '401') },
  'over the limit': { ...frame, type: 'error', kind: 'over-limit', facts: facts('concurrency limit', '429') },
  idle: { ...frame, type: 'error', kind: 'idle', facts: facts('inactivity', 'unknown') },
} satisfies Record<string, RequestEvent>;
type EventName = keyof typeof EVENTS;

/** One request and the events that it is told, each at its time. */
class Life {
  readonly request = new SynthesisRequest(OPTIONS);
  readonly effects: RequestEffect[] = [];

  tell(event: RequestEvent | EventName, atMs = NOW): RequestEffect[] {
    const effects = this.request.handle(typeof event === 'string' ? EVENTS[event] : event, atMs);
    this.effects.push(...effects);
    return effects;
  }

  say(clause: string, atMs = NOW): this {
    this.tell({ type: 'speak', clause }, atMs);
    return this;
  }

  /** On a socket, for the first time or again. */
  send({ requestId = 'r1', isUsed = false } = {}, atMs = NOW): this {
    this.tell('turn', atMs);
    this.tell('granted', atMs);
    this.tell({ type: 'connected', requestId, isUsed }, atMs);
    return this;
  }

  hear(audio = SECOND, atMs = NOW): this {
    this.request.hear(audio, atMs);
    return this;
  }

  with(...events: EventName[]): this {
    for (const event of events) this.tell(event);
    return this;
  }
}

const sending = () => new Life().say('Hello. ').send();
const sendingHeard = () => sending().hear();
const STATES = {
  'waiting, nothing said': () => new Life(),
  'waiting, said': () => new Life().say('Hello. '),
  'waiting, ended without a word': () => new Life().with('end'),
  queued: () => new Life().say('Hello. ').with('turn'),
  connecting: () => new Life().say('Hello. ').with('turn', 'granted'),
  resting: () => new Life().say('Hello. ').with('turn', 'granted', 'unreachable for now'),
  sending,
  'sending on a used socket': () => new Life().say('Hello. ').send({ isUsed: true }),
  'sending, heard': sendingHeard,
  closing: () => sending().with('end'),
  'closing, heard': () => sendingHeard().with('end'),
  'closing, said since it was heard': () => sendingHeard().with('speak', 'end'),
  'cut before any audio': () => sending().with('closed'),
  'cut in the middle': () => sendingHeard().with('closed'),
  'cut, ended': () => sendingHeard().with('end', 'closed'),
  open: () => sendingHeard().with('complete'),
  late: () => {
    const life = sendingHeard().with('end');
    life.tell({ type: 'time', behind: 'nobody' }, NOW + 1_000);
    return life;
  },
  over: () => sendingHeard().with('end', 'complete'),
} satisfies Record<string, () => Life>;
type StateName = keyof typeof STATES;

const CUT = 'drop-socket ask-resumption -> cut';
/** A service that says that it has spoken, and has not, is asked as one that was cut off. */
const MUTE = `unspoken ${CUT}`;
const DROP = 'drop-socket -> over';
const LEAVE = 'leave -> over';
const DONE = 'leave done -> over';
const FAILED = 'drop-socket failed -> over';
const onSocket = {
  overtaken: DONE,
  dropped: 'leave -> waiting',
  abort: DROP,
  'refused for its key': FAILED,
} as const;
/** Before any audio nothing is lost: a request is made once more as it was. */
const silent = {
  complete: MUTE,
  unreadable: MUTE,
  refused: FAILED,
  'over the limit': 'over-limit drop-socket again rest -> resting',
  idle: CUT,
} as const;
const heard = {
  unreadable: MUTE,
  refused: CUT,
  'over the limit': 'over-limit drop-socket ask-resumption -> cut',
  idle: CUT,
} as const;

/** What each event does in each state, as `effects -> state`. Those that are left out change nothing and ask for nothing. */
const EXPECTED: Record<StateName, Partial<Record<EventName, string>>> = {
  'waiting, nothing said': { speak: '-> waiting', end: 'settle -> waiting', abort: LEAVE, overtaken: DONE },
  'waiting, said': {
    end: '-> waiting',
    turn: 'queue -> queued',
    connected: 'send -> sending', // behind another, on its socket
    abort: LEAVE,
    overtaken: DONE,
  },
  'waiting, ended without a word': { settled: DONE, abort: LEAVE, overtaken: DONE },
  queued: { granted: 'connect -> connecting', expired: 'failed -> over', abort: LEAVE, overtaken: DONE },
  connecting: {
    connected: 'send -> sending',
    'unreachable for now': 'leave again rest -> resting',
    'unreachable for long': 'leave failed -> over',
    'unreachable for good': 'leave failed -> over',
    abort: LEAVE,
    overtaken: DONE,
  },
  resting: { rested: 'queue -> queued', abort: LEAVE, overtaken: DONE },
  sending: {
    ...onSocket,
    ...silent,
    speak: 'send -> sending',
    end: 'send -> closing',
    closed: CUT,
    word: 'word -> sending',
  },
  'sending on a used socket': {
    ...onSocket,
    ...silent,
    speak: 'send -> sending',
    end: 'send -> closing',
    closed: 'leave -> waiting', // the other end had let it go already: nobody's fault
    word: 'word -> sending',
  },
  'sending, heard': {
    ...onSocket,
    ...heard,
    speak: 'send -> sending',
    end: 'send -> closing',
    closed: CUT,
    word: 'word -> sending',
    complete: 'leave -> open',
    idle: 'drop-socket leave -> open', // it had spoken all we gave it
  },
  closing: { ...onSocket, ...silent, closed: CUT, word: 'word -> closing' },
  'closing, heard': { ...onSocket, ...heard, closed: CUT, word: 'word -> closing', complete: DONE },
  'closing, said since it was heard': {
    ...onSocket,
    ...heard,
    closed: CUT,
    word: 'word -> closing',
    complete: 'drop-socket -> waiting', // they crossed: what was said last has not been spoken
  },
  'cut before any audio': {
    'resumption of some': 'again -> waiting',
    'resumption of nothing': 'again -> waiting',
    'no resumption': 'again -> waiting',
    abort: LEAVE,
    overtaken: DONE,
  },
  'cut in the middle': {
    'resumption of some': 'again -> waiting',
    'resumption of nothing': 'again -> waiting',
    'no resumption': 'failed -> over',
    abort: LEAVE,
    overtaken: DONE,
  },
  'cut, ended': {
    'resumption of some': 'again -> waiting',
    'resumption of nothing': DONE,
    'no resumption': 'failed -> over',
    abort: LEAVE,
    overtaken: DONE,
  },
  open: { speak: '-> waiting', end: DONE, abort: LEAVE, overtaken: DONE },
  late: { abort: '-> over' },
  over: {},
};

const stateNames = Object.keys(STATES) as StateName[];
const eventNames = Object.keys(EVENTS) as EventName[];
const ALL_BUT_ABORT = eventNames.filter((name) => name !== 'abort');
const typesOf = (effects: RequestEffect[]) => effects.map(({ type }) => type).join(' ');

describe.each(stateNames)('%s', (name) => {
  test.each(eventNames)('%s', (event) => {
    const life = STATES[name]();
    const before = life.request.state;
    const types = typesOf(life.tell(event));
    const expected = EXPECTED[name][event] ?? `-> ${before}`;
    expect(`${types} -> ${life.request.state}`.trim()).toBe(expected);
  });

  test('after an abort it is silent, whatever still comes', () => {
    const life = STATES[name]();
    life.tell('abort');
    for (const event of eventNames) expect(life.tell(event)).toEqual([]);
    expect(life.request.hear(SECOND, NOW)).toHaveLength(0);
    expect(life.request).toMatchObject({ state: 'over', isOver: true, isHungry: false });
    expect(life.request.dueAtMs('waiting', NOW)).toBe(Infinity);
  });
});

describe('what goes out', () => {
  const textsOf = (effects: RequestEffect[]) =>
    effects.flatMap((effect) => (effect.type === 'send' ? [JSON.parse(effect.text) as Record<string, unknown>] : []));

  test('all that was said before there was a socket, in order, and the closing frame when it was ended', () => {
    const life = new Life().say('Let me check ').say('that flight. ').with('end').send();
    expect(textsOf(life.effects)).toMatchObject([
      { text: 'Let me check ', continue: true, request_id: 'r1', session_id: 'call-7' },
      { text: 'that flight. ', continue: true },
      { text: '', continue: false, flush: true, complete_backoff_ms: 100 },
    ]);
  });

  test('after an early `complete`, only what was said since', () => {
    const life = sendingHeard().with('complete').say('And bye.').with('end');
    life.effects.length = 0;
    life.send({ requestId: 'r2' });
    expect(textsOf(life.effects).map(({ text, request_id: id }) => [text, id])).toEqual([
      ['And bye.', 'r2'],
      ['', 'r2'],
    ]);
  });

  test('when `complete` and a clause crossed, that clause, under a new name', () => {
    const life = sendingHeard().say('Crossed. ').with('complete');
    life.effects.length = 0;
    life.send({ requestId: 'r2' });
    expect(textsOf(life.effects).map(({ text }) => text)).toEqual(['Crossed. ']);
  });

  test.each([
    ['before any audio, everything', 'cut before any audio', 'no resumption', ['Hello. ']],
    ['before any audio, what the listener says', 'cut before any audio', 'resumption of some', ['rest.']],
    ['in the middle, what the listener says', 'cut in the middle', 'resumption of some', ['rest.']],
    ['ended, what the listener says, and the end', 'cut, ended', 'resumption of some', ['rest.', '']],
  ] as const)('after a cut %s', (_, state, resumption, texts) => {
    const life = STATES[state]().with(resumption);
    life.effects.length = 0;
    life.send({ requestId: 'r2' });
    expect(textsOf(life.effects).map(({ text }) => text)).toEqual(texts);
  });

  test('what is said while it is cut off comes behind the rest', () => {
    const life = sendingHeard().with('closed', 'resumption of some').say('More.');
    life.effects.length = 0;
    life.send({ requestId: 'r2' });
    expect(textsOf(life.effects).map(({ text }) => text)).toEqual(['rest.', 'More.']);
  });

  test('nothing left to be spoken after a cut: it is done when it is ended, later', () => {
    const life = sendingHeard().with('closed', 'resumption of nothing');
    expect(life.request.isHungry).toBe(false);
    expect(typesOf(life.tell('end'))).toBe('settle');
    expect(typesOf(life.tell('settled'))).toBe('leave done');
  });
});

describe('what is heard', () => {
  test('whole samples, however the pieces are cut', () => {
    const { request } = sending();
    const lengths = [1, 2, 0, 4, 1].map((length) => request.hear(new Uint8Array(length), NOW).length);
    expect(lengths).toEqual([0, 2, 0, 4, 2]);
    expect(request.hasHeard).toBe(true);
  });

  test('half a sample is no audio yet', () => {
    const { request } = sending();
    request.hear(new Uint8Array(1), NOW);
    expect(request.hasHeard).toBe(false);
  });

  test('word times go on behind the audio of earlier requests, and behind what was kept after a cut', () => {
    const word = (life: Life) => life.tell('word').map((effect) => (effect.type === 'word' ? effect.startMs : -1));
    expect(word(sending())).toEqual([40]);
    expect(word(sendingHeard().with('complete').say('More. ').send())).toEqual([1_040]);
    expect(word(sendingHeard().with('closed', 'resumption of some').send())).toEqual([540]);
  });

  test('frames are its own when they carry its name, or none', () => {
    const { request } = sending();
    expect([request.isAnsweredBy('r1'), request.isAnsweredBy(undefined), request.isAnsweredBy('r0')]).toEqual([
      true,
      true,
      false,
    ]);
    expect(new Life().request.isAnsweredBy(undefined)).toBe(false);
  });

  test('audio that comes although it counted as done is still handed on', () => {
    const life = STATES.late();
    expect(typesOf(life.effects).endsWith('leave done')).toBe(true);
    expect(life.request.hear(SECOND, NOW + 2_000)).toHaveLength(SECOND.length);
  });
});

describe('an end that cannot be one', () => {
  const audio = (ms: number) => new Uint8Array(ms * 16);
  const lost = (life: Life) => life.effects.flatMap((effect) => (effect.type === 'unspoken' ? [effect.error] : []));

  test.each([
    ['no audio', audio(0), 'answered no audio for words that take about 1000 ms'],
    ['half a sample', new Uint8Array(1), 'answered no audio'],
    ['a crumb', audio(50), 'answered 50 ms of audio for words that take about 1000 ms'],
    ['far too little', audio(180), 'answered 180 ms of audio'],
  ])(
    '%s: it is made once more, then it fails, each time with the id that the service knows it by',
    (_, bytes, message) => {
      const life = sending().with('end').hear(bytes).with('complete', 'no resumption');
      for (let tries = 0; tries < 3 && !life.request.isOver; tries++)
        life.send({ requestId: 'r2' }).hear(bytes).with('complete', 'no resumption');
      const [first] = lost(life);
      expect(first).toMatchObject({ code: 'provider-failed', requestId: 'task_1' });
      expect(first!.message).toContain(message);
      expect(life.effects.at(-1)).toMatchObject({ type: 'failed', error: { code: 'provider-failed' } });
    },
  );

  test('a little less than expected is an end like any other', () => {
    expect(lost(sending().with('end').hear(audio(250)).with('complete'))).toEqual([]);
  });

  test('text without a word may be silent', () => {
    const life = new Life().say('… ').send().with('end', 'complete');
    expect(life.effects.at(-1)).toEqual({ type: 'done' });
  });

  test('pieces without audio put off nothing', () => {
    const life = sending().with('end');
    for (let ms = 0; ms < 5_000; ms += 100) life.hear(new Uint8Array(0), NOW + ms);
    expect(life.tell({ type: 'time', behind: 'nobody' }, NOW + 5_000).at(-1)).toEqual({ type: 'ask-resumption' });
    expect(life.with('no resumption').effects.at(-1)).toMatchObject({
      error: { code: 'first-token-timeout', requestId: 'r1' },
    });
  });
});

test('audio without end: what came is kept, and the socket is let go', () => {
  const life = sending().hear(new Uint8Array(16_000 * 38));
  expect(life.request.isEndless).toBe(false);
  expect(life.hear(new Uint8Array(16_000)).request.isEndless).toBe(true);
  expect(life.tell({ type: 'endless' })).toMatchObject([
    { type: 'drop-socket' },
    { type: 'failed', isTruncated: true, error: { code: 'provider-failed', requestId: 'r1' } },
  ]);
});

describe('time', () => {
  test.each([
    ['sending', 'nobody', 5_000],
    ['sending, heard', 'nobody', Infinity],
    ['closing', 'waiting', 5_000],
    ['closing, heard', 'nobody', 1_000],
    ['closing, heard', 'waiting', 400],
    ['closing, heard', 'on-socket', 6_000],
    ['closing, said since it was heard', 'nobody', 6_000], // half of the audio is missing
    ['queued', 'nobody', Infinity],
    ['late', 'nobody', Infinity],
  ] as const)('%s, with %s behind it: due in %d ms', (name, behind, dueInMs) => {
    expect(STATES[name]().request.dueAtMs(behind, NOW) - NOW).toBe(dueInMs);
  });

  test.each([
    ['sending', 'nobody', 5_000, 'drop-socket ask-resumption', 'first-token-timeout'],
    ['closing, heard', 'nobody', 1_000, 'leave done', undefined],
    ['closing, heard', 'on-socket', 6_000, 'leave done', undefined],
    ['closing, said since it was heard', 'nobody', 6_000, 'drop-socket ask-resumption', 'idle-timeout'],
  ] as const)('%s, with %s behind it: nothing until %d ms, then %s', (name, behind, dueInMs, types, code) => {
    const life = STATES[name]();
    expect(life.tell({ type: 'time', behind }, NOW + dueInMs - 2)).toEqual([]);
    expect(typesOf(life.tell({ type: 'time', behind }, NOW + dueInMs))).toBe(types);
    if (code === undefined) return;
    life.with('no resumption').send({ requestId: 'r2' }, NOW);
    life.tell({ type: 'time', behind }, NOW + 2 * dueInMs);
    expect(life.effects.at(-1)).toMatchObject({ type: 'failed', error: { code } });
  });

  test('the next may follow on the socket 400 ms after the last audio, when there is enough of it', () => {
    const { request } = STATES['closing, heard']();
    expect([398, 399].map((ms) => request.mayBeFollowed(NOW + ms))).toEqual([false, true]);
    expect(STATES['closing, said since it was heard']().request.mayBeFollowed(NOW + 5_000)).toBe(false);
    expect(STATES['sending, heard']().request.mayBeFollowed(NOW + 5_000)).toBe(false);
  });

  test('a socket that closes when all has been spoken, with the next one on it, has lost nothing', () => {
    const life = STATES['closing, heard']();
    expect(typesOf(life.tell({ type: 'closed', code: 1000, behind: 'on-socket' }, NOW + 400))).toBe('leave done');
  });
});

describe('how often', () => {
  test('once without audio in between, then it fails with what happened', () => {
    const life = sending().with('closed', 'no resumption').send();
    expect(life.tell('closed')).toMatchObject([
      { type: 'drop-socket' },
      { type: 'failed', isTruncated: false, error: { code: 'stream-cut', status: 1006, phase: 'before-first-output' } },
    ]);
  });

  test('three times in all, though audio comes each time', () => {
    const life = new Life().say('Hello. ');
    for (let i = 0; i < 3; i++)
      expect(life.send().hear().with('closed', 'resumption of some').request.state).toBe('waiting');
    expect(life.send().hear().tell('closed').at(-1)).toMatchObject({ type: 'failed', isTruncated: true });
  });

  test('three used sockets may have been closed at the other end, which counts as no try', () => {
    const life = new Life().say('Hello. ');
    for (let i = 0; i < 3; i++) expect(typesOf(life.send({ isUsed: true }).tell('closed'))).toBe('leave');
    expect(typesOf(life.send({ isUsed: true }).tell('closed'))).toBe('drop-socket ask-resumption');
  });

  test('over the limit: after 100, 200, 400 ms, as long as its own time lasts; Retry-After goes before', () => {
    const life = new Life().say('Hello. ').with('turn');
    const rests: number[] = [];
    let atMs = NOW;
    for (let i = 0; i < 20 && !life.request.isOver; i++) {
      life.tell('granted', atMs);
      life.tell('connected', atMs);
      const rest = life.tell('over the limit', atMs).at(-1)!;
      if (rest.type !== 'rest') break;
      rests.push(rest.forMs);
      atMs += rest.forMs;
      expect(life.tell('rested', atMs)).toEqual([{ type: 'queue', waitMs: NOW + 4_000 - atMs }]);
    }
    expect(rests).toEqual([100, 200, 400, 800, 1_000, 1_000]);
    expect(life.effects.at(-1)).toMatchObject({ type: 'failed', error: { code: 'rate-limited' } });
    const patient = new Life().say('Hello. ').with('turn', 'granted');
    const [, , rest] = patient.tell({ type: 'unreachable', error: refusal(429, 1_500) });
    expect(rest).toEqual({ type: 'rest', forMs: 1_500 });
  });
});

test('whatever comes, in whatever order: one ending at most, nothing behind it, and no slot is kept', () => {
  const counts = { done: 0, failed: 0, aborted: 0 };
  for (let seed = 1; seed <= 10_000; seed++) counts[liveAtRandom(new Dice(seed), seed)]++;
  for (const count of Object.values(counts)) expect(count).toBeGreaterThan(500);
});

/** Returns how it ended; whoever is still alive after forty events is aborted. */
function liveAtRandom(dice: Dice, seed: number): 'done' | 'failed' | 'aborted' {
  const life = new Life();
  let atMs = 0;
  /** Whether it waits for a slot or has one. */
  let hasSlot = false;
  let ending: 'done' | 'failed' | undefined;
  const hold = (isSo: boolean, what: string) => {
    if (!isSo) throw new Error(`Seed ${seed}: ${what}, in ${life.request.state}`);
  };
  for (let i = 0; i < 40; i++) {
    atMs += dice.between(0, 2_000);
    if (dice.chance(0.2)) life.request.hear(new Uint8Array(dice.between(0, 16_001)), atMs);
    const event = dice.chance(0.5)
      ? dice.pick(ALL_BUT_ABORT)
      : dice.pick(['turn', 'granted', 'connected', 'speak'] as const);
    const wasOver = life.request.isOver;
    for (const effect of life.tell(i === 39 ? 'abort' : event, atMs)) {
      hold(!wasOver && ending === undefined, `${effect.type} after the end`);
      if (effect.type === 'queue') hasSlot = true;
      if (effect.type === 'leave' || effect.type === 'drop-socket' || event === 'expired') hasSlot = false;
      if (effect.type === 'send') hold(life.request.isOnSocket, 'a frame without a socket');
      if (effect.type === 'done' || effect.type === 'failed') ending = effect.type;
    }
    hold(!life.request.isOver || !hasSlot, `a slot is kept after ${event}`);
  }
  return ending ?? 'aborted';
}

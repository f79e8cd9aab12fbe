import { expect, test } from 'vitest';
import { systemClock } from '../../../src/lib/clock.ts';
import { createLog } from '../../../src/lib/log.ts';
import { Places } from '../../../src/lib/places.ts';
import type { SharedLimit } from '../../../src/lib/shared-limit.ts';
import type { LightningSimulatorOptions } from '../../../src/simulate/lightning/options.ts';
import { createLightning, type LightningOptions } from '../../../src/speak/lightning/synthesizer.ts';
import { setUpLightning, speak, TIMED_VOICE, VOICE } from '../helpers/lightning.ts';
import { until } from '../../helpers/until.ts';

/** Every test ends with nothing left: no socket at either end, no timer, no synthesis. */
async function setUp(
  onTestFinished: (check: () => Promise<void>) => void,
  simulator: LightningSimulatorOptions = {},
  options: Partial<LightningOptions> = {},
) {
  const { service, lightning, clock } = await setUpLightning(simulator, options);
  onTestFinished(async () => {
    await lightning.close();
    expect(lightning.figures()).toMatchObject({ sockets: 0, active: 0, queued: 0 });
    expect(clock.pending).toBe(0);
    await until(() => service.sockets.open === 0);
    expect(service.sockets.most).toBeLessThanOrEqual(5);
    await service.close();
  });
  return { service, lightning };
}

test.concurrent.for(['close', 'keep'] as const)(
  'utterances come whole and in order when the service does `%s` after complete',
  async (afterComplete, { onTestFinished }) => {
    const { service, lightning } = await setUp(onTestFinished, { afterComplete });
    const line = lightning.open({ callId: 'call 7', voice: VOICE });
    line.prewarm();
    const first = speak(line, ['Let me check ', 'that flight. ']);
    const second = speak(line, ['It leaves at 10:30.']);
    await second.firstAudio;
    expect(first.outcome).toBe('done');
    expect(await second.ended).toBe('done');
    const third = speak(line, ['Anything else?']);
    expect(await third.ended).toBe('done');
    expect([first.heard(), second.heard(), third.heard()]).toEqual([
      'Let me check that flight. ',
      'It leaves at 10:30.',
      'Anything else?',
    ]);
    expect(service.requests.map(({ pieces }) => pieces)).toEqual([
      ['Let me check ', 'that flight. ', ''],
      ['It leaves at 10:30.', ''],
      ['Anything else?', ''],
    ]);
    expect(service.requests.every(({ sessionId }) => sessionId === 'call-7')).toBe(true);
    expect(new Set(service.requests.map(({ requestId }) => requestId)).size).toBe(3);
    if (afterComplete === 'close') return;
    await until(() => service.sockets.open <= 2); // by now it is known that sockets stay
    const { opened } = service.sockets;
    for (let i = 0; i < 3; i++) expect(await speak(line, ['Yes.']).ended).toBe('done');
    expect(service.sockets.opened).toBe(opened);
  },
);

test.concurrent('text goes out in the tick in which it comes, once the line is warm', async ({ onTestFinished }) => {
  const { service, lightning } = await setUp(onTestFinished);
  const line = lightning.open({ callId: 'c', voice: VOICE });
  line.prewarm();
  await until(() => service.sockets.open === 1);
  const utterance = speak(line, ['Hello. '], { isOpen: true });
  await utterance.firstAudio; // spoken although more may come: timed flushing is on
  utterance.synthesis.speak('And bye.');
  utterance.synthesis.end();
  await utterance.ended;
  expect(utterance.heard()).toBe('Hello. And bye.');
});

test.concurrent('a spare stands by while the agent speaks', async ({ onTestFinished }) => {
  const { service, lightning } = await setUp(onTestFinished, { realTimeFactor: 3 });
  const line = lightning.open({ callId: 'c', voice: VOICE });
  const utterance = speak(line, ['This takes a moment to say.']);
  await utterance.firstAudio;
  await until(() => service.sockets.open === 2);
  await utterance.ended;
});

test.concurrent(
  'of sockets that workers share, what stands idle keeps to this one’s part',
  async ({ onTestFinished }) => {
    const shared: SharedLimit = {
      isShared: true,
      workers: 5,
      take: () => 'grant',
      waitMs: () => 0,
      takeOwn: () => 'grant',
      release: () => {},
      lower: () => {},
      othersSentAtMs: () => [],
      listen: () => {},
    };
    const places = { syntheses: new Places(5, systemClock), sockets: new Places(5, systemClock, shared) };
    const { service, lightning } = await setUp(onTestFinished, { concurrency: 5, afterComplete: 'keep' }, { places });
    const lines = ['a', 'b', 'c'].map((callId) => lightning.open({ callId, voice: VOICE }));
    const utterances = lines.map((line) => speak(line, ['Hello there.']));
    for (const utterance of utterances) expect(await utterance.ended).toBe('done'); // all at once: three of five
    expect(service.sockets.most).toBeGreaterThanOrEqual(3);
    await until(() => service.sockets.open <= 1);
    expect(places.sockets.counts).toMatchObject({ inFlight: service.sockets.open });
    expect(await speak(lines[0]!, ['And bye.']).ended).toBe('done');
  },
);

test.concurrent('an utterance without a word sends nothing, and is done', async ({ onTestFinished }) => {
  const { service, lightning } = await setUp(onTestFinished);
  const line = lightning.open({ callId: 'c', voice: VOICE });
  expect(await speak(line, []).ended).toBe('done');
  expect(await speak(line, ['After it.']).ended).toBe('done');
  expect(service.requests.length).toBe(1);
});

test.concurrent('rates: the line is opened with that of the call', async ({ onTestFinished }) => {
  const { service, lightning } = await setUp(onTestFinished);
  for (const [wanted, given] of [
    [8_000, 8_000],
    [16_000, 16_000],
    [22_050, 24_000],
    [48_000, 44_100],
    [undefined, 8_000],
  ] as const) {
    const line = lightning.open({
      callId: 'c',
      voice: VOICE,
      ...(wanted && { wanted: { encoding: 'linear16', sampleRateHz: wanted } }),
    });
    expect(line.format).toEqual({ encoding: 'linear16', sampleRateHz: given });
    const utterance = speak(line, ['Hello.'], { sampleRateHz: given });
    await utterance.ended;
    expect(utterance.heard()).toBe('Hello.');
    expect(service.requests.at(-1)?.sampleRateHz).toBe(given);
    line.close();
  }
});

test.concurrent(
  'word times come for the voices that know them, and no others are waited for',
  async ({ onTestFinished }) => {
    const { lightning } = await setUp(onTestFinished);
    const timed = speak(lightning.open({ callId: 'a', voice: TIMED_VOICE }), ['Let me ', 'see it.']);
    await timed.ended;
    expect(timed.words.map(({ text }) => text)).toEqual(['Let', 'me', 'see', 'it.']);
    expect(timed.words[3]!.startMs).toBeGreaterThan(timed.words[2]!.endMs);
    const silent = speak(lightning.open({ callId: 'b', voice: VOICE }), ['Let me see.']);
    expect(await silent.ended).toBe('done');
    expect(silent.words).toEqual([]);
  },
);

test.concurrent(
  'one synthesis at a time in the whole account: calls wait for each other, first come first served',
  async ({ onTestFinished }) => {
    const { service, lightning } = await setUp(onTestFinished);
    const order: number[] = [];
    const calls = Array.from({ length: 8 }, (_, i) => {
      const utterance = speak(lightning.open({ callId: `call-${i}`, voice: VOICE }), [`I am number ${i}.`]);
      void utterance.ended.then(() => order.push(i));
      return utterance;
    });
    expect(lightning.figures()).toMatchObject({ queued: 7 });
    expect(await Promise.all(calls.map(({ ended }) => ended))).toEqual(calls.map(() => 'done'));
    expect(order).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(calls.map((call) => call.heard())).toEqual(calls.map((_, i) => `I am number ${i}.`));
    expect(service.sockets.most).toBeLessThanOrEqual(5);
  },
);

test.concurrent(
  'sockets that calls keep for their next turn give way when there are too many',
  async ({ onTestFinished }) => {
    const { service, lightning } = await setUp(onTestFinished, { afterComplete: 'keep' });
    const lines = Array.from({ length: 9 }, (_, i) => lightning.open({ callId: `call-${i}`, voice: VOICE }));
    for (let round = 0; round < 2; round++) {
      for (const line of lines) expect(await speak(line, ['Yes.']).ended).toBe('done');
    }
    expect(service.sockets.most).toBe(5);
  },
);

test.concurrent('who waits too long for a free synthesis is told, and the others go on', async ({ onTestFinished }) => {
  const { lightning } = await setUp(onTestFinished, { realTimeFactor: 3 }, { queueMs: 150 });
  const long = speak(lightning.open({ callId: 'a', voice: VOICE }), ['This is a rather long sentence to say.']);
  const short = speak(lightning.open({ callId: 'b', voice: VOICE }), ['Me too.']);
  expect(await short.ended).toMatchObject({ code: 'queue-timeout', provider: 'lightning' });
  expect(await long.ended).toBe('done');
});

test.concurrent(
  'a service that takes no notice of our back-off does not delay the end or the next utterance by its own',
  async ({ onTestFinished }) => {
    const { lightning } = await setUp(onTestFinished, {
      ignoresBackoff: true,
      completeBackoffMs: 30_000, // the real one's 4,000, and what a busy machine may take besides
      afterComplete: 'keep',
    });
    const line = lightning.open({ callId: 'c', voice: VOICE });
    const startMs = systemClock.nowMs();
    const filler = speak(line, ['One second, let me look at that.']);
    const answer = speak(line, ['Your flight leaves at ten.']);
    await answer.firstAudio;
    expect(filler.outcome).toBe('done');
    await answer.ended;
    expect(systemClock.nowMs() - startMs).toBeLessThan(30_000);
    expect(filler.heard()).toBe('One second, let me look at that.');
    expect(answer.heard()).toBe('Your flight leaves at ten.');
  },
);

test.concurrent(
  'a stall in the middle is not taken for the end: no audio is lost, and nothing is said twice',
  async ({ onTestFinished }) => {
    const { service, lightning } = await setUp(onTestFinished);
    service.fail({ type: 'stall', afterMs: 600, forMs: 1_300 });
    const line = lightning.open({ callId: 'c', voice: VOICE });
    const first = speak(line, ['One second, let me look at that for you, please.']);
    const second = speak(line, ['Done.']);
    await Promise.all([first.ended, second.ended]);
    expect(first.heard()).toBe('One second, let me look at that for you, please.');
    expect(second.heard()).toBe('Done.');
    expect(service.requests.length).toBe(2);
  },
);

test.concurrent(
  'when the model is silent for so long that the service completes, the rest is a request of its own',
  async ({ onTestFinished }) => {
    const { service, lightning } = await setUp(onTestFinished, { completeBackoffMs: 60 });
    const line = lightning.open({ callId: 'c', voice: TIMED_VOICE });
    const utterance = speak(line, ['One second. '], { isOpen: true });
    await until(() => lightning.figures().active === 0 && service.requests.length === 1 && utterance.pcm().length > 0);
    utterance.synthesis.speak('Here it is.');
    utterance.synthesis.end();
    expect(await utterance.ended).toBe('done');
    expect(utterance.heard()).toBe('One second. Here it is.');
    expect(service.requests.map(({ pieces }) => pieces)).toEqual([['One second. '], ['Here it is.', '']]);
    expect(utterance.words[2]!.startMs).toBeGreaterThan(utterance.words[1]!.endMs); // times go on, though theirs began anew
  },
);

test.concurrent('the same, and nothing more is said', async ({ onTestFinished }) => {
  const { lightning } = await setUp(onTestFinished, { completeBackoffMs: 30 });
  const utterance = speak(lightning.open({ callId: 'c', voice: VOICE }), ['One second. '], { isOpen: true });
  await until(() => utterance.pcm().length > 0 && lightning.figures().active === 0);
  utterance.synthesis.end();
  expect(await utterance.ended).toBe('done');
});

test.concurrent(
  'R12: an interruption closes the socket, nothing more is heard of it, and the next words go out on the spare',
  async ({ onTestFinished }) => {
    const { service, lightning } = await setUp(onTestFinished, { realTimeFactor: 3, slotLagMs: 60 });
    const line = lightning.open({ callId: 'c', voice: VOICE });
    for (let round = 0; round < 4; round++) {
      const cut = speak(line, ['This is a long answer that will be cut off in the middle.']);
      const behind = speak(line, ['And this one never comes.']);
      await cut.firstAudio;
      await until(() => service.sockets.open >= 2);
      const bytes = cut.pcm().length;
      cut.synthesis.abort();
      behind.synthesis.abort();
      const next = speak(line, ['Yes?']);
      expect(await next.ended).toBe('done'); // though the account's slot lags behind the close
      expect(next.heard()).toBe('Yes?');
      expect(cut.pcm().length).toBe(bytes);
      expect([cut.outcome, behind.outcome]).toEqual([undefined, undefined]);
    }
  },
);

test.concurrent('an interruption before anything is on the wire leaves no trace', async ({ onTestFinished }) => {
  const { service, lightning } = await setUp(onTestFinished);
  const line = lightning.open({ callId: 'c', voice: VOICE });
  speak(line, ['Never.']).synthesis.abort();
  expect(lightning.figures().active).toBe(0);
  expect(await speak(line, ['Said.']).ended).toBe('done');
  expect(service.requests.length).toBe(1);
});

test.concurrent('a line that is closed in the middle leaves the others alone', async ({ onTestFinished }) => {
  const { lightning } = await setUp(onTestFinished, { realTimeFactor: 3 });
  const gone = lightning.open({ callId: 'gone', voice: VOICE });
  const cut = speak(gone, ['This is a long answer.']);
  const other = speak(lightning.open({ callId: 'stays', voice: VOICE }), ['I stay.']);
  await cut.firstAudio;
  gone.close();
  expect(await other.ended).toBe('done');
  expect(cut.outcome).toBeUndefined();
  speak(gone, ['Too late.']);
});

// ---- faults ---------------------------------------------------------------------------------------------------------

test.concurrent('a connection that is refused for a moment is tried again', async ({ onTestFinished }) => {
  const { service, lightning } = await setUp(onTestFinished);
  service.fail({ type: 'refuse', status: 503 }, 2);
  const utterance = speak(lightning.open({ callId: 'c', voice: VOICE }), ['Hello.']);
  expect(await utterance.ended).toBe('done');
});

test.concurrent(
  'a bad key, a bad request and a service that stays away fail with what is known',
  async ({ onTestFinished }) => {
    const { service, lightning } = await setUp(onTestFinished, { apiKey: 'sk_other' }, { queueMs: 400 });
    const line = lightning.open({ callId: 'c', voice: VOICE });
    expect(await speak(line, ['Hello.']).ended).toMatchObject({ code: 'unauthorized', status: 401, phase: 'connect' });
    service.set({ apiKey: 'sk_test' });
    service.fail({ type: 'refuse', status: 400 });
    expect(await speak(line, ['Hello.']).ended).toMatchObject({
      code: 'provider-failed',
      status: 400,
      message: 'lightning: Refused for a test',
    });
    service.fail({ type: 'refuse', status: 503 }, 20);
    expect(await speak(line, ['Hello.']).ended).toMatchObject({ code: 'provider-failed', status: 503 });
  },
);

test.concurrent('nobody listening at all', async ({ onTestFinished }) => {
  const { service, lightning } = await setUp(onTestFinished, {}, { queueMs: 300 });
  await service.close();
  const outcome = await speak(lightning.open({ callId: 'c', voice: VOICE }), ['Hello.']).ended;
  expect(outcome).toMatchObject({ code: 'connect-failed', phase: 'connect' });
});

/** Short where the fault is a silence that has to be found out; else a busy machine must not be taken for one. */
const deadlinesFor = ({ type }: { type: string }) => ({
  firstAudioMs: type === 'hang' ? 500 : 10_000,
  stallMs: type === 'stall' ? 1_000 : 10_000,
});

test.concurrent.for([[{ type: 'cut', afterMs: 0 }], [{ type: 'close', afterMs: 0 }], [{ type: 'hang' }]] as const)(
  '%j before any audio: said once more, and heard once',
  async ([fault], { onTestFinished }) => {
    const { service, lightning } = await setUp(onTestFinished, {}, deadlinesFor(fault));
    service.fail(fault);
    const utterance = speak(lightning.open({ callId: 'c', voice: VOICE }), ['Hello there, ', 'caller.']);
    expect(await utterance.ended).toBe('done');
    expect(utterance.heard()).toBe('Hello there, caller.');
    expect(service.requests.length).toBe(2);
    const reconnects = fault.type === 'hang' ? 0 : 1; // we let go of one that hangs
    expect(lightning.figures()).toMatchObject({ resent: 1, reconnects, failed: 0, truncated: 0 });
  },
);

test.concurrent.for([
  [{ type: 'cut', afterMs: 0 }, 'stream-cut'],
  [{ type: 'hang' }, 'first-token-timeout'],
] as const)('%j twice: it fails, and the next utterance is spoken', async ([fault, code], { onTestFinished }) => {
  const { service, lightning } = await setUp(onTestFinished, {}, deadlinesFor(fault));
  service.fail(fault, 2);
  const line = lightning.open({ callId: 'c', voice: VOICE });
  const first = speak(line, ['Hello.']);
  const second = speak(line, ['Sorry.']);
  expect(await first.ended).toMatchObject({ code, phase: 'before-first-output' });
  expect(await second.ended).toBe('done');
  expect(second.heard()).toBe('Sorry.');
  expect(lightning.figures()).toMatchObject({ resent: 1, failed: 1, truncated: 0 });
});

test.concurrent.for([
  [{ type: 'cut', afterMs: 700 }, 'stream-cut'],
  [{ type: 'close', afterMs: 700 }, 'stream-cut'],
  [{ type: 'close', afterMs: 700, code: 1011 }, 'stream-cut'],
  [{ type: 'error', shape: 'object', message: 'lost the voice', afterMs: 700 }, 'provider-failed'],
  [{ type: 'stall', afterMs: 700, forMs: 5_000 }, 'idle-timeout'],
] as const)(
  '%j in the middle, with audio in use: fails, and what came stays good',
  async ([fault, code], { onTestFinished }) => {
    const { service, lightning } = await setUp(onTestFinished, {}, deadlinesFor(fault));
    service.fail(fault);
    const text = 'This sentence is cut off somewhere.';
    const utterance = speak(lightning.open({ callId: 'c', voice: VOICE }), [text]);
    expect(await utterance.ended).toMatchObject({ code, phase: 'mid-stream' });
    expect(utterance.heard().length).toBeGreaterThan(5);
    expect(text.startsWith(utterance.heard())).toBe(true);
    expect(service.requests.length).toBe(1);
    expect(lightning.figures()).toMatchObject({ resent: 0, failed: 1, truncated: 1 });
  },
);

test.concurrent.for(['nothing', 'empty', 'no-base64', 'binary', 'half-a-sample'] as const)(
  '`complete` with %s in the place of audio: asked once more, and twice it has failed, with what the service calls it',
  async (instead, { onTestFinished }) => {
    const lines: string[] = [];
    const log = createLog({ stream: { write: (line) => void lines.push(line) } });
    const { service, lightning } = await setUp(onTestFinished, {}, { log });
    service.fail({ type: 'mute', instead }, 3);
    const line = lightning.open({ callId: 'c', voice: VOICE });
    const [first, second] = [speak(line, ['Hello there.']), speak(line, ['Sorry.'])];
    expect(await first.ended).toMatchObject({ code: 'provider-failed', phase: 'before-first-output' });
    expect([await second.ended, second.heard()]).toEqual(['done', 'Sorry.']);
    expect(lightning.figures()).toMatchObject({ unspoken: 3, resent: 2, failed: 1, truncated: 0 });
    const told = lines.map((one) => JSON.parse(one) as { msg: string; requestId: string; callId: string });
    const unspoken = told.filter(({ msg }) => msg === 'words came back without their sound');
    expect(unspoken).toHaveLength(3);
    for (const one of unspoken)
      expect(one).toMatchObject({ callId: 'c', requestId: expect.stringMatching(/^task_/) as string });
  },
);

test.concurrent('the same with audio that nobody has used yet: said anew, whole', async ({ onTestFinished }) => {
  const { service, lightning } = await setUp(onTestFinished);
  service.fail({ type: 'close', afterMs: 700 });
  const utterance = speak(lightning.open({ callId: 'c', voice: VOICE }), ['This sentence is cut off somewhere.'], {
    restart: true,
  });
  expect(await utterance.ended).toBe('done');
  expect(utterance.heard()).toBe('This sentence is cut off somewhere.');
});

test.concurrent('garbage between the frames is passed over', async ({ onTestFinished }) => {
  const { service, lightning } = await setUp(onTestFinished);
  service.fail({ type: 'garbage' });
  const utterance = speak(lightning.open({ callId: 'c', voice: VOICE }), ['Hello.']);
  expect(await utterance.ended).toBe('done');
  expect(utterance.heard()).toBe('Hello.');
});

test.concurrent.for(['object', 'message', 'errors'] as const)(
  'an error in the shape `%s` is told, once, and not tried again',
  async (shape, { onTestFinished }) => {
    const { service, lightning } = await setUp(onTestFinished);
    service.fail({ type: 'error', shape, message: 'Invalid Voice ID', code: 'custom' });
    const line = lightning.open({ callId: 'c', voice: VOICE });
    expect(await speak(line, ['Hello.']).ended).toMatchObject({
      code: 'provider-failed',
      message: 'lightning: Invalid Voice ID',
    });
    expect(service.requests.length).toBe(1);
    expect(await speak(line, ['Next.']).ended).toBe('done');
  },
);

test.concurrent(
  'an account whose synthesis is busy elsewhere is asked again until it is free',
  async ({ onTestFinished }) => {
    const { service, lightning } = await setUp(onTestFinished, { realTimeFactor: 3 });
    const elsewhere = createLightning({ baseUrl: service.baseUrl, apiKey: 'sk_test', completeBackoffMs: 0 });
    const busy = speak(elsewhere.open({ callId: 'x', voice: VOICE }), ['I am here first.']);
    await busy.firstAudio;
    const utterance = speak(lightning.open({ callId: 'c', voice: VOICE }), ['And I am second.']);
    expect(await utterance.ended).toBe('done');
    expect(utterance.heard()).toBe('And I am second.');
    expect(await busy.ended).toBe('done');
    expect(service.requests.length).toBeGreaterThan(2);
    await elsewhere.close();
  },
);

test.concurrent('a socket that was idle for too long costs nothing: another is taken', async ({ onTestFinished }) => {
  const { service, lightning } = await setUp(onTestFinished, { afterComplete: 'keep' }, { idleTimeoutMs: 1_000 });
  const line = lightning.open({ callId: 'c', voice: VOICE });
  line.prewarm();
  expect(await speak(line, ['Hello.']).ended).toBe('done');
  await until(() => service.sockets.open === 0);
  expect(await speak(line, ['Still here.']).ended).toBe('done');
});

test.concurrent(
  'an idle time-out while the model thinks ends the request, not the utterance',
  async ({ onTestFinished }) => {
    const { service, lightning } = await setUp(onTestFinished, { completeBackoffMs: 60_000 }, { idleTimeoutMs: 1_000 });
    const utterance = speak(lightning.open({ callId: 'c', voice: VOICE }), ['One second. '], { isOpen: true });
    await utterance.firstAudio;
    await until(() => lightning.figures().active === 0);
    utterance.synthesis.speak('Here it is.');
    utterance.synthesis.end();
    expect(await utterance.ended).toBe('done');
    expect(utterance.heard()).toBe('One second. Here it is.');
    expect(service.requests.length).toBe(2);
  },
);

test.concurrent('slow audio is waited for', async ({ onTestFinished }) => {
  const { service, lightning } = await setUp(onTestFinished);
  service.fail({ type: 'slow', realTimeFactor: 0.8 });
  const utterance = speak(lightning.open({ callId: 'c', voice: VOICE }), ['Hello there.']);
  expect(await utterance.ended).toBe('done');
  expect(utterance.heard()).toBe('Hello there.');
});

test.concurrent(
  'options and voices that cannot work are refused before anything is sent',
  async ({ onTestFinished }) => {
    const options = { apiKey: 'sk_test' };
    expect(() => createLightning({ ...options, maxBufferFlushMs: 0 })).toThrow(/maxBufferFlushMs/);
    expect(() => createLightning({ ...options, sampleRateHz: 11_025 as 8_000 })).toThrow(/sampleRateHz/);
    expect(() => createLightning({ ...options, baseUrl: 'ftp://x' })).toThrow(/baseUrl/);
    expect(() => createLightning({ ...options, concurency: 2 } as LightningOptions)).toThrow(/concurency/);
    const { lightning } = await setUp(onTestFinished);
    expect(() => lightning.open({ callId: 'c', voice: { ...VOICE, id: 'kaitlyn' } })).toThrow(/kaitlyn/);
  },
);

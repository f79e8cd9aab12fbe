import { afterEach, describe, expect, test } from 'vitest';
import { encodeMulaw, MULAW_SILENCE } from '../../../src/audio/g711.ts';
import { decodeToneSpeech, encodeToneSpeech } from '../../../src/audio/tone-speech.ts';
import type { AudioLine, AudioLineEvent } from '../../../src/bridge/contract.ts';
import { acceptMedia } from '../../../src/bridge/twilio/media/bridge.ts';
import { TwilioRest } from '../../../src/bridge/twilio/rest.ts';
import { VirtualClock } from '../../../src/lib/clock.ts';
import { dialMedia, type DialMediaOptions } from '../../../src/simulate/twilio/media.ts';
import { SimulatedTwilioRest } from '../../../src/simulate/twilio/rest-server.ts';
import { openWorker } from '../helpers/twilio-worker.ts';
import { until } from '../../helpers/until.ts';

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

const CALL = { from: '+14155550100', to: '+14155550101' };
const voice = (ms: number): Uint8Array =>
  encodeMulaw(Int16Array.from({ length: ms * 8 }, (_, i) => (i % 8 < 4 ? 8_000 : -8_000)));

/** A line whose time stands still until it is moved; each `play` waits until what was sent has arrived. */
async function openLine(options: Partial<DialMediaOptions> = {}) {
  const clock = new VirtualClock();
  const audio: Uint8Array[] = [];
  const log: string[] = [];
  const accepted: Promise<AudioLine>[] = [];
  let sockets: { ping(): Promise<void> } | undefined;
  const worker = await openWorker((socket) => {
    sockets = {
      ping: () =>
        new Promise((resolve) => {
          socket.once('pong', () => resolve());
          socket.ping();
        }),
    };
    accepted.push(acceptMedia(socket, { clock: new VirtualClock() }));
  });
  cleanUps.push(() => worker.close());
  const caller = await dialMedia({ url: worker.url, ...CALL, clock, ...options });
  await until(() => expect(accepted).toHaveLength(1));
  const call = await accepted[0]!;
  const listener = (event: AudioLineEvent): void => {
    if (event.type === 'audio') audio.push(event.audio);
    else if (event.type === 'mark') log.push(`mark ${event.name}`);
    else if (event.type === 'digit') log.push(`digit ${event.digit}`);
    else if (event.type === 'closed') log.push(`closed ${event.reason}`);
  };
  call.listen(listener);
  const arrive = async (): Promise<void> => {
    await sockets?.ping(); // a ping there and back: everything of ours has arrived, everything of theirs too
    await sockets?.ping();
  };
  const play = async (ms: number): Promise<void> => {
    await arrive();
    clock.advanceBy(ms);
    await arrive();
  };
  return { caller, call, clock, audio, log, play, arrive, heard: () => Buffer.concat(audio) };
}

test('it says who calls whom, as our TwiML does', async () => {
  const { call, caller } = await openLine({ parameters: { tenant: 'acme' } });
  expect(call.caller).toEqual({ carrierCallId: caller.callSid, ...CALL, parameters: { tenant: 'acme' } });
  expect(caller.callSid).toMatch(/^CA[0-9a-f]{32}$/);
});

test('the caller is heard in real time: 50 frames a second, silence when nothing is said', async () => {
  const { caller, play, heard } = await openLine();
  await play(100);
  expect(heard()).toEqual(Buffer.alloc(5 * 160, MULAW_SILENCE));
  const said = caller.say(voice(50));
  await play(100);
  expect(await said).toEqual({ fromMs: 100, toMs: 150 });
  expect(heard()).toHaveLength(10 * 160);
  expect(heard().subarray(800, 1_200)).toEqual(Buffer.from(voice(50)));
  expect(caller.said.stretches()).toEqual([{ fromMs: 100, toMs: 150 }]);
  expect(caller.stats()).toMatchObject({ framesSent: 10, framesLate: 0 });
});

test('cutting in drops what was left to say', async () => {
  const { caller, play } = await openLine();
  const first = caller.say(voice(1_000));
  await play(200);
  const second = caller.interrupt(voice(40));
  await play(200);
  expect(await first).toEqual({ fromMs: 0, toMs: 200 });
  expect(await second).toEqual({ fromMs: 200, toMs: 240 });
});

test('what the worker sends at once is heard in real time, and marks return when they are reached', async () => {
  const { caller, call, log, play } = await openLine();
  await play(40);
  call.sendAudio(voice(300));
  call.sendMark('half');
  call.sendAudio(voice(300));
  call.sendMark('end');
  await play(300);
  expect(log).toEqual(['mark half']);
  expect(caller.bufferedMs).toBe(300);
  await play(320);
  expect(log).toEqual(['mark half', 'mark end']);
  expect(caller.heard.stretches()).toEqual([{ fromMs: 40, toMs: 640 }]);
  expect(caller.stats()).toMatchObject({ audioMs: 600, heardMs: 600, marks: 2, mostBufferedMs: 600, gaps: [] });
  expect(caller.events).toMatchObject([
    { type: 'audio', arrivedMs: 40, playFromMs: 40, heardSamples: 2_400 },
    { type: 'mark', name: 'half', returnedMs: 340 },
    { type: 'audio', playFromMs: 340 },
    { type: 'mark', name: 'end', returnedMs: 640 },
  ]);
});

test('clear silences the line at once; its marks come back', async () => {
  const { caller, call, log, play, arrive } = await openLine();
  call.sendAudio(voice(2_000));
  call.sendMark('end');
  await play(500);
  call.clear();
  await arrive();
  await play(500);
  expect(log).toEqual(['mark end']);
  expect(caller.heard.stretches()).toEqual([{ fromMs: 0, toMs: 500 }]);
  expect(caller.stats()).toMatchObject({ clearedMs: 1_500, heardMs: 500, clears: 1 });
});

test('a carrier without marks returns none', async () => {
  const { call, log, play } = await openLine({ returnsMarks: false });
  call.sendMark('never');
  await play(100);
  expect(log).toEqual([]);
});

test('digits are one message each', async () => {
  const { caller, log, arrive } = await openLine();
  caller.press('12#');
  await arrive();
  expect(log).toEqual(['digit 1', 'digit 2', 'digit #']);
});

describe('waiting', () => {
  test('for speech answers when it was heard, to the sample', async () => {
    const { caller, call, play } = await openLine();
    const speech = caller.waitForSpeech();
    await play(30);
    call.sendAudio(encodeMulaw(new Int16Array(80)));
    call.sendAudio(voice(100));
    await play(200);
    expect(await speech).toBe(40);
    expect(await caller.waitForSpeech({ fromMs: 100 })).toBe(100);
  });

  test('for silence answers since when it has been silent', async () => {
    const { caller, call, play } = await openLine();
    call.sendAudio(voice(100));
    await play(40);
    const silence = caller.waitForSilence({ forMs: 300 });
    for (let i = 0; i < 25; i++) await play(20);
    expect(await silence).toBe(100);
  });

  test('ends with the time it was given, and with the line', async () => {
    const { caller, play } = await openLine();
    const impatient = expect(caller.waitForSpeech({ timeoutMs: 100 })).rejects.toMatchObject({ code: 'idle-timeout' });
    await play(120);
    await impatient;
    const cut = expect(caller.waitForSpeech()).rejects.toMatchObject({ code: 'closed' });
    await caller.hangUp();
    await cut;
    await expect(caller.waitForSpeech()).rejects.toMatchObject({ code: 'closed' });
  });
});

describe('the end', () => {
  test('by the caller', async () => {
    const { caller, log } = await openLine();
    expect(await caller.hangUp()).toMatchObject({ by: 'caller', code: 1000 });
    await until(() => expect(log).toEqual(['closed caller-hung-up']));
    expect(await caller.say(voice(20))).toEqual({ fromMs: 0, toMs: 0 });
  });

  test('by a broken line', async () => {
    const { caller, log } = await openLine();
    expect(await caller.drop()).toMatchObject({ by: 'caller', code: 1006 });
    await until(() => expect(log).toEqual(['closed socket-lost']));
  });

  test('by the worker, with nothing left to run', async () => {
    const { caller, call, clock } = await openLine();
    const said = caller.say(voice(1_000));
    await call.hangUp();
    expect(await caller.ended).toMatchObject({ by: 'worker', code: 1000 });
    expect(await said).toEqual({ fromMs: 0, toMs: 0 });
    expect(clock.pending).toBe(0);
  });

  test('by the API', async () => {
    const server = new SimulatedTwilioRest({ accountSid: 'AC1', authToken: 'secret' });
    await server.listen();
    const rest = new TwilioRest(server.account);
    cleanUps.push(async () => {
      await server.close();
      await rest.close();
    });
    const one = await openLine({ rest: server });
    await rest.hangUp(one.caller.callSid);
    expect(await one.caller.ended).toMatchObject({ by: 'rest' });
    const two = await openLine({ rest: server });
    await rest.transfer(two.caller.callSid, '+14155550102');
    const end = await two.caller.ended;
    expect(end.redirect?.twiml).toContain('<Dial>+14155550102</Dial>');
    await rest.hangUp(two.caller.callSid); // gone, and no longer known
    expect(server.requests.at(-1)?.status).toBe(404);
  });
});

test('what Twilio would not understand is counted and written down', async () => {
  const worker = await openWorker((socket) => {
    for (const frame of ['{}', 'x', '{"event":"media","streamSid":"MZ-other","media":{"payload":""}}'])
      socket.send(frame);
  });
  cleanUps.push(() => worker.close());
  const caller = await dialMedia({ url: worker.url, ...CALL });
  await until(() => expect(caller.stats().badFrames).toBe(3));
  expect(caller.events.map(({ type }) => type)).toEqual(['bad-frame', 'bad-frame', 'bad-frame']);
  await caller.hangUp();
});

describe('dialling', () => {
  test('is signed when there is a token, with the URL that the world knows', async () => {
    const publicUrl = 'wss://voice.example.com/twilio/media';
    const worker = await openWorker((socket) => void acceptMedia(socket).catch(() => undefined), {
      authToken: 'secret',
      publicUrl,
    });
    cleanUps.push(() => worker.close());
    const caller = await dialMedia({ url: worker.url, ...CALL, authToken: 'secret', signedUrl: publicUrl });
    await caller.hangUp();
    for (const wrong of [{}, { authToken: 'secret' }, { authToken: 'other', signedUrl: publicUrl }]) {
      await expect(dialMedia({ url: worker.url, ...CALL, ...wrong })).rejects.toMatchObject({
        code: 'unauthorized',
        status: 403,
      });
    }
  });

  test('a worker that is not there is an error with a code', async () => {
    const worker = await openWorker(() => undefined);
    await worker.close();
    await expect(dialMedia({ url: worker.url, ...CALL })).rejects.toMatchObject({
      code: 'connect-failed',
      provider: 'worker',
    });
  });
});

test('speech that is said into the line comes out of it, over real sockets in real time', async () => {
  const worker = await openWorker((socket) => {
    void acceptMedia(socket).then((call) => {
      call.listen((event) => (event.type === 'audio' ? call.sendAudio(event.audio) : undefined)); // an echo
    });
  });
  cleanUps.push(() => worker.close());
  const caller = await dialMedia({ url: worker.url, ...CALL });
  const speech = caller.waitForSpeech();
  const said = await caller.say(encodeMulaw(encodeToneSpeech('Hello you', 8_000, { speed: 2 })));
  expect(await speech).toBeGreaterThanOrEqual(said.fromMs);
  await caller.waitForSilence({ forMs: 200, fromMs: said.toMs });
  await caller.hangUp();
  const { channels, sampleRateHz } = caller.record();
  const texts = channels.map((channel) => decodeToneSpeech(channel, sampleRateHz).map(({ text }) => text));
  expect(texts.map((characters) => characters.join(''))).toEqual(['Hello you', 'Hello you']);
});

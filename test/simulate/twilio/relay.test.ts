import { afterEach, describe, expect, test } from 'vitest';
import { acceptRelay, type RelayCall } from '../../../src/bridge/twilio/relay.ts';
import { TwilioRest } from '../../../src/bridge/twilio/rest.ts';
import { VirtualClock } from '../../../src/lib/clock.ts';
import { dialRelay, type DialRelayOptions } from '../../../src/simulate/twilio/relay.ts';
import { SimulatedTwilioRest } from '../../../src/simulate/twilio/rest-server.ts';
import { Diary } from '../../contracts/bridge.suite.ts';
import { openWorker } from '../helpers/twilio-worker.ts';
import { until } from '../../helpers/until.ts';

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

const CALL = { from: '+14155550100', to: '+14155550101' };

/** A line whose time stands still until it is moved; ten characters a second both ways, and no delays. */
async function openLine(options: Partial<DialRelayOptions> = {}) {
  const clock = new VirtualClock();
  const accepted: Promise<RelayCall>[] = [];
  let ping: () => Promise<void> = async () => undefined;
  const worker = await openWorker((socket) => {
    ping = () =>
      new Promise((resolve) => {
        socket.once('pong', () => resolve());
        socket.ping();
      });
    accepted.push(acceptRelay(socket, { clock: new VirtualClock() }));
  });
  cleanUps.push(() => worker.close());
  const caller = await dialRelay({
    url: worker.url,
    ...CALL,
    clock,
    charactersPerSecond: 10,
    callerCharactersPerSecond: 10,
    synthesisDelayMs: 0,
    recognitionDelayMs: 0,
    ...options,
  });
  await until(() => expect(accepted).toHaveLength(1));
  const call = await accepted[0]!;
  const diary = new Diary();
  call.listen(diary.hear);
  const arrive = async (): Promise<void> => {
    await ping();
    await ping();
  };
  const play = async (ms: number): Promise<void> => {
    await arrive();
    clock.advanceBy(ms);
    await arrive();
  };
  return { caller, call, clock, diary, arrive, play };
}

test('it says who calls whom', async () => {
  const { caller, call } = await openLine({ parameters: { tenant: 'acme' } });
  expect(call.caller).toMatchObject({ carrierCallId: caller.callSid, ...CALL, parameters: { tenant: 'acme' } });
  expect(call.sessionId).toBe(caller.sessionId);
});

test('the worker is told what the caller says when it has been said, in parts when asked for', async () => {
  const { caller, diary, play } = await openLine();
  const said = caller.say('where is it');
  await play(1_000);
  expect(diary.lines).toEqual([]);
  await play(100);
  await said;
  expect(diary.lines).toEqual(['said where is it']);
  const partial = await openLine({ partialPrompts: true });
  void partial.caller.say('where is it');
  await partial.play(1_200);
  expect(partial.diary.lines).toEqual(['saying where', 'saying where is', 'said where is it']);
});

test('the text is spoken at the pace of a voice, and progress is reported when asked for', async () => {
  const { caller, call, diary, play } = await openLine({ progress: true });
  call.sendText('Hello ', false);
  call.sendText('there', true);
  await play(800);
  expect(caller.heardText).toBe('Hello ');
  expect(caller.isAgentSpeaking).toBe(true);
  await play(400);
  expect(caller.heardText).toBe('Hello there');
  expect(diary.lines).toEqual(['agent begins', 'spoken Hello ', 'spoken there', 'agent ends']);
  expect(caller.heard).toEqual([
    { text: 'Hello ', fromMs: 0, toMs: 600 },
    { text: 'there', fromMs: 600, toMs: 1_100 },
  ]);
});

test('a caller who cuts in silences the agent, and the worker is told what they heard', async () => {
  const { caller, call, diary, play } = await openLine();
  call.sendText('Life is a box of chocolates, ', false);
  await play(960);
  void caller.say('stop');
  await play(20);
  expect(diary.lines).toEqual(['interrupt Life is']);
  await play(400);
  expect(diary.lines).toEqual(['interrupt Life is', 'said stop']);
  call.sendText('Sorry.', true);
  await play(1_000);
  expect(caller.heardText).toBe('Life is Sorry.');
  expect(caller.stats()).toMatchObject({ interruptions: 1, badFrames: 0, tokens: 2 });
});

test('keys cut in too, and are handed on when they are asked for', async () => {
  const { caller, call, diary, play } = await openLine({ dtmfDetection: true });
  call.sendText('Press one now or wait', true);
  await play(700);
  caller.press('12');
  await play(20);
  expect(diary.lines).toEqual(['interrupt Press', 'digit 1', 'digit 2']);
  const without = await openLine();
  without.caller.press('1');
  await without.play(20);
  expect(without.diary.lines).toEqual([]);
});

test('an agent that may not be interrupted is heard out', async () => {
  const { caller, call, diary, play } = await openLine({ interruptible: false });
  call.sendText('Hear me out', true);
  await play(200);
  void caller.say('no');
  await play(1_200);
  expect(diary.lines).toEqual(['said no']);
  expect(caller.heardText).toBe('Hear me out');
});

test('a greeting of Twilio is spoken before anything else', async () => {
  const { caller, call, play } = await openLine({ welcomeGreeting: 'Welcome. ' });
  call.sendText('Hello.', true);
  await play(2_000);
  expect(caller.heardText).toBe('Welcome. Hello.');
});

describe('waiting', () => {
  test('for speech, silence and commands answers when they came', async () => {
    const { caller, call, play } = await openLine();
    const speech = caller.waitForSpeech();
    const command = caller.waitForCommand(({ type }) => type === 'sendDigits');
    await play(100);
    call.sendText('Hello', true);
    await call.sendDigits('1');
    for (let i = 0; i < 30; i++) await play(20);
    expect(await speech).toBe(100);
    expect(await command).toBe(100);
    const silence = caller.waitForSilence({ forMs: 300 });
    for (let i = 0; i < 20; i++) await play(20);
    expect(await silence).toBe(600);
  });

  test('ends with the line', async () => {
    const { caller } = await openLine();
    const cut = expect(caller.waitForSpeech()).rejects.toMatchObject({ code: 'closed' });
    await caller.hangUp();
    await cut;
  });
});

describe('the end', () => {
  test('by the caller, by a broken line, by the worker with what it hands over', async () => {
    const one = await openLine();
    expect(await one.caller.hangUp()).toMatchObject({ by: 'caller', code: 1000 });
    await until(() => expect(one.diary.lines).toEqual(['closed caller-hung-up']));
    const two = await openLine();
    expect(await two.caller.drop()).toMatchObject({ by: 'caller', code: 1006 });
    await until(() => expect(two.diary.lines).toEqual(['closed socket-lost']));
    const three = await openLine();
    await three.call.transfer('+14155550102');
    expect(await three.caller.ended).toMatchObject({
      by: 'worker',
      handoffData: '{"action":"transfer","to":"+14155550102"}',
    });
    await until(() => expect(three.diary.lines).toEqual(['closed transferred']));
    expect([one, two, three].map(({ clock }) => clock.pending)).toEqual([0, 0, 0]);
  });

  test('by the API', async () => {
    const server = new SimulatedTwilioRest({ accountSid: 'AC1', authToken: 'secret' });
    await server.listen();
    const rest = new TwilioRest(server.account);
    cleanUps.push(async () => {
      await server.close();
      await rest.close();
    });
    const { caller } = await openLine({ rest: server });
    await rest.hangUp(caller.callSid);
    expect(await caller.ended).toMatchObject({ by: 'rest' });
  });
});

test('a message that is not understood is answered with an error; ten in a row end the session', async () => {
  const answers: string[] = [];
  const worker = await openWorker((socket) => {
    socket.on('message', (data: Buffer) => answers.push((JSON.parse(data.toString()) as { type: string }).type));
    for (let i = 0; i < 9; i++) socket.send('{"type":"nonsense"}');
    socket.send('{"type":"text","token":"Hi","last":true}');
    for (let i = 0; i < 10; i++) socket.send('{"type":"nonsense"}');
  });
  cleanUps.push(() => worker.close());
  const caller = await dialRelay({ url: worker.url, ...CALL });
  expect(await caller.ended).toMatchObject({ by: 'worker', code: 1007 });
  expect(caller.stats().badFrames).toBe(19);
  expect(answers.filter((type) => type === 'error').length).toBe(19);
});

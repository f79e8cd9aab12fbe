import { describe, expect, onTestFinished, test } from 'vitest';
import { type MediaOptions } from '../../../../src/bridge/twilio/media/bridge.ts';
import { TwilioRest } from '../../../../src/bridge/twilio/rest.ts';
import { VirtualClock } from '../../../../src/lib/clock.ts';
import { SimulatedTwilioRest } from '../../../../src/simulate/twilio/rest-server.ts';
import { until } from '../../../helpers/until.ts';
import { bridgeContract, Diary } from '../../../contracts/bridge.suite.ts';
import { openMediaPeer } from '../../helpers/twilio/peers.ts';
import { startedCall } from '../../helpers/started.ts';

bridgeContract('twilio-media', openMediaPeer);

const startCall = async (options: Omit<MediaOptions, 'clock'> & { clock?: VirtualClock } = {}) =>
  startedCall(await openMediaPeer(options));

test('every frame of ours carries the stream that the start named', async () => {
  const { peer, call } = await startCall();
  call.sendAudio(new Uint8Array(160));
  call.sendMark('m');
  call.clear();
  await peer.settle();
  const sids = peer.frames.map((frame) => (JSON.parse(frame) as { streamSid: string }).streamSid);
  expect(sids).toEqual(['MZ1', 'MZ1', 'MZ1']);
});

test('audio of ten seconds goes out in messages of one second at most, marks in their place', async () => {
  const { peer, call } = await startCall();
  call.sendAudio(new Uint8Array(80_000));
  call.sendMark('end');
  await peer.settle();
  const lengths = peer.received().map((message) => (message.type === 'audio' ? message.audio.length : message.type));
  expect(lengths).toEqual([...Array.from({ length: 10 }, () => 8_000), 'mark']);
});

test('the numbers and the token of our own TwiML are not shown as parameters', async () => {
  const { call } = await startCall();
  expect(call.caller.parameters).toEqual({ tenant: 'acme' });
});

describe('a start that is not admitted', () => {
  test('closes the socket before there is a call', async () => {
    const tokens: (string | undefined)[] = [];
    const admit = ({ token }: { token: string | undefined }): boolean => {
      tokens.push(token);
      return token === 'expected';
    };
    const peer = await openMediaPeer({ admit });
    onTestFinished(() => peer.cleanUp());
    const refusal = expect(peer.accept()).rejects.toMatchObject({ code: 'unauthorized' });
    peer.sendRaw(
      '{"event":"start","start":{"streamSid":"MZ1","callSid":"CA1","customParameters":{"parleyToken":"guessed"}}}',
    );
    await refusal;
    expect(tokens).toEqual(['guessed']);
    expect((await peer.closed).code).toBe(1008);
  });
});

test('audio before the start is not the call: it counts as a bad frame', async () => {
  const peer = await openMediaPeer();
  onTestFinished(() => peer.cleanUp());
  const accepting = peer.accept();
  peer.say('too soon');
  peer.start();
  const diary = new Diary();
  (await accepting).listen(diary.hear);
  peer.say('in time');
  await peer.settle();
  expect(diary.lines).toEqual(['said in time']);
});

test('a socket that is closed already is refused', async () => {
  const peer = await openMediaPeer();
  onTestFinished(() => peer.cleanUp());
  const accepting = peer.accept();
  const refusal = expect(accepting).rejects.toMatchObject({ code: 'closed' });
  peer.drop();
  await refusal;
  await expect(peer.accept()).rejects.toMatchObject({ code: 'closed' });
});

describe('with an account', () => {
  interface AccountOptions {
    onCompleted?: () => void;
    onRedirected?: (twiml: string) => void;
    /** The stream does not end, whatever runs instead of it. */
    isLeftOpen?: boolean;
    clock?: VirtualClock;
  }

  async function startWithAccount(options: AccountOptions = {}) {
    const server = new SimulatedTwilioRest({ accountSid: 'AC1', authToken: 'secret' });
    await server.listen();
    const rest = new TwilioRest(server.account, { timeoutMs: 1_000 });
    onTestFinished(async () => {
      await server.close();
      await rest.close();
    });
    const { clock } = options;
    const line = await startCall({
      rest,
      afterDigits: '<Redirect>https://h/again</Redirect>',
      ...(clock && { clock }),
    });
    server.add({
      callSid: 'CA1',
      completed: () => {
        options.onCompleted?.();
        line.peer.hangUp();
      },
      redirected: ({ twiml }) => {
        options.onRedirected?.(twiml ?? '');
        if (!options.isLeftOpen) line.peer.hangUp();
      },
    });
    return { ...line, server };
  }

  test('it says that it can', async () => {
    const { call } = await startWithAccount();
    expect(call.capabilities).toMatchObject({ dtmfOut: 'rest', transfer: 'rest' });
  });

  test('hanging up completes the call there', async () => {
    const { call, diary, server } = await startWithAccount();
    await Promise.all([call.hangUp(), call.hangUp()]);
    expect(server.requests.map(({ fields }) => fields)).toEqual([{ Status: 'completed' }]);
    expect(diary.lines).toEqual(['closed hung-up']);
  });

  test('letting go of the line leaves the call there: another line has it', async () => {
    const { call, diary, server } = await startWithAccount();
    await Promise.all([call.hangUp('line'), call.hangUp()]);
    expect(server.requests).toEqual([]);
    expect(diary.lines).toEqual(['closed hung-up']);
  });

  test('hanging up closes the socket even when the account refuses', async () => {
    const { call, diary, server } = await startWithAccount();
    server.failNext({ status: 401 });
    await call.hangUp();
    expect(diary.lines).toEqual(['closed hung-up']);
  });

  test('a transfer ends the line with its own reason', async () => {
    const twiml: string[] = [];
    const { call, peer, diary } = await startWithAccount({ onRedirected: (text) => twiml.push(text) });
    await call.transfer('+14155550102');
    await peer.closed;
    expect(twiml[0]).toContain('<Dial>+14155550102</Dial>');
    expect(diary.lines).toEqual(['closed transferred']);
  });

  test('a transfer: a carrier that has the caller and leaves its stream open is let go of', async () => {
    const clock = new VirtualClock();
    const { call, peer, diary } = await startWithAccount({ isLeftOpen: true, clock });
    await call.transfer('+14155550102');
    expect(diary.lines).toEqual([]);
    clock.advanceBy(1_000);
    await until('the end', () => diary.lines.length > 0);
    await peer.closed;
    expect(diary.lines).toEqual(['closed transferred']);
  });

  test('digits end the line, and what was to follow them follows', async () => {
    const twiml: string[] = [];
    const { call, peer, diary } = await startWithAccount({ onRedirected: (text) => twiml.push(text) });
    await call.sendDigits('1w2');
    await peer.closed;
    expect(twiml[0]).toContain('<Play digits="1w2"/><Redirect>https://h/again</Redirect>');
    expect(diary.lines).toEqual(['closed digits-sent']);
  });

  test('a transfer that is refused is an error, and the call goes on', async () => {
    const { call, peer, diary, server } = await startWithAccount();
    server.failNext({ status: 400, code: 21219, message: 'not verified' });
    await expect(call.transfer('+1')).rejects.toMatchObject({ code: 'provider-failed', providerCode: '21219' });
    peer.say('still here');
    await peer.settle();
    peer.hangUp();
    await peer.closed;
    expect(diary.lines).toEqual(['said still here', 'closed caller-hung-up']);
  });
});

test('a call costs its audio: 10,000 frames in and out, none lost', async () => {
  const { peer, call, diary } = await startCall({ messagesPerSecond: 1_000 }); // all at once, while the clock stands
  let bytes = 0;
  diary.onAudio = (audio) => {
    bytes += audio.length;
    call.sendAudio(audio);
  };
  for (let i = 0; i < 10_000; i++) {
    peer.say('x'.repeat(160));
    if (i % 500 === 0) await peer.settle();
  }
  await peer.settle();
  await peer.settle();
  expect([bytes, peer.frames.length]).toEqual([1_600_000, 10_000]);
});

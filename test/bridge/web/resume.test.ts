/** A page that was cut off, or was loaded again, comes back to its line: nothing is lost, and nothing comes twice. */
import { expect, onTestFinished, test } from 'vitest';
import { acceptWeb, type ResumableLine } from '../../../src/bridge/web/line.ts';
import type { AudioLine } from '../../../src/bridge/contract.ts';
import { VirtualClock } from '../../../src/lib/clock.ts';
import { Diary } from '../../contracts/bridge.suite.ts';
import { openSockets, type Sockets } from '../../helpers/sockets.ts';
import { until } from '../../helpers/until.ts';

const KEY = '0.key-of-this-line';
const KEEP_MS = 10_000;

type Message = string | { type: string; received?: number };

/** A page: it counts what it gets, and writes down what it is, sound as its letters. */
class Page {
  readonly got: Message[] = [];
  received = 0;

  connect({ peer }: Sockets): (event: object | string) => void {
    peer.on('message', (data: Buffer, isBinary: boolean) => {
      const message = isBinary ? data.toString() : (JSON.parse(data.toString()) as { type: string });
      if (typeof message === 'string' || message.type !== 'resumed') this.received++;
      this.got.push(message);
    });
    return (event) => peer.send(typeof event === 'string' ? Buffer.from(event) : JSON.stringify(event));
  }

  /** What it was sent of sound. */
  get heard(): string {
    return this.got.filter((message) => typeof message === 'string').join('');
  }
}

async function setUp() {
  const clock = new VirtualClock();
  const page = new Page();
  const lines = new Map<string, ResumableLine>();
  const keep = (line: ResumableLine) => {
    lines.set(KEY, line);
    return { key: KEY, forget: () => void lines.delete(KEY) };
  };
  const opened: Sockets[] = [];
  const open = async () => {
    const sockets = await openSockets();
    opened.push(sockets);
    onTestFinished(() => sockets.close());
    return sockets;
  };
  const first = await open();
  const send = page.connect(first);
  const accepting = acceptWeb(first.socket, { clock, resume: { keepMs: KEEP_MS, keep } });
  send({ type: 'start', kind: 'audio' });
  const call = (await accepting) as AudioLine;
  const diary = new Diary();
  call.listen(diary.hear);
  await first.settle();
  /** On another socket; `event`: how far the page is. */
  const comeBack = async (event: object, back = page) => {
    const sockets = await open();
    const say = back.connect(sockets);
    const [line] = [...lines.values()];
    const resuming = line!.resume(sockets.socket);
    say({ type: 'resume', ...event });
    await resuming;
    await sockets.settle();
    return { sockets, say };
  };
  return { clock, page, lines, first, send, call, diary, comeBack };
}

const isGone = async (diary: Diary) => until(() => expect(diary.lines).toContain('full'));

test('the page is given a key, and how long it may be away', async () => {
  const { page } = await setUp();
  expect(page.got).toEqual([{ type: 'started', resume: KEY, resumeForMs: 10_000 }]);
});

test('what was sent while the page was away, and what it had not got, comes when it is back: once, in order', async () => {
  const { page, first, call, diary, comeBack } = await setUp();
  call.sendAudio(Buffer.from('one '));
  await first.settle();
  const { received } = page; // what it has got counts, not what the worker has sent
  call.sendAudio(Buffer.from('two '));
  first.peer.terminate();
  await isGone(diary);
  call.sendAudio(Buffer.from('six '));
  page.got.length = 0;
  await comeBack({ received });
  expect(page.got.slice(0, 1)).toEqual([{ type: 'resumed', received: 1 }]);
  expect(page.heard).toBe('two six ');
  expect(diary.lines).toEqual(['full', 'room']);
});

test('the worker says how much it has got of what the page said, so that the page sends the rest', async () => {
  const { page, first, send, diary, comeBack } = await setUp();
  for (const words of ['aa', 'bb', 'cc']) send(words);
  await first.settle();
  first.peer.terminate();
  await isGone(diary);
  const { say } = await comeBack({ received: page.received });
  expect(page.got).toContainEqual({ type: 'resumed', received: 4 }); // the start, and three
  say('dd');
  await until(() => expect(diary.lines.at(-1)).toBe('said dd'));
  expect(diary.lines.filter((line) => line.startsWith('said'))).toEqual(['said aa', 'said bb', 'said cc', 'said dd']);
});

test('a page that is away for too long is gone, as it went: cut off, or closed', async () => {
  for (const how of ['cut', 'closed'] as const) {
    const { clock, first, diary } = await setUp();
    if (how === 'cut') first.peer.terminate();
    else first.peer.close(1001);
    await isGone(diary);
    clock.advanceBy(KEEP_MS - 1);
    expect(diary.lines).toEqual(['full']);
    clock.advanceBy(1);
    expect(diary.lines.at(-1)).toBe(how === 'cut' ? 'closed socket-lost' : 'closed caller-hung-up');
    expect(clock.pending).toBe(0);
  }
});

test('a page that has hung up, or said that it is done, is not waited for', async () => {
  for (const how of ['hangup', 'close'] as const) {
    const { lines, first, send, diary } = await setUp();
    if (how === 'hangup') send({ type: 'hangup' });
    else first.peer.close(1000);
    await until(() => expect(diary.lines).toEqual(['closed caller-hung-up']));
    await until(() => expect(lines.size).toBe(0));
  }
});

test('an agent that hangs up while the page is away has hung up', async () => {
  const { clock, lines, first, call, diary } = await setUp();
  first.peer.terminate();
  await isGone(diary);
  await call.hangUp();
  expect(diary.lines).toEqual(['full', 'closed hung-up']);
  expect([clock.pending, lines.size]).toEqual([0, 0]);
});

test('one network takes the place of another that nobody has missed yet', async () => {
  const { page, first, call, diary, comeBack } = await setUp();
  await comeBack({ received: page.received });
  expect(first.socket.readyState).toBe(first.socket.CLOSED);
  page.got.length = 0;
  call.sendAudio(Buffer.from('here'));
  await until(() => expect(page.heard).toBe('here'));
  expect(diary.lines.filter((line) => line.startsWith('closed'))).toEqual([]);
});

test('a page that was loaded again is sent what it had and had not played, from the very sample on', async () => {
  const { page, first, send, call, diary, comeBack } = await setUp();
  call.sendAudio(Buffer.from('aabbcc'));
  call.sendAudio(Buffer.from('ddee'));
  send({ type: 'played', samples: 1 });
  await first.settle();
  first.peer.close(1001);
  await isGone(diary);
  call.sendAudio(Buffer.from('ff'));
  const anew = new Page();
  const { say } = await comeBack({ received: page.received, played: 2 }, anew);
  expect(anew.got[0]).toEqual({ type: 'resumed', received: 0 });
  expect(anew.heard).toBe('ccddeeff');
  say({ type: 'played', samples: 6 });
  await until(() => expect(diary.lines.at(-1)).toBe('played 6'));
});

test('a clear that a page had not answered when it was loaded again is answered for it, and nothing of before is played', async () => {
  const { page, first, call, diary, comeBack } = await setUp();
  call.sendAudio(Buffer.from('aabbcc'));
  call.clear();
  call.sendAudio(Buffer.from('dd'));
  await first.settle();
  first.peer.close(1001);
  await isGone(diary);
  const anew = new Page();
  await comeBack({ received: page.received, played: 2 }, anew);
  expect(diary.lines).toEqual(['full', 'cleared 2', 'room']);
  expect([anew.heard, anew.got.some((message) => typeof message !== 'string' && message.type === 'clear')]).toEqual([
    'dd',
    false,
  ]);
});

test('who comes back and does not say how far it is, in time or at all, is sent away, and the line waits on', async () => {
  const { clock, page, lines, first, diary, comeBack } = await setUp();
  first.peer.terminate();
  await isGone(diary);
  const [line] = [...lines.values()];
  const wrong = await openSockets();
  const silent = await openSockets();
  onTestFinished(() => Promise.all([wrong.close(), silent.close()]).then(() => undefined));
  const refused = expect(line!.resume(wrong.socket)).rejects.toMatchObject({ code: 'frame-invalid' });
  wrong.peer.send('{"type":"digit","digit":"1"}');
  await refused;
  const late = expect(line!.resume(silent.socket)).rejects.toMatchObject({ code: 'frame-invalid' });
  clock.advanceBy(5_000);
  await late;
  await comeBack({ received: page.received });
  expect(diary.lines).toEqual(['full', 'room']);
});

/** Which of two lines has the call, also when they begin in one moment in two processes; and what is remembered of both. */
import { expect, test } from 'vitest';
import { VirtualClock } from '../../src/lib/clock.ts';
import { CarrierCalls, type CarrierCallNews } from '../../src/worker/carrier-calls.ts';
import type { Group } from '../../src/worker/group.ts';
import { Dice } from '../helpers/dice.ts';

/** Processes and their primary, whose messages arrive in order on each link, and when a test says so. */
class Processes {
  readonly clock = new VirtualClock();
  readonly lines: { callId: string; process: number; isRunning: boolean; learned: string[] }[] = [];
  readonly #calls: CarrierCalls[];
  readonly #toPrimary: { from: number; news: CarrierCallNews; known: (() => void) | undefined }[][];
  readonly #toProcess: (() => void)[][];
  #count = 0;

  constructor(count: number) {
    const each = Array.from({ length: count }, (_, index) => index);
    this.#toPrimary = each.map(() => []);
    this.#toProcess = each.map(() => []);
    this.#calls = each.map((from) => {
      const share: Group['share'] = (news, known) => {
        if (news.type === 'line-begun' || news.type === 'line-ended')
          this.#toPrimary[from]!.push({ from, news, known });
        return Promise.resolve();
      };
      return new CarrierCalls({ clock: this.clock, group: { share } as Group });
    });
  }

  begin(process: number, key = 'CA1') {
    const line = { callId: `line-${++this.#count}`, process, isRunning: true, learned: [] as string[] };
    this.lines.push(line);
    const end = (reason: string) => {
      line.isRunning = false;
      const said = [{ who: 'caller' as const, text: `said on ${line.callId}` }];
      this.#calls[process]!.end(key, { callId: line.callId, reason, said });
    };
    const earlier = this.#calls[process]!.begin(key, {
      callId: line.callId,
      giveUp: () => end('taken-over'),
      learn: (said) => line.learned.push(...said.map(({ text }) => text)),
    });
    return { line, earlier, end };
  }

  isRunning(process: number, key = 'CA1'): boolean {
    return this.#calls[process]!.isRunning(key);
  }

  /** One message goes one step on; false when there is none on this link. */
  step(link: number, isUp: boolean): boolean {
    const next = isUp ? this.#toPrimary[link]?.shift() : undefined;
    const heard = isUp ? undefined : this.#toProcess[link]?.shift();
    heard?.();
    if (!next) return heard !== undefined;
    this.#toProcess.forEach((queue, process) => {
      if (process === next.from) queue.push(() => next.known?.());
      else queue.push(() => this.#calls[process]!.hear(structuredClone(next.news)));
    });
    return true;
  }

  /** Until nothing is under way. */
  settle(): void {
    const links = this.#toPrimary.map((_, index) => index);
    while (links.some((link) => this.step(link, true) || this.step(link, false)));
  }
}

test('two lines begin in one moment in two processes: one of them ends, the other has the call', () => {
  for (const first of [0, 1]) {
    const processes = new Processes(2);
    processes.begin(0);
    processes.begin(1);
    processes.step(first, true); // the primary hears of this one first
    processes.settle();
    expect(processes.lines.map(({ isRunning }) => isRunning)).toEqual(first === 0 ? [false, true] : [true, false]);
    expect(processes.lines.find(({ isRunning }) => isRunning)?.learned).toHaveLength(1);
  }
});

test('whenever lines of one call begin and end, and in whatever process, in the end at most the newest one runs', () => {
  for (let seed = 1; seed <= 2_000; seed++) {
    const dice = new Dice(seed);
    const processes = new Processes(3);
    const ends: (() => void)[] = [];
    for (let move = 0; move < 30; move++) {
      const choice = dice.below(10);
      if (choice === 0) {
        const { line, end } = processes.begin(dice.below(3));
        ends.push(() => line.isRunning && end('caller-hung-up'));
      } else if (choice === 1 && ends.length > 0) ends[dice.below(ends.length)]?.();
      else processes.step(dice.below(3), dice.below(2) === 0);
    }
    processes.settle();
    const running = processes.lines.filter(({ isRunning }) => isRunning);
    expect(running.length, `seed ${seed}`).toBeLessThanOrEqual(1);
    for (const process of [0, 1, 2]) expect(processes.isRunning(process), `seed ${seed}`).toBe(running.length === 1);
  }
});

test('a line that begins where the older one is, or elsewhere, knows what it goes on from', () => {
  const processes = new Processes(2);
  expect(processes.begin(0).earlier).toBeUndefined();
  const said = (...ids: string[]) => ids.map((id) => ({ who: 'caller', text: `said on ${id}` }));
  const second = processes.begin(0);
  expect(second.earlier).toEqual({ callId: 'line-1', lines: 1, reason: 'taken-over', said: said('line-1') });
  processes.settle();
  const third = processes.begin(1);
  expect(third.earlier).toEqual({ callId: 'line-2', lines: 2, reason: 'taken-over', said: [] });
  processes.settle();
  expect(third.line.learned).toEqual(['said on line-2']);
  third.end('socket-lost');
  processes.settle();
  expect(processes.begin(0).earlier).toMatchObject({ callId: 'line-3', lines: 3, reason: 'socket-lost' });
});

test('what is remembered is forgotten after half an hour, and is never more than 500 calls', () => {
  const processes = new Processes(1);
  processes.begin(0, 'old').end('socket-lost');
  processes.clock.advanceBy(30 * 60_000);
  processes.begin(0, 'other').end('socket-lost');
  expect(processes.begin(0, 'old').earlier).toBeUndefined();
  processes.begin(0, 'first').end('socket-lost');
  for (let index = 0; index < 500; index++) processes.begin(0, `more ${index}`).end('socket-lost');
  expect(processes.begin(0, 'first').earlier).toBeUndefined();
  expect(processes.begin(0, 'more 100').earlier).toBeDefined();
});

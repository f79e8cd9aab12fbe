/** What every budget promises, whoever it shares the plan with: `src/model/budget.ts`, in virtual time. */
import { afterEach, describe, expect, test } from 'vitest';
import { VirtualClock } from '../../src/lib/clock.ts';
import type { Budget, Release } from '../../src/model/contract.ts';
import type { Priority } from '../../src/model/contract.ts';
import type { Plan } from '../../src/model/plan.ts';

export interface BudgetWorld {
  budget: Budget;
  /** Everything that is on its way has arrived. */
  settle: () => Promise<void>;
  close: () => Promise<void>;
}

export type OpenBudget = (options: { plan: Plan; clock: VirtualClock }) => Promise<BudgetWorld>;

export function describeBudget(name: string, open: OpenBudget): void {
  describe(`the budget, ${name}`, () => {
    const open_: BudgetWorld[] = [];
    afterEach(async () => {
      for (const world of open_.splice(0)) await world.close();
    });

    async function setUp(plan: Plan) {
      const clock = new VirtualClock();
      const world = await open({ plan, clock });
      open_.push(world);
      const { budget } = world;
      const order: string[] = [];
      const releases = new Map<string, Release>();
      const controllers = new Map<string, AbortController>();
      function admit(name: string, priority: Priority = 'answer', deadlineMs = 100_000): void {
        const controller = new AbortController();
        controllers.set(name, controller);
        const admitted = (release: Release) => {
          order.push(name);
          releases.set(name, release);
        };
        const release = budget.admitNow(priority);
        if (release) return admitted(release);
        budget
          .admit(priority, { deadlineMs, signal: controller.signal })
          .then(admitted, (error: { code?: string; message: string }) =>
            order.push(`${name}: ${error.code ?? error.message}`),
          );
      }
      const settle = async () => {
        await world.settle();
        await new Promise((resolve) => setImmediate(resolve));
      };
      /** In steps, since what is asked elsewhere is answered between two of them. */
      async function advance(ms: number, stepMs = 50): Promise<void> {
        const untilMs = clock.nowMs() + ms;
        await settle();
        while (clock.nowMs() < untilMs) {
          clock.advanceTo(Math.min(untilMs, clock.nowMs() + stepMs));
          await settle();
        }
      }
      const release = (name: string, wasSent?: boolean) =>
        releases.get(name)!(wasSent === undefined ? {} : { wasSent });
      return { clock, budget, order, admit, advance, settle, release, controllers };
    }

    test('lets in as many at once as the plan says, and the next when one has ended', async () => {
      const { budget, order, admit, advance, settle, release } = await setUp({ concurrent: 2 });
      for (const name of ['a', 'b', 'c']) admit(name);
      await settle();
      expect(order).toEqual(['a', 'b']);
      expect(budget.counts).toMatchObject({ inFlight: 2, queued: 1 });
      release('a');
      release('a'); // twice counts once
      await advance(250);
      expect(order).toEqual(['a', 'b', 'c']);
      expect(budget.counts).toMatchObject({ inFlight: 2, queued: 0, admitted: 3, waited: 1 });
    });

    test('no minute that rolls holds more than the plan', async () => {
      const { clock, order, admit, advance, release } = await setUp({ requestsPerMinute: 4 });
      const sentAtMs: number[] = [];
      for (let i = 0; sentAtMs.length < 12; i++) {
        if (i < 12) admit(String(i), 'answer', 1e9);
        await advance(i < 12 ? (i * 700) % 3_100 : 2_000, 500);
        for (const name of order.splice(0)) {
          sentAtMs.push(clock.nowMs());
          release(name);
        }
      }
      for (const [i, atMs] of sentAtMs.entries()) {
        if (i >= 4) expect(atMs - sentAtMs[i - 4]!).toBeGreaterThanOrEqual(60_000 - 2_000);
        if (i >= 5) expect(atMs - sentAtMs[i - 5]!).toBeGreaterThanOrEqual(60_000);
      }
    });

    test('the more urgent goes first, then the older', async () => {
      const { order, admit, advance, settle, release } = await setUp({ concurrent: 1 });
      admit('first');
      await settle();
      for (const one of ['summary', 'speculation', 'answer', 'tool-follow-up'] as const) admit(one, one);
      await settle();
      for (let i = 0; i < 5; i++) {
        release(order[i]!);
        await advance(250);
      }
      expect(order).toEqual(['first', 'tool-follow-up', 'answer', 'speculation', 'summary']);
    });

    test('what nobody waits for leaves a place to callers', async () => {
      const { order, admit, settle } = await setUp({ concurrent: 2, requestsPerMinute: 10 });
      admit('summary 1', 'summary');
      admit('summary 2', 'summary');
      await settle();
      admit('answer');
      await settle();
      expect(order).toEqual(['summary 1', 'answer']);
    });

    test('a wait ends at its deadline, and at once when it is known to be in vain', async () => {
      const { budget, order, admit, advance, settle, release } = await setUp({ concurrent: 1, requestsPerMinute: 1 });
      admit('a');
      await settle();
      release('a');
      await advance(200);
      admit('in vain', 'answer', 30_000);
      await settle();
      expect(order).toEqual(['a', 'in vain: queue-timeout']);
      expect(budget.counts).toMatchObject({ timedOut: 1, queued: 0, inFlight: 0 });
    });

    test('a place is waited for as long as it is worth it', async () => {
      const { order, admit, advance, settle } = await setUp({ concurrent: 1 });
      admit('a');
      await settle();
      admit('b', 'answer', 1_000);
      await advance(950);
      expect(order).toEqual(['a']);
      await advance(50);
      expect(order).toEqual(['a', 'b: queue-timeout']);
    });

    test('who leaves the queue, or was never sent, gives back what they had', async () => {
      const { budget, order, admit, advance, settle, release, controllers } = await setUp({
        concurrent: 1,
        requestsPerMinute: 2,
      });
      admit('a');
      await settle();
      admit('b');
      admit('c');
      await settle();
      controllers.get('b')!.abort(new Error('hung up'));
      release('a', false);
      await advance(100);
      expect(order).toEqual(['a', 'b: hung up', 'c']);
      release('c', false);
      await advance(100);
      for (const name of ['d', 'e']) {
        admit(name);
        await advance(100);
        release(name);
        await advance(200);
      }
      expect(order).toEqual(['a', 'b: hung up', 'c', 'd', 'e']);
      expect(budget.counts).toMatchObject({ inFlight: 0, queued: 0, cancelled: 1 });
    });

    test('Retry-After holds everybody', async () => {
      const { budget, order, admit, advance, settle, release } = await setUp('enterprise');
      admit('a');
      await settle();
      budget.lower({ retryAfterMs: 3_000, isConcurrency: false });
      release('a', false);
      await settle();
      admit('patient');
      admit('hurried', 'tool-follow-up', 2_000);
      await advance(2_950);
      expect(order).toEqual(['a', 'hurried: queue-timeout']);
      await advance(100);
      expect(order[2]).toBe('patient');
      expect(budget.counts.rateLimited).toBe(1);
    });

    test('after a 429 what came through is the limit for a minute, and one more to try', async () => {
      const { budget, order, admit, advance, settle, release } = await setUp({ requestsPerMinute: 100 });
      for (const name of ['a', 'b', 'c']) admit(name);
      await settle();
      budget.lower({ isConcurrency: false }); // the third was refused
      release('c', false);
      await settle();
      admit('probe');
      await settle();
      admit('too many');
      await advance(1_000);
      expect(order).toEqual(['a', 'b', 'c', 'probe']);
      await advance(62_000, 1_000);
      expect(order.at(-1)).toBe('too many');
    });

    test('a 429 for too many at once takes a place away for a few seconds', async () => {
      const { budget, order, admit, advance, settle, release } = await setUp({ concurrent: 3 });
      for (const name of ['a', 'b', 'refused']) admit(name);
      await settle();
      budget.lower({ isConcurrency: true });
      release('refused', false);
      await settle();
      admit('waits');
      await advance(4_900);
      expect(order).toEqual(['a', 'b', 'refused']);
      await advance(200);
      expect(order.at(-1)).toBe('waits');
    });
  });
}

/**
 * A rolling restart of two workers under a steady load of calls, as an orchestrator does it: none is lost.
 *
 * Real time: the workers are processes, which are stopped as such.
 */
import { describe, expect, test } from 'vitest';
import { after } from '../helpers/phone.ts';
import { until } from '../helpers/until.ts';
import { plan } from './helpers/processes.ts';
import { dial, serve, WAIT_MS, type Serving } from './helpers/serving.ts';

const planned = plan();
const AGENT = 'test/cli/agents/rogue.ts';
const CALLERS = 3;

/** What stands before the workers: a call goes to each in turn, of those that say they are ready. */
class Front {
  readonly #workers: Serving[] = [];
  #turn = 0;

  add(worker: Serving): void {
    this.#workers.push(worker);
  }

  remove(worker: Serving): void {
    this.#workers.splice(this.#workers.indexOf(worker), 1);
  }

  /** What is refused before it has begun may be tried elsewhere; what was taken may not. */
  async connect() {
    const start = this.#turn++;
    for (let tries = 0; tries < this.#workers.length; tries++) {
      const worker = this.#workers[(start + tries) % this.#workers.length]!;
      const isReady = await fetch(`${worker.url}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      );
      const caller = isReady ? await dial(worker.url).catch(() => undefined) : undefined;
      if (caller) return { caller, worker };
    }
    return undefined;
  }
}

describe('a rolling restart', { timeout: 120_000 }, () => {
  const rolled = planned(async () => {
    const front = new Front();
    const start = async () => {
      const worker = await serve(['--simulate'], {}, AGENT);
      front.add(worker);
      return worker;
    };
    const stop = async (worker: Serving) => {
      worker.child.kill('SIGTERM');
      const { code } = await worker.exited;
      front.remove(worker);
      return code;
    };
    const workers = await Promise.all([start(), start()]);
    const calls: { worker: Serving; by: string; isWhole: boolean }[] = [];
    let refused = 0;
    let isOver = false;
    const load = Array.from({ length: CALLERS }, async () => {
      while (!isOver) {
        const connected = await front.connect();
        if (!connected) {
          refused++;
          await after(20);
          continue;
        }
        const { caller, worker } = connected;
        await caller.waitForSpeech({ fromMs: 0 });
        await caller.waitForSilence({ forMs: 200 });
        const isWhole = !caller.isOver;
        const { by } = await caller.hangUp();
        calls.push({ worker, by, isWhole });
      }
    });
    const codes: (number | null)[] = [];
    for (const old of [...workers]) {
      const answered = calls.filter(({ worker }) => worker === old).length;
      await until(
        'a call of the old one',
        () => calls.filter(({ worker }) => worker === old).length > answered,
        WAIT_MS,
      );
      codes.push(await stop(old));
      workers.push(await start());
    }
    const fresh = workers.slice(2);
    await until(
      'calls of both new ones',
      () => fresh.every((one) => calls.some(({ worker }) => worker === one)),
      WAIT_MS,
    );
    isOver = true;
    await Promise.all(load);
    codes.push(...(await Promise.all(fresh.map(stop))));
    return { calls, refused, codes, workers };
  });

  test('loses no call and refuses none, and every worker has had its part', async () => {
    const { calls, refused, codes, workers } = await rolled();
    expect(codes).toEqual([0, 0, 0, 0]);
    expect(refused).toBe(0);
    expect(calls.filter(({ by, isWhole }) => by !== 'caller' || !isWhole)).toEqual([]);
    expect(workers.map((one) => calls.some(({ worker }) => worker === one))).toEqual([true, true, true, true]);
    expect(calls.length).toBeGreaterThanOrEqual(8);
  });
});

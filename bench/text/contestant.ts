/**
 * A contestant in a process of its own: `node contestant.js NAME SERVER-URL`. Asked to hold so many calls at once, it
 * answers with what it measured and the processor time that it took.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { answer } from '../frame/child.ts';
import { noSamples, TurnProbe, type Samples } from './probe.ts';
import { TOOL_MS, type PACES } from './script.ts';

export interface Contestant {
  openCall(): ContestantCall;
  close(): Promise<void>;
}

/** A conversation: each turn's request tells of the turns before. */
export interface ContestantCall {
  /** The caller says something; resolves when the answer is complete. */
  turn(probe: TurnProbe): Promise<void>;
  close(): void;
}

export type ContestantName = 'parley' | 'floor' | 'openai';

export interface Load {
  pace: keyof typeof PACES;
  calls: number;
  /** Of each call. */
  turns: number;
  /** The calls begin spread over so long. */
  spreadMs: number;
}

export interface LoadResult {
  samples: Samples;
  turns: number;
  cpuMs: number;
  wallMs: number;
}

/** Nobody speaks in the very tick in which the answer ended; its connection has time to become free. */
const LISTENING_MS = 50;

async function hold(contestant: Contestant, { pace, calls, turns, spreadMs }: Load): Promise<LoadResult> {
  const samples = noSamples();
  const beganAtMs = performance.now();
  const used = process.cpuUsage();
  const one = async (index: number) => {
    await wait((spreadMs * index) / calls);
    const call = contestant.openCall();
    for (let turn = 0; turn < turns; turn++) {
      const probe = new TurnProbe(samples, pace === 'paced' ? TOOL_MS : 0);
      await call.turn(probe);
      probe.end();
      if (pace === 'paced') await wait(LISTENING_MS);
    }
    call.close();
  };
  await Promise.all(Array.from({ length: calls }, (_, index) => one(index)));
  const { user, system } = process.cpuUsage(used);
  return {
    samples,
    turns: calls * turns,
    cpuMs: (user + system) / 1_000,
    wallMs: performance.now() - beganAtMs,
  };
}

const [name, url = ''] = process.argv.slice(2);
const { create } = (await import(`./${name}.js`)) as { create: (url: string) => Promise<Contestant> };
const contestants = { paced: await create(`${url}/paced`), instant: await create(`${url}/instant`) };
answer((load: Load) => hold(contestants[load.pace], load));

/** A text call over real sockets: the Electron simulator, Parley's own client, and all events. */
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import { createAgent, type AgentInput } from '../../src/call/agent.ts';
import type { Call } from '../../src/call/call.ts';
import type { CallEvent } from '../../src/call/events.ts';
import type { StartOptions } from '../../src/call/start.ts';
import { createParley } from '../../src/worker/create-parley.ts';
import type { Parley } from '../../src/worker/parley.ts';
import { systemClock, type Clock, type WallClock } from '../../src/lib/clock.ts';
import type { Log } from '../../src/lib/log.ts';
import { createBudget } from '../../src/model/budget.ts';
import type { LanguageModel } from '../../src/model/contract.ts';
import { createElectron } from '../../src/model/electron/client.ts';
import type { ElectronOptionsInput } from '../../src/simulate/electron/options.ts';
import type { ReplyRuleInput } from '../../src/simulate/electron/replies.ts';
import { startElectronSimulator, type ElectronSimulator } from '../../src/simulate/electron/server.ts';
import { defineTool } from '../../src/tool/define.ts';

export const KEY = 'sk_test_key_that_must_not_be_seen';
export const RECOVERY = 'Sorry, that went wrong.';

export const REPLIES: ReplyRuleInput[] = [
  { when: 'look', say: 'Let me look.', call: { name: 'look_up', arguments: { what: 'an order' } }, argumentPieces: 4 },
  { when: 'write', say: 'Writing.', call: { name: 'write_down', arguments: { what: 'a note' } }, argumentPieces: 4 },
  { when: 'bye', say: 'Goodbye.', call: { name: 'end_call' } },
  { when: 'story', say: 'Once upon a time there was a small clinic by the sea.' },
  { after: '.*', say: 'Here is what I found.' },
  { when: '.*', say: 'All is well, thank you.' },
];

/** A slow machine must not put time-outs into what is expected. */
const PATIENT = { connectMs: 50_000, firstTokenMs: 50_000, idleMs: 50_000, stepMs: 50_000 };

export interface WorldOptions {
  electron?: ElectronOptionsInput;
  agent?: Partial<AgentInput>;
  /** Default: those that no test meets. */
  deadlines?: { connectMs?: number; firstTokenMs?: number; idleMs?: number; stepMs?: number };
  /** What the tools do. Default: they answer at once. */
  run?: (what: string, signal: AbortSignal) => unknown;
  log?: Log;
  clock?: Clock;
}

export interface World {
  electron: ElectronSimulator;
  parley: Parley;
  model: LanguageModel;
  /** What its tools were asked, in order. */
  runs: string[];
  open: (options?: StartOptions) => { call: Call; events: CallEvent[] };
  close: () => Promise<void>;
}

export async function openWorld(options: WorldOptions = {}): Promise<World> {
  const { run = (what) => ({ found: what }), deadlines = {}, log, clock } = options;
  const electron = await startElectronSimulator({ replies: REPLIES, ...options.electron });
  const model = createElectron({
    apiKey: KEY,
    baseUrl: electron.url,
    budget: createBudget({ plan: 'none', clock }),
    deadlines: { ...PATIENT, ...deadlines },
    random: () => 0.05, // retries come soon
    log,
    clock,
  });
  const parley = createParley({ model, log, clock });
  const runs: string[] = [];
  const tool = (name: string, effect: 'read' | 'write') =>
    defineTool({
      name,
      description: `Tool ${name}.`,
      input: z.object({ what: z.string() }),
      effect,
      repeatable: true,
      run: ({ what }, { signal }) => {
        runs.push(name);
        return run(what, signal);
      },
    });
  const agent = await createAgent({
    name: 'test',
    instructions: 'You are a test.',
    tools: [tool('look_up', 'read'), tool('write_down', 'write'), 'end_call'],
    phrases: { recovery: RECOVERY },
    turn: { silenceMs: 30_000 }, // a slow machine must not put phrases into what is expected
    ...options.agent,
  });
  let isClosed = false;
  const close = async () => {
    if (isClosed) return;
    isClosed = true;
    await parley.close();
    await electron.close();
  };
  onTestFinished(close);
  return {
    electron,
    parley,
    model,
    runs,
    open(start = {}) {
      const events: CallEvent[] = [];
      const listen = (call: Call) => {
        call.on('event', (event) => events.push(event));
        start.listen?.(call);
      };
      return { call: parley.startCall(agent, { ...start, listen }), events };
    },
    close,
  };
}

/** What the agent said in a turn. */
export function wordsOf(events: readonly CallEvent[], turn: number): string {
  return events.map((event) => (event.type === 'text-delta' && event.turn === turn ? event.delta : '')).join('');
}

export function ofType<Type extends CallEvent['type']>(
  events: readonly CallEvent[],
  type: Type,
): Extract<CallEvent, { type: Type }>[] {
  return events.filter((event): event is Extract<CallEvent, { type: Type }> => event.type === type);
}

/** Resolves with the next event of this type. */
export function next<Type extends CallEvent['type']>(
  call: Call,
  type: Type,
  fits: (event: Extract<CallEvent, { type: Type }>) => boolean = () => true,
): Promise<Extract<CallEvent, { type: Type }>> {
  return new Promise((resolve) => {
    const look = (event: CallEvent) => {
      if (event.type !== type || !fits(event as Extract<CallEvent, { type: Type }>)) return;
      call.off('event', look);
      resolve(event as Extract<CallEvent, { type: Type }>);
    };
    call.on('event', look);
  });
}

/** The system's time, and how many timers wait for it. */
export class CountingClock implements WallClock {
  pending = 0;

  wallMs(): number {
    return systemClock.wallMs();
  }

  nowMs(): number {
    return systemClock.nowMs();
  }

  after(delayMs: number, run: () => void): () => void {
    let isWaiting = true;
    const done = () => {
      if (isWaiting) this.pending--;
      isWaiting = false;
    };
    this.pending++;
    const cancel = systemClock.after(delayMs, () => {
      done();
      run();
    });
    return () => {
      done();
      cancel();
    };
  }
}

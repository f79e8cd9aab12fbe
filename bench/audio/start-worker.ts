/** The worker of `parley serve`, over real sockets, with the agent of the bench. */
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { FrameClock } from '../../src/audio/frame-clock.ts';
import { createAgent } from '../../src/call/agent.ts';
import type { Call } from '../../src/call/call.ts';
import { createParley } from '../../src/worker/create-parley.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLog } from '../../src/lib/log.ts';
import { Places } from '../../src/lib/places.ts';
import { createPulse } from '../../src/listen/pulse/transcriber.ts';
import { createLightning } from '../../src/speak/lightning/synthesizer.ts';
import { defineTool } from '../../src/tool/define.ts';
import { readSettings } from '../../src/worker/settings.ts';
import { Worker } from '../../src/worker/worker.ts';
import { GREETING, TOOL_MS, TOOL_NAME } from './script.ts';
import type { Addresses } from './services-child.ts';

/** Live transcriptions at once: an account's 100 are not what is measured. */
const UNLIMITED = 10_000;

export interface StartWorkerOptions {
  frameClock?: FrameClock | undefined;
  onCall?: ((call: Call) => void) | undefined;
  /** Of the agent. Default: its own. */
  endpointMs?: number | undefined;
  /** Where calls are recorded. Default: nowhere. */
  record?: string | undefined;
  /** Which doors are open. Default: Twilio's, unsigned. */
  env?: Readonly<Record<string, string>> | undefined;
}

export interface StartedWorker {
  worker: Worker;
  url: string;
  close: () => Promise<void>;
}

export async function startWorker(
  { model, speech, transcription }: Addresses,
  options: StartWorkerOptions = {},
): Promise<StartedWorker> {
  const { frameClock = new FrameClock(systemClock), onCall, endpointMs, record, env } = options;
  const key = { apiKey: 'sk_bench', log: silentLog };
  const agent = await createAgent({
    name: 'harbour',
    instructions: 'You answer the phone of the harbour.',
    greeting: GREETING,
    tools: [
      defineTool({
        name: TOOL_NAME,
        description: 'Free berths of a day.',
        input: z.object({ day: z.string(), note: z.string().optional() }),
        effect: 'read',
        run: () => wait(TOOL_MS, { free: 2 }),
      }),
    ],
    ...(endpointMs !== undefined && { turn: { endpointMs } }),
  });
  const parley = createParley({ ...key, baseUrl: model, plan: 'none' });
  const synthesizer = createLightning({ ...key, baseUrl: speech, concurrency: 1_000 });
  const transcriber = createPulse({
    ...key,
    baseUrl: transcription,
    places: new Places(UNLIMITED, systemClock),
  });
  const worker = new Worker({
    settings: readSettings({
      PARLEY_AGENT: agent.name,
      PARLEY_PORT: '0',
      PARLEY_MAX_CALLS: '10000',
      PARLEY_PLAN: 'none',
      PARLEY_MAX_LAG_MS: '60000', // a bench loads the machine on purpose
      ...(record !== undefined && { PARLEY_RECORD: record }),
      ...env,
    }),
    agent,
    parley,
    speech: { synthesizer, transcriber, frameClock },
    clock: systemClock,
    log: silentLog,
    onCall,
  });
  const url = await worker.start();
  await worker.prepared;
  return {
    worker,
    url,
    async close() {
      await worker.close();
      await parley.close();
      await Promise.all([synthesizer.close(), transcriber.close()]);
    },
  };
}

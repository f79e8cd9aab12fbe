/** `parley simulate`: the stand-ins for Smallest AI at one address, for whatever speaks to the real ones. */
import { DEFAULT_VENDORS } from '../call/vendors.ts';
import { isRecord, parseJson } from '../lib/json.ts';
import { VoiceError } from '../lib/errors.ts';
import type { FaultInput, ModelStandInOptions, PaceInput, PlanLimits } from '../simulate/stand-ins.ts';
import { readReplies } from './replies.ts';
import { paint, print, printJson, UsageError, write } from './report.ts';
import { count } from './units.ts';

export interface SimulateOptions {
  host: string;
  port: string;
  replies?: string;
  pace: string;
  plan: string;
  seed: string;
  fault: string[];
  json?: boolean;
}

export async function simulate(options: SimulateOptions): Promise<void> {
  const { host, json } = options;
  const port = readNumber('--port', options.port, 65_535);
  const { startStandIns } = await import('../simulate/stand-ins.ts');
  const model = await modelOptions(options);
  const standIns = await startStandIns({ [DEFAULT_VENDORS.model]: model }).catch(blameUsage);
  try {
    const { startGateway } = await import('../simulate/gateway.ts');
    const gateway = await startGateway({ host, port, chosenBy: '--port', routes: standIns.routes });
    const stopped = firstSignal();
    const origin = `http://${host.includes(':') ? `[${host}]` : host}:${gateway.port}`;
    const url = `${origin}/waves/v1`;
    if (json) printJson({ type: 'ready', url, host, port: gateway.port, pid: process.pid });
    else write(`${directions(origin, url)}\n`); // commands to copy: in one line each
    await stopped;
    const stats = standIns.stats();
    await gateway.close();
    const { requests, completed, aborts } = stats;
    if (json) printJson({ type: 'stopped', stats });
    else
      print(
        paint.dim(`stopped: ${count(requests, 'request')}, ${completed} answered, ${aborts} broken off by the client`),
      );
  } finally {
    await standIns.close();
  }
}

/** What is wrong with options that came from the command line is wrong usage. */
function blameUsage(error: unknown): never {
  if (!(error instanceof VoiceError) || error.code !== 'options-invalid') throw error;
  throw new UsageError(error.message.replace(/^Electron simulator: /, '').replaceAll('✖ ', ''));
}

function directions(origin: string, url: string): string {
  const hello = JSON.stringify({ model: DEFAULT_VENDORS.model, messages: [{ role: 'user', content: 'Hello' }] });
  return [
    `Simulated Electron, Lightning and Pulse: ${paint.bold(url)}`,
    '',
    `  parley   SMALLEST_BASE_URL=${url} SMALLEST_API_KEY=sk_any parley chat --agent FILE`,
    `  curl     curl ${url}/chat/completions -H 'Authorization: Bearer sk_any' -d '${hello}'`,
    `  OpenAI   new OpenAI({ baseURL: '${url}', apiKey: 'sk_any' })   or OPENAI_BASE_URL and OPENAI_API_KEY`,
    `  speech   PARLEY_SPEECH_BASE_URL=${origin}/v1 PARLEY_TRANSCRIPTIONS_BASE_URL=${origin}/v1   for voices and ears by OpenAI's API`,
    `  look     curl ${origin}/_simulate/stats   and ${origin}/_simulate/requests`,
    '',
    paint.dim('Any key that begins with sk_ is good. Ctrl-C stops it.'),
  ].join('\n');
}

// ---- options --------------------------------------------------------------------------------------------------------

async function modelOptions({ replies, pace, plan, seed, fault }: SimulateOptions): Promise<ModelStandInOptions> {
  return {
    pace: readPace(pace),
    plan: readPlan(plan),
    seed: readNumber('--seed', seed, Number.MAX_SAFE_INTEGER),
    faults: fault.map(readFault),
    ...(replies === undefined ? {} : await readReplies(replies)),
  };
}

function readPace(text: string): PaceInput {
  if (text === 'instant' || text === 'documented') return text;
  return readFields('--pace', text, 'instant, documented or firstTokenMs=300,tokenMs=20');
}

function readPlan(text: string): 'standard' | 'enterprise' | 'none' | PlanLimits {
  if (text === 'standard' || text === 'enterprise' || text === 'none') return text;
  const { requestsPerMinute, concurrent, ...rest } = readFields(
    '--plan',
    text,
    'standard, enterprise, none or requestsPerMinute=10,concurrent=3',
  );
  if (typeof requestsPerMinute !== 'number' || typeof concurrent !== 'number' || Object.keys(rest).length > 0) {
    throw new UsageError(`expected --plan to have requestsPerMinute and concurrent, got ${text}`);
  }
  return { requestsPerMinute, concurrent };
}

/** `stall,afterChunks=2,times=always`, or the same as a JSON object. What it holds is checked with all other options. */
function readFault(text: string): FaultInput {
  const value = parseJson(text);
  if (isRecord(value)) return value as FaultInput;
  const [type = '', ...fields] = text.split(',');
  const expected = 'a name with its fields, such as stall,afterChunks=2, or a JSON object';
  if (!/^[a-z-]+$/.test(type)) throw new UsageError(`expected --fault to be ${expected}, got ${text}`);
  return { type, ...readFields('--fault', fields.join(','), expected) } as FaultInput;
}

function readFields(option: string, text: string, expected: string): Record<string, unknown> {
  const fields = text === '' ? [] : text.split(',');
  return Object.fromEntries(
    fields.map((field) => {
      const [, key, value] = /^(\w+)=(.*)$/.exec(field) ?? [];
      if (key === undefined || value === undefined) {
        throw new UsageError(`expected ${option} to be ${expected}, got ${text}`);
      }
      return [key, parseJson(value) ?? value];
    }),
  );
}

function readNumber(option: string, text: string, most: number): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number > most) {
    throw new UsageError(`expected ${option} to be a whole number from 0 to ${most}, got ${text}`);
  }
  return number;
}

/** A second signal finds nobody listening, and ends the process at once. */
function firstSignal(): Promise<void> {
  return new Promise((resolve) => {
    const stop = () => {
      process.removeListener('SIGINT', stop).removeListener('SIGTERM', stop);
      resolve();
    };
    process.on('SIGINT', stop).on('SIGTERM', stop);
  });
}

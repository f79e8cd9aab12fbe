/**
 * Whole calls with values that can be found again, through failures of every kind: no secret is in a log, an error, a
 * recording or the help, and nothing that was said is in a log unless it was asked for.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { createAgent } from '../../src/call/agent.ts';
import type { Call } from '../../src/call/call.ts';
import type { CallEvent } from '../../src/call/events.ts';
import type { CallRecording } from '../../src/record/recording.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { createLog } from '../../src/lib/log.ts';
import { dialMedia } from '../../src/simulate/twilio/media.ts';
import { dialRelay } from '../../src/simulate/twilio/relay.ts';
import { defineTool, ToolError } from '../../src/tool/define.ts';
import { simulateServices, type SimulatedServices } from '../../src/worker/services.ts';
import { describeSettings, readSettings, secretsOf } from '../../src/worker/settings.ts';
import { Worker } from '../../src/worker/worker.ts';
import { until } from '../helpers/until.ts';
import { NEVER_LATE } from '../helpers/worker.ts';

/** The key of the stand-ins; the others are made up. */
const API_KEY = 'sk_simulated';
const AUTH_TOKEN = 'canary-auth-token-4711';
const QUERY_TOKEN = 'canary-query-token-4711';
const METRICS_TOKEN = 'canary-metrics-token-4711';
const SECRETS = [API_KEY, AUTH_TOKEN, QUERY_TOKEN, METRICS_TOKEN];

const SAID = 'zebrawood';
const NUMBER = '+15550142857';
/** What a provider says that repeats all it was sent. */
const ECHO = `You sent "${SAID}" from ${NUMBER} with Bearer ${API_KEY}`;

const input = z.object({ note: z.string() });
const tools = [
  defineTool({
    name: 'throwing',
    description: 'Throws.',
    input,
    effect: 'read',
    run: ({ note }) => {
      throw new Error(`no room for ${note} ${ECHO}`, { cause: { note } });
    },
  }),
  defineTool({
    name: 'refusing',
    description: 'Refuses.',
    input,
    run: ({ note }, { log }) => {
      log.warn({ note: { text: note, caller: NUMBER }, apiKey: API_KEY }, 'refusing');
      throw new ToolError(`not ${note}`);
    },
  }),
  defineTool({
    name: 'odd',
    description: 'Returns what no JSON holds.',
    input,
    run: ({ note }) => ({ note, big: 1n }),
  }),
];

let services: SimulatedServices;
let directory: string;
let worker: Worker;
const lines: string[] = [];
const events: CallEvent[] = [];
const recordings: CallRecording[] = [];

/** Calls of text and a call of sound on one worker, each with a failure of its own. */
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'parley-secrets-'));
  const env = {
    PARLEY_AGENT: 'test',
    PARLEY_PORT: '0',
    PARLEY_SIMULATE: 'true',
    ...NEVER_LATE,
    PARLEY_RECORD: join(directory, 'calls'),
    PARLEY_TWILIO_AUTH_TOKEN: AUTH_TOKEN,
    PARLEY_PUBLIC_URL: 'https://voice.example.com',
    PARLEY_BRIDGE_TOKEN: QUERY_TOKEN,
    PARLEY_METRICS_TOKEN: METRICS_TOKEN,
    SMALLEST_API_KEY: API_KEY,
  };
  const settings = readSettings(env);
  const stream = { write: (line: string) => void lines.push(line) };
  const log = createLog({ level: 'trace', secrets: secretsOf(settings), stream });
  services = await simulateServices({
    clock: systemClock,
    log,
    electron: {
      pace: 'instant',
      replies: [
        ...tools.map(({ name }) => ({
          when: `call ${name}`,
          call: { name, arguments: { note: `${SAID} ${NUMBER}` } },
        })),
        { when: 'broken', call: { name: 'odd', arguments: `{"note": 7, "${SAID}": "${NUMBER}"` } },
        { when: 'unknown', call: { name: 'nowhere', arguments: { note: SAID } } },
        { after: '.*', say: `Well, ${SAID}.` },
        { say: `You said ${SAID}.` },
      ],
    },
    lightning: { firstByteMs: 0, realTimeFactor: 1_000 },
  });
  const agent = await createAgent({
    name: 'desk',
    instructions: 'You answer.',
    greeting: 'Hello.',
    tools,
    turn: { silenceMs: 6_000 },
  });
  const onCall = (call: Call, recording: CallRecording | undefined) => {
    call.on('event', (event) => void events.push(event));
    if (recording) recordings.push(recording);
  };
  worker = new Worker({ settings, agent, ...services, clock: systemClock, log, onCall });
  // the greeting is made ahead, at the start
  services.lightning.failHttp(400, { error: { message: ECHO, code: ECHO } }, 20);
  const url = (await worker.start()).replace('http', 'ws');

  const forbidden = `${url}/twilio/relay?token=wrong&secret=${AUTH_TOKEN}`;
  await expect(dialRelay({ url: forbidden, from: NUMBER, to: NUMBER })).rejects.toThrow();
  const { electron, pulse } = services;
  electron.fault({ type: 'status', status: 400, message: ECHO, errorType: ECHO, when: { caller: 'refused' } });
  electron.fault({ type: 'stream-error', message: ECHO, errorType: ECHO, afterChunks: 1, when: { caller: 'cut' } });
  electron.fault({ type: 'status', status: 401, message: ECHO, when: { caller: 'denied' } });
  pulse.fault({ type: 'error', frame: { type: 'error', error_code: 'odd', message: ECHO, details: [ECHO] } });
  const texts = [...tools.map(({ name }) => `call ${name}`), 'broken', 'unknown', 'refused', 'cut', 'denied'];
  const talk = async (text: string) => {
    const caller = await dialRelay({ url: `${url}/twilio/relay?token=${QUERY_TOKEN}`, from: NUMBER, to: NUMBER });
    await caller.say(`${text} ${SAID} ${NUMBER}`);
    const isDone = ({ type, callId }: CallEvent) =>
      callId === callIdOf(caller.callSid) && ['tool-end', 'error', 'step-end'].includes(type);
    await until(`an end of "${text}"`, () => events.some(isDone));
    await caller.hangUp();
  };
  const listen = async () => {
    const phone = await dialMedia({ url: `${url}/twilio/media?token=${QUERY_TOKEN}`, from: NUMBER, to: NUMBER });
    const signs = [/pulse: error frame/, /a phrase could not be made ahead/];
    await until('the failures of speech', () => signs.every((sign) => lines.some((line) => sign.test(line))));
    await phone.hangUp();
  };
  await Promise.all([...texts.map(talk), listen()]);
  await until('the calls to end', () => worker.calls.size === 0);
  await Promise.all(recordings.map(({ done }) => done));
});

afterAll(async () => {
  await worker.close();
  await services.close();
  rmSync(directory, { recursive: true });
});

function callIdOf(callSid: string): string | undefined {
  return events.find((event) => event.type === 'call-start' && event.carrierCallId === callSid)?.callId;
}

const filesOf = (): string[] =>
  readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((file) => join(directory, file))
    .filter((file) => statSync(file).isFile());

test('the failures have happened, and are in the log by their codes', () => {
  const log = lines.join('');
  for (const trace of [
    'a tool failed',
    'refusing',
    'model step failed',
    'a call was refused',
    'pulse: error frame',
    '"status":400',
    '"status":401',
  ]) {
    expect(log).toContain(trace);
  }
  expect(events.some(({ type }) => type === 'error')).toBe(true);
});

test('no secret is in a log line, an event or a file of the recordings', () => {
  expect(filesOf().length).toBe(9 * 3 + 1); // a call of text has no sound
  const places = { log: lines.join(''), events: JSON.stringify(events) };
  const all = Object.entries(places).concat(filesOf().map((file) => [file, readFileSync(file, 'latin1')]));
  for (const [place, text] of all) {
    for (const secret of SECRETS) {
      expect(text.includes(secret), `${secret} in ${place}`).toBe(false);
    }
  }
});

test('nothing that was said, and no number, is in a log line', () => {
  const found = lines.filter((line) => /zebrawood|5550142857/.test(line));
  expect(found).toEqual([]);
});

test('recordings are for their owner alone', () => {
  const modes = [...filesOf(), ...new Set(filesOf().map((file) => join(file, '..')))].map((path) => {
    const stats = statSync(path);
    return [stats.isDirectory(), (stats.mode & 0o777).toString(8)];
  });
  expect(new Set(modes.map(String))).toEqual(new Set(['false,600', 'true,700']));
});

test('the help shows no secret, and a setting that is wrong neither', () => {
  expect(describeSettings()).not.toMatch(/canary|sk_simulated/);
  const wrong = { PARLEY_AGENT: 'x', PARLEY_BRIDGE_TOKEN: 'canary-short', PARLEY_TWILIO_AUTH_TOKEN: AUTH_TOKEN };
  expect(() => readSettings(wrong)).toThrow(/^(?!.*canary)/s);
});

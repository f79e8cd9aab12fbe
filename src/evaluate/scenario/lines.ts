/** What a call goes over, as a scenario names it. */
import { z } from 'zod';
import { isRecord } from '../../lib/json.ts';
import { withoutSecrets } from '../../lib/public-url.ts';
import { problemOfUrl, readWorkerUrl } from '../../testing/worker-dial.ts';
import { shown } from '../../tool/check.ts';
import { DurationMs, type Duration } from './units.ts';

/** Sound in virtual time, a chat, and sound over real sockets in real time. */
export const LINES = ['voice', 'text', 'phone'] as const;

const Words = z.string().min(1);
const SocketUrl = z.string('expected an address').superRefine((text, context) => {
  const message = problemOfUrl(text);
  if (message !== undefined) context.addIssue({ code: 'custom', message });
});
const WholeUrl = SocketUrl.transform(readWorkerUrl);

/** A worker elsewhere. What opens its door stands in variables: a scenario is kept among the sources of a project. */
const Worker = z.strictObject({
  url: WholeUrl,
  voice: z.enum(['tones', 'system']).default('tones'),
  doneAfterMs: DurationMs.refine((ms) => ms >= 300, 'expected 300 ms or more').optional(),
  authTokenEnv: Words.optional(),
  signedUrl: z.url({ protocol: /^(wss?|https?)$/ }).optional(),
  tokenEnv: Words.optional(),
});

/** A line as it is read: its name, or the worker that is called. */
export type ScenarioLine = (typeof LINES)[number] | ScenarioWorker;
export type ScenarioWorker = z.output<typeof Worker>;
/** The same, as a person writes it. */
export type ScenarioLineInput = 'voice' | 'text' | 'phone' | ScenarioWorkerInput;

/** A worker elsewhere, which is called as its carrier would. */
export interface ScenarioWorkerInput {
  /** Of its media socket, `ws://` or `wss://`; without a path: `/twilio/media`. */
  url: string;
  /** What the caller speaks: `tones` (default), which stand-ins understand, or a voice of this machine. */
  voice?: 'tones' | 'system';
  /** An agent that has been silent for so long has finished. Default: 2.5 s, or as long as its checks look for silence. */
  doneAfterMs?: Duration;
  /** The variable that holds what its carrier signs by. Default `PARLEY_TWILIO_AUTH_TOKEN`, where that is set. */
  authTokenEnv?: string;
  /** The address that is signed, where the worker is known to its carrier by another one. */
  signedUrl?: string;
  /** The variable that holds one of the worker's `PARLEY_BRIDGE_TOKEN`. */
  tokenEnv?: string;
}

const EXPECTED = 'expected voice, text, phone, or { url: "ws://..." }, a worker elsewhere';

export const Line = z.unknown().transform((written, context): ScenarioLine => {
  const name = LINES.find((one) => one === written);
  if (name) return name;
  if (!isRecord(written)) {
    context.addIssue({ code: 'custom', message: `${EXPECTED}, got ${shown(written)}` });
    return z.NEVER;
  }
  const read = Worker.safeParse(written);
  if (read.success) return read.data;
  for (const issue of read.error.issues) context.issues.push({ ...issue, input: written } as z.core.$ZodRawIssue);
  return z.NEVER;
});

/** As a report calls it. */
export const lineName = (line: ScenarioLine): string => (typeof line === 'string' ? line : 'url');

/** Where it is called, without what opens its door; undefined of a line of our own. */
export const workerOf = (line: ScenarioLine): string | undefined =>
  typeof line === 'string' ? undefined : withoutSecrets(line.url);

/** A line that was chosen for all scenarios, in the place of what one of them says. How its worker is dialled stays. */
export function lineInPlaceOf(written: unknown, chosen: ScenarioLineInput): ScenarioLineInput {
  return typeof chosen === 'object' && isRecord(written) ? { ...written, ...chosen } : chosen;
}

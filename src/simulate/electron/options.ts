/** What can be chosen about the simulator, for the library, the command line and its JSON file alike. */
import { z } from 'zod';
import { VoiceError } from '../../lib/errors.ts';
import { Fault } from './faults.ts';
import { PLANS, type PlanLimits } from './limits.ts';
import { Manners } from './manners.ts';
import { Pace } from './pace.ts';
import { ReplyRule } from './replies.ts';
import { Shape } from './shape.ts';

const Plan = z
  .union([
    z.literal(['standard', 'enterprise', 'none']),
    z.strictObject({ requestsPerMinute: z.int().positive(), concurrent: z.int().positive() }),
  ])
  .transform((plan): PlanLimits | undefined =>
    plan === 'none' ? undefined : typeof plan === 'string' ? PLANS[plan] : plan,
  );

/** What may also be changed while it runs. */
export const ElectronSettings = z.strictObject({
  pace: Pace.prefault('instant'),
  shape: Shape.prefault('full'),
  /** Of another server that speaks the same protocol. */
  manners: Manners.prefault({}),
  /** Over it: 429. */
  plan: Plan.prefault('none'),
  /** `Retry-After` on a 429: left out, as seconds, or as a date. */
  retryAfter: z.enum(['none', 'seconds', 'date']).default('none'),
  /** How long a place in the plan stays taken after a client has gone, in milliseconds. */
  releaseLagMs: z.number().min(0).default(0),
  /** Tried in order before the brain. */
  replies: z.array(ReplyRule).default([]),
});
export type ElectronSettings = z.output<typeof ElectronSettings>;
export type ElectronSettingsInput = z.input<typeof ElectronSettings>;

export const ElectronOptions = ElectronSettings.extend({
  host: z.string().default('127.0.0.1'),
  /** 0 picks a free one. */
  port: z.int().min(0).max(65_535).default(0),
  /** Keys that are good. Default: any that begins with `sk_`. */
  keys: z.array(z.string()).optional(),
  /** Keys that are known but whose plan has no Electron: 403. */
  forbiddenKeys: z.array(z.string()).default([]),
  /** The same seed and the same requests give the same answers, ids and pace. */
  seed: z.int().default(1),
  /** How long an unused prefix stays cached, in milliseconds. */
  cacheExpiryMs: z.number().positive().default(300_000),
  /** Waiting from the start. */
  faults: z.array(Fault).default([]),
  /** How many requests are kept to be looked at. */
  keepRequests: z.int().min(0).default(100),
  /** What the brain takes for today, as `2026-08-21`, when the system prompt names no day. Default: the machine's. */
  today: z.iso.date().optional(),
  /** Routes under `/_simulate` by which another process sees and steers the simulator. */
  admin: z.boolean().default(true),
});
export type ElectronOptions = z.output<typeof ElectronOptions>;
/** How the stand-in for Electron behaves: its pace, plan, replies and faults. Everything optional. */
export type ElectronOptionsInput = z.input<typeof ElectronOptions>;

/** @throws {VoiceError} `options-invalid`, naming every field that is wrong. `source` says where the value came from. */
export function readOptions<T>(schema: z.ZodType<T>, value: unknown, source: string): T {
  const read = schema.safeParse(value, { reportInput: true });
  if (read.success) return read.data;
  throw new VoiceError('options-invalid', `${source}: ${z.prettifyError(read.error)}`);
}

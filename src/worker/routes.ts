/** What a worker answers over HTTP: whether it lives and takes calls, its metrics, and the webhooks of its carriers. */
import type { IncomingMessage } from 'node:http';
import { Hono, type Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { Knock, Route } from '../bridge/contract.ts';
import type { Log } from '../lib/log.ts';
import type { Group, GroupState } from './group.ts';
import { knockAt } from './lines.ts';
import type { OpenDoor } from './open-door.ts';
import type { Metrics } from './metrics.ts';
import type { Reception } from './reception.ts';

export interface RoutesOptions {
  doors: readonly OpenDoor[];
  reception: Reception;
  metrics: Metrics;
  /** The stand-ins answer in place of the services. */
  isSimulated: boolean;
  log: Log;
  group: Group | undefined;
  /** Of this process alone. */
  state: () => Omit<GroupState, 'processes'>;
  /** How far the frame clock is behind, in milliseconds. */
  behindMs: () => number;
}

/** The frame clock beats every 20 ms; when it is behind by so much, callers have heard nothing for as long. */
const STANDSTILL_MS = 5_000;
/** Of a webhook; the longest form of a carrier's is under 4 kB. */
const MOST_BODY_BYTES = 64 * 1024;

export function createRoutes(options: RoutesOptions): Hono {
  const app = new Hono();
  if (options.group) {
    // each connection goes to the process with the most room, so none is kept for the next request
    app.use(async (context, next) => {
      await next();
      context.header('connection', 'close');
    });
  }
  app.get('/healthz', (context) => health(context, options));
  app.get('/readyz', (context) => readiness(context, options));
  app.get('/metrics', (context) => metricsText(context, options));
  const limit = bodyLimit({ maxSize: MOST_BODY_BYTES, onError: (context) => context.text('too large', 413) });
  for (const open of options.doors) {
    for (const route of open.door.routes ?? []) {
      app.on(route.method, route.path, limit, (context) => answerRoute(context, { ...options, open, route }));
    }
  }
  app.onError((error, context) => {
    options.log.error({ err: error, path: context.req.path }, 'a request failed');
    return context.text('internal error', 500);
  });
  return app;
}

function health(context: Context, { behindMs }: RoutesOptions): Response {
  const ms = Math.round(behindMs());
  if (ms < STANDSTILL_MS) return context.json({ status: 'ok' });
  return context.json({ status: 'broken', reason: `the frame clock has stood still for ${ms} ms` }, 503);
}

function readiness(context: Context, { group, state, reception, isSimulated: simulated }: RoutesOptions): Response {
  const { refusal, ...counts } = group?.state() ?? state();
  const facts = reception.doorkeeper.mayWatch(knockOf(context)) ? { ...counts, simulated } : {};
  return refusal ? context.json({ status: refusal, ...facts }, 503) : context.json({ status: 'ready', ...facts });
}

async function metricsText(context: Context, { group, metrics, reception }: RoutesOptions): Promise<Response> {
  if (!reception.doorkeeper.mayWatch(knockOf(context))) {
    return context.text('forbidden: see PARLEY_METRICS_TOKEN', 403);
  }
  const text = await (group?.metrics() ?? metrics.text());
  return context.text(text, 200, { 'content-type': metrics.registry.contentType });
}

async function answerRoute(
  context: Context,
  { open, route, reception }: { open: OpenDoor; route: Route; reception: Reception },
): Promise<Response> {
  const body = new Uint8Array(await context.req.arrayBuffer());
  const form = new URLSearchParams(new TextDecoder().decode(body));
  const knock: Knock = { ...knockOf(context), body, form };
  const verdict = await reception.judge(knock, { open, entrance: route });
  if (typeof verdict === 'object') return context.text(verdict.text, verdict.status, verdict.headers);
  const { status = 200, type, body: text } = await route.answer(knock, open);
  return new Response(text, { status, headers: { 'content-type': type } });
}

const knockOf = (context: Context): Knock => knockAt((context.env as { incoming: IncomingMessage }).incoming, 'http');

/** What a worker answers over HTTP: whether it lives and takes calls, its metrics, and the webhooks of its carriers. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Hono, type Context as HonoContext, type MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { Knock, Route } from '../bridge/contract.ts';
import type { Log } from '../lib/log.ts';
import type { Connections } from './connections.ts';
import type { Group, GroupState } from './group.ts';
import { knockAt } from './lines.ts';
import type { OpenDoor } from './open-door.ts';
import type { Metrics } from './metrics.ts';
import type { Reception, Refused } from './reception.ts';

export interface RoutesOptions {
  doors: readonly OpenDoor[];
  reception: Reception;
  connections: Connections;
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

/** What the server of HTTP hands to each route. */
export interface Bindings {
  incoming: IncomingMessage;
  outgoing: ServerResponse;
}

type Context = HonoContext<{ Bindings: Bindings }>;

export function createRoutes(options: RoutesOptions): Hono<{ Bindings: Bindings }> {
  const app = new Hono<{ Bindings: Bindings }>();
  if (options.group) {
    // each connection goes to the process with the most room, so none is kept for the next request
    app.use(async (context, next) => {
      await next();
      context.header('connection', 'close');
    });
  }
  app.use(async (context, next) => {
    const refused = await options.reception.judgeHeaders(context.env.incoming, knockOf(context));
    return refused ? tell(context, refused) : next();
  });
  app.get('/healthz', (context) => health(context, options));
  app.get('/readyz', (context) => readiness(context, options));
  const makeText = shared(() => options.group?.metrics() ?? options.metrics.text());
  app.get('/metrics', (context) => metricsText(context, options, makeText));
  const limit = bodyLimit({ maxSize: MOST_BODY_BYTES, onError: (context) => context.text('too large', 413) });
  for (const open of options.doors) {
    for (const route of open.door.routes ?? []) {
      const parts = { ...options, open, route };
      const judgeUnread: MiddlewareHandler<{ Bindings: Bindings }> = async (context, next) =>
        (await refuseUnread(context, parts)) ?? next();
      app.on(route.method, route.path, judgeUnread, limit, (context) => answerRoute(context, parts));
    }
  }
  app.onError(async (error, context) => {
    if (!context.env.incoming.complete) return tell(context, await options.reception.breakOff(knockOf(context)));
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

async function readiness(context: Context, options: RoutesOptions): Promise<Response> {
  const { group, state, reception, isSimulated: simulated } = options;
  const { refusal, ...counts } = group?.state() ?? state();
  const facts = (await reception.watch(knockOf(context))) ? {} : { ...counts, simulated };
  return refusal ? context.json({ status: refusal, ...facts }, 503) : context.json({ status: 'ready', ...facts });
}

async function metricsText(
  context: Context,
  { metrics, reception, connections }: RoutesOptions,
  makeText: () => Promise<string>,
): Promise<Response> {
  const refused = await reception.watch(knockOf(context));
  if (refused) return tell(context, { ...refused, text: `${refused.text}: see PARLEY_METRICS_TOKEN` });
  keepConnection(context, connections);
  const text = await makeText();
  return context.text(text, 200, { 'content-type': metrics.registry.contentType });
}

/** Whoever asks while it is being made gets the same. */
function shared<Made>(make: () => Promise<Made>): () => Promise<Made> {
  let making: Promise<Made> | undefined;
  return () => (making ??= make().finally(() => (making = undefined)));
}

interface RouteParts extends RoutesOptions {
  open: OpenDoor;
  route: Route;
}

/** Before anything of the body is read: what lacks the header that a carrier signs it with is no carrier's. */
async function refuseUnread(context: Context, { open, route, reception }: RouteParts): Promise<Response | undefined> {
  if (!isUnsigned(context, route)) return undefined;
  const verdict = await reception.judge(knockOf(context), { open, entrance: route });
  return typeof verdict === 'object' ? tell(context, verdict) : undefined;
}

async function answerRoute(context: Context, { open, route, reception, connections }: RouteParts): Promise<Response> {
  const body = new Uint8Array(await context.req.arrayBuffer());
  const form = new URLSearchParams(new TextDecoder().decode(body));
  const knock: Knock = { ...knockOf(context), body, form };
  if (!isUnsigned(context, route)) {
    const verdict = await reception.judge(knock, { open, entrance: route });
    if (typeof verdict === 'object') return tell(context, verdict);
  }
  keepConnection(context, connections);
  const { status = 200, type, body: text } = await route.answer(knock, open);
  return new Response(text, { status, headers: { 'content-type': type } });
}

const isUnsigned = ({ env }: Context, { signatureHeader }: Route): boolean =>
  signatureHeader !== undefined && env.incoming.headers[signatureHeader] === undefined;

/** Until it is answered. */
function keepConnection({ env: { incoming, outgoing } }: Context, connections: Connections): void {
  const { socket } = incoming;
  connections.keep(socket);
  outgoing.once('close', () => {
    if (!socket.destroyed) connections.arrive(socket);
  });
}

const tell = (context: Context, { text, status, headers }: Refused): Response => context.text(text, status, headers);

const knockOf = ({ env }: Context): Knock => knockAt(env.incoming, 'http');

/** What a worker answers over HTTP: whether it lives and takes calls, its metrics, and the webhooks of its carriers. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Hono, type Context as HonoContext } from 'hono';
import type { Knock, Route, Verdict } from '../bridge/door.ts';
import type { Log } from '../lib/log.ts';
import { readBody } from './body.ts';
import { CALLS_PATH, type CallsAnswer, type CallsApi } from './calls-api.ts';
import type { Connections } from './connections.ts';
import type { Group, GroupState } from './group.ts';
import { knockAt } from './lines.ts';
import type { OpenDoor } from './open-door.ts';
import type { Metrics } from './metrics.ts';
import { pathOf, type Reception, type Refused } from './reception.ts';

export interface RoutesOptions {
  doors: readonly OpenDoor[];
  reception: Reception;
  /** Calls that are placed. */
  callsApi: CallsApi;
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
  /** Adds routes of a program's own. Default: none. */
  mount?: ((app: WorkerApp) => void) | undefined;
}

/** The frame clock beats every 20 ms; when it is behind by so much, callers have heard nothing for as long. */
const STANDSTILL_MS = 5_000;

/** Asked by whoever runs the worker. */
export const PROBES = ['/healthz', '/readyz', '/metrics'] as const;

/** What the server of HTTP hands to each route. */
export interface Bindings {
  incoming: IncomingMessage;
  outgoing: ServerResponse;
}

/** What answers over HTTP. */
export type WorkerApp = Hono<{ Bindings: Bindings }>;

type Context = HonoContext<{ Bindings: Bindings }>;

export function createRoutes(options: RoutesOptions): WorkerApp {
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
  options.mount?.(app);
  app.get('/healthz', (context) => health(context, options));
  app.get('/readyz', (context) => readiness(context, options));
  const makeText = shared(() => options.group?.metrics() ?? options.metrics.text());
  app.get('/metrics', (context) => metricsText(context, options, makeText));
  const byId = `${CALLS_PATH}/:id`;
  app.post(CALLS_PATH, (context) => answerCalls(context, options, (knock) => options.callsApi.place(knock)));
  app.get(byId, (context) => answerCalls(context, options, () => options.callsApi.show(context.req.param('id'))));
  app.delete(byId, (context) => answerCalls(context, options, () => options.callsApi.cancel(context.req.param('id'))));
  for (const open of options.doors) {
    for (const route of open.door.routes ?? []) {
      app.on(route.method, route.path, (context) => answerRoute(context, { ...options, open, route }));
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

/** In a server of somebody else's. */
const BODY_TAKEN =
  'the body of this request was read before Parley saw it: let handleRequest come before what parses bodies, or keep the bytes as `request.rawBody`';

/** What lacks the header that a carrier signs the body with is judged before anything of that is read. */
async function answerRoute(context: Context, options: RouteParts): Promise<Response> {
  const { open, route, reception, connections } = options;
  const bare = knockOf(context);
  const isUnsigned = route.signatureHeader !== undefined && bare.headers[route.signatureHeader] === undefined;
  const judge = async (knock: Knock) => refusalIn(await reception.judge(knock, { open, entrance: route }));
  const refused = isUnsigned ? await judge(bare) : undefined;
  if (refused) return tell(context, refused);
  const body = await bodyOf(context, bare, options);
  if (body instanceof Response) return body;
  const knock: Knock = { ...bare, body, form: new URLSearchParams(new TextDecoder().decode(body)) };
  const refusedRead = isUnsigned ? undefined : await judge(knock);
  if (refusedRead) return tell(context, refusedRead);
  keepConnection(context, connections);
  const { status = 200, type, body: text, headers } = await route.answer(knock, open);
  return new Response(text, { status, headers: { ...headers, 'content-type': type } });
}

/** What a request carries, or what is answered where that cannot be had. */
async function bodyOf(
  context: Context,
  knock: Knock,
  { reception, log }: RoutesOptions,
): Promise<Uint8Array | Response> {
  const body = await readBody(context.env.incoming);
  switch (body) {
    case 'taken':
      log.error({ path: pathOf(knock) }, BODY_TAKEN);
      return context.text(BODY_TAKEN, 500);
    case 'too-large':
      return context.text('too large', 413);
    case 'broken-off':
      return tell(context, await reception.breakOff(knock));
    default:
      return body;
  }
}

/** Who may is judged before anything of the body is read. */
async function answerCalls(
  context: Context,
  options: RoutesOptions,
  answer: (knock: Knock) => CallsAnswer | Promise<CallsAnswer>,
): Promise<Response> {
  const { reception, callsApi, connections } = options;
  const knock = knockOf(context);
  const refused = refusalIn(await reception.judge(knock, callsApi.gate));
  if (refused) return tell(context, { ...refused, text: `${refused.text}: see PARLEY_BRIDGE_TOKEN` });
  const body = knock.method === 'POST' ? await bodyOf(context, knock, options) : undefined;
  if (body instanceof Response) return body;
  keepConnection(context, connections);
  const { status, headers, json } = await answer({ ...knock, body });
  return context.json(json, status, headers);
}

const refusalIn = (verdict: Refused | Verdict['type']): Refused | undefined =>
  typeof verdict === 'object' ? verdict : undefined;

/** Until it is answered. */
function keepConnection({ env: { incoming, outgoing } }: Context, connections: Connections): void {
  const { socket } = incoming;
  if (!connections.keep(socket)) return;
  outgoing.once('close', () => {
    if (!socket.destroyed) connections.arrive(socket);
  });
}

const tell = (context: Context, { text, status, headers }: Refused): Response => context.text(text, status, headers);

const knockOf = ({ env }: Context): Knock => knockAt(env.incoming, 'http');

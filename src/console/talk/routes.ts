/** What the worker of `parley talk` answers besides: the page, what it loads, what it is told, tokens for its calls, recordings. */
import type { Context } from 'hono';
import { z } from 'zod';
import type { Bindings, WorkerApp } from '../../worker/routes.ts';
import { talkAssets, type TalkAssets } from './assets.ts';
import type { TalkFeed } from './feed.ts';
import { refusalOf } from './guard.ts';
import { policyFor, talkPage } from './html.ts';
import type { TalkAgent, TalkStart, TalkTicket } from './messages.ts';
import type { Recordings } from './recordings.ts';
import { streamOf } from './stream.ts';
import { TALK_STYLE } from './style.ts';

export interface TalkRoutes {
  /** Where it listens, on this machine. */
  port: number;
  agent: () => TalkAgent;
  start: TalkStart;
  feed: TalkFeed;
  recordings: Recordings;
  /** Opens the worker's own door of web pages, for the page here and nobody else. */
  bridgeToken: string;
}

type TalkContext = Context<{ Bindings: Bindings }>;

const FOR_THIS_PAGE = {
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
};

export function mountTalk(app: WorkerApp, options: TalkRoutes): void {
  app.use(async (context, next) => {
    const refusal = refusalOf(context.env.incoming.headers, options.port);
    return refusal === undefined ? next() : context.text(`forbidden: ${refusal}`, 403);
  });
  app.get('/', (context) => context.redirect('/talk'));
  app.get('/talk', (context) => page(context, options));
  app.get('/talk/talk.js', (context) => asset(context, 'script', 'text/javascript; charset=utf-8'));
  app.get('/talk/worklet.js', (context) => asset(context, 'worklet', 'text/javascript; charset=utf-8'));
  app.get('/talk/talk.css', (context) => {
    return context.body(TALK_STYLE, 200, { ...FOR_THIS_PAGE, 'content-type': 'text/css; charset=utf-8' });
  });
  app.get('/talk/events', (context) => events(context, options));
  app.post('/talk/calls', (context) => ticket(context, options));
  app.get('/talk/recordings/:call/:file', (context) => {
    const { call, file } = context.req.param();
    return options.recordings.answer(call, file, context.req.header('range'));
  });
}

function page(context: TalkContext, { port, agent, start }: TalkRoutes): Response {
  const headers = { ...FOR_THIS_PAGE, 'content-security-policy': policyFor(port) };
  return context.html(talkPage(agent(), start), 200, headers);
}

async function asset(context: TalkContext, name: keyof TalkAssets, type: string): Promise<Response> {
  const { [name]: text } = await talkAssets();
  return context.body(text, 200, { ...FOR_THIS_PAGE, 'content-type': type });
}

function events(context: TalkContext, { feed }: TalkRoutes): Response {
  const after = Number(context.req.header('last-event-id') ?? 0);
  const headers = { ...FOR_THIS_PAGE, 'content-type': 'text/event-stream' };
  return context.body(streamOf(feed, Number.isSafeInteger(after) ? after : 0), 200, headers);
}

/** What the door answers, but for its address: the page is at one of its own names. */
const Announced = z.object({ token: z.string(), carrierCallId: z.string() });
const Refused = z.object({ error: z.string() });

/** Asked of the worker's own door, as the server behind any other page would. */
async function ticket(context: TalkContext, { port, bridgeToken }: TalkRoutes): Promise<Response> {
  const { origin } = context.env.incoming.headers;
  const answer = await fetch(`http://127.0.0.1:${port}/web/calls`, {
    method: 'POST',
    headers: { authorization: `Bearer ${bridgeToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ origin, from: 'talk' }),
  });
  const given: unknown = await answer.json().catch(() => undefined);
  const announced = Announced.safeParse(given);
  if (!answer.ok || !announced.success) {
    const { error } = Refused.safeParse(given).data ?? { error: `HTTP ${answer.status}` };
    return context.json({ error }, 503, FOR_THIS_PAGE);
  }
  return context.json({ ...announced.data, url: '/web/call' } satisfies TalkTicket, 200, FOR_THIS_PAGE);
}

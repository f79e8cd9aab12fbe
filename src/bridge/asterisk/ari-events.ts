/**
 * What ARI tells of one channel, over a WebSocket of its own, for as long as the channel is in our application: the socket is
 * opened before the channel is, so that nothing is missed, and closed when there is no more to hear.
 */
import { WebSocket } from 'ws';
import { z } from 'zod';
import { ProviderError } from '../../lib/errors.ts';
import { parseJson } from '../../lib/json.ts';
import { bufferOf } from '../../lib/open-socket.ts';

export type AriEvent =
  | { type: 'state'; state: string }
  /** The channel has been answered, and waits to be told what to do. */
  | { type: 'answered' }
  /** `cause`: of Q.850. */
  | { type: 'destroyed'; cause: number; words: string | undefined };

export interface AriEventsOptions {
  baseUrl: string;
  authorization: string;
  /** The application, and the channel in it. */
  channel: string;
  timeoutMs: number;
  heard: (event: AriEvent) => void;
  /** Nothing more can be heard, though there may be more. */
  failed: (error: Error) => void;
}

const Channel = z.object({ id: z.string(), state: z.string().optional() });
const Event = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ChannelStateChange'), channel: Channel }),
  z.object({ type: z.literal('StasisStart'), channel: Channel }),
  z.object({
    ...{ type: z.literal('ChannelDestroyed'), channel: Channel },
    ...{ cause: z.number().default(0), cause_txt: z.string().optional() },
  }),
]);
/** Of one event; a channel has some dozens. */
const MOST_VALUES = 1_000;
const MOST_BYTES = 100_000;

/** Pure. Undefined, for what is about another channel, or nothing that we need. */
export function readAriEvent(text: string, channel: string): AriEvent | undefined {
  const { data } = Event.safeParse(parseJson(text, { mostValues: MOST_VALUES }));
  if (data?.channel.id !== channel) return undefined;
  if (data.type === 'ChannelStateChange') return { type: 'state', state: data.channel.state ?? '' };
  if (data.type === 'StasisStart') return { type: 'answered' };
  return { type: 'destroyed', cause: data.cause, words: data.cause_txt };
}

/**
 * Done when it is open; what is returned closes it.
 * @throws {ProviderError} `connect-failed` or `unauthorized`
 */
export function openAriEvents(options: AriEventsOptions): Promise<() => void> {
  const { baseUrl, authorization, channel, timeoutMs, heard, failed } = options;
  const query = new URLSearchParams({ app: appOf(channel), subscribeAll: 'false' });
  const url = `${baseUrl.replace(/^http/, 'ws').replace(/\/+$/, '')}/events?${query.toString()}`;
  const limits = { perMessageDeflate: false, maxPayload: MOST_BYTES, handshakeTimeout: timeoutMs };
  const socket = new WebSocket(url, { headers: { authorization }, ...limits });
  let isOver = false;
  const close = (): void => {
    isOver = true;
    socket.close(1_000);
  };
  socket.on('message', (data) => {
    const event = isOver ? undefined : readAriEvent(bufferOf(data).toString(), channel);
    if (event?.type === 'destroyed') close();
    if (event) heard(event);
  });
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(close));
    socket.on('error', (error) => {
      reject(unreachable(error));
      if (!isOver) failed(unreachable(error));
    });
    socket.once('close', () => {
      if (!isOver) failed(unreachable(new Error('the socket has closed')));
    });
  });
}

/** Each call has an application of its own, so that no process hears those of another. */
export const appOf = (channel: string): string => `parley-${channel}`;

function unreachable(error: Error): ProviderError {
  const code = / 40[13]$/.test(error.message) ? 'unauthorized' : 'connect-failed';
  return new ProviderError('asterisk', code, `The events of ARI could not be heard: ${error.message}`, {
    phase: 'connect',
  });
}

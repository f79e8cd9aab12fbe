/** The feed as server-sent events: a browser comes back by itself, and says which message it had last. */
import type { NumberedMessage, TalkFeed } from './feed.ts';

/** A page that takes nothing for so many messages is let go of; it comes back when it can. */
const MOST_WAITING = 5_000;
/** A comment, so that both ends notice when the other is gone. */
const ALIVE_EVERY_MS = 15_000;
/** How soon a page that lost its connection tries again. */
const AGAIN_AFTER_MS = 500;

export function streamOf(feed: TalkFeed, after: number): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let leave = () => {};
  let isOver = false;
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const write = (text: string) => {
          if (isOver) return;
          if ((controller.desiredSize ?? 0) <= 0) return end();
          controller.enqueue(encoder.encode(text));
        };
        const alive = setInterval(() => write(':\n\n'), ALIVE_EVERY_MS).unref();
        let stop = () => {};
        leave = () => {
          clearInterval(alive);
          stop();
        };
        const end = () => {
          isOver = true;
          leave();
          controller.close();
        };
        write(`retry: ${AGAIN_AFTER_MS}\n\n`);
        stop = feed.listen((told) => write(textOf(told)), after);
        if (isOver) stop(); // it had missed more than can wait
      },
      cancel: () => leave(),
    },
    { highWaterMark: MOST_WAITING },
  );
}

const textOf = ({ number, message }: NumberedMessage): string => `id: ${number}\ndata: ${JSON.stringify(message)}\n\n`;

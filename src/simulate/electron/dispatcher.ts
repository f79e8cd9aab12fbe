/**
 * The service in the place of the network: a dispatcher of undici's that answers a client's requests by the service's
 * scripts, by the clock and without a socket. So a client is tried whole, its retries, deadlines and reading of streams, in
 * the time of a test.
 */
import { Dispatcher, errors } from 'undici';
import type { Clock } from '../../lib/clock.ts';
import { CHAT_PATH } from './limits.ts';
import type { Outlet, Playing } from './player.ts';
import type { RequestRecord } from './journal.ts';
import type { ElectronService } from './service.ts';

export interface DispatcherOptions {
  clock: Clock;
  /** Told of each request in the tick in which it comes. */
  onRequest?: ((record: RequestRecord) => void) | undefined;
}

/** Answers what a client asks of the chat route. Another path is answered 404, as by the server. */
export class ElectronDispatcher extends Dispatcher {
  readonly #service: ElectronService;
  readonly #options: DispatcherOptions;

  constructor(service: ElectronService, options: DispatcherOptions) {
    super();
    this.#service = service;
    this.#options = options;
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    this.#options.clock.after(0, () => this.#answer(options, handler)); // nobody is answered while they ask
    return true;
  }

  #answer(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): void {
    const response = new DispatchedResponse(handler);
    if (!response.start()) return;
    const { authorization } = (options.headers ?? {}) as Record<string, string>;
    const exchange = this.#service.open(authorization);
    const { record } = exchange;
    response.requestId = record.requestId;
    const isChat = options.path.split('?', 1)[0] === CHAT_PATH && options.method === 'POST';
    const answer = isChat
      ? this.#service.answer(typeof options.body === 'string' ? options.body : undefined, exchange)
      : this.#service.refuse(
          { status: 404, type: 'invalid_request_error', message: `Nothing is at ${options.path}` },
          exchange,
        );
    this.#options.onRequest?.(record);
    if (answer.type === 'script') return response.follow(answer.play(response));
    response.begin(answer.status, answer.headers);
    response.write(answer.body);
    response.end();
  }
}

/** One answer on its way to a handler, which may abort it at any moment. */
class DispatchedResponse implements Outlet, Dispatcher.DispatchController {
  requestId = '';
  readonly paused = false;
  aborted = false;
  reason: Error | null = null;
  readonly #handler: Dispatcher.DispatchHandler;
  #playing: Playing | undefined;
  #isOver = false;

  constructor(handler: Dispatcher.DispatchHandler) {
    this.#handler = handler;
  }

  /** False when the client has changed its mind. */
  start(): boolean {
    this.#handler.onRequestStart?.(this, {});
    return !this.aborted;
  }

  /** What is played into it; it may be over already. */
  follow(playing: Playing): void {
    this.#playing = playing;
    if (this.#isOver) playing.closed(!this.aborted);
  }

  begin(status: number, headers: Readonly<Record<string, string>>): void {
    if (this.#isOver) return;
    const all = Object.entries({ ...headers, 'X-Request-Id': this.requestId });
    const lowerCase = Object.fromEntries(all.map(([name, value]) => [name.toLowerCase(), value]));
    this.#handler.onResponseStart?.(this, status, lowerCase);
  }

  write(data: string | Buffer, done?: () => void): boolean {
    if (!this.#isOver) this.#handler.onResponseData?.(this, Buffer.from(data));
    done?.();
    return true;
  }

  onRoom(run: () => void): void {
    run(); // there always is
  }

  end(): void {
    if (!this.#over()) return;
    this.#handler.onResponseEnd?.(this, {});
    this.#playing?.closed(true);
  }

  reset(): void {
    if (this.#over()) this.#handler.onResponseError?.(this, new errors.SocketError('other side closed'));
  }

  abort(reason: Error): void {
    if (!this.#over()) return;
    this.aborted = true;
    this.reason = reason;
    this.#playing?.closed(false);
    this.#handler.onResponseError?.(this, reason);
  }

  pause(): void {}

  resume(): void {}

  #over(): boolean {
    const wasOver = this.#isOver;
    this.#isOver = true;
    return !wasOver;
  }
}

/** A carrier of these tests alone: text over TCP, a line of JSON each. Its lines carry nothing but a key. */
import type { Socket } from 'node:net';
import { z } from 'zod';
import type { CallerFacts, TextLine, TextLineEvent } from '../../../src/bridge/contract.ts';
import type { AcceptOptions, Door } from '../../../src/bridge/door.ts';
import { SocketLine, type FrameStream } from '../../../src/bridge/socket-line.ts';
import { TcpTransport } from '../../../src/bridge/tcp-socket.ts';
import { VoiceError } from '../../../src/lib/errors.ts';
import { number, setting } from '../../../src/lib/settings.ts';

const settings = {
  bellPort: number('PARLEY_BELL_PORT', [0, 65_535, 0], 'port of lines'),
  bellKey: setting('PARLEY_BELL_KEY', z.string().optional(), { help: 'opens', expected: 'a key', isSecret: true }),
} as const;

export const bell: Door<typeof settings> = {
  name: 'bell',
  label: 'Bell',
  settings,
  opensWith: 'bellKey',
  routes: [
    {
      method: 'POST',
      path: '/bell/expect',
      mayKnock: ({ headers }, desk) =>
        headers['x-bell'] === desk.settings.bellKey ? { type: 'carrier' } : { type: 'stranger', reason: 'no bell' },
      async answer({ form }, desk) {
        const announced = await desk.announce({ callId: undefined, path: '/bell/expect' });
        if ('refusal' in announced) return { status: 503, type: 'text/plain', body: announced.refusal.text };
        const facts = { token: announced.token, from: form?.get('from') ?? undefined };
        await desk.remember(form?.get('key') ?? '', facts);
        return { type: 'text/plain', body: String(process.pid) };
      },
    },
  ],
  tcp: {
    address: ({ bellPort: port }, host) => ({ host, port }),
    mayKnock: () => ({ type: 'caller' }),
    accept,
  },
};

/** Lines of text, cut as the network likes. */
class TextLines implements FrameStream<string> {
  #rest = '';

  push(piece: Buffer): void {
    this.#rest += piece.toString();
  }

  next(): string | undefined {
    const [line, ...rest] = this.#rest.split('\n');
    if (rest.length === 0) return undefined;
    this.#rest = rest.join('\n');
    return line;
  }
}

/** The first line is the key of the call; each that follows is what the caller says. */
async function accept(socket: Socket, { desk, admit, ...options }: AcceptOptions): Promise<TextLine> {
  const caller: CallerFacts = { carrierCallId: '', from: undefined, to: undefined, parameters: {} };
  const protocol = { name: 'bell', stream: new TextLines(), handle };
  const line = new SocketLine<string, TextLineEvent>(new TcpTransport(socket), protocol, options);
  function handle(text: string): void {
    if (line.isStarted) return line.tell({ type: 'prompt', text, isFinal: true });
    const known = desk.recall(text);
    Object.assign(caller, { carrierCallId: text, from: known?.from });
    if (admit({ caller, token: known?.token })) line.start();
    else line.refuse(new VoiceError('unauthorized', 'bell: nobody expects this call'));
  }
  await line.started;
  return {
    ...{ kind: 'text', name: 'bell', caller, capabilities: { dtmfOut: 'none', transfer: 'none' } },
    listen: (listener) => line.listen(listener),
    sendText: (text) => line.send(text),
    clear: () => {},
    sendDigits: () => Promise.reject(new VoiceError('request-invalid', 'bell: presses no keys')),
    transfer: () => Promise.reject(new VoiceError('request-invalid', 'bell: transfers nobody')),
    hangUp: () => line.close('hung-up'),
  };
}

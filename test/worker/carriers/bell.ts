/** A carrier of these tests alone: text over TCP, a line of JSON each. Its lines carry nothing but a key. */
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { AcceptOptions, CommonLineEvent, Door, TextLine, TextLineEvent } from '../../../src/bridge/contract.ts';
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
        const announced = desk.announce({ callId: undefined, path: '/bell/expect' });
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

/** Until its first line, which is the key of the call; each that follows is what the caller says. */
async function accept(socket: Socket, { desk, admit }: AcceptOptions): Promise<TextLine> {
  const held: string[] = [];
  let tell: ((event: TextLineEvent | CommonLineEvent) => void) | undefined;
  let isOver = false;
  const end = (reason: string) => {
    if (!isOver) tell?.({ type: 'closed', reason });
    isOver = true;
    socket.end();
  };
  const lines = createInterface({ input: socket });
  const key = await new Promise<string>((resolve, reject) => {
    lines.once('line', (first) => {
      lines.on('line', (text) => (tell ? tell({ type: 'prompt', text, isFinal: true }) : held.push(text)));
      resolve(first);
    });
    socket.once('close', () => reject(new VoiceError('closed', 'bell: gone before it began')));
  });
  socket.once('close', () => end('caller-hung-up'));
  const known = desk.recall(key);
  const caller = { bridgeCallId: key, from: known?.from, to: undefined, parameters: {} };
  if (!admit({ caller, token: known?.token })) throw new VoiceError('unauthorized', 'bell: nobody expects this call');
  return {
    ...{ kind: 'text', name: 'bell', caller, capabilities: { dtmfOut: 'none', transfer: 'none' } },
    listen(listener) {
      tell = listener;
      for (const text of held.splice(0)) listener({ type: 'prompt', text, isFinal: true });
    },
    sendText: (text) => void socket.write(text),
    clear: () => {},
    sendDigits: () => Promise.reject(new VoiceError('request-invalid', 'bell: presses no keys')),
    transfer: () => Promise.reject(new VoiceError('request-invalid', 'bell: transfers nobody')),
    hangUp: () => Promise.resolve(end('hung-up')),
  };
}

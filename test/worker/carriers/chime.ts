/** A carrier of these tests alone: JSON over WebSocket, mu-law, everything signed by a secret and a nonce, its own door. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { WebSocket } from 'ws';
import { z } from 'zod';
import type { AudioCapabilities, AudioLine, AudioLineEvent } from '../../../src/bridge/contract.ts';
import type { AcceptOptions, Desk, Door, Knock, Verdict } from '../../../src/bridge/door.ts';
import { SocketLine } from '../../../src/bridge/socket-line.ts';
import { WebSocketTransport } from '../../../src/bridge/web-socket.ts';
import { VoiceError } from '../../../src/lib/errors.ts';
import { setting } from '../../../src/lib/settings.ts';

const settings = {
  chimeSecret: setting('PARLEY_CHIME_SECRET', z.string().optional(), {
    help: 'signs',
    expected: 'a secret',
    isSecret: true,
  }),
} as const;
type ChimeDesk = Desk<{ chimeSecret: string | undefined }>;

export const chime: Door<typeof settings> = {
  name: 'chime',
  label: 'Chime',
  settings,
  opensWith: 'chimeSecret',
  routes: [{ method: 'POST', path: '/chime/ring', signatureHeader: 'x-chime', mayKnock: isSigned, answer: announce }],
  upgrades: [
    { path: '/chime/line', mayKnock: isSigned, accept },
    {
      path: '/chime/link/*',
      mayKnock: () => ({ type: 'caller' }),
      tokenOf: ({ target }) => target.split('/')[3],
      accept,
    },
  ],
};

export function signChime(secret: string, nonce: string, target: string, body = ''): string {
  return `${nonce}.${createHmac('sha256', secret).update(`${nonce} ${target} ${body}`).digest('hex')}`;
}

async function isSigned({ target, headers, body }: Knock, desk: ChimeDesk): Promise<Verdict> {
  const given = String(headers['x-chime']);
  const [nonce = ''] = given.split('.');
  const expected = signChime(desk.settings.chimeSecret ?? '', nonce, target, Buffer.from(body ?? []).toString());
  const isRight = given.length === expected.length && timingSafeEqual(Buffer.from(given), Buffer.from(expected));
  if (!isRight) return { type: 'stranger', reason: 'the chime is not signed' };
  return (await desk.isFirst(nonce, 60_000))
    ? { type: 'carrier' }
    : { type: 'stranger', reason: 'the chime has rung before' };
}

/** `id` absent: its line will have another one. */
async function announce({ body }: Knock, desk: ChimeDesk) {
  const { id } = JSON.parse(Buffer.from(body ?? []).toString()) as { id?: string };
  const announced = await desk.announce({ callId: id, path: '/chime/ring' });
  const answer =
    'refusal' in announced ? { say: announced.refusal.text } : { ...announced, url: desk.address('/chime/line', 'ws') };
  return { type: 'application/json', body: JSON.stringify(answer) };
}

const Frame = z.union([
  z.object({ id: z.string(), token: z.string().optional() }),
  z.object({ audio: z.string() }),
  z.object({ played: z.string() }),
]);

const FORMAT = { encoding: 'mulaw', sampleRateHz: 8_000 } as const;
const CAPABILITIES: AudioCapabilities = {
  ...{ inFormat: FORMAT, outFormat: FORMAT, clear: true, reports: 'marks', dtmfOut: 'none', transfer: 'none' },
  feed: { pacing: 'peer', leastBytes: 0, mostBytes: 8_000, multipleOfBytes: 1, tail: 'as-is' },
};

async function accept(socket: WebSocket, options: AcceptOptions): Promise<AudioLine> {
  const caller = { carrierCallId: '', from: undefined, to: undefined, parameters: {} };
  const protocol = { name: 'chime', readText: (text: string) => Frame.parse(JSON.parse(text)), handle };
  const line = new SocketLine<z.output<typeof Frame>, AudioLineEvent>(
    new WebSocketTransport(socket),
    protocol,
    options,
  );
  function handle(frame: z.output<typeof Frame>): void {
    if ('audio' in frame) return line.tell({ type: 'audio', audio: Buffer.from(frame.audio, 'base64') });
    if ('played' in frame) return line.tell({ type: 'mark', name: frame.played });
    caller.carrierCallId = frame.id;
    if (options.admit({ caller, token: frame.token })) line.start();
    else line.refuse(new VoiceError('unauthorized', 'chime: Expected a token that was announced, got none'));
  }
  const send = (frame: object) => line.send(JSON.stringify(frame));
  await line.started;
  return {
    ...{ kind: 'audio', name: 'chime', caller, capabilities: CAPABILITIES },
    listen: (listener) => line.listen(listener),
    sendAudio: (audio) => send({ audio: Buffer.from(audio).toString('base64') }),
    sendMark: (mark) => send({ mark }),
    clear: () => send({ clear: true }),
    sendDigits: () => Promise.reject(new VoiceError('request-invalid', 'chime: presses no keys')),
    transfer: () => Promise.reject(new VoiceError('request-invalid', 'chime: transfers nobody')),
    hangUp: () => line.close('hung-up'),
  };
}

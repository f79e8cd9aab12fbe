import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import type { BridgeCall, BridgeEvent } from '../../../src/bridge/contract.ts';
import { acceptMedia } from '../../../src/bridge/twilio/media/bridge.ts';
import { acceptRelay } from '../../../src/bridge/twilio/relay.ts';
import { verifySignature } from '../../../src/bridge/twilio/signature.ts';
import { connectRelay, connectStream, redirect, refuse } from '../../../src/bridge/twilio/twiml.ts';
import { placeCall, type PlaceCallOptions } from '../../../src/simulate/twilio/place-call.ts';
import { openWorker } from '../helpers/twilio-worker.ts';
import type { WebSocket } from 'ws';
import { until } from '../../helpers/until.ts';

const TOKEN = 'secret';
const PUBLIC = 'https://voice.example.com';
const CALL = { from: '+14155550100', to: '+14155550101', authToken: TOKEN };

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

type Answer = (form: URLSearchParams, path: string) => string | number;

/** A webhook that the world knows as `PUBLIC`, and a worker that checks who calls. */
async function openService(answer: Answer, accept: (socket: WebSocket) => Promise<BridgeCall> = acceptMedia) {
  const calls: Promise<BridgeCall>[] = [];
  const worker = await openWorker((socket) => calls.push(accept(socket)), {
    authToken: TOKEN,
    publicUrl: 'wss://voice.example.com/twilio/media',
  });
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const parts: Buffer[] = [];
    for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
    const form = new URLSearchParams(Buffer.concat(parts).toString());
    const signature = request.headers['x-twilio-signature'] as string | undefined;
    const isGenuine = verifySignature({ url: PUBLIC + request.url, signature, authTokens: [TOKEN], form });
    const body = isGenuine ? answer(form, request.url ?? '') : 403;
    response.writeHead(typeof body === 'number' ? body : 200, { 'content-type': 'text/xml' });
    response.end(typeof body === 'number' ? '' : body);
  };
  const server = createServer((request, response) => void serve(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanUps.push(
    () => worker.close(),
    async () => {
      server.closeAllConnections();
      server.close();
    },
  );
  const { port } = server.address() as AddressInfo;
  const reach = (url: string): string =>
    url.startsWith('wss') ? worker.url : url.replace(PUBLIC, `http://127.0.0.1:${port}`);
  const place = (options: Partial<PlaceCallOptions> = {}) =>
    placeCall({ voiceUrl: `${PUBLIC}/twilio/voice?agent=a%20b`, reach, ...CALL, ...options });
  return { place, calls };
}

const toStream: Answer = (form) =>
  connectStream({
    url: 'wss://voice.example.com/twilio/media',
    from: form.get('From') ?? '',
    to: form.get('To') ?? '',
    token: 't0k3n',
    parameters: { called: form.get('CallSid') ?? '' },
  });

test('the webhook is asked as Twilio asks, and the stream carries what it said', async () => {
  const { place, calls } = await openService(toStream);
  const placed = await place();
  if (placed.type !== 'media') throw new Error(`Expected a media call, got ${placed.type}`);
  const call = await calls[0];
  expect(call?.caller).toEqual({
    carrierCallId: placed.caller.callSid,
    from: CALL.from,
    to: CALL.to,
    parameters: { called: placed.caller.callSid },
  });
  await placed.caller.hangUp();
});

test('a relay is set up as its TwiML says', async () => {
  const answer: Answer = () => connectRelay({ url: 'wss://voice.example.com/twilio/media', welcomeGreeting: 'Hi.' });
  const { place, calls } = await openService(answer, acceptRelay);
  const placed = await place({ relay: { charactersPerSecond: 1_000, synthesisDelayMs: 0 } });
  if (placed.type !== 'relay') throw new Error(`Expected a relay call, got ${placed.type}`);
  const heard: string[] = [];
  (await calls[0])?.listen((event: BridgeEvent) => {
    if (event.type === 'spoken') heard.push(event.text);
    else if (event.type === 'closed') heard.push('closed');
  });
  await placed.caller.waitForSpeech({ fromMs: 0 });
  await placed.caller.waitForSilence({ forMs: 40 });
  await placed.caller.hangUp();
  await until(() => expect(heard).toEqual(['Hi.', 'closed']));
});

test('a full worker is heard out', async () => {
  const { place } = await openService(() => refuse('All lines are busy.'));
  expect(await place()).toEqual({ type: 'refused', said: 'All lines are busy.' });
});

test('redirects are followed, signed anew, and not for ever', async () => {
  const paths: string[] = [];
  const { place } = await openService((_, path) => {
    paths.push(path);
    return path === '/other' ? refuse('Sorry.') : redirect('/other');
  });
  expect(await place()).toEqual({ type: 'refused', said: 'Sorry.' });
  expect(paths).toEqual(['/twilio/voice?agent=a%20b', '/other']);
  const circle = await openService(() => redirect('/again'));
  await expect(circle.place()).rejects.toThrow(/at most 5 redirects/);
});

test('a wrong signature, a broken worker and no worker are told apart', async () => {
  const { place } = await openService(toStream);
  await expect(place({ authToken: 'other' })).rejects.toMatchObject({ code: 'unauthorized', status: 403 });
  const broken = await openService(() => 500);
  await expect(broken.place()).rejects.toMatchObject({ code: 'connect-failed', status: 500 });
  const odd = await openService(() => 'hello');
  await expect(odd.place()).rejects.toMatchObject({ code: 'frame-invalid' });
  await expect(place({ reach: () => 'http://127.0.0.1:1/' })).rejects.toMatchObject({ code: 'connect-failed' });
});

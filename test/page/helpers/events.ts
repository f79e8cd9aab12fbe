/** Calls as the page gets them, written down one event a line. */
import type { CallEvent, EventBody } from '../../../src/call/events.ts';

const CALL_ID = 'call-1';
const SILENCE = { endpointingMs: 0, queueMs: 0, modelMs: 0, toolMs: 0, speechMs: 0 };
const USAGE = { promptTokens: 1000, completionTokens: 20, cachedTokens: 900 };

export const event = (atMs: number, body: EventBody): CallEvent => ({ callId: CALL_ID, atMs, ...body });

/** Events in the order of their time, however they were written down. */
export const inOrder = (events: CallEvent[]): CallEvent[] => events.sort((one, other) => one.atMs - other.atMs);

type Body<Type extends CallEvent['type']> = Omit<Extract<CallEvent, { type: Type }>, 'callId' | 'atMs' | 'type'>;

export const start = (body: Partial<Body<'call-start'>> = {}): CallEvent =>
  event(0, {
    type: 'call-start',
    version: 1,
    bridge: 'twilio-media',
    from: '+15550100',
    to: '+15550199',
    agent: 'clinic',
    ...body,
  });

export const end = (atMs: number, body: Partial<Body<'call-end'>> = {}): CallEvent =>
  event(atMs, { type: 'call-end', reason: 'caller-hung-up', durationMs: atMs, usage: USAGE, ...body });

export const callerVoice = (fromMs: number, toMs: number): CallEvent[] => [
  event(fromMs, { type: 'caller-speech-start' }),
  event(toMs, { type: 'caller-speech-end' }),
];

export const agentVoice = (turn: number, fromMs: number, toMs: number): CallEvent[] => [
  event(fromMs, { type: 'reply-audio-start', turn }),
  event(toMs, { type: 'reply-audio-end', turn }),
];

export const turnStart = (atMs: number, turn: number, text: string): CallEvent =>
  event(atMs, { type: 'turn-start', turn, text });

export const stepStart = (atMs: number, turn: number, step: number): CallEvent =>
  event(atMs, { type: 'step-start', turn, step, messages: 4, attempt: 1 });

export const stepEnd = (atMs: number, turn: number, step: number, body: Partial<Body<'step-end'>> = {}): CallEvent =>
  event(atMs, {
    type: 'step-end',
    turn,
    step,
    finishReason: 'stop',
    textKind: 'answer',
    usage: USAGE,
    requestId: `req-${turn}-${step}`,
    firstTokenMs: 300,
    queueMs: 0,
    attempts: 1,
    ...body,
  });

export const text = (
  atMs: number,
  turn: number,
  step: number | undefined,
  delta: string,
  kind: Body<'text-delta'>['kind'] = 'answer',
): CallEvent => event(atMs, { type: 'text-delta', turn, step, kind, delta });

export const toolStart = (
  atMs: number,
  turn: number,
  id: string,
  name: string,
  body: Partial<Body<'tool-start'>> = {},
): CallEvent => event(atMs, { type: 'tool-start', turn, step: 1, id, name, arguments: {}, effect: 'read', ...body });

export const toolEnd = (
  atMs: number,
  turn: number,
  id: string,
  name: string,
  body: Partial<Body<'tool-end'>> = {},
): CallEvent => event(atMs, { type: 'tool-end', turn, step: 1, id, name, ok: true, durationMs: 400, ...body });

export function turnEnd(
  atMs: number,
  turn: number,
  heard: string,
  body: {
    outcome?: Body<'turn-end'>['outcome'];
    firstWordMs?: number | undefined;
    totalMs?: number;
    silence?: Partial<Body<'turn-end'>['latency']['silence']>;
  } = {},
): CallEvent {
  const { outcome = 'replied', firstWordMs, totalMs = 3_000, silence } = body;
  const latency = { firstWordMs, totalMs, silence: { ...SILENCE, ...silence } };
  return event(atMs, { type: 'turn-end', turn, outcome, heard, latency });
}

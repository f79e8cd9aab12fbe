/** What lasts over several turns of a call, or changes who is in it: an operator sees it in the log and in the traces, too. */
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { EventEmitter } from 'eventemitter3';
import { createLog } from 'parley-voice';
import { expect, test } from 'vitest';
import type { Call } from '../../src/call/call.ts';
import type { CallEvent } from '../../src/call/events.ts';
import type { CallObserver } from '../../src/call/observer.ts';
import { logCall } from '../../src/watch/call-log.ts';
import { traceCall } from '../../src/watch/tracing.ts';
import { LONG_SPANS } from '../page/helpers/long-spans.ts';

/** All that those who follow a call know of it. */
class ToldCall extends EventEmitter<{ event: [CallEvent] }> {
  readonly ids = { callId: 'call-1' };
  readonly logFields = {};
  readonly dismissedInterruptions = 0;
  readonly asked = { provider: 'electron', model: 'electron', voice: 'lightning', ear: 'pulse' };
  observe(observer: CallObserver): void {
    this.on('event', (event) => observer.event?.(event));
  }
}

function follow(events: readonly CallEvent[]) {
  const lines: Record<string, unknown>[] = [];
  const log = createLog({ stream: { write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>) } });
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const told = new ToldCall();
  const call = told as unknown as Call;
  logCall(call, log);
  traceCall(call, { tracer: provider.getTracer('test') });
  for (const event of events) told.emit('event', event);
  return { lines, spans: exporter.getFinishedSpans() };
}

const SHOWN: [CallEvent['type'], line: Record<string, unknown>, noted: string][] = [
  ['agent-change', { msg: 'another agent has the caller', agent: 'cards', insteadOf: 'reception' }, 'agent change'],
  ['task-start', { msg: 'a task has the caller', task: 'collect_card' }, 'task collect_card starts'],
  ['task-end', { msg: 'a task has ended', task: 'take_payment', how: 'given-up' }, 'task take_payment given-up'],
  ['sensitive-start', { msg: 'muted, for something sensitive is taken' }, 'sensitive start'],
  ['sensitive-end', { msg: 'muted no longer' }, 'sensitive end'],
  ['vendor-change', { msg: 'next vendor asked', kind: 'voice', vendor: 'own' }, 'vendor change'],
  ['hold-start', { msg: 'on hold', turn: 4 }, 'hold start'],
  ['hold-end', { msg: 'hold over', heldMs: 6_000, why: 'person' }, 'hold end'],
  ['transfer-progress', { msg: 'caller waits to be handed over', state: 'asking' }, 'transfer asking'],
  ['transfer', { msg: 'caller not handed over', turn: 5 }, 'transfer'],
];

test.each(SHOWN)('%s is a line of the log, and stands in the traces', (type, line, noted) => {
  expect(LONG_SPANS.some((event) => event.type === type)).toBe(true);
  const { lines, spans } = follow(LONG_SPANS);
  expect(lines).toContainEqual(expect.objectContaining(line));
  expect(spans.flatMap(({ events }) => events.map(({ name }) => name))).toContain(noted);
});

test('turns after a handover, and the run of a task, say whose they were and how it went in their spans', () => {
  const { spans } = follow(LONG_SPANS);
  expect(spans.filter(({ name }) => name.startsWith('invoke_agent')).map(({ name }) => name)).toEqual([
    'invoke_agent reception',
    ...Array.from({ length: 4 }, () => 'invoke_agent cards'),
  ]);
  const run = spans.find(({ name }) => name === 'execute_tool take_payment');
  expect(run?.attributes).toMatchObject({ 'parley.task.how': 'given-up', 'error.type': 'tool-error' });
});

/** Events of a call, written as they come: `1450 text-delta {"delta":"Good"}`. What is left out is filled in. */
import type { CallEvent } from '../../src/call/events.ts';

const NO_SILENCE = { endpointingMs: 0, queueMs: 0, modelMs: 0, toolMs: 0, speechMs: 0 };

interface Latency {
  silence?: object;
}

export function parseScript(script: string): CallEvent[] {
  const lines = script.split('\n').map((line) => line.trim());
  return lines.filter((line) => line !== '').map(parseLine);
}

function parseLine(line: string): CallEvent {
  const [, atMs, type, rest] = /^(\d+) +([a-z-]+) *(\{.*\})?$/.exec(line) ?? [];
  if (atMs === undefined) throw new Error(`Expected a time, a type and perhaps an object, got ${line}`);
  const facts = JSON.parse(rest ?? '{}') as Record<string, unknown> & { latency?: Latency };
  if (facts.latency) facts.latency = { ...facts.latency, silence: { ...NO_SILENCE, ...facts.latency.silence } };
  return { callId: 'C1', atMs: Number(atMs), type, turn: 1, ...facts } as unknown as CallEvent;
}

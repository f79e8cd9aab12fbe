/**
 * The little language in which the machine's tests are written: one line an event, at a time in milliseconds.
 *
 *     0  caller-turn   "where is my order?"
 *   250  text-delta    "Let me look. "
 *   280  tool-call     lookup_order {"orderNumber":"123456"}
 *   +20  step-end      tool_calls               // 20 ms after the line before
 *   900  text-delta@1  "late"                   // of the first step that was requested, not of the one that is open
 *
 * Arguments are "JSON strings", {JSON objects}, #ids and bare words. What each verb means is in `play.ts`.
 */

import type { TurnEvent } from '../../../src/turn/contract.ts';

export type Argument =
  | { kind: 'text'; text: string }
  /** JSON as it is written in the script, byte for byte. */
  | { kind: 'object'; json: string }
  | { kind: 'id'; id: string }
  | { kind: 'word'; word: string };

export interface ScriptLine {
  atMs: number;
  verb: string;
  /** The step that is meant, counted from 1 over the whole call; undefined: the newest. */
  step: number | undefined;
  args: Argument[];
  /** As it was written, for messages. */
  source: string;
}

const LINE = /^(\+?)(\d+)\s+([a-z-]+)(?:@(\d+))?(?:\s+(.*))?$/;

/** @throws {Error} naming the line that is not one. */
export function readScript(script: string, startMs = 0): ScriptLine[] {
  const lines: ScriptLine[] = [];
  let atMs = startMs;
  for (const raw of script.split('\n')) {
    const source = raw.trim();
    if (source === '' || source.startsWith('//')) continue;
    const match = LINE.exec(source);
    if (!match) throw new Error(`Expected \`MS EVENT ...\`, got \`${source}\``);
    const [, plus, ms, verb = '', step, rest = ''] = match;
    const nextMs = plus ? atMs + Number(ms) : Number(ms);
    if (nextMs < atMs) throw new Error(`Expected a time of ${atMs} or later, got \`${source}\``);
    atMs = nextMs;
    lines.push({ atMs, verb, step: step === undefined ? undefined : Number(step), args: readArguments(rest), source });
  }
  return lines;
}

function readArguments(text: string): Argument[] {
  const args: Argument[] = [];
  let at = 0;
  while (at < text.length) {
    const start = text[at];
    if (start === ' ') {
      at++;
    } else if (text.startsWith('//', at)) {
      break;
    } else if (start === '"') {
      const end = endOfString(text, at);
      args.push({ kind: 'text', text: JSON.parse(text.slice(at, end)) as string });
      at = end;
    } else if (start === '{') {
      const end = endOfObject(text, at);
      args.push({ kind: 'object', json: text.slice(at, end) });
      at = end;
    } else {
      const end = text.indexOf(' ', at) === -1 ? text.length : text.indexOf(' ', at);
      const word = text.slice(at, end);
      if (/^\+\d+$/.test(word)) throw new Error(`Expected one event a line, got \`${text}\``);
      args.push(word.startsWith('#') ? { kind: 'id', id: word.slice(1) } : { kind: 'word', word });
      at = end;
    }
  }
  return args;
}

function endOfString(text: string, from: number): number {
  for (let i = from + 1; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === '"') return i + 1;
  }
  throw new Error(`Expected a closing quote in \`${text}\``);
}

function endOfObject(text: string, from: number): number {
  let depth = 0;
  for (let i = from; i < text.length; i++) {
    if (text[i] === '"') i = endOfString(text, i) - 1;
    else if (text[i] === '{') depth++;
    else if (text[i] === '}' && --depth === 0) return i + 1;
  }
  throw new Error(`Expected a closing brace in \`${text}\``);
}

/**
 * The script that plays these events again; the other way round of `readScript`. Timers are written out.
 * @param generations Those of the steps that were requested, in order.
 */
export function writeScript(
  events: readonly { event: TurnEvent; atMs: number }[],
  generations: readonly number[],
): string {
  return events
    .filter(({ event }) => event.type !== 'call-start')
    .map(({ event, atMs }) => {
      const step = 'generation' in event ? `@${generations.indexOf(event.generation) + 1}` : '';
      return `${String(atMs).padStart(6)}  ${(event.type + step).padEnd(18)} ${argumentsOf(event)}`.trimEnd();
    })
    .join('\n');
}

function argumentsOf(event: TurnEvent): string {
  const text = JSON.stringify;
  switch (event.type) {
    case 'caller-turn':
    case 'caller-likely-finished':
      return text(event.text);
    case 'say':
      return [event.text, event.thenHangUp, event.thenTransfer]
        .flatMap((one) => (one === undefined ? [] : text(one)))
        .join(' ');
    case 'caller-speech':
      return event.words === undefined ? event.phase : `${event.phase} ${text(event.words)}`;
    case 'text-delta':
      return text(event.delta);
    case 'tool-call':
      return `${event.call.name} ${event.call.arguments} #${event.call.id}`;
    case 'tool-call-failed':
      return `${event.call.name} ${event.call.arguments} ${text(event.message)} #${event.call.id}`;
    case 'step-end':
      return event.finishReason + (event.isTruncated ? ' truncated' : '');
    case 'step-failed':
      return event.code;
    case 'tool-settled': {
      const { callId, outcome } = event;
      if (!outcome.ok) return `#${callId} failed ${outcome.failure} ${outcome.content}`;
      if (outcome.control?.type === 'hand-off') {
        const { to, context, about = '' } = outcome.control;
        return outcome.say === undefined
          ? `#${callId} hand-off ${context} ${about} ${text(to)}`
          : `#${callId} say-and-hand-off ${to} ${text(outcome.say)}`;
      }
      if (outcome.say !== undefined) return `#${callId} say ${text(outcome.say)}`;
      if (outcome.control?.type === 'end-task') {
        const { how, content = '' } = outcome.control.end;
        return `#${callId} end-task ${how} ${content}`.trimEnd();
      }
      if (outcome.control?.type === 'hold') return `#${callId} hold`;
      if (outcome.control?.type === 'transfer') return `#${callId} transfer ${text(outcome.control.to)}`;
      if (outcome.control?.type === 'hang-up') return `#${callId} hang-up ${text(outcome.control.reason)}`;
      return `#${callId} ${outcome.isFromJournal ? 'journal ' : ''}${outcome.content}`;
    }
    case 'task-begin':
      return `#${event.callId} ${event.maxTurns}${event.ask === undefined ? '' : ` ${text(event.ask)}`}`;
    case 'tool-progress':
      return `#${event.callId} ${text(event.text)}`;
    case 'playback-start':
      return String(event.utterance);
    case 'heard':
      return `${event.utterance} ${event.characters}${event.isExact ? ' exactly' : ''}`;
    case 'interrupt':
      return event.upTo === undefined ? '' : String(event.upTo);
    case 'playback-stalled':
      return `${event.quietMs}${event.canSpeak ? ' can-speak' : ''}`;
    case 'speech-failed':
      return `${event.utterance} ${event.code}`;
    case 'facts':
      return event.problem === undefined
        ? event.text === undefined
          ? 'none'
          : text(event.text)
        : `problem ${text(event.problem)}`;
    case 'answer-extra':
      return text({ message: event.message, calls: event.calls });
    case 'ear-up':
      return event.isUp ? 'yes' : 'no';
    case 'outage':
      return text(event.reason);
    case 'timer':
      return event.timer;
    case 'digit':
      return text(event.digit);
    case 'transfer-failed':
      return text(event.message);
    case 'hang-up':
      return text(event.reason);
    default:
      return '';
  }
}

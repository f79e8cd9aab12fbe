/** `parley replay PATH`: does the machine, told the same, still do the same? With `--play`, the call as it went. */
import { toEvent, type EventBody } from '../call/events.ts';
import { addUsage, noUsage } from '../call/usage.ts';
import type { Clock } from '../lib/clock.ts';
import { isA, VoiceError } from '../lib/errors.ts';
import { plainLine, plainValue } from '../lib/plain.ts';
import { replay, type ReplayListener, type ReplayResult } from '../record/machine-log.ts';
import { ChatView } from './chat-view.ts';
import { findRecordings, type Recording } from './recordings.ts';
import { edgeOf, paint, print, printJson, write } from './report.ts';
import { textWidth } from './text-width.ts';
import { count, seconds } from './units.ts';

export interface ReplayOptions {
  json?: boolean;
  play?: boolean;
}

/** The exit code is 1 when one of them is no longer the same. @throws {VoiceError} when there is none, or the only one is none */
export async function replayAll(path: string, options: ReplayOptions, clock: Clock): Promise<void> {
  const recordings = await findRecordings(path);
  if (recordings.length === 1 && recordings[0]) return void replayOne(recordings[0], options, clock);
  const counts = { same: 0, different: 0, invalid: 0 };
  for (const recording of recordings) counts[tryOne(recording, options, clock)]++;
  if (options.json) return;
  const { same, different, invalid } = counts;
  const rest = [different > 0 && `${different} different`, invalid > 0 && `${invalid} no recording`].filter(Boolean);
  print(`${[`${count(recordings.length, 'call')}: ${same} the same`, ...rest].join(', ')}`);
}

/** One of several that is broken does not hide the others. */
function tryOne(recording: Recording, options: ReplayOptions, clock: Clock): 'same' | 'different' | 'invalid' {
  if (!options.json) write(`${paint.bold(plainLine(recording.file))}  `);
  try {
    return replayOne(recording, options, clock) ? 'same' : 'different';
  } catch (error) {
    if (!isA(error, VoiceError)) throw error;
    process.exitCode = 1;
    const reason = error.message.replace(`${recording.file}: `, '');
    if (options.json) printJson({ file: recording.file, error: reason });
    else print(`no recording: ${plainLine(reason)}`);
    return 'invalid';
  }
}

function replayOne({ file, text }: Recording, { json, play }: ReplayOptions, clock: Clock): boolean {
  const startedAtMs = clock.nowMs();
  const played = play && !json ? startPlay() : undefined;
  const result = nameFile(file, () => replay(text, played?.listen));
  played?.end();
  const tookMs = Math.round(clock.nowMs() - startedAtMs);
  if (result.difference) process.exitCode = 1;
  if (json) printJson({ file, ...result, tookMs });
  else tell(plainValue(result), tookMs);
  return !result.difference;
}

/** What is wrong with a recording, with the file that it is in. */
function nameFile<Result>(file: string, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (!isA(error, VoiceError) || error.code !== 'recording-invalid') throw error;
    throw new VoiceError('recording-invalid', `${file}: ${error.message}`, { cause: error });
  }
}

// ---- what came of it ------------------------------------------------------------------------------------------------

function tell({ events, effects, durationMs, broke, difference }: ReplayResult, tookMs: number): void {
  const length = `${count(events, 'event')}, ${count(effects, 'effect')}, ${seconds(durationMs)} of call`;
  if (broke) {
    const place = `line ${broke.line} (${seconds(broke.atMs)})`;
    return print(`same: ${length}; then the machine broke again, as recorded at ${place}: ${broke.message}`);
  }
  if (!difference) return print(`same: ${length}, replayed in ${seconds(tookMs)}`);
  const { line, atMs, expected, got } = difference;
  print(`${paint.red('different')} at line ${line} (${seconds(atMs)}): ${length}`);
  for (const row of markDifference(expected, got, (edgeOf(process.stdout) ?? COLUMNS) - 1)) write(`${row}\n`);
}

/** Of lines without an edge. */
const COLUMNS = 120;
const LABELS = ['  recorded ', '  replayed '] as const;
/** Shown of what both have in common, before the difference. */
const COMMON = 40;

/** Two texts where they begin to differ, one below the other, and a mark below the place. Effects may be 100 kB long. */
export function markDifference(expected: string, got: string, columns: number): string[] {
  let same = 0;
  while (same < expected.length && expected[same] === got[same]) same++;
  const from = Math.max(0, same - COMMON);
  const room = Math.max(20, columns - LABELS[0].length);
  const before = from > 0 ? '…' : '';
  const shown = [expected, got].map((text) => before + text.slice(from, from + room - before.length));
  const rows = shown.map((text, index) => {
    const at = before.length + same - from;
    return `${LABELS[index] ?? ''}${text.slice(0, at)}${paint.yellow(text.slice(at))}`;
  });
  const column = LABELS[0].length + textWidth(before + expected.slice(from, same));
  return [...rows, `${' '.repeat(column)}${paint.yellow('^')}`];
}

// ---- the call -------------------------------------------------------------------------------------------------------

/** What the machine told and had said, as `parley chat` shows it; the line itself is in no recording of the machine. */
function startPlay(): { listen: ReplayListener; end: () => void } {
  const view = new ChatView(write, () => edgeOf(process.stdout));
  const usage = noUsage();
  const show = (atMs: number, event: EventBody) => view.show({ ...event, callId: '', atMs: Math.round(atMs) });
  write('\n');
  const listen: ReplayListener = (effects, atMs) => {
    for (const effect of effects) {
      if (effect.type === 'say') {
        const { turn, kind, text: delta } = effect;
        show(atMs, { type: 'text-delta', turn, step: effect.step || undefined, kind, delta });
      } else if (effect.type === 'report') {
        const { event } = effect;
        if (event.type === 'step-end' && event.usage) addUsage(usage, event.usage);
        if (event.type === 'call-end') show(atMs, { type: 'call-end', reason: event.reason, durationMs: atMs, usage });
        else show(atMs, toEvent(event));
      }
    }
  };
  return { listen, end: () => view.breakLine() };
}

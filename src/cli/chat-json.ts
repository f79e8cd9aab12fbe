/**
 * `parley chat --json`, for programs. Each line of standard input is what the caller says, or does; each line of standard
 * output is one event.
 *
 *   what is free tomorrow?
 *   {"type":"say","text":"what is free tomorrow?"}
 *   {"type":"interrupt"}        the caller cuts in now: all text so far was heard
 *   {"type":"hang-up"}
 */
import type { Call } from '../call/call.ts';
import { messageOf, VoiceError } from '../lib/errors.ts';
import { isRecord, parseJson } from '../lib/json.ts';
import type { Cost } from '../watch/cost.ts';
import type { StartCall } from './start-call.ts';
import { readLines } from './lines.ts';
import { printJson, say } from './report.ts';
import { faultText } from './tool-faults.ts';

type ChatLine = { type: 'say'; text: string } | { type: 'interrupt' } | { type: 'hang-up' };

/** `costOf`: what the call has cost, told with its end; undefined where nobody knows prices. */
export async function chatInJson(start: StartCall, costOf: () => Cost | undefined = () => undefined): Promise<void> {
  const call = start((started) => {
    started.observe({ toolFailed: (fault) => say(`parley: ${faultText(fault)}`) });
    started.on('event', (event) => {
      const cost = event.type === 'call-end' ? costOf() : undefined;
      printJson(cost ? { ...event, cost } : event);
    });
  });
  const stop = () => call.hangUp('stopped');
  process.once('SIGINT', stop).once('SIGTERM', stop);
  process.stdout.once('error', () => call.hangUp('output-closed'));
  await Promise.race([readLines(process.stdin, (line) => takeLine(call, line)), call.ended]);
  await call.whenQuiet();
  call.hangUp('end-of-input');
  await call.ended;
  process.stdin.destroy();
  process.removeListener('SIGINT', stop).removeListener('SIGTERM', stop);
}

/** What is wrong with a line is said, and the caller's other lines still count. */
function takeLine(call: Call, line: string): void {
  try {
    const read = readChatLine(line);
    if (read?.type === 'say') void call.say(read.text);
    if (read?.type === 'interrupt') call.interrupt();
    if (read?.type === 'hang-up') call.hangUp();
  } catch (error) {
    say(`parley: ${messageOf(error)}`);
  }
}

/**
 * Text that is no JSON object is what the caller says, even if it begins with a brace.
 * @throws {VoiceError} `frame-invalid` for a JSON object that is none of the three.
 */
export function readChatLine(line: string): ChatLine | undefined {
  const text = line.trim();
  if (text === '') return undefined;
  const value = text.startsWith('{') ? parseJson(text) : undefined;
  if (!isRecord(value)) return { type: 'say', text };
  if (value['type'] === 'say' && typeof value['text'] === 'string') return { type: 'say', text: value['text'] };
  if (value['type'] === 'interrupt' || value['type'] === 'hang-up') return { type: value['type'] };
  throw new VoiceError(
    'frame-invalid',
    `expected {"type":"say","text":"..."}, {"type":"interrupt"} or {"type":"hang-up"}, got ${text.slice(0, 200)}`,
  );
}

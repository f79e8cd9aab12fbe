/**
 * A recorded call as the checks look at it: its events, what the model was asked by the machine's log, and both voices by the
 * sound. What a script would have told is told by the voice itself: which of the caller's sounds are one utterance is a guess.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { readWav, type Wav } from '../audio/wav.ts';
import type { CallEvent } from '../call/events.ts';
import { messageOf, VoiceError } from '../lib/errors.ts';
import { fileError } from '../lib/file-error.ts';
import { isRecord, parseJson } from '../lib/json.ts';
import { sentRequestsIn } from './machine-requests.ts';
import { EVENTS_FILE, MACHINE_FILE, SOUND_FILE } from '../record/folder.ts';
import { understandSamples } from '../testing/phone.ts';
import type { CallerStretch, CallResult, HeardWord, SoundStretch } from '../testing/result.ts';
import { joined, stretchesOf } from '../testing/sound.ts';
import { leavesSilence, toolUsesIn } from '../testing/tool-uses.ts';
import { withKinds } from '../testing/words.ts';

/** Where an evaluation keeps its calls. */
export const KEPT_CALLS = 'calls';

/** Pauses up to this within what the caller says are part of saying it, unless a turn was made of it before. */
const SPEECH_PAUSE_MS = 700;

/** A recorded call, with where it lies. */
export interface RecordedCall {
  folder: string;
  call: CallResult;
}

/**
 * The call of a folder, or those of all folders in it, in the order of their names, those that an evaluation has kept
 * included; empty when there is none.
 * @throws {VoiceError} `recording-invalid` or `file-unreadable`, with the folder
 */
export async function readRecordings(path: string): Promise<RecordedCall[]> {
  if (await isRecording(path)) return [{ folder: path, call: await readRecording(path) }];
  const calls = await readAllIn(path);
  return calls.length > 0 ? calls : readAllIn(join(path, KEPT_CALLS));
}

async function readAllIn(path: string): Promise<RecordedCall[]> {
  const names = await readdir(path).catch(() => []);
  const calls: RecordedCall[] = [];
  for (const name of names.sort()) {
    const folder = join(path, name);
    if (await isRecording(folder)) calls.push({ folder, call: await readRecording(folder) });
  }
  return calls;
}

/** Whether a call was recorded here. */
export const isRecording = async (folder: string): Promise<boolean> =>
  (await stat(join(folder, EVENTS_FILE)).catch(() => undefined))?.isFile() ?? false;

/** @throws {VoiceError} `recording-invalid` or `file-unreadable`, with the folder */
export async function readRecording(folder: string): Promise<CallResult> {
  const events = eventsIn(await readText(folder, EVENTS_FILE));
  const start = events.find((event) => event.type === 'call-start');
  if (!start)
    throw new VoiceError(
      'recording-invalid',
      `${folder}: expected the events of a call in ${EVENTS_FILE}, got none that starts one`,
    );
  const machine = await readText(folder, MACHINE_FILE).catch(() => undefined);
  const waiting = waitingToolsIn(machine);
  const sound = await readSound(folder);
  const end = events.findLast((event) => event.type === 'call-end');
  const heard = sound && heardIn(sound, events);
  const agentSound = sound && stretchesOf(sound.agent, sound.sampleRateHz);
  return {
    callId: start.callId || basename(folder),
    agent: start.agent,
    line: 'recording',
    visible: 'inside',
    hearing: sound ? (heard ? 'stand-in' : 'real') : 'none',
    events,
    requests: machine === undefined ? [] : sentRequestsIn(machine),
    caller: callerIn(events, sound),
    ...(agentSound && { agentSound }),
    ...(heard && { heard }),
    ...(sound && { sound }),
    tools: toolUsesIn(events).map((use) => (waiting.has(use.name) ? { ...use, waitsForCaller: true } : use)),
    ...(end && { end: { atMs: end.atMs, reason: end.reason } }),
    ...(machine !== undefined && { machine }),
    troubles: [],
  };
}

/** Of the tools that it was made with, and tasks later on, those that wait for keys and the like. */
function waitingToolsIn(machine = ''): ReadonlySet<string> {
  const lines = machine.split('\n').filter((line) => line.includes('"waitsForCaller":true'));
  const namesIn = (value: unknown): string[] => {
    if (Array.isArray(value)) return value.flatMap(namesIn);
    if (!isRecord(value)) return [];
    const { name, waitsForCaller, isTask } = value;
    const isWaiting =
      typeof name === 'string' && leavesSilence({ waitsForCaller: waitsForCaller === true, isTask: isTask === true });
    return isWaiting ? [name] : Object.values(value).flatMap(namesIn);
  };
  return new Set(lines.flatMap((line) => namesIn(parseJson(line))));
}

async function readText(folder: string, name: string): Promise<string> {
  return readFile(join(folder, name), 'utf8').catch((error: unknown) => {
    throw fileError('read', join(folder, name), error);
  });
}

/** A disk that was full may have left half a line. */
function eventsIn(text: string): CallEvent[] {
  return text
    .split('\n')
    .map((line) => parseJson(line))
    .filter(
      (value): value is CallEvent & Record<string, unknown> => isRecord(value) && typeof value['type'] === 'string',
    );
}

/** Undefined for a call of text, or where the sound was not kept. */
async function readSound(folder: string): Promise<CallResult['sound']> {
  const bytes = await readFile(join(folder, SOUND_FILE)).catch(() => undefined);
  if (!bytes) return undefined;
  let wav: Wav;
  try {
    wav = readWav(bytes);
  } catch (error) {
    throw new VoiceError('recording-invalid', `${join(folder, SOUND_FILE)}: ${messageOf(error)}`, { cause: error });
  }
  const [caller, agent] = wav.channels;
  if (!caller || !agent)
    throw new VoiceError(
      'recording-invalid',
      `${join(folder, SOUND_FILE)}: expected two channels, got ${wav.channels.length}`,
    );
  return { sampleRateHz: wav.sampleRateHz, caller, agent };
}

// ---- who sounded when -----------------------------------------------------------------------------------------------

/** Where nothing was kept of the sound: what the ear told of it. */
function voicesIn(events: readonly CallEvent[]): SoundStretch[] {
  const voices: SoundStretch[] = [];
  let fromMs: number | undefined;
  for (const { type, atMs } of events) {
    if (type === 'caller-speech-start') fromMs ??= atMs;
    if (type !== 'caller-speech-end' || fromMs === undefined) continue;
    voices.push({ fromMs, toMs: atMs });
    fromMs = undefined;
  }
  return voices;
}

/** Each thing that the caller said, with the words of the turn that was made of it. */
function callerIn(events: readonly CallEvent[], sound: CallResult['sound']): CallerStretch[] {
  const starts = events.filter((event) => event.type === 'turn-start');
  const voices = sound ? joined(stretchesOf(sound.caller, sound.sampleRateHz)) : voicesIn(events);
  const utterances: SoundStretch[] = [];
  for (const voice of voices) {
    const last = utterances.at(-1);
    const goesOn =
      last &&
      voice.fromMs - last.toMs < SPEECH_PAUSE_MS &&
      !starts.some(({ atMs }) => atMs > last.toMs && atMs < voice.fromMs);
    if (goesOn) last.toMs = voice.toMs;
    else utterances.push({ ...voice });
  }
  const agent = sound ? joined(stretchesOf(sound.agent, sound.sampleRateHz)) : [];
  const said = utterances.map((stretch, index): CallerStretch => {
    const untilMs = utterances[index + 1]?.fromMs ?? Infinity;
    const text = starts.find(({ atMs }) => atMs >= stretch.fromMs && atMs < untilMs)?.text ?? '';
    const cutsIn = agent.some(({ fromMs, toMs }) => fromMs < stretch.fromMs && toMs > stretch.fromMs);
    // sounds of which no words came, and which no turn was made of, asked for nothing
    if (text === '') return { ...stretch, kind: 'noise', what: 'a sound without words' };
    return { ...stretch, kind: 'utterance', text, ...(cutsIn && { cutsIn }) };
  });
  const keys = events.flatMap((event): CallerStretch[] =>
    event.type === 'digit' ? [{ kind: 'keys', keys: event.digit, fromMs: event.atMs, toMs: event.atMs }] : [],
  );
  return [...said, ...keys].sort((one, other) => one.fromMs - other.fromMs);
}

/** Of tones, which the stand-ins speak; undefined of a voice, which would take an ear. */
function heardIn(
  { agent, sampleRateHz }: NonNullable<CallResult['sound']>,
  events: readonly CallEvent[],
): HeardWord[] | undefined {
  if (sampleRateHz !== 8_000) return undefined;
  const words = understandSamples(agent);
  if (words.length === 0) return undefined;
  return withKinds(
    words.map(({ text, startMs, endMs }) => ({ text, fromMs: startMs, toMs: endMs })),
    events,
  );
}

/**
 * `parley call`: be a caller. Dials a worker as a carrier does, says what it is told to say, or what is typed, and shows what
 * a caller with a stop-watch would write down.
 */
import { access, constants, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { writeWav } from '../audio/wav.ts';
import type { Clock } from '../lib/clock.ts';
import { VoiceError } from '../lib/errors.ts';
import { makeFolders } from '../lib/folders.ts';
import { DIALECTS, type Dialect, type LineName } from '../simulate/dialects.ts';
import type { MediaCaller } from '../simulate/telephone.ts';
import {
  MediaLine,
  RelayLine,
  tellMediaEvent,
  tellRelayEvent,
  type CallerLine,
  type Utterance,
} from './caller/line.ts';
import { CallObserver, type CallerEvent, type CallSummary } from './caller/observer.ts';
import { CallerPlayer } from './caller/player.ts';
import type { CallerStep, StepList } from './caller/steps.ts';
import { askWhetherSimulated, dial, readTarget, type CallTarget } from './caller/target.ts';
import { toError, TypedSteps } from './caller/typed.ts';
import { CallerView } from './caller/view.ts';
import { chooseVoice, readSpeech, type CallerVoice, type VoiceChoice } from './caller/voice.ts';
import { fileError } from '../lib/file-error.ts';
import { edgeOf, print, printJson, say, UsageError, write } from './report.ts';

export interface CallOptions {
  url: string;
  line: LineName;
  authToken?: string;
  signedUrl?: string;
  from: string;
  to: string;
  parameter: string[];
  voice: VoiceChoice;
  pause?: string;
  timeout: string;
  save?: string;
  json?: boolean;
  verbose?: boolean;
}

/** A person who types has seen for themselves that the agent has finished. */
const TYPED_PAUSE_MS = 300;
/** Longer than an agent that works keeps silent. */
const PAUSE_MS = 1_500;
const CONNECT_TIMEOUT_MS = 10_000;

export async function call(options: CallOptions, script: StepList, clock: Clock): Promise<void> {
  const target = readTarget(options.url, options.signedUrl, options.line);
  const isTyped = script.isEmpty;
  const isTerminal = isTyped && !options.json && process.stdin.isTTY && process.stdout.isTTY;
  const settings = readNumbers(options, isTerminal);
  const steps = script.finish();
  const parameters = readParameters(options.parameter);
  if (options.save !== undefined) await checkFolder(options.save);
  await checkSteps(steps, target);

  const connectTimeoutMs = Math.min(settings.timeoutMs, CONNECT_TIMEOUT_MS);
  const voice = target.kind === 'relay' ? undefined : await findVoice(target, options.voice, connectTimeoutMs);
  const view = new CallerView({
    write: (text) => void (typed ? typed.write(text) : write(text)),
    columns: () => edgeOf(process.stdout),
    isVerbose: options.verbose ?? false,
  });
  let typed: TypedSteps | undefined;
  const show = (event: CallerEvent) => (options.json ? printJson(event) : view.show(event));
  const observer = new CallObserver(show);
  const { authTokenEnv, accountEnv }: Dialect = DIALECTS[options.line];
  const authToken = options.authToken ?? process.env[authTokenEnv]?.split(',')[0]?.trim();
  const accountSid = accountEnv === undefined ? undefined : process.env[accountEnv];
  const placed = await dial(target, {
    from: options.from,
    to: options.to,
    parameters,
    ...(authToken && { authToken }),
    ...(accountSid && { accountSid }),
    connectTimeoutMs,
    media: { onEvent: (event) => tellMediaEvent(event, observer) },
    relay: { onEvent: (event) => tellRelayEvent(event, observer) },
  });
  const media = placed.type === 'media' ? placed.caller : undefined;
  observer.connected({
    line: placed.type,
    callSid: placed.caller.callSid,
    voice: media ? nameOf(voice, steps) : 'text',
  });
  const line =
    placed.type === 'media' ? new MediaLine(placed.caller, observer, clock) : new RelayLine(placed.caller, observer);
  const player = new CallerPlayer(line, {
    ...settings,
    clock,
    utter: (step) => utter(step, media ? voice : undefined),
  });
  const stop = stopOnSignals(line);
  let failure: Error | undefined;
  try {
    if (isTyped) {
      typed = new TypedSteps({ line, player, view, isTerminal, isAgentSpeaking: () => observer.isAgentSpeaking });
      await typed.run();
    } else await playScript(steps, player, line);
  } catch (error) {
    failure = toError(error);
  }
  await line.hangUp();
  typed?.close();
  stop.forget();
  const summary = observer.summary();
  const saved = options.save === undefined ? undefined : await save(options.save, media);
  if (options.json) printJson({ ...summary, ...lateness(media), ...(saved && { saved }) });
  else tellEnd({ view, summary, media, saved });
  if (failure !== undefined && !stop.wasAsked()) throw failure;
  judgeEnd(summary, observer);
}

// ---- what it is to do -----------------------------------------------------------------------------------------------

function readNumbers({ pause, timeout }: CallOptions, isTerminal: boolean): { pauseMs: number; timeoutMs: number } {
  const standard = isTerminal ? TYPED_PAUSE_MS : PAUSE_MS;
  const pauseMs = pause === undefined ? standard : Number(pause);
  if (!(pauseMs >= 50 && pauseMs <= 600_000)) {
    throw new UsageError(`expected --pause to be milliseconds from 50 to 600000, got ${pause}`);
  }
  const seconds = Number(timeout);
  if (!(seconds >= 0.1 && seconds <= 86_400)) {
    throw new UsageError(`expected --timeout to be seconds from 0.1 to 86400, got ${timeout}`);
  }
  return { pauseMs, timeoutMs: seconds * 1_000 };
}

function readParameters(given: readonly string[]): Record<string, string> {
  const pairs = given.map((text) => {
    const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
    if (name === undefined || value === undefined) {
      throw new UsageError(`expected --parameter to be name=value, got ${text}`);
    }
    return [name, value] as const;
  });
  return Object.fromEntries(pairs);
}

/** What cannot be said is found out before anybody's phone rings. */
async function checkSteps(steps: readonly CallerStep[], { kind }: CallTarget): Promise<void> {
  for (const step of steps) {
    if (step.type !== 'wav') continue;
    if (kind === 'relay') throw new UsageError('expected --say on a line of text (relay), got --wav');
    await readSpeech(step.file);
  }
}

async function checkFolder(file: string): Promise<void> {
  try {
    makeFolders(dirname(file));
    await access(dirname(file), constants.W_OK);
  } catch (error) {
    throw fileError('write', file, error);
  }
}

/** Or why there is none: a line of text needs none, and which line it will be is known only when it is there. */
async function findVoice(
  target: CallTarget,
  choice: VoiceChoice,
  timeoutMs: number,
): Promise<CallerVoice | VoiceError> {
  const isSimulated = await askWhetherSimulated(target, timeoutMs);
  return chooseVoice(choice, isSimulated).catch((error: unknown) => {
    if (error instanceof VoiceError) return error;
    throw error;
  });
}

function nameOf(voice: CallerVoice | VoiceError | undefined, steps: readonly CallerStep[]): string {
  const isRecorded = steps.some(({ type }) => type === 'wav') && !steps.some(({ type }) => type === 'say');
  if (isRecorded) return 'recordings';
  return voice === undefined || voice instanceof VoiceError ? 'none' : voice.name;
}

/** `voice` undefined: on a line of text. */
async function utter(
  step: CallerStep & { type: 'say' | 'wav' },
  voice: CallerVoice | VoiceError | undefined,
): Promise<Utterance> {
  if (step.type === 'wav') {
    if (voice) return { file: step.file, audio: await readSpeech(step.file) };
    throw new VoiceError('request-invalid', `this line carries text: it cannot play ${step.file}`);
  }
  if (voice instanceof VoiceError) throw voice;
  return { text: step.text, ...(voice && { audio: await voice.speak(step.text) }) };
}

async function playScript(steps: readonly CallerStep[], player: CallerPlayer, line: CallerLine): Promise<void> {
  const prepared = steps.map((step) => player.prepare(step));
  let done = 0;
  try {
    for (const step of prepared) {
      await player.carryOut(step);
      done++;
    }
    await player.agentFinished();
  } catch (error) {
    if (!line.isOver) throw error;
    const left = steps.slice(done).filter(({ type }) => type === 'say' || type === 'wav' || type === 'keys');
    if (left.length === 0) return;
    throw new VoiceError('closed', `the call was over before the caller could ${left.map(describe).join(', ')}`);
  }
}

function describe(step: CallerStep): string {
  if (step.type === 'say') return `say "${step.text}"`;
  return step.type === 'wav' ? `play ${step.file}` : `press ${step.type === 'keys' ? step.digits : ''}`;
}

/** The first hangs up, the second leaves. A reader of what is shown who goes away has heard enough, too. */
function stopOnSignals(line: CallerLine): { wasAsked: () => boolean; forget: () => void } {
  let isStopping = false;
  const hangUp = () => {
    isStopping = true;
    void line.hangUp();
  };
  const stop = () => (isStopping ? process.exit(130) : hangUp());
  process.on('SIGINT', stop).on('SIGTERM', stop);
  process.stdout.once('error', hangUp);
  return {
    wasAsked: () => isStopping,
    forget: () => void process.removeListener('SIGINT', stop).removeListener('SIGTERM', stop),
  };
}

// ---- what came of it ------------------------------------------------------------------------------------------------

async function save(file: string, media: MediaCaller | undefined): Promise<string> {
  if (!media) throw new VoiceError('request-invalid', `this line carries text: there is no sound to save in ${file}`);
  await writeFile(file, writeWav(media.record())).catch((error: unknown) => {
    throw fileError('write', file, error);
  });
  return file;
}

function lateness(media: MediaCaller | undefined): { framesSent?: number; framesLate?: number; mostLateMs?: number } {
  if (!media) return {};
  const { framesSent, framesLate, mostLateMs } = media.stats();
  return { framesSent, framesLate, mostLateMs: Math.round(mostLateMs * 10) / 10 };
}

interface Ending {
  view: CallerView;
  summary: CallSummary;
  media: MediaCaller | undefined;
  saved: string | undefined;
}

function tellEnd({ view, summary, media, saved }: Ending): void {
  print('');
  view.summary(summary);
  const { framesLate = 0, mostLateMs = 0 } = lateness(media);
  if (framesLate > 0) {
    print(`This machine was busy: ${framesLate} of the caller's frames went out late, by up to ${mostLateMs} ms.`);
  }
  if (saved !== undefined) print(`Saved, the caller left and the agent right: ${saved}`);
}

/** @throws {VoiceError} when the line broke instead of being hung up */
function judgeEnd({ endedBy, code }: CallSummary, observer: CallObserver): void {
  if (endedBy !== 'worker' || code === 1000 || code === 1005) {
    if (!observer.hasHeardAgent) say('parley: the agent was not heard at all');
    return;
  }
  const reasons: Record<number, string> = {
    1006: 'the connection broke',
    1008: 'the worker refused the call: its token was used, too old or not its own, or there was no room',
    1011: 'the worker failed',
  };
  throw new VoiceError(
    'closed',
    `the call was cut off: ${reasons[code] ?? 'the worker closed the line'} (code ${code})`,
  );
}

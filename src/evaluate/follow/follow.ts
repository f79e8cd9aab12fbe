/**
 * A recorded call once more, with the agent as it is now: the caller does what they did, when they did it; the model and the
 * tools answer as they did then, for as long as they are asked the same. Where they are not, it is another call: what differs
 * is told, and there it ends.
 */
import { loadAgent, type Agent } from '../../call/agent.ts';
import { wholeTeam } from '../../call/team.ts';
import type { Clock } from '../../lib/clock.ts';
import { isA, messageOf, VoiceError } from '../../lib/errors.ts';
import type { LanguageModel } from '../../model/contract.ts';
import { toolsIn } from '../../tool/toolbox.ts';
import { speakCaller } from '../../testing/line/caller-sounds.ts';
import type { TestCallOptions } from '../../testing/call-options.ts';
import type { CallerStretch, CallResult } from '../../testing/result.ts';
import { startTestCall, type TestCall } from '../../testing/test-call.ts';
import { Cassette, type CallPlace } from '../cassette.ts';
import { whyMissed } from '../cassette-difference.ts';
import { replayModel } from '../cassette-models.ts';
import { scenarioOf } from '../from-recording.ts';
import { requestsInMachineLog } from '../machine-requests.ts';
import { marksOf, partingOf, type Mark } from './marks.ts';

/** Where a call goes another way than the recorded one. */
export interface Divergence {
  /** Of the call as it is now, in milliseconds since its start. */
  atMs: number;
  turn: number;
  /** One sentence. */
  what: string;
}

/** Both calls. */
export interface Followed {
  recorded: CallResult;
  /** As it is now: until the divergence, if the model could not be asked on. */
  now: CallResult;
  marks: { recorded: Mark[]; now: Mark[] };
  /** Undefined: it went the same way to its end. */
  divergence: Divergence | undefined;
  /** What of it is a guess. */
  notes: string[];
}

/** A caller's last sound may be a little later than the end of the call says. */
const REST_MS = 5_000;

/**
 * @param file The agent, as it is now.
 * @throws {VoiceError} `recording-invalid`, when what the model was asked was not recorded; what `loadAgent` does
 */
export async function follow(recorded: CallResult, file: string): Promise<Followed> {
  if (recorded.machine === undefined)
    throw new VoiceError(
      'recording-invalid',
      `${recorded.callId}: expected machine.jsonl, which has what the model was asked`,
    );
  const agent = await loadAgent(file, { mayLackEnv: true });
  try {
    return await followWith(recorded, recorded.machine, agent);
  } finally {
    await agent.close();
  }
}

async function followWith(recorded: CallResult, machine: string, agent: Agent): Promise<Followed> {
  const { scenario, guesses } = scenarioOf(recorded, agent.name);
  const follower = new RecordedModel(machine);
  const options = {
    ...{ now: scenario['now'], from: scenario['from'], tools: knownTo(agent, scenario['tools'] ?? {}) },
    ...{ line: hasSound(recorded) ? 'voice' : 'text', greeting: 'running', model: follower.open },
  } as TestCallOptions;
  const call = await startTestCall(agent, options);
  let trouble: Divergence | undefined;
  try {
    await play(call, recorded, follower.missed);
  } catch (error) {
    if (!isA(error, VoiceError)) throw error;
    trouble = { atMs: call.atMs, turn: turnAt(call), what: messageOf(error) };
  }
  const now = call.result();
  await call[Symbol.asyncDispose]().catch(() => {}); // a write without a stub was told above
  const marks = { recorded: marksOf(recorded), now: marksOf(now) };
  const divergence = firstOf([follower.divergence, trouble, partedAt(marks, follower.divergence)]);
  return { recorded, now, marks, divergence, notes: notesOf(recorded, guesses) };
}

const hasSound = ({ caller }: CallResult): boolean => caller.some(({ fromMs, toMs }) => toMs > fromMs);

/** The answers of a tool that the agent has no longer are nobody's. */
function knownTo(agent: Agent, stubs: object): object {
  const names = new Set(
    wholeTeam(agent).flatMap(({ toolbox }) => toolsIn(toolbox).map(({ definition }) => definition.name)),
  );
  return Object.fromEntries(Object.entries(stubs).filter(([name]) => names.has(name)));
}

const turnAt = ({ events }: TestCall): number =>
  events.reduce((turn, event) => (event.type === 'turn-start' ? event.turn : turn), 0);

function firstOf(found: readonly (Divergence | undefined)[]): Divergence | undefined {
  return found.filter((one) => one !== undefined).sort((one, other) => one.atMs - other.atMs)[0];
}

/** Where they part by what happened; what is only missing behind the place where it ended is no news. */
function partedAt({ recorded, now }: Followed['marks'], end: Divergence | undefined): Divergence | undefined {
  const at = partingOf(recorded, now);
  if (at === undefined) return undefined;
  const [was, is] = [recorded[at], now[at]];
  const { atMs, turn } = is ?? was!;
  if (end && atMs >= end.atMs) return undefined;
  const whose = (mark: Mark | undefined) => (mark ? `${mark.by}: ${mark.text}` : 'nothing');
  return { atMs, turn, what: `there was ${whose(was)}; and is ${whose(is)}` };
}

function notesOf(recorded: CallResult, guesses: readonly string[]): string[] {
  const isVoice =
    recorded.hearing === 'real' &&
    'a real voice is played by one of tones, which ends when it ended; it may be understood a little sooner or later';
  return [
    ...guesses.filter((guess) => !/the model answers the same|it is said behind/.test(guess)),
    ...(isVoice ? [isVoice] : []),
  ];
}

// ---- the model ------------------------------------------------------------------------------------------------------

const PLACE: CallPlace = { scenario: 'recorded', cell: {}, run: 1 };

/** Answers as it was recorded. At the first request that was never asked it says nothing more. */
class RecordedModel {
  divergence: Divergence | undefined;
  /** Settles with that. */
  readonly missed: Promise<void>;
  readonly #cassette = new Cassette();
  #miss = () => {};

  constructor(machine: string) {
    this.missed = new Promise((resolve) => (this.#miss = resolve));
    for (const { turn, step, messages, toolChoice, answer: events, brokenOffMs } of requestsInMachineLog(machine)) {
      const request = this.#cassette.take({ messages, toolChoice, priority: 'answer', ...UNKNOWN });
      const brokenOff = brokenOffMs === undefined ? {} : { brokenOffMs };
      this.#cassette.add({ ...PLACE, turn, step, request, events, ...brokenOff });
    }
  }

  readonly open = (clock: Clock): LanguageModel => {
    const model = replayModel({
      ...{ cassette: this.#cassette, place: PLACE, clock },
      missed: (request) => {
        this.divergence ??= { atMs: clock.nowMs(), turn: request.turn, what: whyMissed(request) };
        this.#miss();
      },
    });
    return {
      ...model,
      startStep: (asked, listener) =>
        model.startStep({ ...asked, ...UNKNOWN }, (event) => {
          if (!this.divergence) listener(event);
        }),
    };
  };
}

/** Neither the tools nor the options of the model are part of a recording. */
const UNKNOWN = { toolsJson: undefined, options: {} } as const;

// ---- the caller -----------------------------------------------------------------------------------------------------

/** Done when the recorded call has been played to its end, or as soon as the model was asked something else. */
async function play(call: TestCall, recorded: CallResult, missed: Promise<void>): Promise<void> {
  const isOver = () => call.events.at(-1)?.type === 'call-end';
  let hasMissed = false;
  void missed.then(() => (hasMissed = true));
  const until = async (atMs: number) => {
    while (!isOver() && !hasMissed && atMs > call.atMs) await call.wait(Math.min(LOOK_MS, atMs - call.atMs));
    return !isOver() && !hasMissed;
  };
  const said: Promise<unknown>[] = [];
  for (const stretch of recorded.caller) {
    if (!(await until(startOf(stretch, recorded)))) break;
    if (stretch.kind === 'utterance') said.push(call.say(stretch.text).catch(() => {}));
    else if (stretch.kind === 'keys') said.push(call.press(stretch.keys).catch(() => {}));
    else if (stretch.kind === 'backchannel') said.push(call.make('mm-hm').catch(() => {}));
  }
  const { atMs: endMs = 0, reason } = recorded.end ?? {};
  const isByCaller = reason === 'caller-hung-up' || reason === 'socket-lost' || recorded.end === undefined;
  await until(isByCaller ? endMs : endMs + REST_MS);
  if (!isOver()) await call.hangUp();
  await Promise.all(said);
}

/** How often it is looked whether the call has gone another way. */
const LOOK_MS = 20;

/** What is said in tones ends when the voice ended, for an answer follows that; a cut-in begins when it began. */
function startOf(stretch: CallerStretch, { hearing }: CallResult): number {
  if (stretch.kind !== 'utterance' || stretch.cutsIn || hearing !== 'real') return stretch.fromMs;
  return stretch.toMs - speakCaller(stretch.text, 0).samples.length / SAMPLES_PER_MS;
}

const SAMPLES_PER_MS = 8;

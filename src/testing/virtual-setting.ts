/**
 * A call in virtual time: the real ear, turn machine, speaker and model client, and in the place of the network and the
 * services what the stand-ins are made of. Time moves only while the test waits for something of the call.
 */
import { FrameClock } from '../audio/frame-clock.ts';
import type { Agent } from '../call/agent.ts';
import type { Call } from '../call/call.ts';
import { answer, preparePhrases } from '../call/phone.ts';
import { callIdMaker } from '../lib/call-id.ts';
import { VirtualClock } from '../lib/clock.ts';
import { messageOf, VoiceError } from '../lib/errors.ts';
import { mixSeeds, seededRandom } from '../simulate/electron/random.ts';
import { oneModel } from '../worker/models.ts';
import { Parley } from '../worker/parley.ts';
import type { LineFault, TestCallOptions } from './call-options.ts';
import { CallRecord } from './call-record.ts';
import type { CallerEnd } from './caller-end.ts';
import { quietLevelOf, RoughLine } from './line/conditions.ts';
import { EarStandIn } from './line/ear.ts';
import { VoiceStandIn } from './line/voice.ts';
import { TestModel } from './model.ts';
import { PlayedPeople, textWith } from './people/played-people.ts';
import { answerSpoken } from './people/spoken-person.ts';
import { agentInTest, follow, stateOf, type Setting } from './setting.ts';
import { StubbedTools } from './stubs.ts';
import { TextEnd } from './text-end.ts';
import { installGlobals } from './time/globals.ts';
import { TestTime } from './time/test-time.ts';
import { VoiceEnd } from './voice-end.ts';

const MONDAY = '2026-01-05T09:00:00Z';

/** @throws {VoiceError} `options-invalid` */
export async function openVirtual(given: Agent, options: TestCallOptions): Promise<Setting> {
  const { now = MONDAY, seed = 1, log, world } = options;
  const epochMs = Date.parse(now);
  if (Number.isNaN(epochMs)) {
    throw new VoiceError('options-invalid', `Expected \`now\` to be a date as ISO 8601, got \`${now}\``);
  }
  if (options.line === 'text') refuseSound(options);
  const clock = new VirtualClock({ epochMs });
  const nowMs = () => clock.nowMs();
  const fail = (error: Error) => {
    record.trouble(error.message);
    time.fail(error);
  };
  const tools = new StubbedTools({
    ...{ stubs: options.tools ?? {}, writes: options.writes ?? 'refuse', clock, nowMs },
    refused: fail,
    ended: (run) => record.ran(run),
  });
  const agent = agentInTest(given, options, { tools, around: (run) => tools.inCallTime('its `facts`', run) });
  const model = modelFor(options, clock);
  const frameClock = new FrameClock(clock, (thrown) => fail(new VoiceError('internal', messageOf(thrown))));
  const { people: played = {} } = options;
  const people = new PlayedPeople({
    ...{ at: (to) => played[to], clock, newCallId: () => parley.newCallId(), unknown: fail },
    ...(options.line !== 'text' && {
      answer: (parts) => answerSpoken({ parley, agent, frameClock, from: callerFacts(options).to }, parts),
    }),
  });
  const record = new CallRecord({ agent, model, tools, people, nowMs, world });
  const time = new TestTime({
    clock,
    holders: () => tools.holders,
    isPaced: () => model.isReal && model.running > 0,
    isStanding: () => model.isWaiting,
    describe: () => stateOf(record, tools, model.running > 0),
  });
  const newCallId = callIdMaker({ wallMs: () => clock.wallMs(), random: bytesOf(seededRandom(mixSeeds(seed, 2))) });
  const parley = new Parley({ models: oneModel(model), clock, log, newCallId });
  const uninstall = installGlobals();
  try {
    const parts: Parts = { agent, options, clock, frameClock, parley, record, people };
    const { call, caller } = options.line === 'text' ? chat(parts) : await ring(parts);
    const close = () => parley.close().finally(uninstall);
    return { call, caller, record, tools, model, time, close };
  } catch (error) {
    uninstall();
    throw error;
  }
}

/** A chat has none, and what nobody can hear would test nothing. */
function refuseSound({ conditions, faults = {} }: TestCallOptions): void {
  const { hearing, voice, line } = faults;
  const given = Object.entries({ conditions, 'faults.hearing': hearing, 'faults.voice': voice, 'faults.line': line });
  const [name] = given.find(([, value]) => value !== undefined) ?? [];
  if (name === undefined) return;
  throw new VoiceError('options-invalid', `Expected no \`${name}\` with \`line: 'text'\`, which has no sound`);
}

interface Parts {
  agent: Agent;
  options: TestCallOptions;
  clock: VirtualClock;
  parley: Parley;
  frameClock: FrameClock;
  record: CallRecord;
  people: PlayedPeople;
}

function modelFor({ seed = 1, log, faults = {}, plan = 'none', model = {} }: TestCallOptions, clock: VirtualClock) {
  const today = new Date(clock.wallMs()).toISOString().slice(0, 10);
  const isOwn = typeof model === 'function' || 'startStep' in model;
  return new TestModel({
    ...{ clock, nowMs: () => clock.nowMs(), plan, log, faults: faults.model ?? [], model: isOwn ? model : undefined },
    electron: { seed, today, ...(isOwn ? {} : { pace: model.pace ?? 'documented', replies: model.replies ?? [] }) },
    random: seededRandom(mixSeeds(seed, 1)),
  });
}

async function ring(parts: Parts): Promise<{ call: Call; caller: CallerEnd }> {
  const { agent, options, clock, frameClock, parley, record, people } = parts;
  const { conditions, seed = 1 } = options;
  const ear = new EarStandIn(clock, options.ear, quietLevelOf(conditions));
  const voice = new VoiceStandIn(clock, options.voice);
  for (const fault of options.faults?.hearing ?? []) ear.fail(fault);
  for (const fault of options.faults?.voice ?? []) voice.fail(fault);
  const speech = { synthesizer: voice, transcriber: ear, frameClock };
  await preparePhrases(agent, speech);
  let isTurnRunning = () => false;
  const caller = new VoiceEnd({
    ...{ clock, ear, voice, rough: conditions && new RoughLine(conditions, mixSeeds(seed, 3)) },
    caller: callerFacts(options),
    isTurnRunning: () => isTurnRunning(),
  });
  const { machineLine } = record;
  const keeper = { machineLine, attach() {}, tapCaller: () => () => {}, tapAgent: <Sink>(sink: Sink) => sink };
  const call = answer(parley, caller.line, {
    ...{ agent, speech, recording: keeper, ringPerson: people.ring, log: options.log },
    listen: (begun) => follow(begun, record, () => caller),
  });
  isTurnRunning = () => call.isTurnRunning;
  for (const fault of options.faults?.line ?? []) clock.after(fault.afterMs, () => spoil(caller, fault));
  return { call, caller };
}

function spoil({ line }: VoiceEnd, fault: LineFault): void {
  if (fault.type === 'stall') line.stall(fault.forMs);
  else line.end('socket-lost'); // as lines of sockets say it
}

function chat({ agent, options, clock, parley, record, people }: Parts): { call: Call; caller: CallerEnd } {
  const caller = new TextEnd(clock);
  const call = parley.startCall(agent, {
    ...{ caller: callerFacts(options), record: record.machineLine, medium: textWith(people.ring) },
    listen: (begun) => follow(begun, record, () => caller),
  });
  caller.answeredBy(call);
  return { call, caller };
}

function callerFacts({ from = '+15550100', to = '+15550199', parameters = {} }: TestCallOptions) {
  return { carrierCallId: '', from, to, parameters };
}

const bytesOf = (random: () => number) => (bytes: number) =>
  Uint8Array.from({ length: bytes }, () => Math.floor(random() * 256));

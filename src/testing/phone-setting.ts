/** A call of a test over real sockets and in real time: a worker with the agent, the stand-ins, and a caller who dials it. */
import type { Agent } from '../call/agent.ts';
import type { CallEvent } from '../call/events.ts';
import { systemClock } from '../lib/clock.ts';
import { VoiceError } from '../lib/errors.ts';
import type { RequestRecord } from '../simulate/electron/journal.ts';
import type { Message } from '../model/contract.ts';
import type { TestCallOptions } from './call-options.ts';
import { CallRecord, type ModelFacts } from './call-record.ts';
import { speakTones } from './line/caller-sounds.ts';
import { PhoneEnd } from './phone-end.ts';
import { startPhone, type Phone, type PhoneLine } from './phone.ts';
import type { SentRequest } from './result.ts';
import { agentInTest, follow, stateOf, type Setting } from './setting.ts';
import { StubbedTools } from './stubs.ts';
import { TurnWatch } from './turn-watch.ts';
import { RealTime } from './time/real-time.ts';

/** @throws {VoiceError} `options-invalid`, also for what cannot be had in real time. */
export async function openPhone(given: Agent, options: TestCallOptions): Promise<Setting> {
  const { from, to, parameters, seed = 1, faults = {}, model = {}, world, log } = options;
  if (typeof model === 'function' || 'startStep' in model) throw notByPhone('a model of your own');
  if (faults.hearing?.length || faults.voice?.length || faults.line?.length)
    throw notByPhone('`faults` of hearing, of the voice and of the line');
  if (options.conditions) throw notByPhone('`conditions`');
  if (options.people) throw notByPhone('`people`');
  if (options.now !== undefined) throw notByPhone('`now`: it goes by the time of this machine');
  let line: PhoneLine | undefined;
  const nowMs = () => line?.call.atMs ?? 0;
  const fail = (error: Error) => {
    record.trouble(error.message);
    time.fail(error);
  };
  const tools = new StubbedTools({
    ...{ stubs: options.tools ?? {}, writes: options.writes ?? 'refuse', clock: systemClock, nowMs, isReal: true },
    refused: fail,
    ended: (run) => record.ran(run),
  });
  const agent = agentInTest(given, options, { tools, around: (run) => run() });
  const replies = model.replies ?? [];
  const electron = {
    seed,
    replies,
    pace: model.pace ?? 'documented',
    faults: [...(faults.model ?? [])],
    keepRequests: 1_000,
  };
  const asked = new PhoneModel(() => record.events);
  const record: CallRecord = new CallRecord({ agent, model: asked, tools, nowMs, world });
  const time = new RealTime(systemClock, () => stateOf(record, tools, false));
  const phone = await startPhone(agent, { electron, pulse: options.ear, lightning: options.voice, log });
  asked.phone = phone;
  try {
    line = await phone.dial({ ...(from && { from }), ...(to && { to }), ...(parameters && { parameters }) });
    const { call } = line;
    const turns = new TurnWatch();
    const caller = new PhoneEnd({
      ...{ line: 'phone', caller: line.caller, offsetMs: line.offsetMs, hasTones: true, speak: speakTones },
      isTurnRunning: () => call.isTurnRunning,
      answered: ({ toMs }) => turns.said(toMs),
      trouble: (what) => record.trouble(what),
    });
    record.events.push(...line.events);
    follow(call, record, () => caller);
    call.on('event', (event) => turns.hear(event));
    return { call, caller, record, tools, model: asked, time, close: () => phone.close() };
  } catch (error) {
    await phone.close();
    throw error;
  }
}

const notByPhone = (what: string): VoiceError =>
  new VoiceError('options-invalid', `Expected no such option with \`line: 'phone'\`: ${what}`);

/** What the model's stand-in was asked. */
class PhoneModel implements ModelFacts {
  /** Once it is there. */
  phone: Phone | undefined;
  readonly unusedReplies = undefined;
  readonly #events: () => readonly CallEvent[];

  constructor(events: () => readonly CallEvent[]) {
    this.#events = events;
  }

  /** Each of the step that had begun when it came: the next one as soon as it asks with more messages. */
  get requests(): SentRequest[] {
    const starts = this.#events().filter((event) => event.type === 'step-start');
    const asked = this.phone?.services.electron.requests() ?? [];
    const epochMs = (asked[0]?.receivedAtMs ?? 0) - (starts[0]?.atMs ?? 0);
    let at = 0;
    return asked.map((request) => {
      const { messages, toolChoice } = askedOf(request);
      while (at + 1 < starts.length && starts[at]?.messages !== messages.length) at++;
      const { turn = 0, step = 0 } = starts[at] ?? {};
      return { atMs: request.receivedAtMs - epochMs, turn, step, messages, toolChoice };
    });
  }
}

function askedOf({ body }: RequestRecord): Pick<SentRequest, 'messages' | 'toolChoice'> {
  const messages = (body?.messages ?? []) as readonly Message[];
  return { messages, toolChoice: body?.tool_choice === 'none' ? 'none' : 'auto' };
}

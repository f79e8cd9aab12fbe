/** The worker of `parley talk`: one process on this machine, whose one door is that of its own page. */
import { randomBytes } from 'node:crypto';
import { relative } from 'node:path';
import { readOwnSettings } from '../../call/vendors.ts';
import type { Agent } from '../../call/agent.ts';
import type { AgentFault } from '../../call/agent-faults.ts';
import type { Call } from '../../call/call.ts';
import { preparePhrases } from '../../call/phone.ts';
import type { WallClock } from '../../lib/clock.ts';
import { Closers } from '../../lib/closers.ts';
import type { Log } from '../../lib/log.ts';
import type { CallRecording } from '../../record/recording.ts';
import type { ToolFault } from '../../tool/contract.ts';
import { PAGES } from '../../worker/carriers.ts';
import { LiveAgent, type LiveState } from '../../worker/live-agent.ts';
import { connectServices, simulateServices, type Services } from '../../worker/services.ts';
import type { Settings } from '../../worker/settings.ts';
import { Worker } from '../../worker/worker.ts';
import { TalkFeed } from './feed.ts';
import type { TalkAgent } from './messages.ts';
import { Recordings } from './recordings.ts';
import { mountTalk } from './routes.ts';

export interface TalkOptions {
  /** Read for `PAGES`; where it listens is a port of this machine that is known. */
  settings: Settings;
  /** Whether who started it asked for the stand-ins. */
  prefersSound: boolean;
  clock: WallClock;
  log: Log;
  /** What has gone wrong in a tool, in words. */
  textOfFault: (fault: ToolFault) => string;
  /** Recordings that the simulated ear understands. Default: none. */
  transcripts?: Parameters<typeof simulateServices>[0]['transcripts'];
  /** Another agent is there, or what is wrong with its files. */
  changed?: ((agent: TalkAgent) => void) | undefined;
}

export interface Talk {
  /** Of the page. */
  url: string;
  worker: Worker;
  agent: TalkAgent;
  close(): Promise<void>;
}

/** Of the door's own token: good for as long as the worker runs. */
export const newBridgeToken = (): string => randomBytes(24).toString('hex');

/**
 * Opens the page and everything behind it.
 * @throws {VoiceError} when the agent is not valid, a setting is missing, or the port cannot be opened.
 */
export async function startTalk(options: TalkOptions): Promise<Talk> {
  const { settings, clock, log } = options;
  const opened = new Closers();
  try {
    let changed: (state: LiveState) => void = () => {};
    const live = await LiveAgent.open({ file: settings.agent, clock, log, changed: (state) => changed(state) });
    opened.add(() => live.close());
    const services = await openServices(live.state.agent, options);
    opened.add(() => services.close());
    const shown = () => shownAs(live.state, settings.agent);
    const feed = new TalkFeed(shown(), options.textOfFault);
    changed = ({ agent }) => {
      void preparePhrases(agent, services.speech, { log });
      feed.tellAgent(shown());
      options.changed?.(shown());
    };
    const recordings = new Recordings();
    const onCall = (call: Call, recording: CallRecording | undefined) => {
      live.hold(call);
      if (recording) recordings.keep(call.id, recording.files);
      feed.follow(call, recording);
    };
    const { prefersSound } = options;
    const { language = 'en' } = live.state.agent.listen;
    const start = { services: settings.simulate ? 'simulated' : 'real', prefersSound, language } as const;
    const [bridgeToken = ''] = settings.bridgeTokens;
    const worker = new Worker({
      ...{ settings, ...services, clock, log, onCall, carriers: PAGES },
      agent: () => live.state.agent,
      mount: (app) => mountTalk(app, { port: settings.port, agent: shown, start, feed, recordings, bridgeToken }),
    });
    opened.add(() => worker.close());
    const url = `${await worker.start()}/talk`;
    return { url, worker, agent: shown(), close: () => opened.close() };
  } catch (error) {
    await opened.close();
    throw error;
  }
}

async function openServices({ vendors: names, own: vendors }: Agent, options: TalkOptions): Promise<Services> {
  const { settings: given, clock, log, transcripts } = options;
  const settings = { ...readOwnSettings(vendors, process.env), ...given };
  const common = { names, vendors, settings, clock, log };
  return given.simulate
    ? simulateServices({ ...common, ...(transcripts && { transcripts }) })
    : connectServices(common);
}

function shownAs({ agent, version, faults }: LiveState, file: string): TalkAgent {
  return { name: agent.name, file, version, faults: faults.map(shownFault) };
}

/** As whoever started it would write the path, where that is shorter. */
function shownFault({ file, line, message }: AgentFault) {
  const near = relative(process.cwd(), file);
  return { file: near.startsWith('..') ? file : near, line, message };
}

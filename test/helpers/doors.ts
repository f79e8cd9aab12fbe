/** A carrier's door as a worker opens it, without the worker: for who may knock, and what is announced. */
import type { Door, Knock } from '../../src/bridge/door.ts';
import { VirtualClock } from '../../src/lib/clock.ts';
import { silentLog } from '../../src/lib/log.ts';
import { Arbiter } from '../../src/worker/arbiter.ts';
import { Capacity } from '../../src/worker/capacity.ts';
import { CARRIERS } from '../../src/worker/carriers.ts';
import { judge } from '../../src/worker/gate.ts';
import { Memory } from '../../src/worker/memory.ts';
import { OutboundCalls } from '../../src/worker/outbound-calls.ts';
import { OpenDoor } from '../../src/worker/open-door.ts';
import { readSettings, type Settings } from '../../src/worker/settings.ts';

export const [TWILIO] = CARRIERS;

/** `settings`: what is unlike the defaults, by the names of the code; `carriers`: those that they are read for. */
export function openDoor(
  door: Door,
  settings: Partial<Settings> & Record<string, unknown> = {},
  carriers: readonly Door[] = [door],
): OpenDoor {
  const clock = new VirtualClock();
  const arbiter = new Arbiter({ clock });
  const outbound = new OutboundCalls({
    ...{ agent: () => 'test', clock, log: silentLog, group: undefined, perSecond: 1 },
    ...{ doors: () => [], newCallId: () => 'call-1' },
  });
  return new OpenDoor(door, {
    settings: { ...readSettings({ PARLEY_AGENT: 'x' }, {}, carriers), ...settings },
    agent: () => ({ name: 'test' }),
    capacity: new Capacity({ limit: { calls: 100, reason: 'full' }, clock }),
    arbiter,
    memory: new Memory({ clock, decide: arbiter.decide, share: () => Promise.resolve() }),
    outbound,
    group: undefined,
    clock,
    log: silentLog,
    url: () => 'http://127.0.0.1:8080',
    enter: () => {},
    announced: () => {},
    isOnTheLine: () => false,
    refused: () => {},
  });
}

interface Guards {
  authTokens: readonly string[];
  publicUrl: string | undefined;
  bridgeTokens?: readonly string[];
  origins?: readonly string[];
}

/** Why Twilio's socket of audio, or its webhook, is shut to a knock; undefined when it is not. */
export function judgeAtTwilio(knock: Knock, { authTokens: twilioAuthTokens, publicUrl, ...ours }: Guards) {
  const { bridgeTokens = [], origins = [] } = ours;
  const settings = { twilioAuthTokens, publicUrl, bridgeTokens: [...bridgeTokens], origins: [...origins] };
  const open = openDoor(TWILIO, settings);
  const [entrance] = (knock.protocol === 'http' ? open.door.routes : open.door.upgrades) ?? [];
  if (!entrance) throw new Error('Expected Twilio to have a webhook and a socket');
  const verdict = open.judge(knock, entrance);
  if (verdict instanceof Promise) throw new Error('Expected Twilio to say at once who knocks');
  return judge(knock, verdict, open.rules);
}

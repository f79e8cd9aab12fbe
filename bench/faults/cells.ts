/**
 * The fault matrix: what goes wrong in the middle of a call, in each service that a call hangs on. A cell without an
 * obvious meaning says what it means here.
 */
import type { Phone, PhoneLine } from '../../src/testing/phone.ts';
import { dialMedia } from '../../src/simulate/twilio/media.ts';
import { messageOf } from '../../src/lib/errors.ts';
import { hasRedis, type FaultyRedis, type RedisFault } from './redis.ts';

export const FAULTS = ['refused', '401', '429', '5xx', 'hang', 'stall', 'cut', 'garbage', 'slow'] as const;
export const SERVICES = ['Electron', 'Pulse', 'Lightning', 'bridge', 'Redis'] as const;
export type FaultName = (typeof FAULTS)[number];
export type ServiceName = (typeof SERVICES)[number];

/** A call in progress that the fault is to meet, and where it happens. */
export interface Scene {
  phone: Phone;
  line: PhoneLine;
  /** Where the limits are shared, in the cells that have it. */
  redis?: FaultyRedis | undefined;
  /** Notes what happened away from the call, such as to a caller who was refused. */
  note: (text: string) => void;
}

export interface Cell {
  service: ServiceName;
  fault: FaultName;
  /** What the fault means here. */
  means: string;
  /** Puts the fault in place, just before the caller asks; what it returns runs while they speak. */
  arm: (scene: Scene) => void | (() => void | Promise<void>);
  /** What the caller asks. Default: a story. */
  asks?: string;
  /** How many turns come of it. Default 1. */
  turns?: number;
  /** The other call is in the middle of its answer when the fault comes, because the fault meets whoever comes next. */
  isForNext?: boolean;
  /** For so long the line itself is dead, which no worker can help. Default 0. */
  deadMs?: number;
  /** How the turn comes out. Default `heard`: the caller hears something sensible in time, and the call goes on. */
  outcome?: 'heard' | 'line-lost';
  /** Of the worker: it has room for these two calls only. */
  isFull?: boolean;
  /** Of the worker: requests must be signed. */
  isSigned?: boolean;
  /** Of the worker: it shares its limits through Redis. */
  hasRedis?: boolean;
  /** Longer than this, in milliseconds, the cell takes; it is left out where there is no time. Default: it is quick. */
  takesMs?: number;
}

/** What the caller asks when the fault is there; the stand-in for Electron knows this turn by it. */
export const ASK_STORY = 'A story please';
export const ASK_SEA = 'How is the sea?';
export const ASK_PERSON = 'A person please';
export const ASK_BOATS = 'And the boats?';
export const STORY = 'The lighthouse was built long ago, and its light is seen from far away.';
export const SEA = 'The sea is calm today.';
export const BOATS = 'Three boats are out, and two of them will be back before noon.';
export const PUTTING_THROUGH = 'I put you through.';
const when = { caller: 'story' };
/** Into the sentence, by the chunks that the stand-in writes. */
const MIDDLE = { afterChunks: 4 };

export const CELLS: readonly Cell[] = [
  electron('refused', 'the next two requests are reset', { type: 'refuse', times: 2 }),
  electron('401', 'the key is refused, once', { type: 'status', status: 401 }),
  electron('429', '429 with Retry-After: 1, once', { type: 'status', status: 429, retryAfter: 1 }),
  electron('5xx', '503, twice', { type: 'status', status: 503, times: 2 }),
  electron('hang', 'no header comes', { type: 'hang', at: 'headers' }),
  electron('stall', 'silence for good in mid-sentence', { type: 'stall', ...MIDDLE }),
  electron('cut', 'the body ends in mid-sentence', { type: 'cut', how: 'reset', ...MIDDLE }),
  electron('garbage', 'a line that is no JSON in mid-sentence', { type: 'garbage', ...MIDDLE }),
  electron('slow', 'the first token takes 3 s more', { type: 'slow', firstTokenMs: 3_000 }),

  pulse('refused', 'cut while the caller speaks, and the next two connections are reset', { type: 'reset', times: 2 }),
  pulse('401', 'cut, and the next connection is refused for its key: gone for good', { type: 'refuse', status: 401 }),
  pulse('429', 'cut, and the next connection gets 429', { type: 'refuse', status: 429 }),
  pulse('5xx', 'cut, and the next two connections get 503', { type: 'refuse', status: 503, times: 2 }),
  pulse('hang', 'cut, and the next connection is never answered', { type: 'hang' }),
  {
    ...pulseCell('stall', 'says nothing more, pings included, in mid-sentence'),
    arm: (scene) => () => sessionOf(scene).fault({ type: 'mute', afterMs: 0 }),
  },
  {
    ...pulseCell('cut', 'the socket is torn in mid-sentence'),
    arm: (scene) => () => sessionOf(scene).close(),
  },
  {
    ...pulseCell('garbage', 'a frame that is no JSON in mid-sentence'),
    arm: (scene) => () => sessionOf(scene).fault({ type: 'garbage', afterMs: 0 }),
  },
  {
    ...pulseCell('slow', 'finals come 900 ms later'),
    arm: (scene) => sessionOf(scene).fault({ type: 'late-finals', delayMs: 900 }),
  },

  lightningAtTheDoor('refused', 'idle sockets close, and the next two connections are reset', { type: 'reset' }, 2),
  lightningAtTheDoor('401', 'idle sockets close, and the next connection is refused for its key', {
    type: 'refuse',
    status: 401,
  }),
  lightningAtTheDoor('429', 'idle sockets close, and the next connection gets 429 with Retry-After: 1', {
    type: 'refuse',
    status: 429,
    retryAfterSeconds: 1,
  }),
  lightningAtTheDoor('5xx', 'idle sockets close, and the next two get 503', { type: 'refuse', status: 503 }, 2),
  lightning('hang', 'the request is never answered', { type: 'hang' }),
  lightning('stall', 'silence for good after 1.5 s of audio', { type: 'stall', afterMs: 1_500, forMs: 60_000 }),
  lightning('cut', 'the socket is torn after 1.5 s of audio', { type: 'cut', afterMs: 1_500 }),
  lightning('garbage', 'frames that are no JSON, or nonsense, before the audio', { type: 'garbage' }),
  lightning('slow', 'audio comes at 0.7 of real time', { type: 'slow', realTimeFactor: 0.7 }),

  {
    ...bridgeCell('refused', 'another caller finds a door that is not there'),
    arm: (scene) => () => knock(scene, '/twilio/nothing'),
  },
  {
    ...bridgeCell('401', 'another caller comes without a signature'),
    isSigned: true,
    arm: (scene) => () => knock(scene, '/twilio/media'),
  },
  {
    ...bridgeCell('429', 'another caller comes when the worker is full'),
    isFull: true,
    arm: (scene) => () => knock(scene, '/twilio/media'),
  },
  {
    ...bridgeCell('5xx', "the carrier's API answers 503, twice, when the caller is to be put through"),
    isSigned: true,
    asks: ASK_PERSON,
    turns: 2,
    arm: ({ phone }) => phone.rest.failNext({ status: 503 }, { status: 503 }),
  },
  {
    ...bridgeCell('hang', 'the carrier falls silent for good, without a close'),
    outcome: 'line-lost',
    takesMs: 70_000,
    arm: ({ line }) => {
      void line.caller.hold(70_000);
    },
  },
  {
    ...bridgeCell('stall', 'the network holds everything back for 2 s, both ways'),
    deadMs: 2_000,
    arm: ({ line }) => {
      return async () => {
        await line.caller.waitForSpeech();
        await line.caller.hold(2_000);
      };
    },
  },
  {
    ...bridgeCell('cut', "the carrier's socket is torn in mid-sentence"),
    outcome: 'line-lost',
    arm: ({ line }) => {
      return async () => {
        await line.caller.waitForSpeech();
        await line.caller.drop();
      };
    },
  },
  {
    ...bridgeCell('garbage', 'eight frames that are no JSON, or nonsense, in a row'),
    arm: ({ line }) => {
      return () => {
        for (let at = 0; at < 4; at++) {
          line.caller.sendRaw('{"event":');
          line.caller.sendRaw('{"event":"media","media":{"payload":7}}');
        }
      };
    },
  },
  {
    ...bridgeCell('slow', 'the network holds everything back for 150 ms, every 300 ms'),
    arm: ({ line }) => {
      return async () => {
        for (let at = 0; at < 12 && !line.caller.isOver; at++) {
          await line.caller.hold(150);
          await new Promise((resolve) => setTimeout(resolve, 150));
        }
      };
    },
  },

  ...(hasRedis
    ? [
        redis('refused', 'connections are torn, and new ones too', { type: 'refused' }),
        redis('401', 'every command is answered with NOAUTH', {
          type: 'error',
          message: 'NOAUTH Authentication required.',
        }),
        redis('429', 'every command is answered with: max number of clients reached', {
          type: 'error',
          message: 'ERR max number of clients reached',
        }),
        redis('5xx', 'every command is answered with LOADING', {
          type: 'error',
          message: 'LOADING Redis is loading the dataset in memory',
        }),
        redis('hang', 'connections are torn, and new ones are never answered', { type: 'hang' }),
        redis('stall', 'no answer comes any more', { type: 'stall' }),
        redis('cut', 'connections are torn, once', { type: 'cut' }),
        redis('garbage', 'every answer is HTML', { type: 'garbage' }),
        redis('slow', 'every answer comes 80 ms later', { type: 'slow', delayMs: 80 }),
      ]
    : []),
];

/** Services whose cells cannot be run here, and why. */
export const LEFT_OUT: readonly { service: ServiceName; reason: string }[] = hasRedis
  ? []
  : [{ service: 'Redis', reason: 'The program `redis-server` is not installed.' }];

type ElectronFault = Parameters<Phone['services']['electron']['fault']>[0];
type LightningFault = Parameters<Phone['services']['lightning']['fail']>[0];
type PulseFault = Parameters<Phone['services']['pulse']['fault']>[0];

function electron(fault: FaultName, means: string, how: ElectronFault): Cell {
  return {
    service: 'Electron',
    fault,
    means,
    arm: ({ phone }) => void phone.services.electron.fault({ ...how, when }),
  };
}

function pulseCell(fault: FaultName, means: string) {
  return { service: 'Pulse' as const, fault, means };
}

function bridgeCell(fault: FaultName, means: string) {
  return { service: 'bridge' as const, fault, means };
}

/** The connection breaks while the caller speaks, and the one after it meets the fault. */
function pulse(fault: FaultName, means: string, how: PulseFault): Cell {
  return {
    ...pulseCell(fault, means),
    arm: (scene) => () => {
      scene.phone.services.pulse.fault(how);
      sessionOf(scene).close();
    },
  };
}

/** Calls are dialled one after the other, so the first session is the first call's. */
function sessionOf({ phone }: Scene) {
  const session = phone.services.pulse.sessions()[0];
  if (!session) throw new Error('Expected the call to be heard by Pulse');
  return session;
}

function lightning(fault: FaultName, means: string, how: LightningFault): Cell {
  return {
    service: 'Lightning',
    fault,
    means,
    arm: ({ phone, line }) => phone.services.lightning.fail(how, 1, line.call.id),
  };
}

function redis(fault: FaultName, means: string, how: RedisFault): Cell {
  return { service: 'Redis', fault, means, hasRedis: true, arm: (scene) => scene.redis?.fail(how) };
}

function lightningAtTheDoor(fault: FaultName, means: string, how: LightningFault, times = 1): Cell {
  return {
    service: 'Lightning',
    fault,
    means,
    isForNext: true,
    arm: ({ phone }) => {
      phone.services.lightning.fail(how, times);
      phone.services.lightning.dropIdle();
    },
  };
}

/** Another caller, who is not let in. */
async function knock({ phone, note }: Scene, path: string): Promise<void> {
  try {
    const caller = await dialMedia({ url: phone.url + path, from: '+15550111', to: '+15550199' });
    note('let in');
    await caller.hangUp();
  } catch (error) {
    note(/HTTP \d+/.exec(messageOf(error))?.[0] ?? messageOf(error));
  }
}

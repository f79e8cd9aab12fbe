/** The carriers by which a worker places calls, as the tests of that know them: an account each, whose stand-in is called. */
import { generateKeyPairSync } from 'node:crypto';
import type { AgentInput } from '../../../src/call/agent.ts';
import { onTestFinished as finished } from 'vitest';
import { SIGNATURE_HEADER as SIGNALWIRE_HEADER, signRequest } from '../../../src/bridge/signalwire/signature.ts';
import { AriAccount, type DialplanCall } from '../../../src/simulate/asterisk/account.ts';
import { dialAudioSocket, newChannelId } from '../../../src/simulate/asterisk/audiosocket.ts';
import { cloudonixAccount } from '../../../src/simulate/cloudonix/account.ts';
import { exotelAccount } from '../../../src/simulate/exotel/account.ts';
import { jambonzAccount } from '../../../src/simulate/jambonz/account.ts';
import { SimulatedAccount, type AccountDialect, type AccountOptions } from '../../../src/simulate/phone/account.ts';
import type { Callee } from '../../../src/simulate/phone/callee.ts';
import type { SimulatedMeetings } from '../../../src/simulate/phone/meetings.ts';
import type { MediaCaller } from '../../../src/simulate/phone/media.ts';
import { plivoAccount } from '../../../src/simulate/plivo/account.ts';
import { signed as signedByPlivo } from '../../../src/simulate/plivo/phone.ts';
import { signalwireAccount } from '../../../src/simulate/signalwire/account.ts';
import { telnyxAccount } from '../../../src/simulate/telnyx/account.ts';
import { publicKeyOf, signedHeaders } from '../../../src/simulate/telnyx/signed.ts';
import { vonageAccount } from '../../../src/simulate/vonage/account.ts';
import { APPLICATION_ID, signed as signedByVonage } from '../../../src/simulate/vonage/phone.ts';
import { dialMediaOf, streamOf } from './asterisk-carriers.ts';
import { PUBLIC_URL, type TestWorker } from '../../helpers/worker.ts';

export interface PlacingCarrier {
  line: string;
  /** By which of its lines, where it has several. */
  how?: string;
  /** Of an account that places calls by this carrier. */
  standIn(options: StandInOptions): PlacingStandIn;
  /** What opens its door, and what its account is, but for where that is. */
  env: Readonly<Record<string, string>>;
  /** The setting that says where it is. */
  apiEnv: string;
  /** What comes behind the address of the stand-in there. */
  apiPath?: string;
  /** The first setting that is missing where only the door is open; and what opens that. */
  missing: { env: string; door: readonly string[] };
  /** Where the order says whom to call, and who they see. */
  order: Readonly<Record<string, unknown>>;
  /** What it is asked for where its own detection is on; undefined where it has none. */
  detection?: { env: string; order: Readonly<Record<string, unknown>> };
  /** How it gives up a call that rings; undefined where it cannot be asked to. */
  cancel?: { method: string; path: RegExp; fields?: Readonly<Record<string, unknown>>; status?: number };
  /** A webhook, where it has one, about the call with this id which says that the line is busy: as the carrier would send it, but for what it shows. */
  busy?(id: string): { path: string; type: string; body: string };
  /** What a genuine one shows; undefined where its address does. */
  credentials?(webhook: { path: string; body: string }): Record<string, string>;
  /** The call has the id that we have given it: the answer need name none. Default false. */
  namesCalls?: boolean;
  /** What is set beside, so that it puts a caller and somebody else together; undefined where it cannot. */
  inPerson?: Readonly<Record<string, string>>;
  /** Secrets that are in no log and in no answer. */
  secrets: readonly string[];
}

const byDialect =
  (dialect: AccountDialect) =>
  (options: StandInOptions): PlacingStandIn =>
    new SimulatedAccount({ ...options, dialect });

const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json';
const form = (path: string, fields: Record<string, string>) => ({
  ...{ path, type: FORM, body: new URLSearchParams(fields).toString() },
});
const json = (path: string, value: unknown) => ({ path, type: JSON_TYPE, body: JSON.stringify(value) });

const TELNYX_KEY = Buffer.alloc(32, 1).toString('base64');
const ASTERISK_PASSWORD = 'a-password-of-asterisk';
const ARI_PASSWORD = 'a-password-of-ari';
const BY_DIALPLAN = { PARLEY_ASTERISK_IN_PERSON: 'true', PARLEY_ASTERISK_TRANSFER: 'dialplan' };
const VONAGE_KEY = generateKeyPairSync('rsa', { modulusLength: 2_048 })
  .privateKey.export({ format: 'pem', type: 'pkcs8' })
  .toString();

export const PLACING_CARRIERS: PlacingCarrier[] = [
  {
    line: 'signalwire',
    standIn: byDialect(signalwireAccount({ projectId: 'p-1', apiToken: 'PT-secret-1', signingKey: 'PSK_signs' })),
    env: {
      ...{ PARLEY_SIGNALWIRE_SIGNING_KEY: 'PSK_signs', PARLEY_SIGNALWIRE_PROJECT_ID: 'p-1' },
      PARLEY_SIGNALWIRE_API_TOKEN: 'PT-secret-1',
    },
    apiEnv: 'PARLEY_SIGNALWIRE_SPACE_URL',
    missing: { env: 'PARLEY_SIGNALWIRE_PROJECT_ID', door: ['PARLEY_SIGNALWIRE_SIGNING_KEY'] },
    order: { To: '+15550100', From: '+15550199', Timeout: '45' },
    detection: {
      env: 'PARLEY_SIGNALWIRE_DETECTION',
      order: { AsyncAmd: 'true', MachineDetection: 'DetectMessageEnd' },
    },
    cancel: { method: 'POST', path: /^\/api\/laml\/2010-04-01\/Accounts\/p-1\/Calls\/[\w-]+\.json$/ },
    busy: (id) => form(`/signalwire/status?call=${id}`, { CallStatus: 'busy' }),
    credentials: ({ path, body }) => ({
      [SIGNALWIRE_HEADER]: signRequest('PSK_signs', PUBLIC_URL + path, new URLSearchParams(body)),
    }),
    secrets: ['PT-secret-1', 'PSK_signs'],
  },
  {
    line: 'plivo',
    standIn: byDialect(plivoAccount({ authId: 'MA1', authToken: 'a-token-of-plivo' })),
    env: { PARLEY_PLIVO_AUTH_TOKEN: 'a-token-of-plivo', PARLEY_PLIVO_AUTH_ID: 'MA1' },
    ...{ apiEnv: 'PARLEY_PLIVO_REST_URL', apiPath: '/v1' },
    missing: { env: 'PARLEY_PLIVO_AUTH_ID', door: ['PARLEY_PLIVO_AUTH_TOKEN'] },
    order: { to: '15550100', from: '15550199', ring_timeout: 45 },
    detection: { env: 'PARLEY_PLIVO_DETECTION', order: { machine_detection: 'true' } },
    cancel: { method: 'DELETE', path: /^\/v1\/Account\/MA1\/Request\/[\w-]+\/$/ },
    busy: (id) => form(`/plivo/status?call=${id}`, { CallStatus: 'busy', Event: 'Hangup' }),
    credentials: ({ path, body }) =>
      signedByPlivo({ method: 'POST', url: PUBLIC_URL + path, form: new URLSearchParams(body) }, 'a-token-of-plivo'),
    inPerson: {},
    secrets: ['a-token-of-plivo'],
  },
  {
    line: 'vonage',
    standIn: byDialect(vonageAccount({ signatureSecret: 'a-signature-secret', key: VONAGE_KEY })),
    env: {
      ...{ PARLEY_VONAGE_SIGNATURE_SECRET: 'a-signature-secret', PARLEY_VONAGE_APPLICATION_ID: APPLICATION_ID },
      PARLEY_VONAGE_PRIVATE_KEY: VONAGE_KEY,
    },
    apiEnv: 'PARLEY_VONAGE_REST_URL',
    missing: { env: 'PARLEY_VONAGE_APPLICATION_ID', door: ['PARLEY_VONAGE_SIGNATURE_SECRET'] },
    order: {
      to: [{ type: 'phone', number: '15550100' }],
      ...{ from: { type: 'phone', number: '15550199' }, ringing_timer: 45 },
    },
    detection: {
      env: 'PARLEY_VONAGE_DETECTION',
      order: { advanced_machine_detection: { behavior: 'continue', mode: 'default', beep_timeout: 45 } },
    },
    cancel: { method: 'PUT', path: /^\/v1\/calls\/[\w-]+$/, fields: { action: 'hangup' } },
    busy: (id) => json(`/vonage/event?call=${id}`, { status: 'busy' }),
    credentials: ({ body }) => signedByVonage('a-signature-secret', body),
    inPerson: {},
    secrets: [VONAGE_KEY, 'a-signature-secret'],
  },
  {
    line: 'telnyx',
    standIn: byDialect(telnyxAccount({ apiKey: 'KEY-secret-1', privateKey: TELNYX_KEY, connectionId: 'c-1' })),
    env: {
      ...{ PARLEY_TELNYX_PUBLIC_KEY: publicKeyOf(TELNYX_KEY), PARLEY_TELNYX_API_KEY: 'KEY-secret-1' },
      PARLEY_TELNYX_CONNECTION_ID: 'c-1',
    },
    apiEnv: 'PARLEY_TELNYX_REST_URL',
    missing: { env: 'PARLEY_TELNYX_API_KEY', door: ['PARLEY_TELNYX_PUBLIC_KEY'] },
    order: { to: '+15550100', from: '+15550199', timeout_secs: 45, connection_id: 'c-1' },
    detection: { env: 'PARLEY_TELNYX_DETECTION', order: { answering_machine_detection: 'premium' } },
    cancel: { method: 'POST', path: /^\/calls\/[^/]+\/actions\/hangup$/ },
    busy: (id) =>
      json('/telnyx/events', {
        data: {
          event_type: 'call.hangup',
          payload: {
            ...{ call_control_id: 'v3:1', hangup_cause: 'user_busy' },
            client_state: Buffer.from(`parley call ${id}`).toString('base64'),
          },
        },
      }),
    credentials: ({ body }) => signedHeaders(body, TELNYX_KEY, Date.now()),
    inPerson: {},
    secrets: ['KEY-secret-1'],
  },
  {
    line: 'cloudonix',
    standIn: byDialect(cloudonixAccount({ domain: 'example.cloudonix.net', apiToken: 'XI-secret-token' })),
    env: {
      ...{ PARLEY_CLOUDONIX_API_KEY: 'XI-a-key', PARLEY_CLOUDONIX_DOMAIN: 'example.cloudonix.net' },
      PARLEY_CLOUDONIX_API_TOKEN: 'XI-secret-token',
    },
    apiEnv: 'PARLEY_CLOUDONIX_REST_URL',
    missing: { env: 'PARLEY_CLOUDONIX_DOMAIN', door: ['PARLEY_CLOUDONIX_API_KEY'] },
    order: { destination: '+15550100', 'caller-id': '+15550199', timeout: 45 },
    cancel: { method: 'DELETE', path: /^\/customers\/self\/domains\/example\.cloudonix\.net\/sessions\/\w+$/ },
    busy: (id) => json(`/cloudonix/status?call=${id}&seal=${'0'.repeat(32)}`, [{ StatusCallbackEvent: 'busy' }]),
    secrets: ['XI-secret-token', 'XI-a-key'],
  },
  {
    line: 'exotel',
    standIn: byDialect(exotelAccount({ accountSid: 'example1', apiKey: 'k-1', apiToken: 't-secret-1' })),
    env: {
      ...{ PARLEY_EXOTEL_SECRET: 'a-password-of-exotel', PARLEY_EXOTEL_ACCOUNT_SID: 'example1' },
      ...{ PARLEY_EXOTEL_API_KEY: 'k-1', PARLEY_EXOTEL_API_TOKEN: 't-secret-1' },
    },
    apiEnv: 'PARLEY_EXOTEL_REST_URL',
    missing: { env: 'PARLEY_EXOTEL_ACCOUNT_SID', door: ['PARLEY_EXOTEL_SECRET'] },
    order: { From: '+15550100', CallerId: '+15550199', TimeOut: '45', StreamType: 'bidirectional' },
    busy: (id) => json(`/exotel/status?call=${id}&seal=${'0'.repeat(32)}`, { Status: 'busy' }),
    secrets: ['t-secret-1', 'a-password-of-exotel'],
  },
  {
    line: 'jambonz',
    standIn: byDialect(jambonzAccount({ accountSid: 'acc-1', apiKey: 'a-key-of-jambonz' })),
    env: {
      ...{ PARLEY_JAMBONZ_PASSWORD: 'a-password-of-jambonz', PARLEY_JAMBONZ_API_KEY: 'a-key-of-jambonz' },
      ...{ PARLEY_JAMBONZ_ACCOUNT_SID: 'acc-1', PARLEY_JAMBONZ_APPLICATION_SID: 'app-1' },
    },
    apiEnv: 'PARLEY_JAMBONZ_API_URL',
    missing: { env: 'PARLEY_JAMBONZ_API_URL', door: ['PARLEY_JAMBONZ_PASSWORD'] },
    order: {
      ...{ to: { type: 'phone', number: '+15550100' }, from: '+15550199', timeout: 45 },
      application_sid: 'app-1',
    },
    cancel: { method: 'POST', path: /^\/v1\/Accounts\/acc-1\/Calls\/[\w-]+$/, fields: { call_status: 'no-answer' } },
    busy: (id) => json(`/jambonz/status?call=${id}`, { call_status: 'busy', sip_status: 486 }),
    credentials: () => ({ authorization: `Basic ${Buffer.from('parley:a-password-of-jambonz').toString('base64')}` }),
    secrets: ['a-password-of-jambonz', 'a-key-of-jambonz'],
  },
  {
    ...asteriskWith(({ channel, variables, from, to, rest, clock }, worker) =>
      dialMediaOf(worker, {
        ...{ callSid: channel, authToken: ASTERISK_PASSWORD, from, to, rest, clock },
        parameters: { PARLEY_TOKEN: variables['PARLEY_TOKEN'] ?? '', PARLEY_CALL: variables['PARLEY_CALL'] ?? '' },
      }),
    ),
    how: 'by its WebSocket channel',
  },
  {
    ...asteriskWith(async ({ channel, variables, from, to, rest, clock }, worker) => {
      const uuid = await askAsterisk(worker, 'calls', { ...whose({ variables, from, to }), channel });
      if (uuid === '') throw new Error('Expected a UUID, got none');
      return dialAudioSocket({ url: streamOf(worker), from, to, callSid: channel, uuid, rest, clock });
    }),
    how: 'by AudioSocket',
    inPerson: BY_DIALPLAN,
  },
  {
    ...asteriskWith(async ({ channel, variables, from, to, rest, clock }, worker) => {
      const id = newChannelId();
      const { PARLEY_CALL: placed } = variables;
      await askAsterisk(worker, 'calls', { id, ...whose({ variables, from, to }), channel });
      return dialMediaOf(worker, {
        ...{ streamSid: id, callSid: channel, authToken: ASTERISK_PASSWORD, from, to, rest, clock },
        parameters: placed === undefined ? {} : { PARLEY_SAYS: `parley_call=${placed}` },
      });
    }),
    how: 'by its WebSocket channel, announced',
    inPerson: BY_DIALPLAN,
  },
];

/** The worker knows the numbers of a call that it has placed. */
const whose = ({ variables, from, to }: Pick<DialplanCall, 'variables' | 'from' | 'to'>): Record<string, string> =>
  variables['PARLEY_CALL'] === undefined ? { from, to } : { parley_call: variables['PARLEY_CALL'] };

/** As the dialplan does. */
async function askAsterisk(worker: TestWorker, what: 'calls' | 'next', form: Record<string, string>): Promise<string> {
  const headers = { authorization: `Bearer ${ASTERISK_PASSWORD}` };
  const body = new URLSearchParams(form);
  return (await fetch(`${worker.url}/asterisk/${what}`, { method: 'POST', body, headers })).text();
}

type Dialplan = (call: DialplanCall, worker: TestWorker) => Promise<MediaCaller>;

function asteriskWith(dialplan: Dialplan): PlacingCarrier {
  return {
    line: 'asterisk',
    standIn: ({ worker, ...options }) =>
      new AriAccount({
        ...{ ...options, user: 'parley', password: ARI_PASSWORD },
        dialplan: (call) => dialplan(call, worker()),
        next: (channel) => askAsterisk(worker(), 'next', { id: channel }),
      }),
    env: {
      ...{ PARLEY_ASTERISK_PASSWORD: ASTERISK_PASSWORD, PARLEY_ASTERISK_AUDIOSOCKET_PORT: '0' },
      ...{ PARLEY_ASTERISK_ARI_USER: 'parley', PARLEY_ASTERISK_ARI_PASSWORD: ARI_PASSWORD },
      PARLEY_ASTERISK_DIAL: 'PJSIP/{to}@trunk',
    },
    ...{ apiEnv: 'PARLEY_ASTERISK_ARI_URL', apiPath: '/ari' },
    missing: { env: 'PARLEY_ASTERISK_ARI_URL', door: ['PARLEY_ASTERISK_PASSWORD'] },
    order: { endpoint: 'PJSIP/+15550100@trunk', callerId: '+15550199', timeout: '45' },
    cancel: { method: 'DELETE', path: /^\/ari\/channels\/call-[\w-]+$/, status: 204 },
    secrets: [ARI_PASSWORD, ASTERISK_PASSWORD],
    namesCalls: true,
  };
}

/** What an account is asked with, and who is called by it. */
interface StandInOptions extends Omit<AccountOptions, 'dialect'> {
  /** Once it runs. */
  worker: () => TestWorker;
}

interface PlacingStandIn {
  listen(): Promise<string>;
  readonly requests: readonly {
    method: string;
    path: string;
    fields: Readonly<Record<string, unknown>>;
    status: number;
  }[];
  failNext(failure: { status: number; json: unknown }, isMeant?: (request: { path: string }) => boolean): void;
  /** Somebody calls the worker, which is known by this address. */
  callIn(call: { from: string; to: string; publicUrl: string }): Promise<void>;
  /** Of one that puts calls together. */
  readonly meetings?: SimulatedMeetings;
  close(): Promise<void>;
}

type Start = (env: Record<string, string>, options?: { agent?: Partial<AgentInput> }) => Promise<TestWorker>;

interface WithAccount {
  /** Whoever is called, or who it is at each number. */
  callee: Callee | ((to: string) => Callee);
  agent?: Partial<AgentInput>;
  start: Start;
  env?: Record<string, string>;
  /** Of a test that runs beside others. */
  onTestFinished?: typeof finished;
}

/** A worker with an account of this carrier's, where this one is called; both end with the test. */
export async function withAccountOf(
  carrier: PlacingCarrier,
  { callee, agent, start, env = {}, onTestFinished = finished }: WithAccount,
): Promise<{ account: PlacingStandIn; worker: TestWorker; answered: MediaCaller[] }> {
  const known: { worker?: TestWorker } = {};
  const answered: MediaCaller[] = [];
  const worker = (): TestWorker => {
    if (!known.worker) throw new Error('Expected the worker to run');
    return known.worker;
  };
  const account = carrier.standIn({
    ...{
      calleeAt: typeof callee === 'function' ? callee : () => callee,
      onAnswered: (line: MediaCaller) => void answered.push(line),
    },
    ...{ worker, reach: (url) => worker().reach(url) },
  });
  const url = await account.listen();
  onTestFinished(() => account.close());
  known.worker = await start(
    {
      ...{ PARLEY_PUBLIC_URL: PUBLIC_URL, PARLEY_CALLS_FROM: '+15550199', PARLEY_CALLS_PER_SECOND: '100' },
      ...{ ...carrier.env, [carrier.apiEnv]: url + (carrier.apiPath ?? ''), ...env },
    },
    agent && { agent },
  );
  return { account, worker: known.worker, answered };
}

/** Asks the worker itself. */
export async function askCalls<Answer = Record<string, unknown>>(
  worker: TestWorker,
  method: 'GET' | 'POST' | 'DELETE',
  path = '',
  body?: unknown,
): Promise<{ status: number; json: Answer }> {
  const response = await fetch(`${worker.url}/calls${path}`, {
    ...{ method, ...(body !== undefined && { body: JSON.stringify(body) }) },
  });
  return { status: response.status, json: (await response.json()) as Answer };
}

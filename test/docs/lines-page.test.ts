/** What every line can do, asked of the lines themselves: each is dialled as its carrier does, without an account's API and with it. */
import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import type { AudioFormat } from '../../src/audio/contract.ts';
import type { AudioCapabilities, BridgeCall, LineCapabilities } from '../../src/bridge/contract.ts';
import type { Door } from '../../src/bridge/door.ts';
import { DIALECTS, type LineName } from '../../src/simulate/dialects.ts';
import { publicKeyOf } from '../../src/simulate/telnyx/signed.ts';
import { placeCallBy } from '../../src/simulate/telephone.ts';
import { CARRIERS } from '../../src/worker/carriers.ts';
import { until } from '../helpers/until.ts';
import { PUBLIC_URL, withStandIns } from '../helpers/worker.ts';
import { dialAnnounced } from '../worker/carriers/asterisk-carriers.ts';
import { GENESYS_SECRET } from '../worker/carriers/binary-carriers.ts';
import { TELNYX_KEY } from '../worker/carriers/json-carriers.ts';

interface Row {
  label: string;
  page: string;
  line: LineName;
  door: string;
  secret: string;
  env: Record<string, string>;
  /** What its API needs. */
  account?: Record<string, string>;
  /** Which of its calls are handed over in person, where the one that is dialled here is none of them. */
  inPerson?: string;
  /** Its door places calls by another line. Default false. */
  isCalledOnly?: boolean;
}

const SECRET = 'a-secret-of-16-letters';
const ACCOUNT = 'app-1';
const NOBODY = 'http://127.0.0.1:9';
const pem = (): string =>
  generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

const row = (
  label: string,
  line: LineName,
  opener: string,
  more: Partial<Row> & { also?: Record<string, string> } = {},
): Row => {
  const { also, ...rest } = more;
  return { label, line, page: line, door: line, secret: SECRET, env: { [opener]: SECRET, ...also }, ...rest };
};

const ROWS: readonly Row[] = [
  row('Twilio', 'twilio', 'PARLEY_TWILIO_AUTH_TOKEN', {
    account: { PARLEY_TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`, PARLEY_TWILIO_REST_URL: NOBODY },
  }),
  row('Twilio, text', 'twilio', 'PARLEY_TWILIO_AUTH_TOKEN', { page: 'text', also: { PARLEY_TWILIO_LINE: 'relay' } }),
  row('Web pages', 'web', 'PARLEY_BRIDGE_TOKEN', { also: { PARLEY_WEB_ORIGINS: 'https://www.example.com' } }),
  row('SignalWire', 'signalwire', 'PARLEY_SIGNALWIRE_SIGNING_KEY', {
    account: {
      PARLEY_SIGNALWIRE_PROJECT_ID: 'p-1',
      PARLEY_SIGNALWIRE_API_TOKEN: 'PT1',
      PARLEY_SIGNALWIRE_SPACE_URL: NOBODY,
    },
  }),
  row('Plivo, Vobiz', 'plivo', 'PARLEY_PLIVO_AUTH_TOKEN', {
    account: { PARLEY_PLIVO_AUTH_ID: 'MA1', PARLEY_PLIVO_REST_URL: NOBODY },
  }),
  row('Cloudonix', 'cloudonix', 'PARLEY_CLOUDONIX_API_KEY', {
    account: { PARLEY_CLOUDONIX_DOMAIN: 'example.cloudonix.net', PARLEY_CLOUDONIX_REST_URL: NOBODY },
  }),
  row('Exotel', 'exotel', 'PARLEY_EXOTEL_SECRET'),
  row('Telnyx', 'telnyx', 'PARLEY_TELNYX_PUBLIC_KEY', {
    ...{ secret: TELNYX_KEY, env: { PARLEY_TELNYX_PUBLIC_KEY: publicKeyOf(TELNYX_KEY) } },
    account: { PARLEY_TELNYX_API_KEY: 'KEY1', PARLEY_TELNYX_REST_URL: NOBODY },
    inPerson: 'Call Control',
  }),
  row('Telnyx, text', 'telnyx-text', 'PARLEY_TELNYX_PUBLIC_KEY', {
    ...{ page: 'telnyx', door: 'telnyx', secret: TELNYX_KEY },
    env: { PARLEY_TELNYX_PUBLIC_KEY: publicKeyOf(TELNYX_KEY), PARLEY_TELNYX_LINE: 'relay' },
    account: { PARLEY_TELNYX_API_KEY: 'KEY1', PARLEY_TELNYX_REST_URL: NOBODY },
  }),
  row('Vonage', 'vonage', 'PARLEY_VONAGE_SIGNATURE_SECRET', {
    account: {
      PARLEY_VONAGE_APPLICATION_ID: ACCOUNT,
      PARLEY_VONAGE_PRIVATE_KEY: pem(),
      PARLEY_VONAGE_REST_URL: NOBODY,
    },
  }),
  row('Infobip', 'infobip', 'PARLEY_INFOBIP_SECRET'),
  row('FreeSWITCH', 'freeswitch', 'PARLEY_FREESWITCH_PASSWORD'),
  row('jambonz', 'jambonz', 'PARLEY_JAMBONZ_PASSWORD'),
  row('jambonz, text', 'jambonz-text', 'PARLEY_JAMBONZ_PASSWORD', {
    ...{ page: 'jambonz', door: 'jambonz', isCalledOnly: true },
  }),
  row('Genesys', 'genesys', 'PARLEY_GENESYS_CLIENT_SECRET', {
    ...{ secret: GENESYS_SECRET, env: { PARLEY_GENESYS_CLIENT_SECRET: GENESYS_SECRET } },
  }),
  row('Asterisk, AudioSocket', 'audiosocket', 'PARLEY_ASTERISK_AUDIOSOCKET_PORT', {
    ...{ page: 'asterisk', door: 'asterisk', env: { PARLEY_ASTERISK_AUDIOSOCKET_PORT: '0' } },
    account: {
      PARLEY_ASTERISK_ARI_URL: NOBODY,
      PARLEY_ASTERISK_ARI_USER: 'parley',
      PARLEY_ASTERISK_ARI_PASSWORD: 'x',
      PARLEY_ASTERISK_TRANSFER: 'dialplan',
      PARLEY_ASTERISK_DIAL: 'PJSIP/{to}@trunk',
      PARLEY_ASTERISK_IN_PERSON: 'true',
    },
    inPerson: 'Dialplan',
  }),
  row('Asterisk, WebSocket', 'chan_websocket', 'PARLEY_ASTERISK_PASSWORD', {
    ...{ page: 'asterisk', door: 'asterisk' },
    account: {
      PARLEY_ASTERISK_ARI_URL: NOBODY,
      PARLEY_ASTERISK_ARI_USER: 'parley',
      PARLEY_ASTERISK_ARI_PASSWORD: 'x',
      PARLEY_ASTERISK_TRANSFER: 'dialplan',
      PARLEY_ASTERISK_DIAL: 'PJSIP/{to}@trunk',
      PARLEY_ASTERISK_IN_PERSON: 'true',
    },
    inPerson: 'Dialplan',
  }),
];

const startWorker = withStandIns();

/** The line as the worker has it. */
async function lineOf({ label, line, secret, env }: Row, account: Record<string, string> = {}): Promise<BridgeCall> {
  const lines: BridgeCall[] = [];
  const carriers = CARRIERS.map((door) => watched(door, (one) => lines.push(one)));
  const worker = await startWorker({ PARLEY_PUBLIC_URL: PUBLIC_URL, ...env, ...account }, { carriers });
  const voiceUrl = PUBLIC_URL + DIALECTS[line].paths.voice;
  const common = { from: '+15550100', to: '+15550199', authToken: secret, accountSid: ACCOUNT, reach: worker.reach };
  // by AudioSocket alone nothing is known of a call: a dialplan announces it, with the channel that ARI is asked about
  if (line === 'audiosocket') await dialAnnounced(worker);
  else await placeCallBy(line, { ...common, voiceUrl });
  return until(`the line of ${label}`, () => lines[0]);
}

function watched(door: Door, see: (line: BridgeCall) => void): Door {
  const seen = (line: BridgeCall | undefined) => {
    if (line) see(line);
    return line;
  };
  return {
    ...door,
    ...(door.upgrades && {
      upgrades: door.upgrades.map((one) => ({ ...one, accept: async (...given) => seen(await one.accept(...given)) })),
    }),
    ...(door.tcp && {
      tcp: {
        ...door.tcp,
        accept: async (...given) => {
          const line = await door.tcp!.accept(...given);
          see(line);
          return line;
        },
      },
    }),
  };
}

const ENCODINGS = { mulaw: 'mu-law', alaw: 'A-law', linear16: '16-bit' } as const;
const formatOf = ({ encoding, sampleRateHz }: AudioFormat) => `${ENCODINGS[encoding]} ${sampleRateHz / 1_000} kHz`;

function soundOf(capabilities: AudioCapabilities | undefined): string {
  if (!capabilities) return 'text';
  const [heard, spoken] = [formatOf(capabilities.inFormat), formatOf(capabilities.outFormat)];
  return heard === spoken ? heard : `${heard} in, ${spoken} out`;
}

const REPORTS = { marks: 'marks', samples: 'samples', nothing: 'the clock' } as const;

/** `Yes`, by the line itself; `API`, where the account's is set; `No`. */
function ways(name: 'dtmfOut' | 'transfer', plain: LineCapabilities, account: LineCapabilities): string {
  if (account[name] === 'none') return 'No';
  return plain[name] === 'none' || account[name] === 'rest' ? 'API' : 'Yes';
}

async function cellsOf(one: Row): Promise<string[]> {
  const plain = await lineOf(one);
  const withApi = one.account ? await lineOf(one, one.account) : plain;
  const sound = plain.kind === 'audio' ? plain.capabilities : undefined;
  const door: Door | undefined = CARRIERS.find(({ name }) => name === one.door);
  return [
    `[${one.label}](${one.page}.md)`,
    `\`${Object.keys(one.env)[0]}\``,
    soundOf(sound),
    sound ? (sound.feed.pacing === 'peer' ? 'ahead' : 'each 20 ms') : 'as it comes',
    sound ? (sound.clear ? 'Yes' : 'No') : 'Yes',
    sound ? REPORTS[sound.reports] : 'the line, or its pace',
    ways('dtmfOut', plain.capabilities, withApi.capabilities),
    ways('transfer', plain.capabilities, withApi.capabilities),
    withApi.capabilities.transferHeaders ? 'Yes' : 'No',
    one.inPerson ?? (withApi.capabilities.meets ? 'API' : 'No'),
    door?.outbound && !one.isCalledOnly ? 'Yes' : 'No',
  ];
}

const HEAD = [
  'Line',
  'Opens with',
  'Sound, unless set otherwise',
  'Is sent sound',
  'Takes it back',
  'Heard is known by',
  'Presses keys',
  'Hands over',
  'With SIP headers',
  'In person',
  'Calls out',
];

const PAGE = (rows: readonly string[][]): string => `# Lines

What each can do, as the lines themselves say when they are dialled. Keys of the caller are taken by every line, and either side can hang up. _API_: where the account's API is set; the line's own page says how.

${table([HEAD, ...rows])}

Hands over: [transfers.md](../transfers.md). Calls out: [calls-out.md](../calls-out.md). A line of your own: [embedding.md](../embedding.md).
`;

function table(rows: readonly (readonly string[])[]): string {
  const widths = HEAD.map((_, column) => Math.max(...rows.map((cells) => cells[column]!.length)));
  const lineOfTable = (cells: readonly string[]) =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at]!)).join(' | ')} |`;
  return [
    lineOfTable(rows[0]!),
    lineOfTable(widths.map((width) => '-'.repeat(width))),
    ...rows.slice(1).map(lineOfTable),
  ].join('\n');
}

// `npx vitest run test/docs/lines-page.test.ts -u` writes it
test('docs/lines/README.md says what the lines say', async () => {
  const rows: string[][] = [];
  for (const one of ROWS) rows.push(await cellsOf(one));
  await expect(PAGE(rows)).toMatchFileSnapshot('../../docs/lines/README.md');
});

test('every carrier has a row', () => {
  expect([...new Set(ROWS.map(({ door }) => door))].sort()).toEqual(CARRIERS.map(({ name }) => name).sort());
});

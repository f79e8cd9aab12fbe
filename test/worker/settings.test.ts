import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { VoiceError } from '../../src/lib/errors.ts';
import {
  checkSetting,
  describeSettings,
  readSettings,
  secretsOf,
  SETTINGS,
  unknownSettings,
  type Settings,
} from '../../src/worker/settings.ts';

const AGENT = { PARLEY_AGENT: 'agent.ts' };

function problemsOf(env: Record<string, string>, overrides: Partial<Record<keyof Settings, unknown>> = {}): string {
  try {
    readSettings(env, overrides);
  } catch (error) {
    expect(error).toBeInstanceOf(VoiceError);
    expect((error as VoiceError).code).toBe('options-invalid');
    return (error as VoiceError).message;
  }
  return '';
}

function secretFile(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'parley-secret-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'secret');
  writeFileSync(file, text);
  return file;
}

test('with an agent alone, everything else has its default', () => {
  expect(readSettings(AGENT)).toEqual({
    apiKey: undefined,
    baseUrl: 'https://api.smallest.ai/waves/v1',
    agent: 'agent.ts',
    watch: false,
    host: '127.0.0.1',
    port: 8080,
    publicUrl: undefined,
    twilioAuthTokens: [],
    bridgeTokens: [],
    origins: [],
    transcriptionsApiKey: undefined,
    transcriptionsBaseUrl: 'https://api.openai.com/v1',
    transcriptionsModel: 'gpt-4o-mini-transcribe',
    transcriptionsRequests: 100,
    trustedProxies: 0,
    maxUpgrades: 600,
    maxForbidden: 60,
    metricsTokens: [],
    metricsOpen: false,
    twilioAccountSid: undefined,
    twilioRestUrl: 'https://api.twilio.com',
    twilioDetection: false,
    twilioLine: 'media',
    signalwireApiToken: undefined,
    signalwireCodec: 'PCMU@8000h',
    signalwireProjectId: undefined,
    signalwireDetection: false,
    signalwireSigningKey: undefined,
    signalwireSpaceUrl: undefined,
    plivoAuthId: undefined,
    plivoAuthToken: undefined,
    plivoDetection: false,
    plivoContentType: 'audio/x-mulaw;rate=8000',
    plivoRestUrl: 'https://api.plivo.com/v1',
    cloudonixApiKeys: [],
    cloudonixApiToken: undefined,
    cloudonixDomain: undefined,
    cloudonixRestUrl: 'https://api.cloudonix.io',
    exotelAccountSid: undefined,
    exotelApiKey: undefined,
    exotelApiToken: undefined,
    exotelRestUrl: 'https://api.in.exotel.com',
    exotelSampleRate: 8_000,
    exotelSecrets: [],
    telnyxApiKey: undefined,
    telnyxCodec: 'PCMU',
    telnyxConnectionId: undefined,
    telnyxDetection: false,
    telnyxL16Order: 'little',
    telnyxLine: 'media',
    telnyxPublicKeys: [],
    telnyxRestUrl: 'https://api.telnyx.com/v2',
    vonageApiKey: undefined,
    vonageApplicationId: undefined,
    vonageDetection: false,
    vonageContentType: 'audio/l16;rate=16000',
    vonagePrivateKey: undefined,
    vonageRestUrl: 'https://api.nexmo.com',
    vonageSignatureSecret: undefined,
    infobipSecrets: [],
    freeswitchPasswords: [],
    asteriskPasswords: [],
    asteriskAudiosocketPort: undefined,
    asteriskMediaUrl: undefined,
    asteriskTransfer: 'none',
    asteriskInPerson: false,
    asteriskAriUrl: undefined,
    asteriskAriUser: undefined,
    asteriskAriPassword: undefined,
    asteriskAriContext: 'default',
    asteriskCallsContext: 'parley-out',
    asteriskDial: undefined,
    genesysApiKey: undefined,
    genesysClientSecret: undefined,
    webOrigins: [],
    jambonzAccountSid: undefined,
    jambonzApiKey: undefined,
    jambonzApiUrl: undefined,
    jambonzApplicationSid: undefined,
    jambonzPasswords: [],
    jambonzSampleRateHz: 16_000,
    jambonzWebhookSecret: undefined,
    plan: undefined,
    modelBaseUrl: undefined,
    modelApiKey: undefined,
    modelName: undefined,
    speechApiKey: undefined,
    speechBaseUrl: 'https://api.openai.com/v1',
    speechModel: 'gpt-4o-mini-tts',
    speechRequests: 100,
    syntheses: 1,
    pulseSockets: 100,
    redisUrl: undefined,
    workersExpected: undefined,
    processes: 1,
    maxCalls: 100,
    planCalls: undefined,
    callsFrom: undefined,
    callsPerSecond: 1,
    maxLagMs: 200,
    refusal: 'All our lines are busy. Please call again in a few minutes.',
    refusalUrl: undefined,
    drainMs: 600_000,
    recordDirectory: undefined,
    prices: undefined,
    logLevel: 'info',
    logText: false,
    logFormat: 'auto',
    simulate: false,
  });
});

test('what is empty or white space counts as not given', () => {
  expect(readSettings({ ...AGENT, PARLEY_PORT: ' ', SMALLEST_API_KEY: '', PARLEY_SIMULATE: '' })).toEqual(
    readSettings(AGENT),
  );
});

test('every mistake is named at once, with what was expected and what was there', () => {
  const message = problemsOf({
    PARLEY_PORT: '99999',
    PARLEY_MAX_CALLS: 'many',
    PARLEY_DRAIN_MS: '1.5',
    PARLEY_PUBLIC_URL: 'voice.example.com',
    PARLEY_TWILIO_LINE: 'video',
    PARLEY_TWILIO_ACCOUNT_SID: 'US123',
    PARLEY_PLAN: 'gold',
    PARLEY_PROCESSES: 'all',
    PARLEY_LOG_LEVEL: 'loud',
    PARLEY_SIMULATE: 'perhaps',
    SMALLEST_BASE_URL: 'https://api.example.com/waves?x=1',
  });
  expect(message.split('\n')).toEqual([
    'the settings are not right:',
    '  - SMALLEST_BASE_URL: expected an address such as https://voice.example.com, got `https://api.example.com/waves?x=1`',
    '  - PARLEY_AGENT: expected the agent file (or --agent FILE), got nothing',
    '  - PARLEY_PORT: expected a whole number from 0 to 65535, got `99999`',
    '  - PARLEY_PUBLIC_URL: expected an address such as https://voice.example.com, got `voice.example.com`',
    '  - PARLEY_TWILIO_ACCOUNT_SID: expected an id that begins with AC, got `US123`',
    '  - PARLEY_TWILIO_LINE: expected media or relay, got `video`',
    '  - PARLEY_PLAN: expected standard, enterprise or none, got `gold`',
    '  - PARLEY_PROCESSES: expected auto or a whole number from 1 to 256, got `all`',
    '  - PARLEY_MAX_CALLS: expected a whole number from 1 to 10000, got `many`',
    '  - PARLEY_DRAIN_MS: expected a whole number from 0 to 86400000, got `1.5`',
    '  - PARLEY_LOG_LEVEL: expected one of trace, debug, info, warn, error, fatal, silent, got `loud`',
    '  - PARLEY_SIMULATE: expected true or false, got `perhaps`',
  ]);
});

test('one mistake is one line', () => {
  expect(problemsOf({ ...AGENT, PARLEY_PORT: '-1' })).toBe(
    'the settings are not right: PARLEY_PORT: expected a whole number from 0 to 65535, got `-1`',
  );
});

test('settings that make no sense together are named too', () => {
  expect(problemsOf({ ...AGENT, PARLEY_TWILIO_AUTH_TOKEN: 'secret-token' })).toMatch(
    /PARLEY_PUBLIC_URL: expected the address that Twilio calls, since PARLEY_TWILIO_AUTH_TOKEN is set/,
  );
  expect(problemsOf({ ...AGENT, PARLEY_TWILIO_ACCOUNT_SID: 'AC1' })).toMatch(
    /PARLEY_TWILIO_AUTH_TOKEN: expected it with PARLEY_TWILIO_ACCOUNT_SID/,
  );
});

test('what the command line says counts more than the environment, and its mistakes are named by its own option', () => {
  expect(readSettings({ ...AGENT, PARLEY_PORT: '1' }, { port: '2', simulate: true })).toMatchObject({
    port: 2,
    simulate: true,
  });
  expect(checkSetting('port', '--port', '0')).toBeUndefined();
  expect(checkSetting('port', '--port', 'x')).toBe('--port: expected a whole number from 0 to 65535, got `x`');
});

test.each([
  ['true', true],
  ['1', true],
  ['yes', true],
  ['false', false],
  ['0', false],
  ['no', false],
])('PARLEY_LOG_TEXT=%s is %s', (text, expected) => {
  expect(readSettings({ ...AGENT, PARLEY_LOG_TEXT: text }).logText).toBe(expected);
});

test('two auth tokens stand for the time in which they change', () => {
  const { twilioAuthTokens } = readSettings({
    ...AGENT,
    PARLEY_TWILIO_AUTH_TOKEN: 'old , new,',
    PARLEY_PUBLIC_URL: 'https://voice.example.com',
  });
  expect(twilioAuthTokens).toEqual(['old', 'new']);
});

test('a secret may lie in a file, whose last line break is no part of it', () => {
  const file = secretFile('sk_from_file\n');
  expect(readSettings({ ...AGENT, SMALLEST_API_KEY_FILE: file }).apiKey).toBe('sk_from_file');
  expect(readSettings({ ...AGENT, SMALLEST_API_KEY_FILE: file, SMALLEST_API_KEY: 'sk_here' }).apiKey).toBe('sk_here');
});

test('the address of Redis may hold a password: it is checked, read from a file too, and never shown', () => {
  const right = 'rediss://worker:s3cret@redis.internal:6380/1';
  expect(readSettings({ ...AGENT, PARLEY_REDIS_URL: right }).redisUrl).toBe(right);
  expect(readSettings({ ...AGENT, PARLEY_REDIS_URL_FILE: secretFile(right) }).redisUrl).toBe(right);
  for (const wrong of ['s3cret@redis:6379', 'https://:s3cret@redis', 'redis://:s3cret@redis:port']) {
    const problems = problemsOf({ ...AGENT, PARLEY_REDIS_URL: wrong });
    expect(problems).toMatch(/PARLEY_REDIS_URL: expected an address such as redis:.*, got a value that is not shown/);
    expect(problems).not.toContain('s3cret');
  }
});

test('only secrets are read from files', () => {
  expect(readSettings({ ...AGENT, PARLEY_PORT_FILE: secretFile('1') }).port).toBe(8080);
});

test('a file that cannot be read is named', () => {
  expect(problemsOf({ ...AGENT, SMALLEST_API_KEY_FILE: '/nowhere/key' })).toMatch(
    /SMALLEST_API_KEY_FILE: .*\/nowhere\/key/,
  );
});

test('a secret is never shown, whatever is wrong with it', () => {
  const message = problemsOf({ ...AGENT, PARLEY_TWILIO_AUTH_TOKEN: 'hush', PARLEY_PORT: 'x' }, { apiKey: 12_345 });
  expect(message).toContain('SMALLEST_API_KEY: expected a key, got a value that is not shown');
  expect(message).not.toMatch(/hush|12345/);
});

test('the help names every setting with its default, and the files that secrets may lie in', () => {
  const help = describeSettings();
  for (const { env } of Object.values(SETTINGS)) expect(help).toContain(`\n  ${env}`);
  expect(help).toContain('SMALLEST_API_KEY, SMALLEST_API_KEY_FILE\n');
  expect(help).toContain('(default: 8080)');
  expect(help).toContain('(default: media)');
  expect(help).not.toContain('undefined');
});

test('a variable that only looks like a setting is found', () => {
  const env = { ...AGENT, PARLEY_MAXCALLS: '3', PARLEY_PORT: '1', PARLEY_TWILIO_AUTH_TOKEN_FILE: 'x', HOME: '/' };
  expect(unknownSettings(env)).toEqual(['PARLEY_MAXCALLS']);
});

test.each([
  ['PARLEY_BRIDGE_TOKEN', 'short', 'one or two tokens of 16 characters or more, got a value that is not shown'],
  ['PARLEY_METRICS_TOKEN', `${'a'.repeat(16)},${'b'.repeat(16)},${'c'.repeat(16)}`, 'got a value that is not shown'],
  ['PARLEY_ORIGINS', '*', 'expected origins such as https://desk.example.com, separated by commas, got `*`'],
  ['PARLEY_ORIGINS', 'https://a.example/page', 'got `https://a.example/page`'],
  ['PARLEY_TRUST_PROXY', 'yes', 'expected a whole number from 0 to 10'],
])('%s=%s is refused', (name, value, expected) => {
  expect(() => readSettings({ ...AGENT, [name]: value })).toThrow(expected);
});

test('every secret is known to the log: the lists and the single ones', () => {
  const [one, other] = ['a'.repeat(16), 'b'.repeat(16)];
  const env = { PARLEY_BRIDGE_TOKEN: `${one},${other}`, SMALLEST_API_KEY: 'sk_key', PARLEY_REFUSAL: 'No.' };
  expect(secretsOf(readSettings({ ...AGENT, ...env })).sort()).toEqual([one, other, 'sk_key'].sort());
});

/**
 * `parley voices`: what an agent may speak with, as the account says, or as far as this version knows.
 *
 * Real time: the command is a process.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startLightningSimulator, type LightningSimulator } from '../../src/simulate/lightning/server.ts';
import { createDictionary } from '../../src/speak/lightning/http.ts';
import { readWav } from '../../src/audio/wav.ts';
import { parley, temporaryFolder } from './helpers/command.ts';

let service: LightningSimulator;
let env: Record<string, string>;

beforeAll(async () => {
  service = await startLightningSimulator();
  env = { SMALLEST_BASE_URL: service.baseUrl, SMALLEST_API_KEY: 'sk_test' };
});
afterAll(() => service.close());

test('with a key: the voices of the account by model, its clones with their own, and its dictionaries', async () => {
  await createDictionary({ baseUrl: service.baseUrl, apiKey: 'sk_test' }, [{ word: 'Acme', pronunciation: 'ack mee' }]);
  const [shown, json] = await Promise.all([parley(['voices'], { env }), parley(['voices', '--json'], { env })]);
  expect([shown.code, shown.stderr]).toEqual([0, '']);
  expect(shown.stdout).toMatch(
    /^lightning_v3\.1, 2 voices\n {2}magnus {5}Magnus {4}male {4}american {2}english\n {2}maithili\* {2}Maithili/,
  );
  expect(shown.stdout).toMatch(/\nlightning_v3\.1_pro, 1 voice\n {2}kaitlyn /);
  expect(shown.stdout).toMatch(
    /\n1 clone of this account\n {2}voice_reception {2}Reception {2}lightning_v3\.1 {2}completed\n/,
  );
  expect(shown.stdout).toMatch(/\n1 pronunciation dictionary\n {2}\S+ {2}Acme = ack mee\n/);
  expect(JSON.parse(json.stdout)).toMatchObject({
    source: 'account',
    voices: [{ id: 'magnus', model: 'lightning_v3.1', languages: ['english'], hasWordTimes: false }, {}, {}],
    clones: [{ voiceId: 'voice_reception' }],
    dictionaries: [{ items: [{ word: 'Acme', pronunciation: 'ack mee' }] }],
  });
});

test('without a key: what this version knows, and a word about it', async () => {
  const { code, stdout, stderr } = await parley(['voices']);
  expect(code).toBe(0);
  expect(stderr).toBe('parley: SMALLEST_API_KEY is not set, so these are the voices that this version knows.\n');
  expect(stdout).toMatch(/^lightning_v3\.1, \d+ voices\n/);
  expect(stdout).toMatch(/\n {2}magnus +male +American +en\n/);
  expect(stdout).toMatch(/\n {2}silvia +unknown +unknown +it\n/); // no page says more of her
  for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(102);
});

test('a wrong key, a wrong address and a service that is not there are one line each', async () => {
  const refused = { ...env, SMALLEST_API_KEY: 'nobody' };
  const results = await Promise.all([
    parley(['voices'], { env: refused }),
    parley(['voices', '--base-url', 'ftp://x'], { env }),
    parley(['voices', '--base-url', 'http://127.0.0.1:1/waves/v1'], { env }), // it tries four times
  ]);
  expect(results.map(({ code }) => code)).toEqual([1, 2, 1]);
  expect(results[0]?.stderr).toMatch(/^parley: lightning: .*Invalid API key.*\n$/);
  expect(results[0]?.stderr).not.toContain('nobody');
  expect(results[1]?.stderr).toMatch(
    /^parley: expected --base-url to begin with http:\/\/ or https:\/\/, got ftp:\/\/x\./,
  );
});

test('voices by language, without a key: by code or by name, and a word where there is none', async () => {
  const [code, name, none] = await Promise.all(
    ['it', 'Italian', 'xx'].map((language) => parley(['voices', '--language', language, '--json'])),
  );
  const ids = (JSON.parse(code?.stdout ?? '') as { voices: { id: string }[] }).voices.map(({ id }) => id);
  expect(ids).toEqual(['silvia', 'concetta', 'arianna', 'davide', 'luca', 'leonardo']);
  expect(name?.stdout).toBe(code?.stdout);
  expect(none).toMatchObject({ code: 1, stdout: '' });
  expect(none?.stderr).toMatch(/no voice is known to have been trained on xx\n$/);
});

test('parley say writes a WAV in a voice; without a key it says that a stand-in speaks; an unknown voice is refused', async () => {
  const cwd = temporaryFolder();
  const { code, stdout, stderr } = await parley(['say', '--voice', 'silvia', 'Buongiorno'], { cwd });
  expect({ code, stderr }).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(/SMALLEST_API_KEY is not set.*stand-in/s) as string,
  });
  expect(stdout).toMatch(/^silvia\.wav: \d\.\d\d s of silvia\n$/);
  const { sampleRateHz, channels } = readWav(readFileSync(join(cwd, 'silvia.wav')));
  expect((channels[0]?.length ?? 0) / sampleRateHz).toBeGreaterThan(0.3);
  const refused = await parley(['say', '--voice', 'magnos', 'Hello'], { cwd });
  expect(refused).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/got `magnos`\. Did you mean `magnus`\?/) as string,
  });
});

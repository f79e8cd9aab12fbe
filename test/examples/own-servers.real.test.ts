/**
 * The example of an agent on servers of one's own, as a worker: no account, and no address but those of its servers.
 *
 * Real time: the worker and its servers are processes.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { encodeMulaw } from '../../src/audio/g711.ts';
import { encodeToneSpeech } from '../../src/audio/tone-speech.ts';
import { startElectronSimulator } from '../../src/simulate/electron/server.ts';
import { startSpeechSimulator } from '../../src/simulate/openai-speech/server.ts';
import { startTranscriptionsSimulator } from '../../src/simulate/openai-transcriptions/server.ts';
import { dialMedia } from '../../src/simulate/twilio/media.ts';
import { understand } from '../../src/testing/phone.ts';
import { cleanEnvironment } from '../cli/helpers/environment.ts';
import { until } from '../helpers/until.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const TSX = resolve(ROOT, 'node_modules/tsx/dist/esm/index.mjs');

test(
  'own-servers.ts --serve takes calls without any account, by the addresses of its servers alone',
  { timeout: 60_000 },
  async () => {
    const [electron, speech, transcriptions] = await Promise.all([
      startElectronSimulator({ replies: [{ when: 'tide', say: 'High water is at ten past six.' }] }),
      startSpeechSimulator(),
      startTranscriptionsSimulator(),
    ]);
    onTestFinished(async () => void (await Promise.all([electron.close(), speech.close(), transcriptions.close()])));
    const env = {
      ...{ PARLEY_MODEL_BASE_URL: electron.url, PARLEY_MODEL_API_KEY: 'sk_any', PARLEY_MODEL_NAME: 'electron' },
      ...{ PARLEY_SPEECH_BASE_URL: speech.baseUrl, PARLEY_TRANSCRIPTIONS_BASE_URL: transcriptions.baseUrl },
      ...{ PARLEY_PORT: '0', PARLEY_MAX_LAG_MS: '60000' },
    };
    const args = ['--import', TSX, 'examples/own-servers.ts', '--serve'];
    const child = spawn(process.execPath, args, { cwd: ROOT, env: { ...cleanEnvironment(), ...env } });
    onTestFinished(() => void child.kill('SIGKILL'));
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += String(text)));
    const url = await until('it to listen', () => /http:\/\/[\w.:[\]]+/.exec(output)?.[0], 40_000);
    const media = `${url.replace('http', 'ws')}/twilio/media`;
    const caller = await dialMedia({ url: media, from: '+15550100', to: '+15550199' });
    await caller.waitForSpeech({ fromMs: 0 });
    await caller.waitForSilence({ forMs: 900 });
    await caller.say(encodeMulaw(encodeToneSpeech('When is the tide?', 8_000)));
    await caller.waitForSpeech({ fromMs: caller.nowMs });
    await caller.waitForSilence({ forMs: 900 });
    const heard = understand(caller.heard).map(({ text }) => text);
    expect(heard.join(' ')).toMatch(/Hello, this line has servers of its own\. .*High water is at ten past six\.$/);
    await caller.hangUp();
    child.kill('SIGTERM');
    const [code] = (await once(child, 'close')) as [number | null];
    expect({ code, keys: speech.asked.length > 0 && transcriptions.asked.length > 0 }).toEqual({ code: 0, keys: true });
  },
);

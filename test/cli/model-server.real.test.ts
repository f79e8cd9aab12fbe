/**
 * The model's address, key and name are settings of their own, for every command that asks it.
 *
 * Real time: commands are processes.
 */
import { onTestFinished, expect, test } from 'vitest';
import { startElectronSimulator } from '../../src/simulate/electron/server.ts';
import { parley } from './helpers/command.ts';

const NOWHERE = { SMALLEST_BASE_URL: 'http://127.0.0.1:9/waves/v1', SMALLEST_API_KEY: 'sk_account' };

async function standIn() {
  const electron = await startElectronSimulator({ replies: [{ when: '.*', say: 'All is well.' }] });
  onTestFinished(() => electron.close());
  return electron;
}

test('chat asks PARLEY_MODEL_BASE_URL with PARLEY_MODEL_API_KEY, whatever SMALLEST_BASE_URL says', async () => {
  const { url } = await standIn();
  const env = { ...NOWHERE, PARLEY_MODEL_BASE_URL: url, PARLEY_MODEL_API_KEY: 'sk_model' };
  const { code, stdout } = await parley(['chat', 'examples/clinic.ts'], { input: 'hello\n', env });
  expect(stdout).toContain(`Electron at ${url}`);
  expect(stdout).toContain('All is well.');
  expect(code).toBe(0);
});

test('chat --base-url counts more than PARLEY_MODEL_BASE_URL, and needs no key of Smallest AI', async () => {
  const { url } = await standIn();
  const env = { PARLEY_MODEL_BASE_URL: 'http://127.0.0.1:9/v1', PARLEY_MODEL_API_KEY: 'sk_model' };
  const args = ['chat', 'examples/clinic.ts', '--base-url', url, '--model', 'electron'];
  const { code, stdout, stderr } = await parley(args, { input: 'hello\n', env });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('All is well.');
});

test('check shows which model would be asked, and what is wrong with its settings', async () => {
  const env = { PARLEY_MODEL_BASE_URL: 'https://models.example.com/v1', PARLEY_MODEL_NAME: 'qwen3' };
  const [good, wrong] = await Promise.all([
    parley(['check', 'examples/clinic.ts'], { env }),
    parley(['check', 'examples/clinic.ts', '--json'], { env: { PARLEY_MODEL_BASE_URL: 'models.example.com' } }),
  ]);
  expect(good.code).toBe(0);
  expect(good.stdout).toContain('for qwen3 at https://models.example.com/v1; answers may be asked for ahead; 0 errors');
  expect(wrong.code).toBe(1);
  expect(JSON.parse(wrong.stdout)).toMatchObject({
    ok: false,
    findings: [{ where: 'settings', message: expect.stringContaining('PARLEY_MODEL_BASE_URL: expected') as string }],
  });
});

test('serve refuses a wrong --base-url by its name', async () => {
  const { code, stderr } = await parley(['serve', 'examples/clinic.ts', '--base-url', 'localhost:1']);
  expect(code).toBe(2);
  expect(stderr).toContain('--base-url: expected an address such as');
});

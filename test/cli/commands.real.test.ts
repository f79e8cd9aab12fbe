/**
 * `parley check`, `parley chat --record` with `parley replay`, and `parley simulate`, as processes.
 *
 * Real time: commands are processes.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import OpenAI from 'openai';
import { expect, test } from 'vitest';
import { markDifference } from '../../src/cli/replay.ts';
import { startElectronSimulator } from '../../src/simulate/electron/server.ts';
import { eventsOf, parley, start, temporaryFolder } from './helpers/command.ts';

test('check says all is well with the clinic, and what a careless agent costs', { timeout: 30_000 }, async () => {
  const [good, careless, strict] = await Promise.all([
    parley(['check', 'examples/clinic.ts']),
    parley(['check', '--json', 'test/cli/agents/careless.ts']),
    parley(['check', '--strict', 'test/cli/agents/careless.ts']),
  ]);
  expect(good.code).toBe(0);
  const [lacked, summary, ...rest] = good.stdout.trimEnd().split('\n');
  expect(lacked).toMatch(
    /^not set SMALLEST_API_KEY, for model \(Electron\), voice \(Lightning\), listen \(Pulse\) of /,
  );
  expect(summary).toMatch(/^clinic-desk: 5 tools, about \d+ prompt tokens .*; 0 errors, 0 warnings$/);
  expect(rest).toEqual([]);

  expect(careless.code).toBe(0);
  const report = JSON.parse(careless.stdout) as {
    ok: boolean;
    findings: { where: string; cost: string; message: string }[];
  };
  expect(report.ok).toBe(true);
  expect(report.findings.map(({ where, cost }) => [where, cost])).toEqual([
    ['instructions', 'cache'],
    ['instructions', 'silence'],
    ['greeting', 'latency'],
    ['listen.language', 'speech'],
    ['find_everything', 'silence'],
    ['find_everything', 'money'],
    ['find_everything', 'latency'],
    ['find_everything', 'silence'],
    ['turn.endpointMs', 'latency'],
    ['model.maxTokens', 'money'],
  ]);
  expect(strict.code).toBe(1);
});

test('check shows who is asked in turn, of lists', async () => {
  const folder = temporaryFolder();
  const file = join(folder, 'listed.ts');
  writeFileSync(
    file,
    `import { defineAgent, modelServer } from 'parley-voice';
    const spare = modelServer({ baseUrl: 'http://10.0.0.5:8000/v1', model: 'qwen3' });
    export default defineAgent({
      name: 'listed',
      instructions: 'You answer the phone.',
      model: [{ maxTokens: 300 }, { vendor: spare, maxTokens: 300 }],
      voice: [{ id: 'magnus' }, { id: 'liam' }],
    });`,
  );
  const { code, stdout } = await parley(['check', file]);
  expect(stdout).toMatch(/^voice: lightning, else lightning\n/);
  expect(stdout).toMatch(/for electron at \S+, else qwen3 at http:\/\/10\.0\.0\.5:8000\/v1;/);
  expect(code).toBe(0);
});

test('check lists every mistake of an agent and its tools at once, with where it is', async () => {
  const folder = temporaryFolder();
  const file = join(folder, 'broken.ts');
  mkdirSync(join(folder, 'tools'));
  writeFileSync(
    file,
    `export default {
      name: 'broken',
      prompt: 'You are broken.',
      model: { temperature: 9 },
      voice: { id: 'kaitlyn' },
      turn: { interuptMs: 500 },
      tools: ['./tools', 'end_cal'],
    };`,
  );
  writeFileSync(join(folder, 'tools/syntax.ts'), `export default {\n  name: 'x',,\n};\n`);
  writeFileSync(
    join(folder, 'tools/fields.ts'),
    `import { defineTool } from 'parley-voice';
    import { z } from 'zod';
    const input = z.object({ when: z.date() });
    export default defineTool({ name: 'fields', description: 'x', input, effect: 'reed', timeoutMs: 0, run: () => 1 });`,
  );
  const { code, stdout } = await parley(['check', '--json', file]);
  const report = JSON.parse(stdout) as {
    ok: boolean;
    findings: { severity: string; where: string; message: string }[];
  };
  expect(code).toBe(1);
  expect(report.ok).toBe(false);
  expect(report.findings.map(({ where, message }) => `${where} ${message}`)).toEqual([
    `${file} Expected \`instructions\` to be a text, got nothing`,
    `${file} Expected \`model.temperature\` to be 2 or less, got \`9\``,
    expect.stringContaining('Expected `voice.id` to be a voice of `lightning_v3.1`') as string,
    `${file} \`turn.interuptMs\` is not a field of \`turn\`: did you mean \`interruptMs\`?`,
    `${file} \`prompt\` is not a field of an agent: did you mean \`instructions\`?`,
    './tools/syntax.ts:2 Unexpected token',
    expect.stringMatching(/^end_cal There is no such file or folder, nor a built-in tool/) as string,
    "./tools/fields.ts Expected `effect` to be 'read', 'write' or 'terminal', got `\"reed\"`",
    './tools/fields.ts Expected `timeoutMs` to be a whole number of milliseconds, 1 to 600000, got `0`',
    './tools/fields.ts Expected `input.when` to be a type that JSON Schema can say, got `date`',
  ]);
});

test(
  'replay takes a folder, marks the difference, --play prints the call: the same effects, or where they differ',
  { timeout: 30_000 },
  async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'call.jsonl');
    const spoken = await parley(['chat', '--simulate', '--json', '--agent', 'examples/clinic.ts', '--record', file], {
      input: 'what is free tomorrow?\nbook it at ten please, my name is Asha Rao\nthanks, bye\n',
    });
    expect(spoken.code).toBe(0);
    const recorded = readFileSync(file, 'utf8');
    const changed = join(folder, 'changed.jsonl');
    writeFileSync(changed, recorded.replace('"text":"thanks, bye"', '"text":"no thanks"'));
    const torn = join(folder, 'torn.jsonl');
    writeFileSync(torn, recorded.slice(0, -20));
    const [same, different, cut] = await Promise.all([
      parley(['replay', file, '--json']),
      parley(['replay', changed]),
      parley(['replay', torn]),
    ]);

    expect(same.code).toBe(0);
    const { callId } = eventsOf(spoken.stdout)[0] ?? {};
    const lines = recorded.trim().split('\n').length;
    expect(JSON.parse(same.stdout)).toMatchObject({ callId, events: lines - 1 });
    expect(JSON.parse(same.stdout)).not.toHaveProperty('difference');
    expect(different.code).toBe(1);
    expect(different.stdout).toMatch(
      /^different at line \d+ .*\n {2}recorded .*thanks, bye.*\n {2}replayed .*no thanks.*\n +\^\n$/,
    );
    expect(cut.code).toBe(0); // as when the process died while it wrote
    expect(cut.stdout).toMatch(/^same: /);

    // a folder of recordings: calls in folders of their own, files of chat, and what is neither
    for (const name of ['a', 'b']) mkdirSync(join(folder, 'calls', name), { recursive: true });
    const put = (name: string, text: string) => writeFileSync(join(folder, 'calls', name), text);
    put('a/machine.jsonl', recorded);
    put('b/machine.jsonl', 'no recording\n');
    put('c.jsonl', recorded);
    put('events.jsonl', '{"type":"call-start"}\n');
    put('notes.txt', 'x');
    const replayed = (...args: string[]) => parley(['replay', join(folder, 'calls'), ...args]);
    const [all, listed, one, played] = await Promise.all([
      replayed(),
      replayed('--json'),
      parley(['replay', join(folder, 'calls/a')]),
      parley(['replay', file, '--play']),
    ]);
    expect(all.code).toBe(1);
    expect(
      all.stdout
        .trim()
        .split('\n')
        .map((line) => line.replace(/ {2}(same|no recording): .*/, ' $1')),
    ).toEqual([
      `${join(folder, 'calls/a/machine.jsonl')} same`,
      `${join(folder, 'calls/b/machine.jsonl')} no recording`,
      `${join(folder, 'calls/c.jsonl')} same`,
      '3 calls: 2 the same, 1 no recording',
    ]);
    const objects = listed.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(objects).toMatchObject([{ callId, events: lines - 1 }, { error: expect.any(String) as string }, { callId }]);
    expect([one.code, one.stdout]).toEqual([0, expect.stringMatching(/^same: /)]);
    expect(played.code).toBe(0);
    for (const words of [
      'caller  what is free tomorrow?',
      '> find_appointments',
      'agent   Hello, this is',
      ' in all, ',
    ]) {
      expect(played.stdout).toContain(words);
    }
    expect(played.stdout.trim().split('\n').at(-1)).toMatch(/^same: /);
  },
);

test('replay marks the difference: long texts from where they begin to differ, and a sign below it', () => {
  const [same, other] = ['x'.repeat(3_000), 'y'.repeat(3_000)];
  const rows = markDifference(`${same}[one]${other}`, `${same}[two]${other}`, 79);
  expect(rows.every((row) => row.length <= 79)).toBe(true);
  const at = (rows[2] ?? '').indexOf('^');
  expect(rows.slice(0, 2).map((row) => row.slice(at, at + 3))).toEqual(['one', 'two']);
  expect(markDifference('[]', '', 79)).toEqual(['  recorded []', '  replayed ', '           ^']);
});

test(
  'simulate serves the OpenAI package, any other client and Parley itself, and stops cleanly',
  { timeout: 30_000 },
  async () => {
    const folder = temporaryFolder();
    const replies = join(folder, 'replies.json');
    writeFileSync(replies, JSON.stringify([{ when: 'refund', say: 'It is on its way.' }]));
    const command = start([
      'simulate',
      '--port',
      '0',
      '--json',
      '--pace',
      'instant',
      '--replies',
      replies,
      '--fault',
      'status,status=429',
    ]);
    const { url } = JSON.parse((await command.output(/^.*"ready".*$/m))[0]) as { url: string };

    const client = new OpenAI({ baseURL: url, apiKey: 'sk_any', maxRetries: 0 });
    const ask = (content: string) =>
      client.chat.completions.create({ model: 'electron', stream: true, messages: [{ role: 'user', content }] });
    await expect(ask('hello')).rejects.toMatchObject({ status: 429, type: 'rate_limit_error' });
    let words = '';
    for await (const chunk of await ask('where is my refund?')) words += chunk.choices[0]?.delta.content ?? '';
    expect(words).toBe('It is on its way.');

    const speech = await fetch(`${url}/tts`, {
      method: 'POST',
      headers: { Authorization: 'Bearer sk_any', 'Content-Type': 'application/json', Accept: 'audio/wav' },
      body: JSON.stringify({ text: 'hello', voice_id: 'magnus', model: 'lightning_v3.1', sample_rate: 8000 }),
    });
    expect(speech.status).toBe(200);
    expect((await speech.arrayBuffer()).byteLength).toBeGreaterThan(1_000);
    const nothing = await fetch(`${url}/nothing`, { headers: { Authorization: 'Bearer sk_any' } });
    expect(nothing.status).toBe(404);

    const chat = await parley(['chat', '--json', '--agent', 'examples/clinic.ts'], {
      input: 'about my refund\n',
      env: { SMALLEST_BASE_URL: url, SMALLEST_API_KEY: 'sk_any' },
    });
    expect(chat.code).toBe(0);
    expect(chat.stdout).toContain('on its way');

    command.child.kill('SIGTERM');
    const { code, stdout, stderr } = await command.exited;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({
      type: 'stopped',
      stats: { requests: 3, faults: 1 },
    });
  },
);

test('ports in use named everywhere: simulate says that its port is taken, and which option takes another', async () => {
  const taken = await startElectronSimulator();
  const { code, stderr } = await parley(['simulate', '--port', String(taken.port)]);
  await taken.close();
  expect(code).toBe(1);
  expect(stderr).toBe(
    `parley: cannot listen on 127.0.0.1:${taken.port}: another program listens there; choose another port with --port\n`,
  );
});

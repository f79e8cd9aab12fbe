/**
 * `parley demo` as the README's reader runs it: a whole call.
 *
 * Real time: the command is a process, which calls itself over sockets.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { encodeMulaw } from '../../src/audio/g711.ts';
import { readWav } from '../../src/audio/wav.ts';
import type { CallEvent } from '../../src/call/events.ts';
import { waitedMsOf } from '../../src/cli/chat-view.ts';
import { VoiceTrack } from '../../src/simulate/phone/voice-track.ts';
import { replay } from '../../src/record/machine-log.ts';
import { ROOT } from './helpers/build.ts';

/** It looks for its examples beside its source, so it is the source that runs. */
async function demo(record: string) {
  const child = spawn('npx', ['tsx', 'src/cli/main.ts', 'demo', '--record', record], { cwd: ROOT, stdio: 'pipe' });
  onTestFinished(() => void child.kill('SIGKILL'));
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

/** From each end of the caller's voice to the agent's next sound, in milliseconds, as whoever listens to the file measures. */
function waitsIn(caller: Int16Array, agent: Int16Array): number[] {
  const [spoken, answered] = [new VoiceTrack(), new VoiceTrack()];
  spoken.write(encodeMulaw(caller));
  answered.write(encodeMulaw(agent));
  return spoken.stretches({ minGapMs: 400 }).map(({ toMs }) => (answered.nextSoundMs(toMs + 100) ?? 0) - toMs);
}

test(
  'one number, from the sound, everywhere, and what counts as a gap: a call with a filler, a tool, an interruption and a goodbye, shown and kept',
  { timeout: 180_000 },
  async () => {
    const record = mkdtempSync(join(tmpdir(), 'parley-demo-'));
    onTestFinished(() => rmSync(record, { recursive: true }));
    const { code, stdout } = await demo(record);
    expect(code).toBe(0);
    expect(stdout).toMatch(/A call to clinic-desk: simulated Pulse, Electron and Lightning, over real sockets/);
    expect(stdout).toMatch(/ {2}agent {3}Hello, this is Acme Clinic\. How can I help you\?\n/);
    expect(stdout).toMatch(/ {2}> find_appointments \{"date":"/);
    expect(stdout).toMatch(/ {2}cut in /);
    expect(stdout).toMatch(/ {2}> book_appointment .*Ada Lovelace/); // the model is told of a name, and books for it
    expect(stdout).toMatch(/The caller cut in, and the agent was silent \d+\.\d\d s later\./);
    expect(stdout).toMatch(/"Hi, which appointments are free tomorrow\?" was answered after \d+\.\d\d s\./);
    expect(stdout).toMatch(/ first word \d\.\d\d s after the caller's last; silence: endpointing \d/);
    expect(stdout).toMatch(/\nListen: .*call\.wav\nLook: .*call\.html\nReplay: .*machine\.jsonl/s);

    const [call = ''] = readdirSync(record);
    const read = (name: string) => readFileSync(join(record, call, name));
    const { sampleRateHz, channels } = readWav(read('call.wav'));
    expect([sampleRateHz, channels.length]).toEqual([8_000, 2]);
    expect((channels[0]?.length ?? 0) / sampleRateHz).toBeGreaterThan(15);
    for (const channel of channels) expect(channel.some((sample) => Math.abs(sample) > 3_000)).toBe(true);

    const events = read('events.jsonl')
      .toString()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as CallEvent);
    const waits = events.flatMap((event) => (event.type === 'turn-end' ? [waitedMsOf(event.latency) ?? 0] : []));
    const told = waits.map((ms) => (ms / 1_000).toFixed(2));
    expect([...stdout.matchAll(/was answered after (\S+) s/g)].map(([, one]) => one)).toEqual(told);
    expect([...stdout.matchAll(/first word (\S+) s after the caller's last/g)].map(([, one]) => one)).toEqual(told);
    const heardWaits = waitsIn(channels[0] ?? new Int16Array(), channels[1] ?? new Int16Array());
    for (const [index, ms] of waits.entries()) expect(Math.abs((heardWaits[index] ?? 0) - ms)).toBeLessThan(100);
    expect(stdout).toMatch(/silence (was heard )?.*\(shorter than 0\.20 s is not counted\)\./);

    expect(events.filter(({ type }) => type === 'interruption')).toHaveLength(1);
    const tools = events.flatMap((event) => (event.type === 'tool-end' ? [[event.name, event.ok]] : []));
    expect(tools).toEqual(
      expect.arrayContaining([
        ['find_appointments', true],
        ['book_appointment', true],
      ]),
    );
    expect(events.some((event) => event.type === 'text-delta' && event.kind === 'answer')).toBe(true);
    expect(events.at(-1)).toMatchObject({ type: 'call-end', reason: 'agent-hung-up' });
    expect(read('call.html').toString()).toContain('<svg');
    const { effects, difference } = replay(read('machine.jsonl').toString());
    expect(difference).toBeUndefined();
    expect(effects).toBeGreaterThan(50);
  },
);

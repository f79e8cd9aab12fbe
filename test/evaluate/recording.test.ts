/** A recorded call is the call that it was: what the checks look at is the same, to what a recording can tell. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { measure } from '../../src/evaluate/measure.ts';
import { readRecording, readRecordings } from '../../src/evaluate/recording.ts';
import { createFolder } from '../helpers/folder.ts';
import { drawCallFolder } from './call-folder.ts';

const { path: folder, remove } = createFolder({});
afterAll(remove);

test('events, requests, tools, words and both voices are read from the folder of a call; numbers agree within 20 ms', async () => {
  const call = await drawCallFolder(folder, join(folder, 'calls/one'));
  const [read, ...others] = await readRecordings(join(folder, 'calls'));
  expect(others).toEqual([]);
  const recorded = read!.call;
  expect(recorded).toMatchObject({
    callId: call.callId,
    agent: 'desk',
    line: 'recording',
    visible: 'inside',
    hearing: 'stand-in',
    end: call.end,
  });
  expect(recorded.events).toEqual(call.events);
  expect(recorded.requests.map(({ messages }) => messages)).toEqual(call.requests.map(({ messages }) => messages));
  expect(recorded.tools.map(({ name, result }) => [name, result])).toEqual(
    call.tools.map(({ name, result }) => [name, result]),
  );
  expect(recorded.heard!.map(({ text }) => text)).toEqual(call.heard!.map(({ text }) => text));
  expect(recorded.caller.map((one) => 'text' in one && one.text)).toEqual(
    call.caller.map((one) => 'text' in one && one.text),
  );
  const [was, is] = [measure(call), measure(recorded)];
  for (const name of ['firstSoundMs', 'answerMs'] as const) {
    expect(is[name]).toHaveLength(was[name].length);
    for (const [index, ms] of was[name].entries()) expect(Math.abs(is[name][index]! - ms)).toBeLessThanOrEqual(20);
  }
  expect(is).toMatchObject({ turns: 2, talkOvers: 0, cutOffs: 0, requests: was.requests });
});

test('the calls of an evaluation, a folder without a call, and one that is broken', async () => {
  const kept = await readRecordings(folder);
  expect(kept.map((one) => one.folder)).toEqual([join(folder, 'calls', 'one')]);
  expect(await readRecordings(join(folder, 'nowhere'))).toEqual([]);
  writeFileSync(join(folder, 'events.jsonl'), '{"type":"turn-start"}\n');
  await expect(readRecording(folder)).rejects.toThrow(
    /expected the events of a call in events\.jsonl, got none that starts one/,
  );
});

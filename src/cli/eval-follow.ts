/** `parley eval RECORDINGS --agent FILE`: recorded calls with the agent as it is now, until they go another way. */
import { writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { writeWav } from '../audio/wav.ts';
import { loadAgent, type Agent } from '../call/agent.ts';
import { AgentModels } from '../evaluate/agent-models.ts';
import { follow, type AnsweredBy, type WentOn } from '../evaluate/follow/follow.ts';
import { goOn } from '../evaluate/follow/go-on.ts';
import { drawFollowPage, placeText, type FollowedCall } from '../evaluate/follow/page.ts';
import type { RecordedCall } from '../evaluate/recording.ts';
import type { Clock } from '../lib/clock.ts';
import { isA, VoiceError } from '../lib/errors.ts';
import { fileError } from '../lib/file-error.ts';
import { makeFolders } from '../lib/folders.ts';
import { plainLine } from '../lib/plain.ts';
import { renderPage } from '../page/page.ts';
import { OWNER_ONLY, OWNER_ONLY_FOLDER } from '../record/folder.ts';
import type { OwnModel } from '../testing/call-options.ts';
import { loudnessOf } from '../testing/loudness.ts';
import type { CallResult } from '../testing/result.ts';
import { paint, print, printJson, shownPath } from './report.ts';
import { count } from './units.ts';

export interface FollowOptions {
  agent: string;
  out: string;
  json?: boolean | undefined;
  /** Who is asked what the model was not asked then. Default: nobody, and the call ends there. */
  model?: 'agent' | 'stand-in' | undefined;
  clock: Clock;
  /** A call that goes another way makes the exit code 1. */
  mustMatch?: boolean | undefined;
}

/** @throws {VoiceError} what the agent's file is not, or a recording; `file-unreadable`, when nothing can be written */
export async function followRecordings(calls: readonly RecordedCall[], options: FollowOptions): Promise<void> {
  const agent = await loadAgent(options.agent, { mayLackEnv: true });
  try {
    await followAll(calls, agent, options);
  } finally {
    await agent.close();
  }
}

async function followAll(calls: readonly RecordedCall[], agent: Agent, options: FollowOptions): Promise<void> {
  const { out, json, mustMatch } = options;
  const models = options.model === 'agent' ? await modelsFor(agent, options) : undefined;
  const followed: FollowedCall[] = [];
  for (const { folder, call } of calls) {
    const before = nameFolder(folder, () => follow(call, agent));
    const mayGoOn = options.model !== undefined && before.divergence?.isOfWords === true;
    const one = mayGoOn ? await goOn(before, agent, { model: await models?.next(), clock: options.clock }) : before;
    const name = basename(folder);
    const at = `calls/${String(followed.length + 1).padStart(3, '0')}`;
    const pages = {
      recorded: writeCall(out, `${at}-recorded`, one.recorded),
      now: writeCall(out, `${at}-now`, one.now),
    };
    followed.push({ ...one, name, pages });
    const { divergence, notes, wentOn } = one;
    const went = wentOn && { from: wentOn.from, answeredBy: Object.fromEntries(wentOn.answeredBy) };
    if (json)
      printJson({
        type: 'followed',
        name,
        ...(divergence && { divergence }),
        ...(went && { wentOn: went }),
        notes,
        pages,
      });
    else tell(followed.at(-1)!);
  }
  write(out, 'index.html', drawFollowPage(followed, agent.name));
  const parted = followed.filter(({ divergence }) => divergence).length;
  const wentOn = followed.filter((one) => one.wentOn && !one.divergence).length;
  const same = followed.length - parted - wentOn;
  const page = shownPath(join(out, 'index.html'));
  if (json) printJson({ type: 'summary', calls: followed.length, wentOn, diverged: parted, page });
  else
    print(
      `${count(followed.length, 'call')}: ${same} the same, ${wentOn > 0 ? `${wentOn} gone on to the end, ` : ''}${parted} diverged · side by side ${page}`,
    );
  if (parted > 0 && mustMatch) process.exitCode = 1;
  await models?.close();
}

function tell({ name, divergence, notes, wentOn }: FollowedCall): void {
  const sign = divergence ? paint.red('≠') : wentOn ? paint.yellow('≈') : paint.green('=');
  const places = [wentOn?.from, divergence].filter((place) => place !== undefined);
  const told = places.map((place) => `${placeText(place)}: ${plainLine(place.what)}`);
  const end = divergence ? [] : [wentOn ? 'gone on to its end' : 'the same to its end'];
  print(`${sign} ${plainLine(name)}  ${[...told, ...end].join('; ')}`);
  if (wentOn) print(paint.dim(`  ${answeredText(wentOn)}`));
  for (const note of notes) print(paint.dim(`  ${plainLine(note)}`));
}

function answeredText({ answeredBy }: WentOn): string {
  const of = (who: AnsweredBy) => [...answeredBy].filter(([, by]) => by === who).map(([turn]) => turn);
  const told = (['recording', 'model'] as const).flatMap((who) => {
    const turns = of(who);
    return turns.length === 0 ? [] : [`turn${turns.length === 1 ? '' : 's'} ${turns.join(', ')} by the ${who}`];
  });
  return `answered: ${told.join(', ')}`;
}

/** The agent's own, a new one for each call. @throws {VoiceError} `options-invalid`, when a key is missing */
async function modelsFor({ name }: Agent, { agent, clock }: FollowOptions) {
  const models = new AgentModels({ env: process.env, clock });
  const asking = { name, agent: resolve(agent), model: 'agent' } as const;
  await models.check(asking, '.', 'or have the stand-in answer by --model stand-in');
  const next = async () => {
    const answering = await models.of(asking, '.', { scenario: name, cell: {}, run: 1 });
    return answering?.model as OwnModel | undefined;
  };
  return { next, close: () => models.close() };
}

/** What is wrong with a recording, with where it lies. */
function nameFolder<Result>(folder: string, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (!isA(error, VoiceError) || error.code !== 'recording-invalid') throw error;
    throw new VoiceError('recording-invalid', `${folder}: ${error.message}`, { cause: error });
  }
}

/** Its page and its sound; where the page is. */
function writeCall(out: string, folder: string, { events, sound }: CallResult): string {
  write(
    out,
    `${folder}/call.html`,
    renderPage(events, { audio: sound && 'call.wav', loudness: sound && loudnessOf(sound) }),
  );
  if (sound) {
    const { sampleRateHz, caller, agent } = sound;
    write(out, `${folder}/call.wav`, writeWav({ sampleRateHz, channels: [caller, agent] }));
  }
  return `${folder}/call.html`;
}

function write(out: string, name: string, content: string | Uint8Array): void {
  const file = join(out, name);
  try {
    makeFolders(join(file, '..'), OWNER_ONLY_FOLDER);
    writeFileSync(file, content, { mode: OWNER_ONLY });
  } catch (error) {
    throw fileError('write', file, error);
  }
}

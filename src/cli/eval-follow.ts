/** `parley eval RECORDINGS --agent FILE`: recorded calls of an agent with it as it is now, until they go another way. */
import { writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { writeWav } from '../audio/wav.ts';
import { loadAgent, type Agent } from '../call/agent.ts';
import { AgentModels, planOf, type PlanName } from '../evaluate/agent-models.ts';
import { follow, type AnsweredBy, type Followed, type WentOn } from '../evaluate/follow/follow.ts';
import { goOn } from '../evaluate/follow/go-on.ts';
import { drawFollowPage, placeText, type FollowedCall } from '../evaluate/follow/page.ts';
import type { RecordedCall } from '../evaluate/recording.ts';
import type { Clock } from '../lib/clock.ts';
import { isA, VoiceError } from '../lib/errors.ts';
import { fileError } from '../lib/file-error.ts';
import { makeFolders } from '../lib/folders.ts';
import { plainLine } from '../lib/plain.ts';
import { limitsOf } from '../model/plan.ts';
import { renderPage } from '../page/page.ts';
import { OWNER_ONLY, OWNER_ONLY_FOLDER } from '../record/folder.ts';
import type { OwnModel } from '../testing/call-options.ts';
import { loudnessOf } from '../testing/loudness.ts';
import type { CallResult } from '../testing/result.ts';
import { paint, print, printJson, say, shownPath } from './report.ts';
import { stopOnSignal } from './stop-on-signal.ts';
import { count } from './units.ts';

export interface FollowOptions {
  agent: string;
  out: string;
  json?: boolean | undefined;
  /** A name that it had in the recordings, beside its own. */
  recordedAs?: string | undefined;
  /** Who is asked what the model was not asked then. Default: nobody, and the call ends there. */
  model?: 'agent' | 'stand-in' | undefined;
  /** What the account of that model allows. Default: as `AgentModels` has it. */
  plan?: PlanName | undefined;
  clock: Clock;
  /** A call that goes another way makes the exit code 1. */
  mustMatch?: boolean | undefined;
}

/** @throws {VoiceError} what the agent's file is not, or a recording; `file-unreadable`, when nothing can be written */
export async function followRecordings(calls: readonly RecordedCall[], options: FollowOptions): Promise<void> {
  const agent = await loadAgent(options.agent, { mayLackEnv: true });
  try {
    const { own, others } = sortByAgent(calls, [agent.name, ...(options.recordedAs ? [options.recordedAs] : [])]);
    if (own.length === 0) throw noneOf(agent, others);
    tellLeftOut(others, options);
    await followAll(own, agent, options);
  } finally {
    await agent.close();
  }
}

// ---- whose calls they are -------------------------------------------------------------------------------------------

/** By the name of the agent that had the caller first; how many calls each has. */
type CallsOfOthers = ReadonlyMap<string, number>;

function sortByAgent(calls: readonly RecordedCall[], names: readonly string[]) {
  const others = new Map<string, number>();
  const own = calls.filter(({ call: { agent } }) => {
    const isOwn = names.includes(agent);
    if (!isOwn) others.set(agent, (others.get(agent) ?? 0) + 1);
    return isOwn;
  });
  return { own, others };
}

const tellOthers = (others: CallsOfOthers): string =>
  [...others].map(([name, calls]) => `${count(calls, 'call')} of \`${plainLine(name)}\``).join(', ');

function noneOf({ name }: Agent, others: CallsOfOthers): VoiceError {
  const [first = ''] = others.keys();
  const message =
    `expected recorded calls of \`${name}\`, got ${tellOthers(others)}. ` +
    `If that is what it was named before: --recorded-as ${/^[\w.-]+$/.test(first) ? first : `"${plainLine(first)}"`}`;
  return new VoiceError('recording-invalid', message);
}

function tellLeftOut(others: CallsOfOthers, { json }: FollowOptions): void {
  if (others.size === 0) return;
  if (json) for (const [agent, calls] of others) printJson({ type: 'left-out', agent, calls });
  else print(paint.dim(`Left out: ${tellOthers(others)}.`));
}

// ---- what they are now ----------------------------------------------------------------------------------------------

async function followAll(calls: readonly RecordedCall[], agent: Agent, options: FollowOptions): Promise<void> {
  const { out, json, mustMatch, model, clock } = options;
  const followed = calls.map(({ folder, call }) => ({
    name: basename(folder),
    ...nameFolder(folder, () => follow(call, agent)),
  }));
  const mayGoOn = (one: Followed) => model !== undefined && one.divergence?.isOfWords === true;
  const asking = followed.filter(mayGoOn);
  const models = model === 'agent' && asking.length > 0 ? await modelsFor(agent, options) : undefined;
  if (!json && asking.length > 0) tellPlan(asking, followed.length, agent, options);
  const stop = stopOnSignal();
  const shown: FollowedCall[] = [];
  for (const one of followed) {
    if (stop.signal.aborted) break;
    const now = mayGoOn(one) ? await goOn(one, agent, { model: await models?.next(one.name), clock }) : one;
    const at = `calls/${String(shown.length + 1).padStart(3, '0')}`;
    const pages = {
      recorded: writeCall(out, `${at}-recorded`, now.recorded),
      now: writeCall(out, `${at}-now`, now.now),
    };
    const drawn = { ...now, name: one.name, pages };
    shown.push(drawn);
    if (json) printJson(asJson(drawn));
    else tell(drawn);
  }
  stop.forget();
  await models?.close();
  const parted = sumUp(shown, agent, options);
  if (stop.signal.aborted) say(`parley: stopped with ${shown.length} of ${count(followed.length, 'call')} played.`);
  if (stop.signal.aborted) process.exitCode = 3;
  else if (parted > 0 && mustMatch) process.exitCode = 1;
}

/** What will be asked of whom, before it is: in each call all that it asked from that place on. */
function tellPlan(asking: readonly Followed[], all: number, agent: Agent, { model, plan }: FollowOptions): void {
  const requests = asking.flatMap(({ recorded, divergence }) =>
    recorded.requests.filter(({ atMs }) => atMs >= divergence!.atMs),
  ).length;
  const minutes = Math.ceil(requests / limitsOf(planOf('agent', agent, { env: process.env, plan })).requestsPerMinute);
  const within = minutes > 0 ? `, ${minutes} min or more at what the account allows; calls do not feel the wait` : '';
  const asks =
    model === 'agent'
      ? `It asks the model about ${count(requests, 'time')}${within}.`
      : 'The stand-in answers: no account is needed.';
  print(
    paint.dim(
      `${count(all, 'call')}, ${asking.length} with other words in ${asking.length === 1 ? 'it' : 'them'}. ${asks}`,
    ),
  );
}

function asJson({ name, divergence, wentOn, notes, pages }: FollowedCall): object {
  const went = wentOn && { from: wentOn.from, answeredBy: Object.fromEntries(wentOn.answeredBy) };
  return { type: 'followed', name, ...(divergence && { divergence }), ...(went && { wentOn: went }), notes, pages };
}

/** The page of all; how many have gone another way. */
function sumUp(followed: readonly FollowedCall[], agent: Agent, { out, json }: FollowOptions): number {
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
  return parted;
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
async function modelsFor({ name }: Agent, { agent, clock, plan }: FollowOptions) {
  const models = new AgentModels({ env: process.env, clock, plan });
  const asking = { name, agent: resolve(agent), model: 'agent' } as const;
  await models.check(asking, '.', {
    asks: `--model agent asks the model of \`${name}\``,
    instead: 'or have the stand-in answer by --model stand-in',
  });
  const next = async (call: string) => {
    const answering = await models.of(asking, '.', { scenario: call, cell: {}, run: 1 });
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

/** `parley talk`: a page to talk to an agent that is being written, on this machine and for nobody else. */
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { newBridgeToken, startTalk } from '../console/talk/start-talk.ts';
import { ownOrigins } from '../console/talk/guard.ts';
import type { TalkAgent } from '../console/talk/messages.ts';
import type { WallClock } from '../lib/clock.ts';
import { openPort } from '../lib/open-port.ts';
import { createLog } from '../lib/log.ts';
import { PAGES } from '../worker/carriers.ts';
import { guardProcess } from '../worker/faults.ts';
import { readSettings, secretsOf, type Overrides, type Settings } from '../worker/settings.ts';
import { plainLine } from '../lib/plain.ts';
import { givenSettings } from './given-settings.ts';
import { Orders } from './orders.ts';
import { endSoon, paint, printJson, say, write } from './report.ts';
import { faultText } from './tool-faults.ts';
import { demoTranscripts } from './transcripts.ts';

export interface TalkOptions {
  agent: string;
  port?: string;
  record?: string;
  baseUrl?: string;
  model?: string;
  simulate?: boolean;
  /** False: no browser is opened. */
  open: boolean;
  json?: boolean;
}

const HOST = '127.0.0.1';
const STANDARD_PORT = 8080;
/** Others that are tried when nobody chose one and it is taken. */
const OTHER_PORTS = 20;
const RECORDINGS = 'recordings';
/** The machine of whoever writes an agent is busy with much else, and there is nobody to send a call to. In milliseconds. */
const MOST_LAG_MS = '60000';

export async function talk(options: TalkOptions, clock: WallClock): Promise<void> {
  const orders = new Orders();
  orders.heedSignals();
  const port = await choosePort(options);
  const settings = readTalkSettings(options, port);
  const { logText: showText } = settings;
  const level = process.env['PARLEY_LOG_LEVEL'] ? settings.logLevel : 'warn'; // what happens is on the page
  const log = createLog({ level, showText, secrets: secretsOf(settings, PAGES) });
  const isToldInJson = options.json === true;
  const opened = await startTalk({
    ...{ settings, clock, log, prefersSound: options.simulate === true, textOfFault: faultText },
    transcripts: await demoTranscripts().catch(() => []),
    changed: (agent) => (isToldInJson ? printJson({ type: 'agent', ...agent }) : sayChange(agent)),
  });
  const stopGuard = guardProcess({
    log,
    metrics: opened.worker.metrics,
    isTainted: () => {},
    isLost: () => orders.give({ type: 'lost' }),
  });
  try {
    const { url, agent } = opened;
    if (isToldInJson)
      printJson({ type: 'ready', url, agent: agent.name, simulated: settings.simulate, pid: process.pid });
    else sayReady(url, agent, options, settings);
    if (options.open) openBrowser(url);
    const order = await orders.next();
    if (order.type === 'lost') process.exitCode = 1;
  } finally {
    stopGuard();
    await opened.close();
    endSoon();
  }
}

// ---- what it goes by ------------------------------------------------------------------------------------------------

/** @throws {UsageError} for an option of the command line; {VoiceError} for the environment. */
function readTalkSettings(options: TalkOptions, port: number): Settings {
  const { agent, record, baseUrl, model, simulate } = options;
  const given = givenSettings([
    ['recordDirectory', '--record', record],
    ['modelBaseUrl', '--base-url', baseUrl],
    ['modelName', '--model', model],
  ]);
  const overrides: Overrides = {
    ...given,
    ...(record === undefined && !process.env['PARLEY_RECORD'] && { recordDirectory: RECORDINGS }),
    ...(!process.env['PARLEY_MAX_LAG_MS'] && { maxLagMs: MOST_LAG_MS }),
    ...{ agent, host: HOST, port: String(port), bridgeTokens: newBridgeToken() },
    ...pageOrigins(port),
  };
  const isSimulated = simulate === true || hasNoKey();
  return readSettings(process.env, { ...overrides, ...(isSimulated && { simulate: true }) }, PAGES);
}

/** The doors of pages are open to the page here, and to no other. */
function pageOrigins(port: number): Overrides {
  const names = PAGES.flatMap(({ originsFrom }) => originsFrom ?? []);
  return Object.fromEntries(names.map((name) => [name, ownOrigins(port).join(',')] as const));
}

/** What hears and speaks takes one, whoever thinks. */
const hasNoKey = (): boolean => !process.env['SMALLEST_API_KEY']?.trim();

/** One that was asked for, or the first that is free. @throws {UsageError} {VoiceError} when it cannot be had. */
async function choosePort({ port: asked }: TalkOptions): Promise<number> {
  const { port: given = process.env['PARLEY_PORT']?.trim() } = givenSettings([['port', '--port', asked]]);
  if (given) return freePort(Number(given));
  for (let port = STANDARD_PORT; ; port++) {
    try {
      const found = await freePort(port);
      if (port !== STANDARD_PORT) say(`parley: another program listens on port ${STANDARD_PORT}, so it is ${port}.`);
      return found;
    } catch (error) {
      if (port >= STANDARD_PORT + OTHER_PORTS) throw error;
    }
  }
}

/** The page is allowed by its address, so that has to be known before there is one. */
async function freePort(port: number): Promise<number> {
  const server = createServer();
  const found = await openPort(server, { host: HOST, port, chosenBy: '--port or PARLEY_PORT' });
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return found;
}

// ---- what is said ---------------------------------------------------------------------------------------------------

function sayReady(url: string, { name }: TalkAgent, { simulate }: TalkOptions, settings: Settings): void {
  const why = simulate ? '' : 'SMALLEST_API_KEY is not set, so ';
  const services = settings.simulate
    ? `${why}the simulated Electron answers.${simulate ? '' : " The page speaks and hears by the browser's own speech."}`
    : '';
  write(
    [
      `Talk to ${plainLine(name)}: ${paint.bold(url)}`,
      ...(services === '' ? [] : [services]),
      paint.dim('Files of the agent that are saved are loaded anew. Ctrl-C stops it.'),
      '',
    ].join('\n'),
  );
}

function sayChange({ version, faults }: TalkAgent): void {
  for (const { file, line, message } of faults) {
    say(`${paint.red('error')} ${plainLine(file)}${line === undefined ? '' : `:${line}`}: ${plainLine(message)}`);
  }
  if (faults.length > 0) say(paint.dim('The last good agent answers.'));
  else say(paint.dim(`Loaded anew: version ${version}.`));
}

/** Where there is a person with a display. What becomes of it is theirs. */
function openBrowser(url: string): void {
  const [command, ...before] = opener();
  if (command === undefined || !process.stdout.isTTY) return;
  const child = spawn(command, [...before, url], { stdio: 'ignore', detached: true });
  child.on('error', () => {}); // then it is the address that they open
  child.unref();
}

function opener(): string[] {
  if (process.platform === 'darwin') return ['open'];
  if (process.platform === 'win32') return ['cmd', '/c', 'start', ''];
  return process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY'] ? ['xdg-open'] : [];
}

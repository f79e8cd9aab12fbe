/** All that `parley` can be asked for: one subcommand a file, loaded when it is asked for. Runs what the command line says. */
import { Argument, Command, CommanderError, Option } from 'commander';
import type { CallOptions } from './call.ts';
import { readDigits, readMs, StepList, TYPED_HELP } from './caller/steps.ts';
import type { ChatOptions } from './chat.ts';
import type { CheckOptions } from './check.ts';
import type { DemoOptions } from './demo.ts';
import type { ReplayOptions } from './replay.ts';
import type { DialCommand } from './dial.ts';
import type { EvalOptions } from './eval-options.ts';
import type { SayOptions } from './say.ts';
import type { ScenarioOptions } from './scenario.ts';
import type { ServeOptions } from './serve.ts';
import type { SimulateOptions } from './simulate.ts';
import type { TalkOptions } from './talk.ts';
import type { VoicesOptions } from './voices.ts';
import { readEnvFile } from './env-file.ts';
import { REPLIES_HELP } from './replies.ts';
import {
  endWhenPrinted,
  print,
  report,
  say,
  takeWarnings,
  UsageError,
  version,
  watchFaults,
  watchOutput,
} from './report.ts';
import { systemClock } from '../lib/clock.ts';
import { PERSON_DEEDS } from '../testing/people/manner.ts';
import { DIALECT, DIALECTS, STANDARD_LINE } from '../simulate/dialects.ts';

/** For the help of the one command that has them: whoever reads them loads every carrier's door. */
const isHelpOfServe =
  process.argv.includes('serve') && ['help', '--help', '-h'].some((word) => process.argv.includes(word));
const settings = isHelpOfServe ? (await import('../worker/settings.ts')).describeSettings() : '';

const program = new Command('parley')
  .description('Answers the phone with an agent file, a folder of tools, and the Smallest AI services.')
  .version(version(), '-v, --version', 'print the version')
  .helpOption('-h, --help', 'print this help')
  .showHelpAfterError(false)
  .exitOverride()
  .configureOutput({ writeOut: (text) => print(text.replace(/\n$/, '')), outputError: () => {} }) // `report` says it in one line
  .addHelpText(
    'after',
    '\nKeys and settings may stand in `.env`, in the folder in which it is started; what is set already goes first.' +
      '\nExit code: 0 when it worked, 1 when it failed, 2 for wrong usage.',
  )
  .hook('preAction', () => readEnvFile());

const modelOptions = (command: Command): Command =>
  command
    .option(
      '--base-url <url>',
      "the model's server, any OpenAI-compatible one (PARLEY_MODEL_BASE_URL; default: SMALLEST_BASE_URL, else Smallest AI)",
    )
    .option('--model <name>', "the model's name there (PARLEY_MODEL_NAME)")
    .addOption(
      new Option('--plan <plan>', 'requests that the account allows (default: standard at Smallest AI)').choices([
        'standard',
        'enterprise',
        'none',
      ]),
    )
    .option('--simulate', 'use the simulators, even with a key')
    .option('--log-level <level>', 'what goes to standard error: trace to fatal, or silent', 'silent');

program
  .command('init')
  .description('Write a project that works at once: an agent, its tools, a test.')
  .argument('[folder]', 'a new folder, or an empty one; the project has its name', '.')
  .action(async (folder: string) => (await import('./init.ts')).init(folder));

modelOptions(
  program
    .command('chat')
    .description('Type to an agent: its words as they stream, its tools beside them, and the times.')
    .argument('[agent]', 'the agent file (.ts, .mts, .js, .mjs)')
    .option('-a, --agent <file>', 'the same')
    .option('--json', 'JSON lines: the caller on standard input, events on standard output')
    .option('--record <file>', 'write the machine log, for `parley replay`')
    .option('--from <number>', 'who is calling, as tools and the agent see it')
    .option('--away', 'hang up on a caller who types nothing for long, as in a call (turn.awayMs, turn.nudges)')
    .option('--prices <file>', 'JSON: tells at the end what the call would have cost')
    .addOption(
      new Option('--person <what>', 'what they do whom the agent rings for the caller (default: accepts)').choices(
        PERSON_DEEDS,
      ),
    )
    .option('--replies <file>', 'what the simulated Electron says, by rules: see `parley simulate --help`'),
)
  .addHelpText(
    'after',
    '\nKeys: Ctrl-C while it speaks is an interruption, again it is a hang-up.' +
      '\nWith --json each line is what the caller says, or {"type":"say","text":"..."}, {"type":"interrupt"}, {"type":"hang-up"}.' +
      '\nKey: SMALLEST_API_KEY, or PARLEY_MODEL_API_KEY for another server. Without it the simulated Electron answers.',
  )
  .action(async (file: string | undefined, options: AgentOption & Omit<ChatOptions, 'agent'>) => {
    const agent = agentOf(file, options);
    if (agent === undefined) throw new UsageError('expected the agent file, as `parley chat agent.ts`, got nothing');
    await (await import('./chat.ts')).chat({ ...options, agent }, systemClock);
  });

program
  .command('talk')
  .description(
    'Talk to an agent in the browser while you write it: by microphone or by letters, with all that it does.',
  )
  .argument('[agent]', 'the agent file (.ts, .mts, .js, .mjs)')
  .option('-a, --agent <file>', 'the same')
  .option(
    '--port <number>',
    'port to listen on; 0 picks a free one (PARLEY_PORT; default: 8080, or the next that is free)',
  )
  .option('--no-open', 'open no browser')
  .option('--record <folder>', 'where recordings of the calls go (PARLEY_RECORD; default: recordings)')
  .option('--base-url <url>', "the model's server, any OpenAI-compatible one (PARLEY_MODEL_BASE_URL)")
  .option('--model <name>', "the model's name there (PARLEY_MODEL_NAME)")
  .option('--simulate', 'use the simulators, even with a key')
  .option('--json', 'one JSON object when it is ready, and one whenever the agent was loaded anew')
  .addHelpText(
    'after',
    '\nThe agent, its tools and what they import are loaded anew when they are saved; what is broken is told with its line.' +
      '\nKey: SMALLEST_API_KEY. Without it the simulated Electron answers, and the browser speaks and hears by itself.',
  )
  .action(async (file: string | undefined, options: AgentOption & Omit<TalkOptions, 'agent'>) => {
    const agent = agentOf(file, options);
    if (agent === undefined) throw new UsageError('expected the agent file, as `parley talk agent.ts`, got nothing');
    await (await import('./talk.ts')).talk({ ...options, agent }, systemClock);
  });

program
  .command('check')
  .description(
    'Load an agent and its tools, YAML and OpenAPI too: errors, and warnings that cost latency, cache or money.',
  )
  .argument('<agent>', 'the agent file')
  .option('--json', 'one JSON object for programs')
  .option('--strict', 'exit 1 for warnings too')
  .action(async (file: string, options: CheckOptions) => (await import('./check.ts')).check(file, options));

program
  .command('voices')
  .description('List what an agent file may name as its voice: voices, clones and pronunciation dictionaries.')
  .option('--base-url <url>', 'where to ask (default: SMALLEST_BASE_URL, else Smallest AI)')
  .option('--language <language>', 'only voices that were trained on it: it, or Italian')
  .option('--json', 'one JSON object for programs')
  .addHelpText('after', '\nKey: SMALLEST_API_KEY. Without it: the voices that this version knows.')
  .action(async (options: VoicesOptions) => (await import('./voices.ts')).voices(options));

program
  .command('dial')
  .description('Place a call by a worker that runs, and follow it to its end.')
  .requiredOption('--to <number>', 'whom to call, such as +15550100')
  .option('--from <number>', 'what they see (default: PARLEY_CALLS_FROM of the worker)')
  .option('--line <name>', 'by which line (default: the only one that can)')
  .option('--url <url>', 'the worker', 'http://127.0.0.1:8080')
  .option('--parameter <name=value>', 'something for the agent to know; may be given again', collectPairs, {})
  .addOption(
    new Option('--voicemail <what>', 'what becomes of the call when a machine answers (default: hang-up)').choices([
      'leave',
      'hang-up',
    ]),
  )
  .option('--message <text>', "what is left then (default: the agent's `phrases.voicemail`)")
  .option('--ring-ms <ms>', 'how long it may ring, in milliseconds', (ms) => readMs('--ring-ms', ms))
  .option('--no-wait', 'end when the worker has taken the order')
  .option('--json', 'one JSON object a line for programs')
  .addHelpText(
    'after',
    '\nToken: PARLEY_BRIDGE_TOKEN, as the worker has it. Exit code 1 when nobody was reached. Ctrl-C gives the call up.' +
      '\nWithout an account: `parley serve --simulate`, and numbers that end in 01 (busy), 02 (no answer), 03 (a machine).',
  )
  .action(async (options: DialCommand) => (await import('./dial.ts')).dial(options, systemClock));

program
  .command('say')
  .description('Hear a voice: says a text with it, into a WAV file.')
  .argument('<text>', 'what is said')
  .requiredOption('--voice <id>', 'the voice, as `parley voices` lists it')
  .option('--model <name>', 'what speaks (default: the one that has the voice)')
  .option('--language <code>', "what it speaks (default: the voice's own)")
  .option('--out <file>', 'where to (default: the voice with .wav)')
  .option('--simulate', 'use the simulators, even with a key')
  .addHelpText(
    'after',
    '\nKey: SMALLEST_API_KEY. Without it the simulated voice speaks, which sounds the same for every id.',
  )
  .action(async (text: string, options: SayOptions) =>
    (await import('./say.ts')).sayWithVoice(text, options, systemClock),
  );

const evaluation = program
  .command('eval')
  .description('Play scenarios against an agent in virtual time, and check what was heard, when, and what it did.')
  .argument('<paths...>', 'scenario files (.yaml, .ts), folders of them, or a folder of recorded calls')
  .option(
    '--runs <number>',
    'calls of each scenario, or of each combination of a sweep (default: what it says, else 1)',
  )
  .option('--grep <text>', 'only scenarios with this in their name')
  .option('--seed <number>', 'of all chance: the same seed gives the same calls (default: 1)')
  .option('--line <name|url>', 'in place of theirs: voice, text, phone, or the media socket of a worker (ws://...)')
  .option('--parallel <number>', 'calls side by side (default: 4)')
  .option('--bail', 'begin no call after the first that fails')
  .option(
    '--out <folder>',
    'where the reports go: index.html, a page for each call, evaluation.json (default: evaluation)',
  )
  .option('--resume <folder>', 'go on with an evaluation that was stopped: what was held is not held again')
  .option('--junit <file>', 'JUnit for a CI system, here too')
  .option('--expect <file>', 'YAML: the checks for recorded calls (default: those that any call should hold)')
  .option('--agent <file>', 'play recorded calls with this agent, until they go another way: side by side')
  .addOption(new Option('--model <who>', 'with --agent: asked past changed words').choices(['agent', 'stand-in']))
  .option('--recorded-as <name>', 'with --agent: another name that it had when it was recorded')
  .option('--must-match', 'with --agent: exit code 1 when a recorded call goes another way')
  .option('--record-model <file>', "keep a real model's answers in a file, those of the calls that are played now anew")
  .option('--replay-model <file>', 'have them again, as late as they came: nobody is asked, and no account is needed')
  .addOption(
    new Option(
      '--plan <name>',
      'what the account of a real model allows; calls do not feel the wait (default: PARLEY_PLAN, else standard, and none elsewhere)',
    ).choices(['standard', 'enterprise', 'none']),
  )
  .option('--no-judge', 'ask no judge about the criteria of `judge`')
  .option(
    '--calibration <file>',
    'how far the judge agrees with people, as `parley eval judge --out` writes it; without it a judge decides nothing',
  )
  .option('--prices <file>', 'JSON: what calls would have cost')
  .option('--json', 'one JSON object a call, a summary last')
  .addHelpText(
    'after',
    '\nExit code: 0 when all gates hold, 1 when one does not, 2 for a file that is no scenario,' +
      '\n3 when nothing failed, but too much is void to say. How to write them: docs/testing.md.' +
      '\nStand-ins answer, and no account is needed, unless a scenario says `model: agent` or names a server.' +
      '\nPARLEY_CALLER_BASE_URL, _MODEL, _API_KEY: the model that plays callers with a goal; PARLEY_JUDGE_...: the one that judges.' +
      '\nWithout them stand-ins do. `parley eval diff A B` compares two evaluations, `parley eval judge FILE` a judge with people.',
  )
  .action(async (paths: string[], options: EvalOptions) =>
    (await import('./eval.ts')).evalScenarios(paths, options, systemClock),
  );

evaluation
  .command('diff')
  .description('Compare two evaluations: what passes no longer, what is slower, and what was said otherwise.')
  .argument('<before>', 'the folder of an evaluation, or its evaluation.json')
  .argument('<after>', 'the same, of a later one')
  .option('--out <file>', 'a page to open as well: numbers side by side, and each call that came out otherwise')
  .option('--json', 'one JSON object for programs')
  .action(async (before: string, after: string, _options: object, command: Command) =>
    (await import('./eval-diff.ts')).evalDiff(
      before,
      after,
      command.optsWithGlobals<{ json?: boolean; out?: string }>(),
    ),
  );

evaluation
  .command('judge')
  .description('Ask the judge about calls that people have judged: how often it agrees with itself, and with them.')
  .argument('<labels>', 'YAML: - { call: FOLDER, criterion: "...", label: yes } and so on')
  .option('--out <file>', 'where the result goes, for --calibration')
  .option('--json', 'one JSON object for programs')
  .action(async (labels: string, _options: object, command: Command) =>
    (await import('./eval-judge.ts')).evalJudge(
      labels,
      command.optsWithGlobals<{ out?: string; json?: boolean }>(),
      systemClock,
    ),
  );

program
  .command('scenario')
  .description('Make a scenario of a recorded call: the caller, the model and the tools say again what they said.')
  .argument('<recording>', 'the folder of a recorded call')
  .option('--agent <file>', 'the agent file, as it is written into the scenario', './agent.ts')
  .option('--out <file>', 'where to (default: to standard output)')
  .option('--redact', 'put others in the place of names, numbers and addresses')
  .action(async (recording: string, options: ScenarioOptions) =>
    (await import('./scenario.ts')).makeScenario(recording, options),
  );

program
  .command('replay')
  .description('Run the turn machine over a recorded call and say whether its effects are the same, byte for byte.')
  .argument('<path>', 'a recording: of `parley chat --record`, the folder of a call, or a folder of such folders')
  .option('--play', 'print the call, too')
  .option('--json', 'one JSON object a recording, for programs')
  .action(async (path: string, options: ReplayOptions) =>
    (await import('./replay.ts')).replayAll(path, options, systemClock),
  );

program
  .command('simulate')
  .description('Run the stand-ins for Smallest AI alone, at one address, for anything that speaks to the real ones.')
  .option('--port <number>', 'port to listen on; 0 picks a free one', '8123')
  .option('--host <address>', 'address to listen on', '127.0.0.1')
  .option('--replies <file>', 'JSON: a list of reply rules, or an object with any option of the simulator')
  .option('--pace <pace>', 'instant, documented, or firstTokenMs=300,tokenMs=20', 'documented')
  .option('--plan <plan>', 'standard, enterprise, none, or requestsPerMinute=10,concurrent=3', 'none')
  .option('--seed <number>', 'the same seed and requests give the same answers, ids and pace', '1')
  .addOption(
    new Option('--fault <fault>', 'goes wrong with the next request; may be given again')
      .argParser(collect)
      .default([], 'none'),
  )
  .option('--json', 'one JSON object when it is ready, one when it has stopped')
  .addHelpText(
    'after',
    '\nFaults: status,status=429,retryAfter=2 | refuse | hang,at=first-token | stall,afterChunks=3 | cut,how=reset' +
      '\n        garbage | stream-error | slow-arguments,argumentsMs=3000 | slow,tokenMs=200 | json-body | endless | no-done' +
      '\n        each also with times=always, skip=2 or probability=0.1, or as a JSON object.' +
      REPLIES_HELP,
  )
  .action(async (options: SimulateOptions) => (await import('./simulate.ts')).simulate(options));

program
  .command('serve')
  .description('Run the worker that answers calls from a telephony bridge.')
  .argument('[agent]', 'the agent file (PARLEY_AGENT)')
  .option('-a, --agent <file>', 'the same')
  .option('--host <address>', 'address to listen on (PARLEY_HOST)')
  .option('--port <number>', 'port to listen on (PARLEY_PORT)')
  .option('--processes <number>', 'processes that share the calls, or auto for one a core (PARLEY_PROCESSES)')
  .option('--record <folder>', 'record every call (PARLEY_RECORD)')
  .option('--prices <file>', 'JSON: the log tells what each call has cost (PARLEY_PRICES)')
  .option('--base-url <url>', "the model's server, any OpenAI-compatible one (PARLEY_MODEL_BASE_URL)")
  .option('--model <name>', "the model's name there (PARLEY_MODEL_NAME)")
  .option('--simulate', 'use the simulators in place of Smallest AI (PARLEY_SIMULATE)')
  .option('--watch', 'load the agent anew for the next call when its files change (PARLEY_WATCH)')
  .option('--json', 'log in JSON lines on a terminal too, without what is said (PARLEY_LOG_FORMAT=json)')
  .option('--transcripts <folder>', 'recordings that the simulated Pulse understands: NAME.wav with NAME.txt beside it')
  .addHelpText('after', `\n${settings}`)
  .action(async (file: string | undefined, options: ServeOptions) => {
    const agent = agentOf(file, options);
    await (await import('./serve.ts')).runWorker({ ...options, ...(agent !== undefined && { agent }) }, systemClock);
  });

const script = new StepList();

program
  .command('call')
  .description('Be a caller: dial a worker, speak, cut in, and see what is heard and when.')
  .option(
    '--url <url>',
    `the worker, or its socket: ws://HOST${DIALECT.paths.media} or ${DIALECT.paths.relay}`,
    'http://127.0.0.1:8080',
  )
  .addOption(
    new Option('--line <name>', 'the carrier to dial as').choices(Object.keys(DIALECTS)).default(STANDARD_LINE),
  )
  .option('--say <text>', 'say this; like --wav and the others it may be given again, in order', (text) =>
    script.add({ type: 'say', text }),
  )
  .option('--wav <file>', 'play this recording, any WAV', (file) => script.add({ type: 'wav', file }))
  .option('--keys <digits>', 'press keys', (keys) => script.add({ type: 'keys', digits: readDigits('--keys', keys) }))
  .option('--wait <ms>', 'say nothing for so long', (ms) => script.add({ type: 'wait', ms: readMs('--wait', ms) }))
  .option('--cut-in <ms>', 'with what follows, so long after the agent begins to answer', (ms) =>
    script.cutIn(readMs('--cut-in', ms)),
  )
  .addOption(
    new Option(
      '--voice <voice>',
      'who says --say: flite or espeak-ng (system), tones that the simulated Pulse understands, or what the worker needs (auto)',
    )
      .choices(['system', 'tones', 'auto'])
      .default('auto'),
  )
  .option('--from <number>', 'who is calling', '+15550100')
  .option('--to <number>', 'who is called', '+15550199')
  .addOption(
    new Option('--parameter <name=value>', 'a custom parameter of the call; may be given again')
      .argParser(collect)
      .default([], 'none'),
  )
  .option(
    '--auth-token <token>',
    `sign as ${DIALECT.label} does (${DIALECT.authTokenEnv}), or the carrier of --line, with its own`,
  )
  .option('--signed-url <url>', 'the address that the worker is known by, when it is another (its PARLEY_PUBLIC_URL)')
  .option('--pause <ms>', 'silence after which the agent has finished (default: 1500; typed on a terminal: 300)')
  .option('--timeout <seconds>', 'how long the agent may take to answer', '30')
  .option('--save <file>', 'keep both sides as a WAV: the caller left, the agent right')
  .option('--json', 'one JSON object a line for programs, a summary last')
  .option('--verbose', 'show marks too')
  .addHelpText(
    'after',
    '\nWithout --say, --wav, --keys or --wait the caller says what standard input has, line by line:' +
      `\n  ${TYPED_HELP.join('\n  ')}` +
      '\nThe caller speaks when the agent has finished, and hangs up when nothing is left to say. Ctrl-C hangs up at once.',
  )
  .action(async (options: CallOptions) => (await import('./call.ts')).call(options, script, systemClock));

program
  .command('demo')
  .description('A phone call on this machine, shown as it goes and kept to listen to. No account needed.')
  .addArgument(
    new Argument('[which]', 'clinic: a short one, in real time; front-desk: three agents and a person, in virtual time')
      .choices(['clinic', 'front-desk'])
      .default('clinic'),
  )
  .option('--record <folder>', 'where the recording goes', 'recordings')
  .action(async (which: string, options: DemoOptions) => {
    if (which === 'front-desk') return (await import('./demo-front-desk.ts')).demoFrontDesk(options);
    return (await import('./demo.ts')).demo(options, systemClock);
  });

interface AgentOption {
  agent?: string;
}

/** By its place or by the option. @throws {UsageError} when both name one */
function agentOf(file: string | undefined, { agent }: AgentOption): string | undefined {
  if (file !== undefined && agent !== undefined) {
    throw new UsageError(`expected one agent file, got ${file} and --agent ${agent}`);
  }
  return file ?? agent;
}

/** `name=value`, which may be given again. */
function collectPairs(pair: string, before: Record<string, string>): Record<string, string> {
  const at = pair.indexOf('=');
  if (at < 1) throw new UsageError(`expected --parameter to be name=value, got ${pair}`);
  return { ...before, [pair.slice(0, at)]: pair.slice(at + 1) };
}

/** An option that may be given again. */
function collect(value: string, before: readonly string[]): string[] {
  return [...before, value];
}

watchOutput();
watchFaults();
takeWarnings(({ name, message }) => say(`parley: ${name}: ${message}`));
process.exitCode = await run();
endWhenPrinted();

async function run(): Promise<number> {
  try {
    await program.parseAsync();
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0; // --help and --version
    return report(error);
  }
}

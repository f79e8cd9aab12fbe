/**
 * What an agent does around each of its calls, such as opening a file on the caller and closing it. A hook is waited for
 * within bounds, and keeps nothing waiting that a caller could hear: not the greeting, not an answer, not the end.
 */
import { wallMsOf, type Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import { silentLog, type Log } from '../lib/log.ts';
import { plainLine } from '../lib/plain.ts';
import { hideSecrets } from '../lib/provider-errors.ts';
import { readThrown } from '../lib/thrown.ts';
import { runAsTool } from '../tool/blame.ts';
import { SummaryRecord, type CallSummary, type FollowedCall, type StartedCall } from './summary.ts';

/** What a hook is given beside what it is told. */
export interface HookContext {
  /** Aborted when it is no longer waited for (`hooksMs`): hand it to `fetch`. */
  signal: AbortSignal;
  /** With the ids of the call. */
  log: Log;
}

/** Told of a call that has begun. */
export type StartHook = (call: StartedCall, context: HookContext) => unknown;
/** Told of a call that is over. */
export type EndHook = (call: CallSummary, context: HookContext) => unknown;

/** Those of an agent. */
export interface Hooks {
  onStart: StartHook | undefined;
  onEnd: EndHook | undefined;
  /** How long each is waited for, in milliseconds. */
  ms: number;
}

interface Surroundings {
  clock: Clock;
  log: Log | undefined;
}

/** Before the call starts. Done when both hooks have ended, or are waited for no more; undefined where there are none. Never rejects. */
export function runHooks(
  call: FollowedCall,
  hooks: Hooks,
  { clock, log = silentLog }: Surroundings,
): Promise<void> | undefined {
  const { onStart, onEnd, ms } = hooks;
  if (!onStart && !onEnd) return undefined;
  const record = new SummaryRecord(call, () => wallMsOf(clock));
  const run = <Told>(name: string, hook: ((told: Told, context: HookContext) => unknown) | undefined, told: Told) =>
    hook ? new HookRun(call, { name, ms, clock, log }).wait((context) => hook(told, context)) : Promise.resolve();
  return new Promise((resolve) => {
    let begun = Promise.resolve();
    call.on('event', (event) => {
      record.add(event);
      const { started } = record;
      // behind this tick, in which the greeting is said
      if (event.type === 'call-start' && started)
        begun = Promise.resolve().then(() => run('onStart', onStart, started));
      if (event.type !== 'call-end') return;
      const summary = record.finish(event);
      const ended = summary ? begun.then(() => run('onEnd', onEnd, summary)) : begun;
      void ended.then(resolve);
    });
  });
}

interface RunOptions {
  name: string;
  ms: number;
  clock: Clock;
  log: Log;
}

class HookRun {
  readonly #call: FollowedCall;
  readonly #options: RunOptions;
  readonly #log: Log;

  constructor(call: FollowedCall, options: RunOptions) {
    this.#call = call;
    this.#options = options;
    this.#log = options.log.child(call.ids);
  }

  /** Done when it has ended, or after its time. Never rejects. */
  wait(run: (context: HookContext) => unknown): Promise<void> {
    const { name, ms, clock } = this.#options;
    const abort = new AbortController();
    return new Promise((resolve) => {
      const cancel = clock.after(ms, () => {
        this.#blame(`the agent's \`${name}\` has not ended after ${ms} ms, and is waited for no more (hooksMs)`);
        abort.abort(new Error(`${name} may take ${ms} ms (hooksMs)`));
        resolve();
      });
      const end = () => {
        cancel();
        resolve();
      };
      this.#run(() => run({ signal: abort.signal, log: this.#log })).then(end, (thrown: unknown) => {
        if (!abort.signal.aborted) this.#blame(`the agent's \`${name}\` failed`, thrown);
        end();
      });
    });
  }

  /** What escapes from it is its own fault, as with a tool. */
  async #run(run: () => unknown): Promise<void> {
    const { name } = this.#options;
    await runAsTool({ tool: name, ...this.#call.ids, turn: 0 }, run);
  }

  #blame(message: string, thrown?: unknown): void {
    const err = thrown === undefined ? {} : { err: readThrown(thrown) };
    this.#log.error({ ...err, hook: this.#options.name }, message);
    if (this.#log.isLevelEnabled('error')) return;
    // a program that keeps no log would never know
    const why = thrown === undefined ? '' : `: ${messageOf(thrown)}`;
    process.emitWarning(hideSecrets(plainLine(`${this.#call.id}: ${message}${why}`)), { code: 'PARLEY_HOOK' });
  }
}

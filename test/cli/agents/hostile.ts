/** An agent of whose tools each does harm in another way, while other callers are on the line. */
import { EventEmitter } from 'node:events';
import { defineAgent, defineTool, say, type ToolDefinition } from 'parley-voice';
import { z } from 'zod';

type Run = ToolDefinition['run'];
const tool = (name: string, run: Run, timeoutMs = 2_000) =>
  defineTool({ name, description: `It ${name}.`, input: z.object({}), effect: 'read', timeoutMs, run });

const forever = () => new Promise<never>(() => undefined);
const no = (): never => {
  throw new Error('not to be read');
};
const later = (work: () => void, ms = 10) => void setTimeout(work, ms);
const prototype = Object.prototype as unknown as Record<string, unknown>;

const THROWN: Record<string, () => unknown> = {
  throws_bigint: () => 10n,
  throws_proxy: () => new Proxy({}, new Proxy({}, { get: () => no })),
  throws_circle: () => {
    const circle: Record<string, unknown> = {};
    circle['cause'] = circle;
    return circle;
  },
  throws_getters: () => Object.defineProperties(new Error('x'), { stack: { get: no }, message: { get: no } }),
  throws_cause: () => new Error('x', { cause: Object.defineProperty(new Error('y'), 'message', { get: no }) }),
  throws_megabytes: () => new Error('x'.repeat(5_000_000)),
};

const bus = new EventEmitter();

export default defineAgent({
  name: 'hostile',
  instructions: 'You are in trouble.',
  greeting: 'Hello.',
  tools: [
    tool('throws_in_microtask', () => {
      queueMicrotask(() => no());
      return 'done';
    }),
    tool('throws_in_tick', () => {
      process.nextTick(() => no());
      return 'done';
    }),
    tool('throws_from_emitter', () => {
      bus.once('news', () => no());
      later(() => bus.emit('news'));
      return 'done';
    }),
    tool('throws_on_abort', (_input, { signal }) => (signal.addEventListener('abort', () => no()), forever()), 100),
    tool(
      'aborts_in_microtask',
      (_input, { signal }) => {
        signal.addEventListener('abort', () => queueMicrotask(() => no()));
        return forever();
      },
      100,
    ),
    tool('throws_and_never_ends', () => (later(() => no()), forever()), 60_000),
    tool(
      'rejects_and_never_ends',
      () => {
        later(() => void Promise.reject(new Error('nobody looks at this')));
        return forever();
      },
      60_000,
    ),
    tool('throws_stackless', () => {
      later(() => {
        throw Object.assign(new Error('x'), { stack: 5 });
      });
      return 'done';
    }),
    ...Object.entries(THROWN).flatMap(([name, make]) => [
      tool(name, () => {
        throw make();
      }),
      tool(`${name}_later`, () => {
        later(() => {
          throw make();
        });
        return 'done';
      }),
      tool(`${name}_in_json`, () => ({
        toJSON() {
          throw make();
        },
      })),
    ]),
    tool('returns_megabytes', () => 'x'.repeat(20_000_000)),
    tool('returns_depth', () => {
      let tree: unknown = 1;
      for (let level = 0; level < 50_000; level++) tree = { a: tree };
      return tree;
    }),
    tool('returns_keys', () => Object.fromEntries(Array.from({ length: 50_000 }, (_, at) => [`key-${at}`, at]))),
    tool('says_megabytes', () => say('word '.repeat(1_000_000))),
    tool('floods_progress', (_input, context) => {
      for (let times = 0; times < 20_000; times++) context.progress('Soon.');
      return 'done';
    }),
    tool('spoils_signal', (_input, { signal }) => {
      Object.defineProperties(signal, { aborted: { get: no }, addEventListener: { get: no } });
      return 'done';
    }),
    tool('keeps_proto', (_input, { state }) => {
      const name = '__proto__';
      state[name] = { polluted: true };
      return { isPolluted: 'polluted' in {} };
    }),
    tool('pollutes_prototype', () => ((prototype['polluted'] = 'by a tool'), 'done')),
    tool('pollutes_later', () => (later(() => (prototype['get'] = no)), 'done')),
    tool('exits', () => process.exit(3)),
    tool('exits_later', () => (later(() => process.exit(3)), 'done')),
    tool('replaces_stringify', () => ((JSON.stringify = () => 'x'), 'done')),
  ],
});

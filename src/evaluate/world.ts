/** The world of a scenario, as its module makes it: what tools do in it, what they see of it, and how it stands. */
import { VoiceError } from '../lib/errors.ts';
import { importModule } from '../lib/import-module.ts';
import { isRecord } from '../lib/json.ts';
import type { TestCallOptions } from '../testing/test-call.ts';

export interface World {
  tools: TestCallOptions['tools'];
  state: () => unknown;
  /** What tools see as `context.env` besides, such as the address of a server that stands in for another one. */
  env: TestCallOptions['env'];
  /** The call is over. */
  close: () => Promise<void>;
}

/** Fresh for each call. @throws {VoiceError} when the file makes none */
export async function worldOf(file: string): Promise<World> {
  const { create } = await importModule(file);
  if (typeof create !== 'function')
    throw new VoiceError('options-invalid', `${file}: expected a function \`create\`, which makes { tools, state }`);
  const made: unknown = await (create as () => unknown)();
  const state = isRecord(made) ? made['state'] : undefined;
  if (!isRecord(made) || typeof state !== 'function') {
    throw new VoiceError('options-invalid', `${file}: expected \`create\` to give { tools, state() }`);
  }
  const { tools = {}, env = {}, close } = made;
  return {
    tools: tools as TestCallOptions['tools'],
    state: state as () => unknown,
    env: env as TestCallOptions['env'],
    close: async () => void (typeof close === 'function' && (await (close as () => unknown)())),
  };
}

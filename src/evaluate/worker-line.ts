/** The line to a worker elsewhere as a call takes it: with what opens its door, from the environment. */
import { VoiceError } from '../lib/errors.ts';
import { DIALECT } from '../simulate/dialects.ts';
import type { TestCallOptions } from '../testing/test-call.ts';
import { DONE_AFTER_MS } from '../testing/worker-setting.ts';
import { doneAfterOf } from './scenario/refused-by-line.ts';
import type { Scenario } from './scenario/schema.ts';

/** @throws {VoiceError} `options-invalid`, when a variable that the scenario names is not set */
export function lineOf(scenario: Scenario, env: NodeJS.ProcessEnv): NonNullable<TestCallOptions['line']> {
  const { line } = scenario;
  if (typeof line === 'string') return line;
  const { url, voice, signedUrl, authTokenEnv, tokenEnv, doneAfterMs } = line;
  // while one takes the other's place there are two, with a comma between them
  const standard = env[DIALECT.authTokenEnv]?.split(',')[0]?.trim() || undefined;
  const authToken = authTokenEnv === undefined ? standard : variable(env, scenario.name, { authTokenEnv });
  const token = tokenEnv === undefined ? undefined : variable(env, scenario.name, { tokenEnv });
  return {
    ...{ url, voice, signedUrl, authToken, token },
    doneAfterMs: doneAfterMs ?? doneAfterOf(scenario, DONE_AFTER_MS),
  };
}

function variable(env: NodeJS.ProcessEnv, scenario: string, named: Record<string, string>): string {
  const [[field, name] = ['', '']] = Object.entries(named);
  const value = env[name];
  if (value) return value;
  throw new VoiceError(
    'options-invalid',
    `expected the variable ${name} to be set, which \`line.${field}\` of the scenario ${scenario} names`,
  );
}

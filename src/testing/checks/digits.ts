/** That the keys which the caller pressed have reached the agent: a tool got them, or the model was told of them. */
import { fault, notVisible, vacuous } from '../findings.ts';
import type { Check } from '../result.ts';
import { eventsOf, scopeOf } from '../scope.ts';

/** @param keys Those that count, without a key that only ends them. Default: all that were pressed, but for a last `#` or `*`. */
export const digits: Check<[keys?: string]> = (call, keys) => {
  const { call: whole } = scopeOf(call);
  if (whole.visible === 'outside')
    return notVisible('digits', 'what the agent makes of keys is not told to the caller');
  const pressed = whole.caller.flatMap((stretch) => (stretch.kind === 'keys' ? [stretch.keys] : [])).join('');
  const all =
    pressed === ''
      ? eventsOf(whole, 'digit')
          .map(({ digit }) => digit)
          .join('')
      : pressed;
  if (all === '') return vacuous('digits', 'the caller pressed no key');
  const wanted = keys ?? all.replace(/[#*]$/, '');
  const got = [
    ...whole.tools.flatMap((tool) => [JSON.stringify(tool.arguments), JSON.stringify(tool.result ?? '')]),
    ...whole.requests.flatMap(({ messages }) =>
      messages.flatMap(({ role, content }) => (role === 'user' ? [content] : [])),
    ),
  ];
  if (got.some((text) => plain(text).includes(plain(wanted)))) return [];
  const atMs = eventsOf(whole, 'digit').at(-1)?.atMs;
  return [
    fault('digits', `expected the keys ${wanted} to reach the agent, no tool got them and the model was not told`, {
      ...(atMs !== undefined && { atMs }),
      evidence: `pressed: ${all}`,
    }),
  ];
};

/** Spaces and commas between keys are the writer's. */
const plain = (text: string | null): string => (text ?? '').replace(/[\s,-]/g, '');

/** `tool_choice` that leaves no choice: the tool is called with what is known, and what nobody said is made up, as a model would. */
import type { Reply } from '../reply.ts';
import { fits } from './check.ts';
import type { Conversation } from './conversation.ts';
import { ToolIndex } from './choose.ts';
import { fill } from './fill.ts';
import type { Parameter, Tool } from './tool.ts';
import { sourcesOf, type Wish } from './wants.ts';

/** `undefined` when there is no tool to force. */
export function callAnyway(conversation: Conversation, wishes: readonly Wish[], today: string): Reply | undefined {
  const tool = forcedTool(conversation, wishes);
  if (!tool) return undefined;
  const own = [{ text: conversation.callerText }];
  const wish = wishes.find((other) => other.tool === tool) ?? { tool, own, isConfirmed: true };
  const filled = fill(tool, sourcesOf(wish, conversation, conversation.turns.length - 1, today));
  const madeUp = Object.fromEntries(
    tool.parameters
      .filter(({ name, isRequired }) => isRequired && !(name in filled.arguments))
      .map((parameter) => [parameter.name, makeUp(parameter, today)]),
  );
  return { text: '', calls: [{ name: tool.name, arguments: JSON.stringify({ ...filled.arguments, ...madeUp }) }] };
}

function forcedTool({ toolChoice, tools, callerText }: Conversation, wishes: readonly Wish[]): Tool | undefined {
  if (typeof toolChoice === 'object') return tools.find(({ name }) => name === toolChoice.name);
  return (
    wishes[0]?.tool ??
    ToolIndex.of(tools).choose(callerText)?.tool ??
    tools.find(({ isWrite, endsCall }) => !isWrite && !endsCall) ??
    tools[0]
  );
}

/** Something of the right type; as near to the schema as can be had without knowing. */
function makeUp(parameter: Parameter, today: string): unknown {
  const { kind, choices, schema, properties } = parameter;
  const low = typeof schema['minimum'] === 'number' ? schema['minimum'] : undefined;
  switch (kind) {
    case 'choice':
      return choices[0];
    case 'boolean':
      return false;
    case 'number':
      return low ?? 1;
    case 'list':
      return [];
    case 'object':
      return Object.fromEntries(
        properties.filter(({ isRequired }) => isRequired).map((inner) => [inner.name, makeUp(inner, today)]),
      );
    case 'date':
      return today;
    case 'time':
      return '10:00';
    case 'moment':
      return [`${today}T10:00:00Z`, `${today}T10:00`].find((value) => fits(parameter, value));
    case 'email':
      return 'caller@example.com';
    default:
      return ['unknown', '0', '000000', 'A1', ...lengths(schema)].find((value) => fits(parameter, value)) ?? 'unknown';
  }
}

function lengths(schema: Record<string, unknown>): string[] {
  const length = typeof schema['minLength'] === 'number' ? schema['minLength'] : 1;
  return Array.from({ length: 16 }, () => ['0', 'A']).flatMap((letters, more) =>
    letters.map((letter) => letter.repeat(length + more)),
  );
}

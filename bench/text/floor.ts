/**
 * The floor: what a turn costs when nothing is done but the turn. `node:http`, warm connections, lines, `JSON.parse`. It
 * has no features: no errors, no deadlines, no interruption; it runs the tool when the answer has ended.
 */
import { Agent, request } from 'node:http';
import type { Contestant, ContestantCall } from './contestant.ts';
import type { TurnProbe } from './probe.ts';
import { CALLER_SAYS, INSTRUCTIONS, TOOL_DESCRIPTION, TOOL_NAME, TOOL_PARAMETERS, type ToolInput } from './script.ts';

interface Chunk {
  choices: {
    delta: {
      content?: string;
      tool_calls?: { id?: string; function: { name?: string; arguments: string } }[];
    };
  }[];
}

interface Step {
  text: string;
  call: { id: string; name: string; arguments: string } | undefined;
}

const TOOLS = [
  {
    type: 'function',
    function: { name: TOOL_NAME, description: TOOL_DESCRIPTION, parameters: TOOL_PARAMETERS },
  },
];

export async function create(url: string): Promise<Contestant> {
  const agent = new Agent({ keepAlive: true });
  const target = new URL(`${url}/chat/completions`);

  const ask = (messages: object[], onText: (delta: string) => void) =>
    new Promise<Step>((resolve, reject) => {
      const body = JSON.stringify({
        model: 'electron',
        messages,
        tools: TOOLS,
        stream: true,
        stream_options: { include_usage: true },
      });
      const step: Step = { text: '', call: undefined };
      const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
      const sent = request(target, { method: 'POST', agent, headers }, (response) => {
        let rest = '';
        response.setEncoding('utf8');
        response.on('data', (piece: string) => {
          const lines = (rest + piece).split('\n');
          rest = lines.pop() ?? '';
          for (const line of lines) if (line.startsWith('data: {')) read(step, line, onText);
        });
        response.on('end', () => resolve(step));
      });
      sent.on('error', reject);
      sent.end(body);
    });

  return {
    openCall(): ContestantCall {
      const messages: object[] = [{ role: 'system', content: INSTRUCTIONS }];
      return {
        async turn(probe: TurnProbe) {
          messages.push({ role: 'user', content: CALLER_SAYS });
          for (;;) {
            const { text, call } = await ask(messages, (delta) => probe.chunk(delta));
            if (!call) return void messages.push({ role: 'assistant', content: text });
            const { id, name, arguments: input } = call;
            const calls = [{ id, type: 'function', function: { name, arguments: input } }];
            messages.push({ role: 'assistant', content: text, tool_calls: calls });
            const result = await probe.tool(JSON.parse(input) as ToolInput);
            messages.push({ role: 'tool', tool_call_id: id, content: JSON.stringify(result) });
          }
        },
        close() {},
      };
    },
    close: async () => agent.destroy(),
  };
}

function read(step: Step, line: string, onText: (delta: string) => void): void {
  const delta = (JSON.parse(line.slice(6)) as Chunk).choices[0]?.delta;
  if (delta?.content) {
    step.text += delta.content;
    onText(delta.content);
  }
  for (const { id, function: piece } of delta?.tool_calls ?? []) {
    if (id) step.call = { id, name: piece.name ?? '', arguments: '' };
    if (step.call) step.call.arguments += piece.arguments;
  }
}

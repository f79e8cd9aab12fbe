/** The official SDK's own loop: `runTools` with a stream. */
import OpenAI from 'openai';
import type { ChatCompletionMessageParam } from 'openai/resources/chat/completions';
import type { Contestant, ContestantCall } from './contestant.ts';
import type { TurnProbe } from './probe.ts';
import { CALLER_SAYS, INSTRUCTIONS, TOOL_DESCRIPTION, TOOL_NAME, TOOL_PARAMETERS, type ToolInput } from './script.ts';

export async function create(url: string): Promise<Contestant> {
  const client = new OpenAI({ baseURL: url, apiKey: 'sk_bench', maxRetries: 0 });
  return {
    openCall(): ContestantCall {
      let messages: ChatCompletionMessageParam[] = [{ role: 'system', content: INSTRUCTIONS }];
      return {
        async turn(probe: TurnProbe) {
          messages.push({ role: 'user', content: CALLER_SAYS });
          const runner = client.chat.completions.runTools({
            model: 'electron',
            messages,
            stream: true,
            stream_options: { include_usage: true },
            tools: [
              {
                type: 'function',
                function: {
                  name: TOOL_NAME,
                  description: TOOL_DESCRIPTION,
                  parameters: { ...TOOL_PARAMETERS },
                  parse: (text: string) => JSON.parse(text) as ToolInput,
                  function: (input: ToolInput) => probe.tool(input),
                },
              },
            ],
          });
          runner.on('content', (delta) => probe.chunk(delta));
          await runner.done();
          messages = [...runner.messages];
        },
        close() {},
      };
    },
    close: async () => {},
  };
}

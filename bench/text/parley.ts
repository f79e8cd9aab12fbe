/** Parley as a program embeds it: an agent with a tool, a call, and a speaker that is handed the words. */
import { createAgent, createParley, defineTool, type CallMedium } from '../../src/index.ts';
import type { Contestant, ContestantCall } from './contestant.ts';
import type { TurnProbe } from './probe.ts';
import { CALLER_SAYS, INSTRUCTIONS, TOOL_DESCRIPTION, TOOL_INPUT, TOOL_NAME } from './script.ts';

export async function create(url: string): Promise<Contestant> {
  const parley = createParley({ baseUrl: url, apiKey: 'sk_bench', plan: 'none' });
  const probes = new Map<string, TurnProbe>();
  const probeOf = (callId: string): TurnProbe => {
    const probe = probes.get(callId);
    if (!probe) throw new Error(`Call ${callId} has no turn`);
    return probe;
  };
  const agent = await createAgent({
    name: 'weather-line',
    instructions: INSTRUCTIONS,
    tools: [
      defineTool({
        name: TOOL_NAME,
        description: TOOL_DESCRIPTION,
        input: TOOL_INPUT,
        effect: 'read',
        filler: 'One moment.',
        run: (input, { callId }) => probeOf(callId).tool(input),
      }),
    ],
  });
  let count = 0;
  return {
    openCall(): ContestantCall {
      const callId = `call-${++count}`;
      const call = parley.startCall(agent, { callId, medium: mediumFor((text) => heed(probeOf(callId), text)) });
      return {
        async turn(probe: TurnProbe) {
          probes.set(callId, probe);
          const result = await call.say(CALLER_SAYS);
          if (result?.outcome !== 'replied') throw new Error(`Expected a reply, got ${JSON.stringify(result)}`);
        },
        close() {
          call.hangUp();
          probes.delete(callId);
        },
      };
    },
    close: () => parley.close(),
  };
}

/** When everything stands still for long, Parley says so in words of its own; they are not the script's. */
function heed(probe: TurnProbe, text: string): void {
  if (/^\d/.test(text)) probe.chunk(text);
}

function mediumFor(say: (text: string) => void): CallMedium {
  return {
    bridge: 'bench',
    heardBy: 'emitted',
    speaker: () => ({
      say: (_utterance, text) => say(text),
      flush() {},
      reportHeard() {},
      clear() {},
      pause() {},
      resume() {},
      close() {},
    }),
  };
}

/**
 * The turn that everybody is measured with: 8 chunks of filler, one call in 6 pieces, 150 ms until the answer ends, a tool
 * of 180 ms, 40 chunks of answer. The model's pace is Electron's documented one (`wire/electron.md` 9).
 *
 * Every chunk begins with the time at which it was written, on the clock that all processes share, and the first of each
 * answer also says when its request had come in whole. So the client alone knows all that is measured.
 */
import { z } from 'zod';

export const FILLER_CHUNKS = 8;
export const ARGUMENT_PIECES = 6;
export const ANSWER_CHUNKS = 40;
export const FINISH_MS = 150;
export const TOOL_MS = 180;

export interface Pace {
  firstTokenMs: number;
  tokenMs: number;
  finishMs: number;
}

/** By the first part of the request's path. */
export const PACES = {
  paced: { firstTokenMs: 250, tokenMs: 5, finishMs: FINISH_MS },
  instant: { firstTokenMs: 0, tokenMs: 0, finishMs: 0 },
} as const satisfies Record<string, Pace>;

export const INSTRUCTIONS =
  'You answer the phone of a weather service. Be brief, since every word is spoken. Before you use a tool, say a short ' +
  'sentence so that the caller does not wait in silence. Never make up a temperature.';
export const CALLER_SAYS = 'What will the weather be like in Pune tomorrow, and do I need an umbrella?';
export const TOOL_NAME = 'weather_forecast';
export const TOOL_DESCRIPTION = 'Looks up the forecast for a city.';
export const TOOL_INPUT = z.object({ city: z.string().describe('Name of the city.'), sentAtMs: z.number() });
export type ToolInput = z.output<typeof TOOL_INPUT>;
/** The same for those who do not use zod. */
export const TOOL_PARAMETERS = {
  type: 'object',
  properties: { city: { type: 'string', description: 'Name of the city.' }, sentAtMs: { type: 'number' } },
  required: ['city', 'sentAtMs'] as string[],
} as const;
export const TOOL_RESULT = { city: 'Pune', sky: 'light rain from noon', celsius: { least: 21, most: 27 } } as const;

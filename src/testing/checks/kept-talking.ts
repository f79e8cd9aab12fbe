/** That the agent went on through what the caller did over it: the same as no false stop, of one turn. */
import type { Check } from '../result.ts';
import { lookFor } from './false-stops.ts';

export const keptTalking: Check = (call) => lookFor('keptTalking', call, 0);

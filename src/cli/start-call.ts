/** How either kind of chat gets its call: with whatever was asked for on the command line. */
import type { Call } from '../call/call.ts';

/** `listen` adds listeners before the first event. */
export type StartCall = (listen: (call: Call) => void) => Call;

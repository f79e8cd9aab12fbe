/** `wait_on_hold`: the agent is on hold, in a call that it has placed: it waits in silence until somebody comes. */
import { z } from 'zod';
import { defineTool, onHold } from '../define.ts';

/** `wait_on_hold`: says nothing and asks nothing until a person speaks, a menu wants a key, or it was long enough. */
export const waitOnHold = defineTool({
  name: 'wait_on_hold',
  description:
    'Waits in silence while you are on hold: after "please hold", music, or a recording. You are told when somebody speaks.',
  input: z.object({}),
  effect: 'terminal',
  run: () => onHold(),
});

/** The tools that Parley brings, by the name that an agent lists them under. */
import type { ToolDefinition } from '../define.ts';
import { collectDigits, sendDigits } from './digits.ts';
import { endCall } from './end-call.ts';
import { handOffTool } from './hand-off.ts';
import { transferCall } from './transfer-call.ts';
import { waitOnHold } from './wait-on-hold.ts';

export { collectDigits, endCall, sendDigits, transferCall, waitOnHold };

export const builtinTools: Readonly<Record<string, ToolDefinition>> = {
  end_call: endCall,
  transfer_call: transferCall(),
  send_digits: sendDigits,
  collect_digits: collectDigits,
  hand_off: handOffTool(),
  wait_on_hold: waitOnHold,
};

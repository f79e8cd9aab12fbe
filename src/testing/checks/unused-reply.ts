/** That the model was asked for every reply of the script: one that nobody asked for means that the call went another way. */
import { fault, vacuous } from '../findings.ts';
import type { Check } from '../result.ts';
import { scopeOf } from '../scope.ts';

export const unusedReply: Check = (call) => {
  const { unusedReplies } = scopeOf(call).call;
  if (!unusedReplies) return vacuous('unusedReply', 'the model followed no script');
  return unusedReplies.map((reply) =>
    fault('unusedReply', 'a reply of the script was never asked for', { evidence: reply }),
  );
};

/** That the model was asked for every reply of the script: one that nobody asked for means that the call went another way. */
import { fault, notVisible, vacuous } from '../findings.ts';
import type { Check } from '../result.ts';
import { scopeOf } from '../scope.ts';

export const unusedReply: Check = (call) => {
  const { unusedReplies, visible } = scopeOf(call).call;
  if (visible === 'outside') return notVisible('unusedReply', 'what the model was asked is not told to the caller');
  if (!unusedReplies) return vacuous('unusedReply', 'the model followed no script');
  return unusedReplies.map((reply) =>
    fault('unusedReply', 'a reply of the script was never asked for', { evidence: reply }),
  );
};

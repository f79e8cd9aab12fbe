/** A call that has begun, and somebody who listens to it. What they hold is let go of when their test is over. */
import { onTestFinished } from 'vitest';
import type { BridgeCall } from '../../../src/bridge/contract.ts';
import { Diary, type BridgePeer } from '../../contracts/bridge.suite.ts';

export async function startedCall<Call extends BridgeCall, Peer extends Omit<BridgePeer, 'accept'>>(
  peer: Peer & { accept(): Promise<Call> },
) {
  onTestFinished(() => peer.cleanUp());
  const accepting = peer.accept();
  peer.start();
  const call = await accepting;
  const diary = new Diary();
  call.listen(diary.hear);
  return { peer, call, diary };
}

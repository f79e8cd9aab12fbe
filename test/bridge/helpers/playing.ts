/** A line of ours, a telephone at its other end and a playback that speaks to it, in virtual time: what is sent, and what is heard. */
import { onTestFinished } from 'vitest';
import { FrameClock } from '../../../src/audio/frame-clock.ts';
import type { AudioLine } from '../../../src/bridge/contract.ts';
import { VirtualClock } from '../../../src/lib/clock.ts';
import type { OpenSocket } from '../../../src/lib/open-socket.ts';
import { WebPhoneLink } from '../../../src/simulate/phone/link.ts';
import { MediaCaller, type DialPhoneOptions } from '../../../src/simulate/phone/media.ts';
import { Playback } from '../../../src/speak/playback.ts';
import { openSockets } from '../../helpers/sockets.ts';

/** `accept`: as the carrier's door does. What is opened is let go of when the test is over. */
export async function openPlaying(
  accept: (socket: OpenSocket, options: { clock: VirtualClock }) => Promise<AudioLine>,
  phone: Omit<DialPhoneOptions, 'url' | 'clock'>,
) {
  const clock = new VirtualClock();
  const sockets = await openSockets();
  onTestFinished(() => sockets.close());
  const accepting = accept(sockets.socket, { clock });
  const caller = new MediaCaller(new WebPhoneLink(sockets.peer), { url: '', clock, ...phone });
  onTestFinished(async () => void (await caller.drop()));
  const step = async (ms: number): Promise<void> => {
    for (let at = 0; at < ms; at += 20) {
      clock.advanceBy(20);
      await sockets.settle();
    }
  };
  await step(200);
  const line = await accepting;
  const playback = new Playback(
    { sink: line, capabilities: line.capabilities, leadMs: 300 },
    { started: () => {}, ended: () => {} },
  );
  line.listen((event) => (event.type === 'mark' ? playback.mark(event.name, clock.nowMs()) : undefined));
  onTestFinished(new FrameClock(clock).subscribe(() => playback.beat(clock.nowMs())));
  return { clock, sockets, caller, step, playback };
}

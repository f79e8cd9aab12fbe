/** A door by which calls are placed, as far as whoever places them goes by it. */
import type { Desk, Door } from '../bridge/door.ts';
import type { Announcements } from './announcements.ts';

export interface CallingDoor extends Desk {
  readonly door: Door;
  readonly announcements: Announcements;
  /** What has to be set so that it can place calls, by its name in the environment; empty when it never can. */
  readonly placingNeeds: string | undefined;
}

/**
 * The time axis of a picture. Straight for the whole call; within a scene, long stretches in which only one side talks are
 * drawn shorter, and marked, so that the half second that matters is not lost beside ten seconds of speech. Silence and
 * everything else is drawn to one scale.
 */
import type { Stretch } from './picture.ts';

/** One straight piece: a stretch of time on a stretch of the width, both from 0 to 1 of it. */
interface Piece extends Stretch {
  fromShare: number;
  toShare: number;
  isShortened: boolean;
}

export interface Tick {
  share: number;
  label: string;
}

/** Talk up to this is drawn to scale. */
const SCALED_TALK_MS = 450;
/** Each doubling beyond it takes so much more room. */
const DOUBLING_MS = 200;
/** Room at both ends. */
const MARGIN = 0.006;
const TICK_STEPS_MS = [
  50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_800_000,
];
/** Labels need so much of the width each. */
const MOST_TICKS = 10;
const TICK_ROOM = 0.05;

export class Axis {
  readonly #pieces: Piece[];
  readonly #shownMs: number;

  /**
   * @param window what is shown
   * @param talk stretches in which only talk goes on; those within it may be shortened
   */
  constructor(window: Stretch, talk: readonly Stretch[] = []) {
    const stretches = cut(window, talk);
    const rooms = stretches.map(({ fromMs, toMs, isTalk }) => roomFor(toMs - fromMs, isTalk));
    this.#shownMs = rooms.reduce((sum, room) => sum + room, 0);
    let share = MARGIN;
    this.#pieces = stretches.map(({ fromMs, toMs }, index) => {
      const room = rooms[index] ?? 0;
      const fromShare = share;
      share += (room / this.#shownMs) * (1 - 2 * MARGIN);
      return { fromMs, toMs, fromShare, toShare: share, isShortened: room < toMs - fromMs };
    });
  }

  /** Where on the width, from 0 to 1; what lies outside of the window is put at its edge. */
  share(atMs: number): number {
    const piece = this.#pieces.find(({ toMs }) => atMs <= toMs);
    if (!piece) return 1 - MARGIN;
    const part = Math.max(0, atMs - piece.fromMs) / (piece.toMs - piece.fromMs);
    return piece.fromShare + part * (piece.toShare - piece.fromShare);
  }

  /** What is drawn shorter than it was. */
  get shortened(): (Stretch & { share: number; width: number })[] {
    return this.#pieces
      .filter(({ isShortened }) => isShortened)
      .map(({ fromMs, toMs, fromShare, toShare }) => ({ fromMs, toMs, share: fromShare, width: toShare - fromShare }));
  }

  /** `share:ms` of every bend, for the script that turns a click into a time and back. */
  get knots(): string {
    const first = this.#pieces[0];
    if (!first) return '';
    const knots = [[first.fromShare, first.fromMs], ...this.#pieces.map(({ toShare, toMs }) => [toShare, toMs])];
    return knots.map(([share = 0, ms = 0]) => `${+share.toFixed(5)}:${Math.round(ms)}`).join(' ');
  }

  /** Round times counted from `zeroMs`, where there is room for their labels. */
  ticks(zeroMs: number, label: (sinceZeroMs: number) => string): Tick[] {
    const stepMs = TICK_STEPS_MS.find((step) => this.#shownMs / step <= MOST_TICKS) ?? 3_600_000;
    const ticks: Tick[] = [];
    for (const { fromMs, toMs, isShortened } of this.#pieces) {
      if (isShortened) continue;
      for (let ms = Math.ceil((fromMs - zeroMs) / stepMs) * stepMs; zeroMs + ms <= toMs; ms += stepMs) {
        const share = this.share(zeroMs + ms);
        if (share - (ticks.at(-1)?.share ?? -1) >= TICK_ROOM) ticks.push({ share, label: label(ms) });
      }
    }
    return ticks;
  }
}

function roomFor(ms: number, isTalk: boolean): number {
  if (!isTalk || ms <= SCALED_TALK_MS) return ms;
  return SCALED_TALK_MS + DOUBLING_MS * Math.log2(ms / SCALED_TALK_MS);
}

/** The window in pieces: each stretch of talk, and what lies between. */
function cut({ fromMs, toMs }: Stretch, talk: readonly Stretch[]): (Stretch & { isTalk: boolean })[] {
  const pieces: (Stretch & { isTalk: boolean })[] = [];
  let atMs = fromMs;
  const add = (untilMs: number, isTalk: boolean) => {
    if (untilMs > atMs) pieces.push({ fromMs: atMs, toMs: untilMs, isTalk });
    atMs = Math.max(atMs, untilMs);
  };
  for (const one of [...talk].sort((first, second) => first.fromMs - second.fromMs)) {
    add(Math.min(Math.max(one.fromMs, fromMs), toMs), false);
    add(Math.min(one.toMs, toMs), true);
  }
  add(Math.max(toMs, fromMs + 1), false);
  return pieces;
}

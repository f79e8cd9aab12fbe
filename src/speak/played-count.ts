/**
 * What a line that counts says of what was played: samples since the call began, silence included, of all that was sent
 * and not cleared. It is the truth, as far as it can be true: it never falls, and is never more than was sent. Between two
 * cuts of the line lies a stretch; counts are of the oldest stretch whose clear was not answered. Time is an argument.
 */

/** No count for so long, while there is more to be played: it does not count, whatever it promised, or stands still. */
const LOST_MS = 1_000;

/** What was sent between two cuts, by whoever knows more of it. */
interface Cut<Stretch> {
  stretch: Stretch;
  /** In samples, all of it. */
  sent: number;
  atMs: number;
  /** The count that was known by then. */
  total: number;
}

export class PlayedCount<Stretch> {
  /** The highest count that was told. */
  #total = 0;
  /** The same when the stretch that is counted began. */
  #base = 0;
  /** Of the stretch that is being sent. */
  #sent = 0;
  /** Not answered, the oldest first. */
  #cuts: Cut<Stretch>[] = [];
  /** When the count last grew, or sound began in a silent line. */
  #progressMs = -Infinity;
  /** The peer has said that it plays nothing for now, or it is away: that it is silent says nothing. */
  #isHeld = false;

  /** So many samples were sent. `beginsAtMs`: the line was silent, and plays from then on. */
  sent(samples: number, beginsAtMs: number | undefined): void {
    this.#sent += samples;
    if (beginsAtMs !== undefined) this.#progressMs = Math.max(this.#progressMs, beginsAtMs);
  }

  /** The peer plays nothing for now, or goes on. */
  hold(isHeld: boolean, nowMs: number): void {
    this.#isHeld = isHeld;
    if (isHeld) return;
    this.#progressMs = Math.max(this.#progressMs, nowMs);
    for (const cut of this.#cuts) cut.atMs = nowMs;
  }

  /** The peer has told its count. */
  told(samples: number, nowMs: number): void {
    const most = this.#base + this.#cuts.reduce((sum, { sent }) => sum + sent, this.#sent);
    const total = Math.min(samples, most);
    if (total <= this.#total) return;
    this.#total = total;
    this.#progressMs = nowMs;
  }

  /** The peer is told to clear what it has not played. */
  cut(stretch: Stretch, nowMs: number): void {
    this.#cuts.push({ stretch, sent: this.#sent, atMs: nowMs, total: this.#total });
    this.#sent = 0;
  }

  /** It has done so. Returns what was sent before, and how many samples of it were played; undefined when nobody asked. */
  cleared(samples: number, nowMs: number): { stretch: Stretch; played: number } | undefined {
    this.told(samples, nowMs);
    const cut = this.#cuts.shift();
    if (!cut) return undefined;
    const played = Math.min(cut.sent, this.#total - this.#base);
    this.#total = this.#base + played;
    this.#base = this.#total;
    return { stretch: cut.stretch, played };
  }

  /** Of the stretch that is being sent: how many samples were played. */
  played(nowMs: number): number {
    this.#dropLostCut(nowMs);
    return this.#cuts.length > 0 ? 0 : Math.min(this.#sent, this.#total - this.#base);
  }

  /** There is more to be played than is counted, and nothing was counted for long. */
  isLost(nowMs: number): boolean {
    if (this.#isHeld) return false;
    return this.played(nowMs) < this.#sent && nowMs - this.#progressMs > LOST_MS;
  }

  /** There is more in the line than was counted, as far as its count can be relied on. */
  holdsAudio(nowMs: number): boolean {
    return this.played(nowMs) < this.#sent && !this.isLost(nowMs);
  }

  /** A clear that is not answered: what is counted since was sent behind it. */
  #dropLostCut(nowMs: number): void {
    if (this.#isHeld) return;
    for (let cut = this.#cuts[0]; cut && nowMs - cut.atMs > LOST_MS; cut = this.#cuts[0]) {
      this.#cuts.shift();
      this.#base = Math.max(this.#base, Math.min(cut.total, this.#base + cut.sent));
    }
  }
}

/**
 * The time of the line, which is that of its audio: it stands still while none comes, and catches up with the burst that
 * follows a stall. So a silence is as long as its samples are, whenever they arrive. Pure.
 *
 *   frames come --none for a while--> stands still --a burst--> caught up, as if nothing had been
 *                                          |------frames as before--> what is missing is lost, or was never sent
 *                                          +--4 s--> goes on: a line that says nothing is silent in the end
 *
 * Some peers send nothing while the caller is silent. A line that has come back without a burst once is one of them, until
 * a burst tells otherwise: from then on its gaps are silences at once.
 */

/** Audio may be so far behind, beside the length of its pieces, before the line is taken to have stalled. */
const JITTER_MS = 60;
/** Carriers join no more than this into one piece; what is longer is a burst. */
const MOST_PIECE_MS = 250;
/** A stall is waited for so long, when it began in the middle of a voice and when it began in a silence. */
const MOST_STALL_IN_VOICE_MS = 4_000;
const MOST_STALL_IN_SILENCE_MS = 3_000;
/** The same where silence is not sent: the peer may have fallen silent before we knew that the voice had ended. */
const SUPPRESSED_IN_VOICE_MS = 600;
/** By then it shows whether a burst has come: more audio than time has passed. */
const BURST_WINDOW_MS = 300;
const BURST_SHARE = 1.5;
/** Clocks of peers drift; so much of each piece is put down to that. */
const DRIFT_SHARE = 0.01;

export class LineTime {
  /** When, on the line, the first sample came; undefined before any audio. */
  #baseMs: number | undefined;
  /** How far the line's time is behind the clock's for good. */
  #lostMs = 0;
  #heardMs = 0;
  #isVoice = false;
  #pieceMs = 0;
  #isSilenceSent = true;
  /** Since the end of a gap, while it is not known whether a burst follows. */
  #resumed: { atMs: number; heardMs: number } | undefined;
  #lastMs = -Infinity;

  /** Audio has come. @param heardMs All audio so far, in ms. @param isVoice Whether it ends in a voice. */
  heard(heardMs: number, nowMs: number, isVoice: boolean): void {
    const pieceMs = heardMs - this.#heardMs;
    this.#baseMs ??= nowMs - Math.min(heardMs, MOST_PIECE_MS);
    if (this.#behindMs(nowMs) > this.#slackMs) this.#resumed ??= { atMs: nowMs, heardMs: this.#heardMs };
    this.#heardMs = heardMs;
    this.#isVoice = isVoice;
    this.#pieceMs = Math.max(Math.min(pieceMs, MOST_PIECE_MS), this.#pieceMs * (1 - DRIFT_SHARE));
    if (this.#resumed) this.#judgeBurst(this.#resumed, nowMs);
    else this.#followDrift(pieceMs, nowMs);
  }

  /** The line's time at `nowMs` of the clock, once `heardMs` of audio were heard. Never goes back. */
  at(nowMs: number, heardMs = this.#heardMs): number {
    if (this.#baseMs === undefined) return nowMs;
    const latestMs = nowMs - this.#lostMs;
    const byAudioMs = Math.max(this.#baseMs + heardMs + this.#slackMs, latestMs - this.#mostStallMs);
    return (this.#lastMs = Math.max(this.#lastMs, Math.min(latestMs, byAudioMs)));
  }

  /** When, in the line's time, this place of the audio was heard. */
  placeOf(audioMs: number): number {
    return (this.#baseMs ?? 0) + audioMs;
  }

  /** How far the audio is ahead of the time it should have taken; negative when it is behind. */
  aheadMs(nowMs: number): number {
    return this.#baseMs === undefined ? 0 : -this.#behindMs(nowMs);
  }

  #behindMs(nowMs: number): number {
    return nowMs - this.#lostMs - (this.#baseMs ?? 0) - this.#heardMs;
  }

  get #slackMs(): number {
    return JITTER_MS + this.#pieceMs;
  }

  get #mostStallMs(): number {
    if (!this.#isSilenceSent) return this.#isVoice ? SUPPRESSED_IN_VOICE_MS : 0;
    return this.#isVoice ? MOST_STALL_IN_VOICE_MS : MOST_STALL_IN_SILENCE_MS;
  }

  #judgeBurst(resumed: { atMs: number; heardMs: number }, nowMs: number): void {
    const elapsedMs = nowMs - resumed.atMs;
    if (this.#behindMs(nowMs) <= this.#slackMs) {
      this.#resumed = undefined;
      this.#isSilenceSent = true;
    } else if (elapsedMs >= BURST_WINDOW_MS) {
      const isBurst = this.#heardMs - resumed.heardMs > elapsedMs * BURST_SHARE + this.#pieceMs;
      this.#resumed = isBurst ? { atMs: nowMs, heardMs: this.#heardMs } : undefined;
      if (!isBurst) this.#giveUpGap(nowMs);
    }
  }

  /** The gap's audio will not come: the line's time goes on from where it is. */
  #giveUpGap(nowMs: number): void {
    const lineMs = this.at(nowMs);
    this.#lostMs = nowMs - lineMs;
    this.#baseMs = lineMs - this.#heardMs;
    this.#isSilenceSent = false;
  }

  #followDrift(pieceMs: number, nowMs: number): void {
    const most = pieceMs * DRIFT_SHARE;
    this.#baseMs! += Math.max(-most, Math.min(most, this.#behindMs(nowMs)));
  }
}

/** What renders the sound of a call, in the browser's own thread for that: the agent's out, the caller's in. */
import { Capture } from './capture.ts';
import { Playout } from './playout.ts';
import { PROCESSOR, type FromWorklet, type ToWorklet, type WorkletOptions } from './protocol.ts';

/** How often it says how far it is, in milliseconds, whether it plays or not: a hidden page has no other clock. */
const REPORT_MS = 40;

class CallProcessor extends AudioWorkletProcessor {
  readonly #playout: Playout;
  readonly #capture: Capture;
  #isClosed = false;
  /** Clears that are to be answered, and what came behind the first of them. */
  #mustClear = 0;
  readonly #held: ArrayBuffer[] = [];
  #wasPlaying = false;
  #reportAt = 0;
  #power = 0;
  #frames = 0;

  constructor({ processorOptions }: { processorOptions: WorkletOptions }) {
    super();
    const { inRateHz, outRateHz, startMs, played } = processorOptions;
    this.#playout = new Playout({ fromHz: outRateHz, toHz: sampleRate, startMs, played });
    this.#capture = new Capture({ fromHz: sampleRate, toHz: inRateHz }, (samples) =>
      this.#tell({ type: 'voice', samples }, [samples]),
    );
    this.port.onmessage = ({ data }: MessageEvent<ToWorklet>) => this.#hear(data);
  }

  process([input]: Float32Array[][], [output]: Float32Array[][]): boolean {
    const out = output?.[0];
    if (!out) return !this.#isClosed;
    this.#render(out);
    for (const channel of output.slice(1)) channel.set(out);
    if (input?.[0]) this.#capture.push(input[0]);
    return !this.#isClosed;
  }

  #render(out: Float32Array): void {
    const next = currentFrame + out.length;
    if (this.#mustClear > 0) {
      const samples = this.#playout.clear(out);
      for (; this.#mustClear > 0; this.#mustClear--) this.#tell({ type: 'cleared', samples, frame: next });
      for (const audio of this.#held.splice(0)) this.#playout.push(new Int16Array(audio));
    } else this.#playout.render(out);
    for (const sample of out) this.#power += sample * sample;
    this.#frames += out.length;
    const { isPlaying } = this.#playout;
    const isDue = next >= this.#reportAt || isPlaying !== this.#wasPlaying;
    if (!isDue) return;
    this.#report(next);
  }

  #report(frame: number): void {
    const { played, isPlaying } = this.#playout;
    const agent = Math.sqrt(this.#power / Math.max(1, this.#frames));
    this.#tell({ type: 'played', samples: played, frame, isPlaying, microphone: this.#capture.level, agent });
    this.#wasPlaying = isPlaying;
    this.#reportAt = frame + (sampleRate * REPORT_MS) / 1_000;
    this.#power = 0;
    this.#frames = 0;
  }

  #hear(message: ToWorklet): void {
    switch (message.type) {
      case 'audio':
        // what was sent before a clear is gone with it, however late this is rendered
        if (this.#mustClear > 0) this.#held.push(message.samples);
        else this.#playout.push(new Int16Array(message.samples));
        return;
      case 'clear':
        this.#mustClear++;
        this.#held.length = 0;
        return;
      case 'mute':
        this.#capture.isMuted = message.isMuted;
        return;
      case 'close':
        this.#isClosed = true;
    }
  }

  #tell(message: FromWorklet, transfer: Transferable[] = []): void {
    this.port.postMessage(message, transfer);
  }
}

registerProcessor(PROCESSOR, CallProcessor);

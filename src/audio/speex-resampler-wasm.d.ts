/** The part of SpeexDSP's resampler that we use; the package ships without types. Pointers are byte offsets in the heap. */
declare module '@echogarden/speex-resampler-wasm/simd' {
  export interface SpeexModule {
    readonly HEAP16: Int16Array;
    readonly HEAP32: Int32Array;
    _malloc(bytes: number): number;
    _free(pointer: number): void;
    /** Returns the state; `error` is a pointer to an int that is 0 when it worked. */
    _speex_resampler_init(channels: number, fromHz: number, toHz: number, quality: number, error: number): number;
    /** `inLength` and `outLength` point to how many samples there are, and come back as how many were used. */
    _speex_resampler_process_int(
      state: number,
      channel: number,
      input: number,
      inLength: number,
      output: number,
      outLength: number,
    ): number;
    _speex_resampler_get_input_latency(state: number): number;
    _speex_resampler_skip_zeros(state: number): number;
    _speex_resampler_destroy(state: number): void;
  }
  export default function createSpeexModule(): Promise<SpeexModule>;
}

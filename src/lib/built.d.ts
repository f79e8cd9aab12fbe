/** What `bundle.config.ts` puts in the place of these when it makes the package; undefined when we run from source. */
interface ImportMeta {
  /** The binary of the resampler in base64, so that a program which bundles Parley needs no file beside it. */
  readonly parleySpeexWasm?: string;
  /** The client for browsers, which a worker hands out. */
  readonly parleyWebClient?: string;
  /** The page of `parley talk`: its script, and what renders its sound. */
  readonly parleyTalkScript?: string;
  readonly parleyTalkWorklet?: string;
}

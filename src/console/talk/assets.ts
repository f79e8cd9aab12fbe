/**
 * What the page loads, as text: `bundle.config.ts` puts it here when it makes the package. From source it is made when it is
 * first asked for.
 */
export interface TalkAssets {
  script: string;
  /** What renders the sound of a call. */
  worklet: string;
}

let made: Promise<TalkAssets> | undefined;

export function talkAssets(): Promise<TalkAssets> {
  return (made ??= make());
}

async function make(): Promise<TalkAssets> {
  const script = import.meta.parleyTalkScript;
  const worklet = import.meta.parleyTalkWorklet;
  if (script !== undefined && worklet !== undefined) return { script, worklet };
  const path = new URL('../../../bundle.config.ts', import.meta.url).href;
  const { bundleTalk } = (await import(path)) as { bundleTalk: () => TalkAssets };
  return bundleTalk();
}

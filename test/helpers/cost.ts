/** What a piece of work costs this process, whatever else the machine has to do. */

/** Starts to count; the returned function says how many milliseconds of a core have been used since. */
export function costOf(): () => number {
  const before = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1_000;
  };
}

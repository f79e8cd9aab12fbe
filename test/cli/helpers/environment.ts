/** What a process is started with: nothing of the settings, the colours or the test runner of whoever runs the tests. */
export function cleanEnvironment(): Record<string, string | undefined> {
  const clean = Object.entries(process.env).filter(
    ([name]) => !/^(SMALLEST_|PARLEY_|NO_COLOR|FORCE_COLOR|CI$|VITEST)/.test(name),
  );
  return Object.fromEntries(clean);
}

import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: {
    alias: [
      { find: /^parley-voice\/testing$/, replacement: new URL('./src/testing/index.ts', import.meta.url).pathname },
      {
        find: /^parley-voice\/vitest$/,
        replacement: new URL('./src/vitest/index.ts', import.meta.url).pathname,
      },
      { find: /^parley-voice\/evaluate$/, replacement: new URL('./src/evaluate/index.ts', import.meta.url).pathname },
      { find: /^parley-voice\/services$/, replacement: new URL('./src/services.ts', import.meta.url).pathname },
      { find: /^parley-voice$/, replacement: new URL('./src/index.ts', import.meta.url).pathname },
    ],
  },
  test: {
    // `*.real.test.ts` play calls in real time or watch real processes for long: `npm run test:real`, and not `npm test`
    include: ['test/**/*.test.ts', 'starter/test/*.test.ts', 'examples/{tests,front-desk}/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 3, // on two cores: a third of a run waits for sockets
  },
});

/**
 * `npm run test:real`: what needs real time, sockets, processes or a browser. Commands first, two files at a time: they keep this
 * machine busy, and what they are tested for is no matter of milliseconds. Then calls, one file at a time, the calls of a file side by
 * side: they mostly wait, and what is heard when must not depend on what else runs.
 */
import { defineConfig, mergeConfig } from 'vitest/config';
import shared from './vitest.config.ts';

const { test, ...common } = shared;
const CALLS = ['test/{console,evaluate,listen,phone,web,worker}/**/*.real.test.ts', 'test/testing/twins.real.test.ts'];

export default mergeConfig(
  common,
  defineConfig({
    test: {
      projects: [
        {
          extends: true,
          test: {
            ...test,
            name: 'commands',
            include: ['test/**/*.real.test.ts'],
            exclude: CALLS,
            isolate: false,
            maxWorkers: 2,
            sequence: { groupOrder: 1 },
          },
        },
        {
          extends: true,
          test: {
            ...test,
            name: 'calls',
            include: CALLS,
            isolate: false,
            maxWorkers: 1,
            maxConcurrency: 6,
            sequence: { groupOrder: 2 },
          },
        },
      ],
    },
  }),
);

/** How long a text may be that a program, or a caller in text, hands to a call. */
import { expect, test } from 'vitest';
import { LONGEST_SPEECH } from '../../src/lib/speech-length.ts';
import { costOf } from '../helpers/cost.ts';
import { ofType, openWorld } from '../helpers/world.ts';

const MEGABYTES = 'word '.repeat(1_000_000);

test('5 MB to announce, or to say goodbye with, are as much as anybody listens to', async () => {
  const { open } = await openWorld({ agent: {} });
  for (const say of ['announce', 'sayGoodbye'] as const) {
    const { call, events } = open();
    const costMs = costOf();
    call[say](MEGABYTES, 'program-said-so');
    expect(costMs()).toBeLessThan(400);
    const said = ofType(events, 'text-delta').filter(({ kind }) => kind === 'verbatim');
    expect(said.map(({ delta }) => delta.length)).toEqual([LONGEST_SPEECH]);
    call.hangUp();
    await call.ended;
  }
});

test('5 MB that a caller says in text are one turn, as long as anybody speaks', async () => {
  const { open, electron } = await openWorld({ agent: {} });
  const { call, events } = open();
  expect(await call.say(MEGABYTES)).toMatchObject({ outcome: 'replied' });
  expect(ofType(events, 'turn-start').map(({ text }) => text.length <= LONGEST_SPEECH)).toEqual([true]);
  expect(JSON.stringify(electron.requests()[0]?.body).length).toBeLessThan(2 * LONGEST_SPEECH);
  call.hangUp();
  await call.ended;
});

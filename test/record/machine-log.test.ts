/** What a machine's log says of a machine that broke a promise of its own, and that replaying it shows the same fault. */
import { expect, test } from 'vitest';
import { MachineLog, replay } from '../../src/record/machine-log.ts';
import type { TurnEvent } from '../../src/turn/contract.ts';
import { TurnMachine } from '../../src/turn/machine.ts';
import { machineOptions } from '../turn/helpers/play.ts';

const BROKEN = 'Expected a call to start once';

/** The log of a call whose line is opened twice, which is a promise of the shell's that the machine relies on. */
function brokenLog(): string {
  let text = '';
  const options = machineOptions({ greeting: 'Hello.' });
  const log = new MachineLog((line) => (text += line));
  const machine = new TurnMachine(options);
  log.begin({ callId: 'broken', carrierCallId: 'CA1' }, options);
  const events: TurnEvent[] = [{ type: 'call-start' }, { type: 'caller-turn', text: 'where is it?' }];
  events.forEach((event, index) => log.add(event, index * 100, machine.handle(event, index * 100)));
  const last: TurnEvent = { type: 'call-start' };
  expect(() => machine.handle(last, 200)).toThrow(expect.objectContaining({ code: 'internal', message: BROKEN }));
  log.addBreak(last, 200, BROKEN);
  return text;
}

test('replayed, the machine breaks at the same event, and the replay says so', () => {
  expect(replay(brokenLog())).toMatchObject({
    events: 3,
    difference: undefined,
    broke: { line: 4, atMs: 200, message: BROKEN },
  });
});

test('a machine that does not break any more, or breaks where it did not, is a difference', () => {
  const log = brokenLog();
  const mended = log.replace(/"call-start"\},"broke"/, '"interrupt"},"broke"');
  expect(replay(mended)).toMatchObject({
    broke: undefined,
    difference: { line: 4, expected: `"broke":"${BROKEN}"`, got: expect.stringContaining('abort-step') as string },
  });
  const worse = log.replace(/"broke":.*\}/, '"effects":[]}');
  expect(replay(worse)).toMatchObject({
    broke: undefined,
    difference: { line: 4, expected: '[]', got: `"broke":"${BROKEN}"` },
  });
});

test('a line that says neither what came of its event nor that it broke is refused', () => {
  const lines = brokenLog().split('\n');
  lines[3] = '{"atMs":200,"event":{"type":"call-start"}}';
  expect(() => replay([...lines.slice(0, 4), ...lines.slice(3)].join('\n'))).toThrow(
    'line 4: expected {"atMs","event"',
  );
});

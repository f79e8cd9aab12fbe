/** Every end of either line at every instant of a hand-over in person: nobody is left with nobody. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { WarmTransfer, type WarmEffect, type WarmEvent } from '../../src/call/warm-transfer.ts';

const RING_MS = 30_000;
const EVENTS = {
  person: { type: 'answered', who: 'person' },
  machine: { type: 'answered', who: 'machine' },
  accepted: { type: 'accepted' },
  declined: { type: 'declined' },
  'person there': { type: 'person-there' },
  'person gone': { type: 'person-gone', outcome: 'completed' },
  busy: { type: 'person-gone', outcome: 'busy', detail: 'SIP 486' },
  'caller moved': { type: 'caller-moved' },
  'caller refused': { type: 'caller-refused', message: 'the carrier said no' },
  'caller there': { type: 'caller-there' },
  'caller gone': { type: 'caller-gone' },
  timer: { type: 'timer' },
} as const satisfies Record<string, WarmEvent>;
type EventName = keyof typeof EVENTS;

/** How each state is come to. */
const WAYS: Record<string, readonly EventName[]> = {
  ringing: [],
  asking: ['person'],
  taking: ['person', 'accepted'],
  joining: ['person', 'accepted', 'person there'],
  'joining-nobody': ['person', 'accepted', 'person there', 'person gone'],
  leaving: ['person', 'accepted', 'person there', 'caller moved'],
  met: ['person', 'accepted', 'person there', 'caller moved', 'caller there'],
  over: ['machine'],
};

const written = (effect: WarmEffect): string =>
  effect.type === 'give-back' ? `back: ${effect.message}` : effect.type === 'tell' ? effect.state : effect.type;

/** What comes of it, and the state behind it where that is another one. `-`: nothing. */
const MATRIX = `
                  ringing                                asking                                              taking                                                                        joining                                                                       joining-nobody            leaving     met
person            asking > asking                        -                                                   -                                                                             -                                                                             -                         -           -
machine           let-go, back: a machine answered       let-go, back: a machine answered                    let-go, back: a machine answered                                              -                                                                             -                         -           -
accepted          accepted > taking                      accepted > taking                                   -                                                                             -                                                                             -                         -           -
declined          back: they cannot take the call now    back: they cannot take the call now                 let-go, back: they took the call, and the carrier did not connect them        -                                                                             -                         -           -
person there      accepted, move-caller > joining        accepted, move-caller > joining                     move-caller > joining                                                         -                                                                             -                         -           -
person gone       back: they hung up                     back: they hung up                                  back: they hung up                                                            > joining-nobody                                                              -                         bring-back  bring-back
busy              back: the line is busy (SIP 486)       back: the line is busy (SIP 486)                    back: the line is busy (SIP 486)                                              > joining-nobody                                                              -                         bring-back  bring-back
caller moved      -                                      -                                                   -                                                                             > leaving                                                                     bring-back                -           -
caller refused    -                                      -                                                   -                                                                             let-go, back: they took the call, and the carrier said no                     back: they hung up        -           -
caller there      -                                      -                                                   -                                                                             > met                                                                        bring-back                > met        -
caller gone       let-go                                 let-go                                              let-go                                                                        let-go                                                                        > over                    let-go      > over
timer             let-go, back: nobody answered          let-go, back: they did not say whether they take it  let-go, back: they took the call, and the carrier did not connect them       let-go, back: they took the call, and the carrier did not connect the caller  back: they hung up        > over      > over
`;

function readMatrix(): { state: string; event: EventName; outcome: string }[] {
  const [head = '', ...rows] = MATRIX.split('\n').filter((line) => line.trim() !== '');
  const states = head.trim().split(/\s{2,}/);
  return rows.flatMap((row) => {
    const [event = '', ...outcomes] = row.split(/\s{2,}/);
    return states.map((state, at) => ({ state, event: event as EventName, outcome: outcomes[at] ?? '' }));
  });
}

describe('in person', () => {
  test.each(readMatrix())('transfer: $event, while $state: $outcome', ({ state, event, outcome }) => {
    const transfer = new WarmTransfer(0, { ringMs: RING_MS });
    for (const name of WAYS[state] ?? []) transfer.handle(EVENTS[name], 1_000);
    expect(transfer.state).toBe(state);
    const effects = transfer.handle(EVENTS[event], transfer.dueAtMs ?? 0);
    const isEnd = effects.some(({ type }) => type === 'give-back' || type === 'bring-back' || type === 'let-go');
    const moved = transfer.state === state || isEnd ? '' : ` > ${transfer.state}`;
    expect((effects.map(written).join(', ') + moved).trim() || '-').toBe(outcome);
  });

  test('transfer: a timer that rings too early is nothing', () => {
    const transfer = new WarmTransfer(0, { ringMs: RING_MS });
    expect(transfer.handle({ type: 'timer' }, RING_MS)).toEqual([]);
    expect(transfer.state).toBe('ringing');
  });

  test('transfer: a caller whom the carrier takes away when the agent had them back is brought back', () => {
    const transfer = new WarmTransfer(0, { ringMs: RING_MS });
    for (const name of ['person', 'accepted', 'person there', 'person gone'] as const) transfer.handle(EVENTS[name], 1);
    expect(transfer.handle(EVENTS.timer, 60_000).map(written)).toEqual(['back: they hung up']);
    expect(transfer.handle(EVENTS['caller moved'], 60_100).map(written)).toEqual(['bring-back']);
    expect(transfer.handle(EVENTS['caller moved'], 60_200)).toEqual([]);
  });

  test('transfer: whatever happens in whatever order, it ends, once, and nobody is left with nobody', () => {
    const names = Object.keys(EVENTS) as EventName[];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...names), { maxLength: 12 }), (events) => {
        const transfer = new WarmTransfer(0, { ringMs: RING_MS });
        const all: WarmEffect[] = [];
        let isPersonGone = false;
        let atMs = 0;
        const tell = (event: WarmEvent) => {
          isPersonGone ||= event.type === 'person-gone' || event.type === 'declined';
          atMs = event.type === 'timer' ? (transfer.dueAtMs ?? atMs) : atMs + 100;
          all.push(...transfer.handle(event, atMs));
        };
        for (const name of events) tell(EVENTS[name]);
        for (let left = 8; left > 0; left--) tell({ type: 'timer' }); // nothing else happens any more
        const has = (type: WarmEffect['type']) => all.filter((effect) => effect.type === type).length;
        expect(transfer.isOver).toBe(true);
        expect(has('give-back')).toBeLessThanOrEqual(1);
        expect(has('bring-back')).toBeLessThanOrEqual(1);
        expect(has('move-caller')).toBeLessThanOrEqual(1);
        expect(has('let-go')).toBeLessThanOrEqual(1);
        if (has('give-back') > 0 && !isPersonGone) expect(has('let-go')).toBe(1); // who is still there is let go
        if (has('bring-back') > 0) expect(all.some(({ type }) => type === 'move-caller')).toBe(true);
      }),
      { numRuns: 20_000 },
    );
  });
});

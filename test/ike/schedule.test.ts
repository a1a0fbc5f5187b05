// Deadlines of many things: the earliest first, and never one that was moved or dropped.
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { instant } from '../../src/contract/units.ts'
import { Schedule } from '../../src/ike/endpoint/schedule.ts'

describe('a schedule', () => {
  it('behaves as a plain map of deadlines does', () => {
    const step = fc.record({ what: fc.nat(9), at: fc.option(fc.nat(50)), take: fc.option(fc.nat(60)) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const schedule = new Schedule<number>()
        const model = new Map<number, number>()
        for (const { what, at, take } of steps) {
          schedule.set(what, at === null ? undefined : instant(at))
          if (at === null) model.delete(what)
          else model.set(what, at)
          const earliest = model.size === 0 ? undefined : Math.min(...model.values())
          expect(schedule.next).toBe(earliest)
          if (take === null) continue
          const taken = schedule.take(instant(take))
          if (earliest === undefined || earliest > take) expect(taken).toBeUndefined()
          else {
            expect(model.get(taken ?? -1)).toBe(earliest)
            model.delete(taken ?? -1)
          }
        }
      }),
      { seed: 7, numRuns: 300 },
    )
  })

  it('does not grow when one deadline moves again and again', () => {
    const schedule = new Schedule<string>()
    schedule.set('other', instant(5))
    for (let at = 10; at < 10_000; at++) schedule.set('moved', instant(at))
    expect(schedule.size).toBeLessThan(100)
    expect(schedule.take(instant(20_000))).toBe('other')
    expect(schedule.take(instant(20_000))).toBe('moved')
    expect(schedule.take(instant(20_000))).toBeUndefined()
  })
})

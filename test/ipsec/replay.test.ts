import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ReplayWindow, type ReplayVerdict, type SequenceNumber } from '../../src/ipsec/replay.ts'

/** RFC 4303 §3.4.3 as a set of everything that ever came, in numbers without bounds. */
class NaiveWindow {
  readonly #size: bigint
  #highest: bigint
  readonly #seen = new Set<bigint>()

  constructor(size: number, highest = 0n) {
    this.#size = BigInt(size)
    this.#highest = highest
  }

  accept(number: bigint): ReplayVerdict {
    if (number === 0n) return 'replayed'
    if (number + this.#size <= this.#highest) return 'too-old'
    if (this.#seen.has(number)) return 'replayed'
    this.#seen.add(number)
    if (number > this.#highest) this.#highest = number
    return 'fresh'
  }

  /** The number with this low half that the window of appendix A2.2 stands for: within [B, B + 2^32). */
  complete(low: number): bigint {
    const bottom = this.#highest - this.#size + 1n
    const high = bottom >> 32n
    const candidate = (high << 32n) + BigInt(low)
    return candidate < bottom ? candidate + (1n << 32n) : candidate
  }
}

const split = (number: bigint): SequenceNumber => ({ high: Number(number >> 32n), low: Number(number & 0xffffffffn) })
const join = (high: number, low: number): bigint => BigInt(high) * 2n ** 32n + BigInt(low)

/** Steps that stay near the edge, leave the window, and jump far ahead. */
const steps = fc.array(fc.oneof(fc.integer({ min: -80, max: 80 }), fc.integer({ min: -3000, max: 3000 }), fc.constant(0)), {
  minLength: 1,
  maxLength: 300,
})

describe('the replay window', () => {
  for (const size of [32, 33, 63, 64, 65, 100, 1024]) {
    test(`of ${size} packets equals a set that remembers everything`, () => {
      fc.assert(
        fc.property(steps, (moves) => {
          const window = new ReplayWindow(size, 'no-esn')
          const naive = new NaiveWindow(size)
          let at = 0
          for (const move of moves) {
            at = Math.max(0, at + move)
            const verdict = naive.accept(BigInt(at))
            expect(window.check(0, at)).toBe(verdict)
            expect(window.accept(0, at)).toBe(verdict)
            if (at > 0) expect(window.check(0, at)).toBe(verdict === 'too-old' ? 'too-old' : 'replayed')
          }
        }),
        { seed: 21, numRuns: 60 },
      )
    })
  }

  test('works up to the last 32-bit number', () => {
    const window = new ReplayWindow(64, 'no-esn')
    for (const number of [0xfffffff0, 0xffffffff, 0xfffffffe, 0x7fffffff]) window.accept(0, number)
    expect(window.highest).toEqual({ high: 0, low: 0xffffffff })
    expect(window.check(0, 0xfffffff0)).toBe('replayed')
    expect(window.check(0, 0xfffffff1)).toBe('fresh')
    expect(window.check(0, 0x7fffffff)).toBe('too-old')
  })

  test('changes nothing while it only checks', () => {
    const window = new ReplayWindow(64, 'no-esn')
    for (let i = 0; i < 3; i++) expect(window.check(0, 1_000_000)).toBe('fresh')
    expect(window.accept(0, 1)).toBe('fresh')
  })

  test('never is smaller than 32 packets (RFC 4303 §3.4.3)', () => {
    expect(new ReplayWindow(1, 'no-esn').size).toBe(32)
  })

  test('of size 0 lets everything pass', () => {
    const window = new ReplayWindow(0, 'no-esn')
    for (const number of [0, 5, 5, 1, 0xffffffff, 1]) expect(window.accept(0, number)).toBe('fresh')
  })

  test('that continues after a number counts all before it as received', () => {
    const window = new ReplayWindow(64, 'no-esn', { high: 0, low: 1000 })
    for (const number of [937, 960, 999, 1000]) expect(window.check(0, number)).toBe('replayed')
    expect(window.check(0, 936)).toBe('too-old')
    for (const number of [1001, 1023, 1024, 1100]) expect(window.check(0, number)).toBe('fresh')
  })
})

describe('extended sequence numbers (RFC 4303 appendix A2)', () => {
  test('the high half is right wherever the number is within the window or less than 2^32 ahead of its lower edge', () => {
    const start = fc.bigInt({ min: 1n, max: 2n ** 64n - 2n ** 33n })
    const near = fc.oneof(fc.bigInt({ min: -70n, max: 70n }), fc.bigInt({ min: 0n, max: 2n ** 32n }))
    fc.assert(
      fc.property(start, fc.integer({ min: 32, max: 5000 }), near, (highest, size, ahead) => {
        const window = new ReplayWindow(size, 'esn', split(highest))
        const number = highest + ahead
        fc.pre(number > 0n && number > highest - BigInt(size) && number <= highest - BigInt(size) + 2n ** 32n)
        expect(join(window.highOf(split(number).low), split(number).low)).toBe(number)
      }),
      { seed: 22, numRuns: 2000 },
    )
  })

  test('both cases of A2.2, at the border of two subspaces', () => {
    const caseA = new ReplayWindow(64, 'esn', { high: 7, low: 63 })
    expect(caseA.highOf(0)).toBe(7)
    expect(caseA.highOf(0xffffffff)).toBe(7)
    const caseB = new ReplayWindow(64, 'esn', { high: 7, low: 62 })
    expect(caseB.highOf(0xffffffff)).toBe(6)
    expect(caseB.highOf(0xfffffffe)).toBe(7)
    expect(caseB.highOf(0)).toBe(7)
    const end = new ReplayWindow(64, 'esn', { high: 7, low: 0xffffffff })
    expect(end.highOf(0)).toBe(8)
    expect(end.highOf(0xffffffc0)).toBe(7)
    expect(end.highOf(0xffffffbf)).toBe(8)
  })

  test('a window across the border remembers both sides of it', () => {
    const window = new ReplayWindow(64, 'esn', { high: 0, low: 0xffffff00 })
    const naive = new NaiveWindow(64, 0xffffff00n)
    for (const number of [0xfffffffen, 0x100000001n, 0xffffffffn, 0x100000000n, 0xfffffffen, 0x100000001n, 0x10000003fn, 0x100000000n]) {
      const { high, low } = split(number)
      expect(window.highOf(low)).toBe(high)
      expect(naive.complete(low)).toBe(number)
      expect(window.accept(high, low)).toBe(naive.accept(number))
    }
  })

  test('equals the set along any walk over the border', () => {
    fc.assert(
      fc.property(fc.integer({ min: 32, max: 200 }), steps, (size, moves) => {
        const start = 2n ** 32n - 500n
        const window = new ReplayWindow(size, 'esn', split(start))
        const naive = new NaiveWindow(size, start)
        let at = start + BigInt(size)
        for (const move of moves) {
          at += BigInt(move)
          // Before the start everything counts as received, which the set does not know.
          if (at <= start) at = start + 1n
          const { high, low } = split(naive.complete(split(at).low))
          expect(window.highOf(low)).toBe(high)
          expect(window.accept(high, low)).toBe(naive.accept(join(high, low)))
        }
      }),
      { seed: 23, numRuns: 60 },
    )
  })

  test('before the first subspace and after the last there is nothing', () => {
    const young = new ReplayWindow(64, 'esn')
    expect(young.highOf(0xffffffff)).toBe(-1)
    expect(young.check(-1, 0xffffffff)).toBe('too-old')
    const old = new ReplayWindow(64, 'esn', { high: 0xffffffff, low: 0xffffffff })
    expect(old.highOf(0)).toBe(2 ** 32)
    expect(old.check(2 ** 32, 0)).toBe('too-old')
  })

  test('with the check off the nearest number counts', () => {
    const window = new ReplayWindow(0, 'esn', { high: 3, low: 100 })
    expect(window.highOf(0xffff0000)).toBe(2)
    expect(window.highOf(0)).toBe(3)
    window.accept(3, 0xfffffff0)
    expect(window.highOf(5)).toBe(4)
    expect(window.highest).toEqual({ high: 3, low: 0xfffffff0 })
  })
})

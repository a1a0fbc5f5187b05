// Which replay window would have dropped nothing. RFC 4303 §3.4.3.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { reorderingJson, reorderingLines } from '../../src/inspect/reordering-words.ts'
import { ReplayWindow } from '../../src/ipsec/replay.ts'
import { droppedBy } from '../../src/ipsec/reordering.ts'
import { ipv4Packet } from '../../src/net/build.ts'
import { alice, bob, open, outcomes, packets, pair, seal } from './fixtures.ts'

/** Numbers from 1 on in the order of arrival: each may be delayed by so many places, or lost. */
const arrivals = fc
  .tuple(
    fc.constantFrom(3, 40, 300, 5000),
    fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(9)), { minLength: 1, maxLength: 400 }),
  )
  .map(([furthest, delays]) =>
    delays
      // Most are in order: delays are cubes.
      .map(([delay, luck], i) => ({ number: i * 25 + 1 + (luck % 3), at: i * 25 + furthest * delay ** 3, isLost: luck === 9 }))
      .filter(({ isLost }) => !isLost)
      .sort((a, b) => a.at - b.at)
      .map(({ number }) => number),
  )

/** Of packets that are all different, so that what is dropped is too old. */
function dropsOf(size: number, numbers: readonly number[], start: number): number {
  const window = new ReplayWindow(size, 'esn', { high: 1, low: start })
  return numbers.filter((number) => accept(window, start + number) !== 'fresh').length
}
function accept(window: ReplayWindow, number: number): string {
  const low = number >>> 0
  return window.accept(1 + Math.floor(number / 2 ** 32), low)
}

describe('whatever the order', () => {
  test('the answer is right: that window drops nothing, the next smaller one something, and powers of two what they are said to', () => {
    fc.assert(
      fc.property(arrivals, fc.constantFrom(0, 1000, 0xffffff00), (numbers, start) => {
        // With the check off everything is measured.
        const wide = new ReplayWindow(0, 'esn', { high: 1, low: start })
        for (const number of numbers) accept(wide, start + number)
        const { reordering } = wide
        const { sufficientWindow, late, depths } = reordering
        expect(dropsOf(sufficientWindow, numbers, start)).toBe(0)
        if (sufficientWindow > 32) expect(dropsOf(sufficientWindow - 1, numbers, start)).toBeGreaterThan(0)
        for (const size of [32, 64, 128, 1024, 4096, 8192]) expect(droppedBy(size, reordering)).toBe(dropsOf(size, numbers, start))
        expect(depths.reduce((sum, each) => sum + each.packets, 0)).toBe(late)
      }),
      { numRuns: 150, seed: 7 },
    )
  })

  test('what a window took says what a smaller one would have dropped', () => {
    const window = new ReplayWindow(8192, 'no-esn')
    for (const number of [1, 9000, 810, 8998, 8999, 8968, 8969]) window.accept(0, number)
    expect(window.reordering).toEqual({
      late: 5,
      deepest: 8190,
      depths: [
        { from: 1, to: 1, packets: 1 },
        { from: 2, to: 3, packets: 1 },
        { from: 16, to: 31, packets: 1 },
        { from: 32, to: 63, packets: 1 },
        { from: 4096, to: 8191, packets: 1 },
      ],
      sufficientWindow: 8191,
      claimed: { packets: 0, deepest: 0 },
    })
    expect(reorderingLines(window.reordering)).toEqual([
      '5 packets came late, 8190 behind at most: a replay window of 8191 drops none of them, one of 32 would drop 2',
    ])
  })

  test('in order there is nothing to tell, and duplicates count for nothing', () => {
    const window = new ReplayWindow(64, 'no-esn')
    for (const number of [1, 2, 3, 5, 5, 3, 2]) window.accept(0, number)
    expect(window.reordering).toMatchObject({ late: 0, sufficientWindow: 32 })
    expect(reorderingLines(window.reordering)).toEqual([])
  })
})

describe('packets that nobody has authenticated', () => {
  const plain = Array.from({ length: 200 }, (_, i) =>
    ipv4Packet({ source: alice[4], destination: bob[4], protocol: 253, payload: new Uint8Array(4 + i) }),
  )
  const forged = (packet: Uint8Array): Uint8Array => packet.map((octet, i) => (i === packet.length - 1 ? octet ^ 1 : octet))

  test.each(['esn', 'no-esn'] as const)('are counted by what they claim, and not mixed up with others (%s)', (extendedSequence) => {
    const { sender, receiver } = pair({ extendedSequence, lastSequence: { high: 0, low: 0 } })
    const sealed = packets(seal(sender, 'ip', ...plain))
    const bursts = [sealed.slice(100, 200), sealed.slice(150, 199).map(forged), sealed.slice(0, 3)]
    const seen = bursts.flatMap((burst) => outcomes(open(receiver, 'ip', undefined, ...burst)))
    expect(seen.filter((outcome) => outcome === 'done')).toHaveLength(100)
    expect(receiver.window.reordering).toMatchObject({ late: 0, deepest: 0, sufficientWindow: 32 })
    // All three are left of a window of 64. With ESN they look like numbers far ahead, and their ICV is wrong.
    expect(seen.slice(-3)).toEqual(Array.from({ length: 3 }, () => (extendedSequence === 'esn' ? 'integrity-check-failed' : 'too-old')))
    expect(receiver.window.reordering.claimed).toEqual({ packets: 3, deepest: 199 })
    expect(reorderingLines(receiver.window.reordering)).toEqual([
      '3 packets left of the replay window, not authenticated, 199 behind at most by their own account',
    ])
  })

  test('whose ICV turns out to be right in the same burst are late, though too old', () => {
    const { sender, receiver } = pair()
    const sealed = packets(seal(sender, 'ip', ...plain))
    // The window has not moved yet when the second one is looked at.
    const burst = [sealed[150], sealed[3]].flatMap((packet) => (packet === undefined ? [] : [packet]))
    expect(outcomes(open(receiver, 'ip', undefined, ...burst))).toEqual(['done', 'too-old'])
    expect(reorderingJson(receiver.window.reordering)).toEqual({
      late: 1,
      deepest: 147,
      sufficientWindow: 148,
      depths: [{ from: 128, to: 255, packets: 1 }],
      claimed: { packets: 0, deepest: 0 },
    })
  })
})

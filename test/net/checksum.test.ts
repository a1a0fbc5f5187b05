import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fromHex } from '../../src/bytes/bytes.ts'
import { checksum, onesSum, updateChecksum } from '../../src/net/checksum.ts'
import { octets, slowChecksum } from './arbitraries.ts'

describe('the Internet checksum', () => {
  test('sums the example of RFC 1071 §3 to ddf2', () => {
    const example = fromHex('00 01 f2 03 f4 f5 f6 f7') ?? new Uint8Array(0)
    expect(onesSum(example, 0, example.length, 0)).toBe(0xddf2)
  })

  test('is what adding word by word gives, wherever the octets begin and end', () => {
    fc.assert(
      fc.property(octets(0, 300), fc.nat(40), fc.nat(40), (bytes, skip, cut) => {
        const from = Math.min(skip, bytes.length)
        const length = Math.max(0, bytes.length - from - cut)
        expect(checksum(bytes, from, length, 0)).toBe(slowChecksum(bytes.subarray(from, from + length)))
      }),
      { seed: 1 },
    )
  })

  test('does not overflow on the longest packet', () => {
    const longest = new Uint8Array(65535).fill(0xff)
    expect(checksum(longest, 0, longest.length, 0xffff)).toBe(slowChecksum(Uint8Array.of(0xff, 0xff), longest))
  })
})

describe('the incremental update', () => {
  test('gives 0000 in the example of RFC 1624 §4, where the older equation gives ffff', () => {
    expect(updateChecksum(0xdd2f, 0x5555, 0x3285)).toBe(0x0000)
  })

  test('equals a computation from scratch', () => {
    fc.assert(
      fc.property(octets(40, 40), octets(8, 8), (bytes, replacement) => {
        // As in every IP header, something is not zero (RFC 1624 §3).
        bytes[0] = 0x45
        const before = checksum(bytes, 0, bytes.length, 0)
        const removed = onesSum(bytes, 12, 8, 0)
        bytes.set(replacement, 12)
        expect(updateChecksum(before, removed, onesSum(bytes, 12, 8, 0))).toBe(slowChecksum(bytes))
      }),
      { seed: 2, numRuns: 500 },
    )
  })
})

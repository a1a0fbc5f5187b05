// Addresses as text, beside what Node takes for one. RFC 5952 §4.
import { isIPv4 } from 'node:net'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addressBytes, parseAddress } from '../../src/net/address.ts'

const almost = fc.array(fc.constantFrom('0', '1', '2', '5', '9', '25', '255', '256', '00', '.', '.', '.', ' ', '-', 'a'), { maxLength: 9 })

describe('an IPv4 address', () => {
  it('is any four octets, and is written in one way', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 4, maxLength: 4 }), (octets) => {
        const parsed = parseAddress(octets.join('.'))
        expect(parsed).toBe(octets.join('.'))
        expect(parsed === undefined ? undefined : addressBytes(parsed)).toEqual(octets)
      }),
    )
  })

  it('is what Node takes for one, and no other text', () => {
    fc.assert(
      fc.property(almost, (parts) => {
        const text = parts.join('')
        expect(parseAddress(text) !== undefined, text).toBe(isIPv4(text))
      }),
      { numRuns: 2_000 },
    )
    for (const text of ['', '1', '1.2.3', '1.2.3.', '.1.2.3', '1.2.3.4.', '1.2.3.4.5', '1..2.3', '01.2.3.4', '1.2.3.256', '1.2.3.4 ']) {
      expect(parseAddress(text), text).toBeUndefined()
    }
  })
})

// Hexadecimal, beside what Node makes of it.
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromHex, toHex } from '../../src/bytes/bytes.ts'

describe('hexadecimal', () => {
  it('of any octets is what Node writes, and reads as these octets again', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (octets) => {
        expect(toHex(octets)).toBe(Buffer.from(octets).toString('hex'))
        expect(fromHex(toHex(octets))).toEqual(octets)
        expect(fromHex(toHex(octets).toUpperCase())).toEqual(octets)
      }),
    )
  })

  it('may have white space and colons between its digits', () => {
    expect(fromHex(' 00:1a\n2B 3 c ')).toEqual(Uint8Array.of(0x00, 0x1a, 0x2b, 0x3c))
    expect(fromHex('')).toEqual(new Uint8Array(0))
  })

  it('is nothing else', () => {
    for (const text of ['0', '0g', 'g0', '0x00', '00-11', '@0', '`0', '/0', ':', '０0']) {
      expect(fromHex(text), text).toEqual(text === ':' ? new Uint8Array(0) : undefined)
    }
  })
})

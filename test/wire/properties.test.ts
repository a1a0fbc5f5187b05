// What holds for every message and for every string of octets.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { concat, toHex } from '../../src/bytes/bytes.ts'
import { decodeHeader, decodeMessage, decodePayloads, encodeMessage, encodePayloads } from '../../src/wire/codec.ts'
import { innerPayload, message } from './arbitrary.ts'
import { isEnvelope, messageSamples, payloadSamples } from './samples.ts'

const seed = 7296

test('a message that is encoded decodes to the same message', () => {
  fc.assert(
    fc.property(message, (original) => {
      expect(decodeMessage(encodeMessage(original))).toEqual({ ok: true, value: original })
    }),
    { seed, numRuns: 300 },
  )
})

test('payloads that are encoded decode to the same payloads', () => {
  fc.assert(
    fc.property(fc.array(innerPayload, { maxLength: 8 }), (original) => {
      const { firstType, bytes } = encodePayloads(original)
      expect(decodePayloads(firstType, bytes)).toEqual({ ok: true, value: original })
    }),
    { seed, numRuns: 300 },
  )
})

test('any octets decode to a fault, or to payloads that are encoded to the same octets', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 255 }), fc.uint8Array({ maxLength: 120 }), (type, bytes) => {
      checkPayloads(type, bytes)
      expect(decodeHeader(bytes)).toHaveProperty('ok')
    }),
    { seed, numRuns: 2000 },
  )
})

test('any octets after a payload header that fits them decode to a fault, or are encoded the same', () => {
  fc.assert(
    fc.property(fc.integer({ min: 33, max: 54 }), fc.uint8Array({ maxLength: 120 }), (type, body) => {
      checkPayloads(type, concat(Uint8Array.of(0, 0, 0, 4 + body.length), body))
    }),
    { seed, numRuns: 4000 },
  )
})

test('samples with octets replaced, inserted and removed decode to a fault, or are encoded the same', () => {
  const damage = fc.record({
    at: fc.nat({ max: 0xffff }),
    remove: fc.integer({ min: 0, max: 4 }),
    insert: fc.uint8Array({ maxLength: 4 }),
  })
  const sample = fc.constantFrom(...payloadSamples.filter(({ payload }) => !isEnvelope(payload)))
  fc.assert(
    fc.property(sample, fc.array(damage, { minLength: 1, maxLength: 3 }), ({ type, bytes }, damages) => {
      let damaged = bytes
      for (const { at, remove, insert } of damages) {
        const start = at % (damaged.length + 1)
        damaged = concat(damaged.subarray(0, start), insert, damaged.subarray(start + remove))
      }
      checkPayloads(type, damaged)
    }),
    { seed, numRuns: 4000 },
  )
})

test('messages with octets replaced decode to a fault, or are encoded the same', () => {
  const replacement = fc.tuple(fc.nat({ max: 0xffff }), fc.integer({ min: 0, max: 255 }))
  fc.assert(
    fc.property(fc.constantFrom(...messageSamples), fc.array(replacement, { minLength: 1, maxLength: 4 }), ({ bytes }, replacements) => {
      const damaged = bytes.slice()
      for (const [at, octet] of replacements) damaged[at % damaged.length] = octet
      const decoded = decodeMessage(damaged)
      if (decoded.ok) expect(toHex(encodeMessage(decoded.value))).toBe(toHex(damaged))
      else expect(decoded.fault.code).toMatch(/^WIRE_/)
    }),
    { seed, numRuns: 2000 },
  )
})

function checkPayloads(type: number, bytes: Uint8Array): void {
  const decoded = decodePayloads(type, bytes)
  if (decoded.ok) expect(toHex(encodePayloads(decoded.value).bytes)).toBe(toHex(bytes))
  else expect(decoded.fault.offset).toBeLessThanOrEqual(bytes.length)
}

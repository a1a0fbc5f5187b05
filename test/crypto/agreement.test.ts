// On random input, both providers do the same.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { concat, toHex } from '../../src/bytes/bytes.ts'
import { Secret } from '../../src/bytes/secret.ts'
import type { CipherJobs, CryptoProvider } from '../../src/crypto/provider.ts'
import { nodeProvider } from '../../src/crypto/providers/node.ts'
import { portableProvider } from '../../src/crypto/providers/portable.ts'
import { byEffort } from '../lab/effort.ts'
import { childSuite, espSuites, node, packetKeys, portable, present, seededRandom } from './support.ts'

const runs = { numRuns: byEffort({ short: 15, lab: 40, nightly: 400 }), seed: 20_260_101 }
const octets = (maxLength: number) => fc.uint8Array({ maxLength })
const exactly = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })

test.each([2, 4, 5, 6, 7, 8])('PRF %i, whatever the length of the key and the cut of the input', (id) => {
  const [a, b] = [present(node.prf(id)), present(portable.prf(id))]
  fc.assert(
    fc.property(octets(200), fc.array(octets(200), { maxLength: 4 }), (key, parts) => {
      const mac = a.compute(new Secret(key), ...parts)
      expect(toHex(b.compute(new Secret(key), ...parts))).toBe(toHex(mac))
      expect(toHex(a.compute(new Secret(key), concat(...parts)))).toBe(toHex(mac))
    }),
    runs,
  )
})

test.each([2, 5, 8, 12, 13, 14])('integrity algorithm %i', (id) => {
  const [a, b] = [present(node.integrity(id)), present(portable.integrity(id))]
  expect([a.keyLength, a.icvLength]).toEqual([b.keyLength, b.icvLength])
  fc.assert(
    fc.property(exactly(a.keyLength), octets(300), (key, message) => {
      const mac = a.compute(new Secret(key), message)
      expect(mac.length).toBe(a.icvLength)
      expect(toHex(b.compute(new Secret(key), message))).toBe(toHex(mac))
    }),
    runs,
  )
})

test.each([9, 10, 11])('AES-GMAC %i of AH, whatever the cut of the input', (id) => {
  const [a, b] = [present(node.packetMac(id)), present(portable.packetMac(id))]
  fc.assert(
    fc.property(exactly(a.keyLength), exactly(8), fc.array(octets(300), { maxLength: 4 }), (key, iv, parts) => {
      const icv = a.compute(new Secret(key), iv, ...parts)
      expect(icv.length).toBe(a.icvLength)
      expect(toHex(b.compute(new Secret(key), iv, ...parts))).toBe(toHex(icv))
      expect(toHex(b.compute(new Secret(key), iv, concat(...parts)))).toBe(toHex(icv))
    }),
    runs,
  )
})

test.each([
  [12, 128],
  [12, 192],
  [12, 256],
  [13, 128],
  [13, 192],
  [13, 256],
  ...[14, 15, 16, 18, 19, 20].flatMap((id) => [128, 192, 256].map((bits): [number, number] => [id, bits])),
  [28, undefined],
])('encryption %i with keys of %s bits: what one seals the other opens', (id, keyLength) => {
  const [a, b] = [present(node.encryption(id, keyLength)), present(portable.encryption(id, keyLength))]
  if (a.kind === 'cipher' && b.kind === 'cipher') {
    fc.assert(
      fc.property(exactly(a.keyLength), exactly(a.ivLength), octets(20), (key, iv, blocks) => {
        const unit = Math.max(a.blockLength, 5)
        const plaintext = concat(...Array.from(blocks, (octet) => new Uint8Array(unit).fill(octet)))
        const ciphertext = a.encrypt(new Secret(key), iv, plaintext)
        expect(toHex(b.encrypt(new Secret(key), iv, plaintext))).toBe(toHex(ciphertext))
        expect(toHex(b.decrypt(new Secret(key), iv, ciphertext))).toBe(toHex(plaintext))
        expect(toHex(a.decrypt(new Secret(key), iv, ciphertext))).toBe(toHex(plaintext))
      }),
      runs,
    )
  } else if (a.kind === 'aead' && b.kind === 'aead') {
    fc.assert(
      fc.property(exactly(a.keyLength), exactly(8), octets(60), octets(300), fc.nat(), (key, iv, aad, plaintext, spoilt) => {
        const sealed = a.seal(new Secret(key), iv, aad, plaintext)
        expect(toHex(b.seal(new Secret(key), iv, aad, plaintext))).toBe(toHex(sealed))
        for (const aead of [a, b]) expect(aead.open(new Secret(key), iv, aad, sealed)).toEqual(plaintext)
        sealed[spoilt % sealed.length] = (sealed[spoilt % sealed.length] ?? 0) ^ 1
        for (const aead of [a, b]) expect(aead.open(new Secret(key), iv, aad, sealed)).toBeUndefined()
        for (const aead of [a, b]) expect(aead.open(new Secret(key), iv, aad, sealed.subarray(0, spoilt % a.icvLength))).toBeUndefined()
      }),
      runs,
    )
  } else throw new Error('the providers differ in kind')
})

test('SHA-1', () => {
  fc.assert(
    fc.property(octets(300), (message) => {
      expect(toHex(node.sha1(message))).toBe(toHex(portable.sha1(message)))
    }),
    runs,
  )
})

describe.each(espSuites.flatMap((suite) => (['esn', 'no-esn'] as const).map((sequence) => ({ ...suite, sequence }))))(
  'packets of $name, $sequence',
  (suite) => {
    const burst = fc.record({
      keys: fc.integer({ min: 1 }),
      texts: fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 4 }),
      high: fc.integer({ min: 0, max: 0xffffffff }),
      spoilt: fc.nat(),
    })

    test('one seals, the other opens; the sealed octets are the same; a spoilt packet is refused by both', () => {
      fc.assert(
        fc.property(burst, ({ keys, texts, high, spoilt }) => {
          const fresh: readonly CryptoProvider[] = [
            nodeProvider({ random: seededRandom(keys) }),
            portableProvider({ random: seededRandom(keys) }),
          ]
          const [a, b] = fresh.map((provider) =>
            present(provider.packetCipher(childSuite(suite, suite.sequence), packetKeys(suite, seededRandom(keys)))),
          )
          if (a === undefined || b === undefined) throw new Error('there are two providers')
          const plain = arenaOf(a.ivLength + a.icvLength, texts, suite.sequence, high)
          const jobs = [a, b].map(() => ({ ...plain, arena: plain.arena.slice(), accepted: plain.accepted.slice() }))
          const [first, second] = [present(jobs[0]), present(jobs[1])]
          a.seal(first)
          b.seal(second)
          expect(toHex(first.arena)).toBe(toHex(second.arena))
          const sealed = first.arena.slice()
          b.open(first)
          a.open(second)
          for (const job of [first, second]) {
            expect([...job.accepted]).toEqual(texts.map(() => 1))
            for (let i = 0; i < texts.length; i++) expect(textOf(job, i, a.ivLength)).toEqual(textOf(plain, i, a.ivLength))
          }
          for (const [job, cipher] of [
            [first, a],
            [second, b],
          ] as const) {
            job.arena.set(sealed)
            const at = (job.header[0] ?? 0) + (spoilt % (8 + a.ivLength + (job.textLength[0] ?? 0) + a.icvLength))
            job.arena[at] = (job.arena[at] ?? 0) ^ 0x80
            cipher.open(job)
            expect([...job.accepted]).toEqual(texts.map((_, i) => (i === 0 ? 0 : 1)))
          }
        }),
        { ...runs, numRuns: 15 },
      )
    })
  },
)

/** A burst of packets with texts of so many blocks of 16 octets. */
function arenaOf(overhead: number, blocks: readonly number[], sequence: 'esn' | 'no-esn', high: number): CipherJobs {
  const lengths = blocks.map((count) => 16 * count)
  const slot = 16 * 20 + 8 + overhead + 3
  const header = Int32Array.from(blocks, (_, i) => i * slot + 1)
  return {
    arena: Uint8Array.from({ length: slot * blocks.length }, (_, i) => i * 7),
    count: blocks.length,
    header,
    textLength: Int32Array.from(lengths),
    sequence,
    sequenceHigh: new Uint32Array(blocks.length).fill(high),
    accepted: new Uint8Array(blocks.length),
  }
}

function textOf(jobs: CipherJobs, i: number, ivLength: number): Uint8Array {
  const start = (jobs.header[i] ?? 0) + 8 + ivLength
  return jobs.arena.slice(start, start + (jobs.textLength[i] ?? 0))
}

// ESP packets through `packetCipher`, on both providers: published packets, layouts, refusals.
import { describe, expect, test } from 'vitest'
import { concat, toHex } from '../../src/bytes/bytes.ts'
import type { CipherJobs, PacketCipher } from '../../src/crypto/provider.ts'
import {
  childSuite,
  espSuites,
  hex,
  hidesText,
  node,
  oneJob,
  packetKeys,
  present,
  providers,
  publicData,
  secret,
  seededRandom,
  suitesOf,
  transform,
} from './support.ts'

interface McGrewCase {
  readonly algorithm: string
  readonly case: number
  readonly key: string
  readonly nonce: string
  readonly seq: string
  readonly plaintext: string
  readonly packet: string
}
const mcgrew = publicData('draft-mcgrew-gcm-test/vectors.json')
const mcgrewFile: { readonly cases: readonly McGrewCase[] } = mcgrew.missing ? { cases: [] } : JSON.parse(mcgrew.text())
const gcmCases = mcgrewFile.cases.filter((each) => each.algorithm === 'AES-GCM-ESP')

const gmacCases = mcgrewFile.cases.filter((each) => each.algorithm === 'AES-GMAC-ESP')

describe.skipIf(mcgrew.missing)(`draft-mcgrew-gcm-test-01 §4: GMAC in ESP${mcgrew.note}`, () => {
  test.each(providers)('%s authenticates the IV too (RFC 4543 §3.3)', (_, provider) => {
    const vector = present(gmacCases[0])
    const suite = { protocol: 3, encryption: transform(1, 21, 128), integrity: undefined, extendedSequence: 'no-esn' } as const
    const keys = { encryption: secret(vector.key + vector.nonce.slice(0, 8)), integrity: undefined }
    const cipher = present(provider.packetCipher(suite, keys))
    const packet = concat(hex(vector.packet).slice(0, -16), new Uint8Array(16))
    cipher.seal(oneJob(packet, packet.length - 32, 'no-esn', 0))
    expect(toHex(packet)).toBe(vector.packet)
  })
})

describe.skipIf(mcgrew.missing)(`draft-mcgrew-gcm-test-01 §4: AES-GCM in ESP${mcgrew.note}`, () => {
  test('there are 16 packets', () => {
    expect(gcmCases.length).toBe(16)
  })

  describe.each(providers)('%s', (_, provider) => {
    test.each(gcmCases)('seals and opens packet $case', (vector) => {
      // Eight octets of sequence number: the high half is authenticated, not sent.
      const sequence = vector.seq.length === 16 ? 'esn' : 'no-esn'
      const sequenceHigh = sequence === 'esn' ? Number.parseInt(vector.seq.slice(0, 8), 16) : 0
      const suite = {
        protocol: 3,
        encryption: transform(1, 20, vector.key.length * 4),
        integrity: undefined,
        extendedSequence: sequence,
      } as const
      // The salt is the first part of the nonce, and the last of the keying material (RFC 4106 §8.1).
      const keys = { encryption: secret(vector.key + vector.nonce.slice(0, 8)), integrity: undefined }
      const cipher = present(provider.packetCipher(suite, keys))
      const length = vector.plaintext.length / 2
      const packet = hex(vector.packet.slice(0, 32) + vector.plaintext + '00'.repeat(16))
      cipher.seal(oneJob(packet, length, sequence, sequenceHigh))
      expect(toHex(packet)).toBe(vector.packet)
      const opening = oneJob(packet, length, sequence, sequenceHigh)
      cipher.open(opening)
      expect(opening.accepted[0]).toBe(1)
      expect(toHex(packet.subarray(16, 16 + length))).toBe(vector.plaintext)
    })
  })
})

const everySuite = (provider: string) =>
  suitesOf(provider).flatMap((suite) => (['esn', 'no-esn'] as const).map((sequence) => ({ ...suite, sequence })))

describe.each(providers)('%s', (name, provider) => {
  describe.each(everySuite(name))('$name, $sequence', (suite) => {
    const keys = packetKeys(suite, seededRandom(7))
    const cipher = present(provider.packetCipher(childSuite(suite, suite.sequence), keys))
    const sealed = (): Uint8Array => sealedPacket(cipher, suite.sequence)

    test('opens what it sealed', () => {
      const packet = sealed()
      const jobs = oneJob(packet, text.length, suite.sequence, 9)
      cipher.open(jobs)
      expect(jobs.accepted[0]).toBe(1)
      expect(textOf(cipher, packet)).toEqual(text)
    })

    test('refuses a change of any octet, and leaves no plaintext', () => {
      const whole = sealed()
      for (let at = 0; at < whole.length; at++) {
        const packet = whole.slice()
        packet[at] = (packet[at] ?? 0) ^ 0x10
        const jobs = oneJob(packet, text.length, suite.sequence, 9)
        cipher.open(jobs)
        expect(jobs.accepted[0], `octet ${at}`).toBe(0)
        if (hidesText(suite)) expect(commonOctets(textOf(cipher, packet), text), `octet ${at}`).toBeLessThan(8)
      }
    })

    test('authenticates the high half of the sequence number with ESN, and only then', () => {
      const packet = sealed()
      const jobs = oneJob(packet, text.length, suite.sequence, 10)
      cipher.open(jobs)
      expect(jobs.accepted[0]).toBe(suite.sequence === 'esn' ? 0 : 1)
    })

    test('gives a refused packet back as it came, ICV and all', () => {
      const packet = sealed()
      packet[packet.length - 1] = (packet.at(-1) ?? 0) ^ 1
      const before = packet.slice()
      cipher.open(oneJob(packet, text.length, suite.sequence, 9))
      expect(toHex(packet)).toBe(toHex(before))
    })

    test('works on each packet of a burst by itself', () => {
      const gap = 5
      const whole = sealed()
      const size = whole.length + gap
      const arena = new Uint8Array(3 * size).fill(0xee)
      for (let i = 0; i < 3; i++) arena.set(sealed(), i * size)
      const spoilt = size + 8 + cipher.ivLength
      arena[spoilt] = (arena[spoilt] ?? 0) ^ 1
      const jobs: CipherJobs = {
        arena,
        count: 3,
        header: Int32Array.of(0, size, 2 * size),
        textLength: new Int32Array(3).fill(text.length),
        sequence: suite.sequence,
        sequenceHigh: new Uint32Array(3).fill(9),
        accepted: new Uint8Array(3).fill(7),
      }
      cipher.open(jobs)
      expect([...jobs.accepted]).toEqual([1, 0, 1])
      for (const i of [0, 2]) expect(textOf(cipher, arena.subarray(i * size, i * size + whole.length))).toEqual(text)
      // Nothing is written between the packets.
      for (let i = 0; i < 3; i++)
        expect([...arena.subarray(i * size + whole.length, (i + 1) * size)]).toEqual([...new Uint8Array(gap).fill(0xee)])
    })
  })

  test('CBC draws a fresh IV for each packet (RFC 3602 §3)', () => {
    const [suite] = espSuites
    const cipher = present(provider.packetCipher(childSuite(present(suite), 'no-esn'), packetKeys(present(suite), seededRandom(7))))
    const ivs = new Set(Array.from({ length: 300 }, () => toHex(sealedPacket(cipher, 'no-esn').subarray(8, 24))))
    expect(ivs.size).toBe(300)
  })

  test.each(['esn', 'no-esn'] as const)('an implicit IV is the sequence number, %s (RFC 8750 §4)', (sequence) => {
    const keys = packetKeys({ name: '', encryption: transform(1, 20, 128), integrity: undefined }, seededRandom(7))
    const sealed = [20, 30].map((id) => {
      const suite = { protocol: 3, encryption: transform(1, id, 128), integrity: undefined, extendedSequence: sequence } as const
      const cipher = present(provider.packetCipher(suite, keys))
      const iv = id === 20 ? hex(sequence === 'esn' ? '0000000900000005' : '0000000000000005') : new Uint8Array(0)
      const packet = concat(hex('c001cafe00000005'), iv, text, new Uint8Array(16))
      cipher.seal(oneJob(packet, text.length, sequence, 9))
      return toHex(packet.subarray(8 + iv.length))
    })
    expect(sealed[1]).toBe(sealed[0])
  })

  test('an authentic CBC packet of broken blocks is refused', () => {
    const keys = { encryption: secret('11'.repeat(16)), integrity: secret('22'.repeat(32)) }
    const mac = present(provider.integrity(12))
    const covered = concat(hex('0000100000000001'), new Uint8Array(16), hex('33'.repeat(20)))
    const packet = concat(covered, mac.compute(keys.integrity, covered))
    const suite = { protocol: 3, encryption: transform(1, 12, 128), integrity: transform(3, 12), extendedSequence: 'no-esn' } as const
    const jobs = oneJob(packet, 20, 'no-esn', 0)
    present(provider.packetCipher(suite, keys)).open(jobs)
    expect(jobs.accepted[0]).toBe(0)
  })

  test('suites that do not go together are not to be had', () => {
    const unfit = (
      encryption: ReturnType<typeof transform> | undefined,
      integrity: ReturnType<typeof transform> | undefined,
      key: number,
    ) =>
      provider.packetCipher(
        { protocol: 3, encryption, integrity, extendedSequence: 'no-esn' },
        { encryption: secret('00'.repeat(key)), integrity: secret('00'.repeat(32)) },
      )
    // An AEAD beside an integrity algorithm; a cipher or NULL without one; unknown numbers; keys of a wrong length.
    expect(unfit(transform(1, 20, 128), transform(3, 12), 20)).toBeUndefined()
    expect(unfit(transform(1, 12, 128), undefined, 16)).toBeUndefined()
    expect(unfit(transform(1, 11), undefined, 0)).toBeUndefined()
    expect(unfit(transform(1, 12), transform(3, 12), 16)).toBeUndefined()
    expect(unfit(transform(1, 20, 100), undefined, 20)).toBeUndefined()
    expect(unfit(transform(1, 20, 128), undefined, 16)).toBeUndefined()
    expect(unfit(undefined, transform(3, 12), 16)).toBeUndefined()
    // NONE spelled out is the same as none (RFC 7296 §3.3.3).
    expect(unfit(transform(1, 20, 128), transform(3, 0), 20)).toBeDefined()
  })
})

test('node gives packets IVs from the system where no randomness is injected', async () => {
  const { nodeProvider } = await import('../../src/crypto/providers/node.ts')
  const suite = present(espSuites[0])
  const cipher = present(nodeProvider().packetCipher(childSuite(suite, 'no-esn'), packetKeys(suite, seededRandom(7))))
  const ivs = new Set(Array.from({ length: 600 }, () => toHex(sealedPacket(cipher, 'no-esn').subarray(8, 24))))
  expect(ivs.size).toBe(600)
  expect(node.name).toBe('node')
})

const text = Uint8Array.from({ length: 48 }, (_, i) => i + 1)

/** SPI, sequence number 5, IV, sealed text, ICV. */
function sealedPacket(cipher: PacketCipher, sequence: 'esn' | 'no-esn'): Uint8Array {
  const counter = cipher.ivSource === 'counter' ? hex('0000000900000005') : new Uint8Array(cipher.ivLength)
  const packet = concat(hex('c001cafe00000005'), counter, text, new Uint8Array(cipher.icvLength))
  cipher.seal(oneJob(packet, text.length, sequence, 9))
  return packet
}

function textOf(cipher: PacketCipher, packet: Uint8Array): Uint8Array {
  return packet.slice(8 + cipher.ivLength, 8 + cipher.ivLength + text.length)
}

function commonOctets(a: Uint8Array, b: Uint8Array): number {
  return a.filter((octet, i) => octet === b[i]).length
}

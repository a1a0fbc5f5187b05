// From suites to algorithms, and the MAC of a shared secret.
import { describe, expect, test } from 'vitest'
import { toHex, utf8 } from '../../src/bytes/bytes.ts'
import { Secret } from '../../src/bytes/secret.ts'
import { ikeAlgorithms, sharedKeyMac } from '../../src/crypto/suites.ts'
import { childSuite, node, packetKeys, present, providers, seededRandom, suitesOf, transform } from './support.ts'

describe.each(providers)('%s', (name, provider) => {
  const suite = (encryption: ReturnType<typeof transform>, integrity: ReturnType<typeof transform> | undefined) => ({
    encryption,
    integrity,
    prf: transform(2, 5),
    keyExchange: transform(4, 31),
  })

  test('an IKE suite has its four algorithms', () => {
    const algorithms = present(ikeAlgorithms(provider, suite(transform(1, 12, 256), transform(3, 12))))
    expect(algorithms.encryption.kind).toBe('cipher')
    expect(algorithms.integrity?.id).toBe(12)
    expect(algorithms.prf.id).toBe(5)
    expect(algorithms.keyExchange.id).toBe(31)
  })

  test('an AEAD stands without an integrity algorithm, a cipher does not (RFC 5282 §8, RFC 7296 §3.3.3)', () => {
    expect(ikeAlgorithms(provider, suite(transform(1, 20, 256), undefined))?.integrity).toBeUndefined()
    expect(ikeAlgorithms(provider, suite(transform(1, 20, 256), undefined))).toBeDefined()
    expect(ikeAlgorithms(provider, suite(transform(1, 20, 256), transform(3, 12)))).toBeUndefined()
    expect(ikeAlgorithms(provider, suite(transform(1, 12, 256), undefined))).toBeUndefined()
  })

  test('IKE messages are never sent under NULL encryption (RFC 7296 §5)', () => {
    expect(provider.encryption(11, undefined)).toBeUndefined()
    expect(ikeAlgorithms(provider, suite(transform(1, 11), transform(3, 12)))).toBeUndefined()
  })

  test.each([
    ['GMAC (RFC 4543 §3)', 21, 128],
    ['AES-CCM with implicit IV (RFC 8750 §7)', 29, 256],
    ['AES-GCM with implicit IV (RFC 8750 §7)', 30, 256],
    ['ChaCha20-Poly1305 with implicit IV (RFC 8750 §7)', 31, undefined],
  ])('%s is for packets, never for IKE messages', (_name, id, keyLength) => {
    expect(provider.encryption(id, keyLength)).toBeUndefined()
    expect(ikeAlgorithms(provider, suite(transform(1, id, keyLength), undefined))).toBeUndefined()
    const child = { protocol: 3, encryption: transform(1, id, keyLength), integrity: undefined, extendedSequence: 'esn' } as const
    expect(provider.packetKeyLengths(child)).toBeDefined()
  })

  test('IKE messages may be sent under AES-CTR (RFC 5930) and AES-CCM (RFC 5282), with keys that end with a salt', () => {
    const ctr = present(ikeAlgorithms(provider, suite(transform(1, 13, 256), transform(3, 12)))).encryption
    expect(ctr).toMatchObject({ kind: 'cipher', keyLength: 36, ivLength: 8, ivSource: 'counter', blockLength: 1 })
    const ccm = present(ikeAlgorithms(provider, suite(transform(1, 16, 128), undefined))).encryption
    expect(ccm).toMatchObject({ kind: 'aead', keyLength: 19, saltLength: 3, ivLength: 8, icvLength: 16 })
    expect(ikeAlgorithms(provider, suite(transform(1, 13, 256), undefined))).toBeUndefined()
  })

  test('a Key Length attribute is where it must be, and nowhere else (RFC 7296 §3.3.5)', () => {
    expect(provider.encryption(12, undefined)).toBeUndefined()
    expect(provider.encryption(20, undefined)).toBeUndefined()
    expect(provider.encryption(28, 256)).toBeUndefined()
    expect(provider.encryption(28, undefined)).toBeDefined()
  })

  test('GCM and GMAC have a Key Length of 128, 192 or 256 in ESP, and a salt of four octets behind the key (RFC 4106 §8.1, §8.4, RFC 4543 §5.3, §5.4)', () => {
    for (const id of [18, 19, 20, 21]) {
      const lengths = [undefined, 64, 128, 160, 192, 256, 512].map(
        (keyLength) =>
          provider.packetKeyLengths({
            protocol: 3,
            encryption: { type: 1, id, keyLength },
            integrity: undefined,
            extendedSequence: 'no-esn',
          })?.encryption,
      )
      expect(lengths, `${id}`).toEqual([undefined, undefined, 20, undefined, 28, 36, undefined])
    }
  })

  test.each(suitesOf(name))('$name: keys of the derived lengths fit the packet cipher', (esp) => {
    const child = childSuite(esp, 'no-esn')
    const lengths = present(provider.packetKeyLengths(child))
    const keys = packetKeys(esp, seededRandom(2))
    expect(lengths).toEqual({ encryption: keys.encryption?.length ?? 0, integrity: keys.integrity?.length ?? 0 })
    expect(provider.packetCipher(child, keys)).toBeDefined()
  })

  test('AUTH of a shared key is prf(prf(secret, "Key Pad for IKEv2"), octets) (RFC 7296 §2.15)', () => {
    const prf = present(provider.prf(6))
    const shared = new Secret(utf8('correct horse, no battery'))
    const octets = utf8('signed octets')
    const inner = new Secret(prf.compute(shared, utf8('Key Pad for IKEv2')))
    expect(toHex(sharedKeyMac(provider, 6, shared, octets))).toBe(toHex(prf.compute(inner, octets)))
    expect(toHex(sharedKeyMac(provider, 6, shared, octets))).toBe(toHex(sharedKeyMac(node, 6, shared, octets)))
    expect(() => sharedKeyMac(provider, 99, shared, octets)).toThrow(/no PRF 99/)
  })
})

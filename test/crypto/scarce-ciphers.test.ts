// Camellia-CBC (RFC 4312, RFC 5529) and Triple DES (RFC 2451): the provider `node` has them where OpenSSL has, `portable` never.
import { describe, expect, test } from 'vitest'
import { concat, toHex } from '../../src/bytes/bytes.ts'
import type { Cipher, CryptoProvider } from '../../src/crypto/provider.ts'
import { nodeProvider } from '../../src/crypto/providers/node.ts'
import { scarceCipherShapes } from '../../src/crypto/catalogue.ts'
import { encryption } from '../../src/iana/transforms.ts'
import { childSuite, hex, node, oneJob, packetKeys, portable, present, publicData, scarceSuites, secret, seededRandom } from './support.ts'

const { ENCR_3DES, ENCR_CAMELLIA_CBC } = encryption

function cipherOf(provider: CryptoProvider, id: number, keyBits: number | undefined): Cipher {
  const found = present(provider.encryption(id, keyBits))
  if (found.kind !== 'cipher') throw new Error(`${id} is no AEAD`)
  return found
}

describe('Camellia-CBC', () => {
  const strongswan = publicData('extracted-facts/strongswan-test-vectors.json')
  test.skipIf(strongswan.missing)(`values of strongSwan${strongswan.note}`, () => {
    const file: { vectors: { camellia_cbc: Readonly<Record<'key' | 'iv' | 'plain' | 'cipher', string>>[] } } = JSON.parse(strongswan.text())
    for (const { key, iv, plain, cipher } of file.vectors.camellia_cbc)
      expect(toHex(cipherOf(node, ENCR_CAMELLIA_CBC, 4 * key.length).encrypt(secret(key), hex(iv), hex(plain)))).toBe(cipher)
    expect(file.vectors.camellia_cbc).toHaveLength(6)
  })

  test('carries the Key Length attribute, and IVs of a block (RFC 5529 §4.3, RFC 4312 §3)', () => {
    expect(node.encryption(ENCR_CAMELLIA_CBC, undefined)).toBeUndefined()
    for (const bits of [128, 192, 256])
      expect(cipherOf(node, ENCR_CAMELLIA_CBC, bits)).toMatchObject({
        keyLength: bits / 8,
        ivLength: 16,
        blockLength: 16,
        ivSource: 'random',
      })
  })
})

describe('Triple DES', () => {
  const cipher = cipherOf(node, ENCR_3DES, undefined)
  const key = '0123456789abcdef23456789abcdef01456789abcdef0123'

  test('the example of NIST SP 800-67, appendix B, block by block', () => {
    const blocks = [
      ['5468652071756663', 'a826fd8ce53b855f'],
      ['6b2062726f776e20', 'cce21c8112256fe6'],
      ['666f78206a756d70', '68d5c05dd9b6b900'],
    ] as const
    for (const [plain, sealed] of blocks) expect(toHex(cipher.encrypt(secret(key), new Uint8Array(8), hex(plain)))).toBe(sealed)
  })

  test('three equal keys make it single DES: the example of FIPS 81, which is in CBC mode', () => {
    const text = hex('4e6f77206973207468652074696d6520666f7220616c6c20')
    const sealed = cipher.encrypt(secret('0123456789abcdef'.repeat(3)), hex('1234567890abcdef'), text)
    expect(toHex(sealed)).toBe('e5c7cdde872bf27c43e934008c389c0f683788499a7c05f6')
  })

  test('has keys of 192 bits, parity and all, and no Key Length attribute (RFC 2451 §2.2, RFC 7296 §3.3.5)', () => {
    expect(cipher).toMatchObject({ keyLength: 24, ivLength: 8, blockLength: 8, ivSource: 'random' })
    expect(node.encryption(ENCR_3DES, 192)).toBeUndefined()
    // The lowest bit of each octet is parity, and not part of the key.
    const turned = toHex(hex(key).map((octet) => octet ^ 1))
    const [iv, text] = [hex('0102030405060708'), hex('11'.repeat(16))]
    expect(toHex(cipher.encrypt(secret(turned), iv, text))).toBe(toHex(cipher.encrypt(secret(key), iv, text)))
  })

  test('an IV of eight octets stands before the text of a packet, and nothing more is overwritten (RFC 2451 §3)', () => {
    const suite = present(scarceSuites.find(({ encryption: { id } }) => id === ENCR_3DES))
    for (const provider of [node, nodeProvider()]) {
      const keys = packetKeys(suite, seededRandom(7))
      const text = Uint8Array.from({ length: 24 }, (_, i) => i)
      const packet = concat(hex('c001cafe00000005'), new Uint8Array(8), text, new Uint8Array(12))
      present(provider.packetCipher(childSuite(suite, 'no-esn'), keys)).seal(oneJob(packet, text.length, 'no-esn', 0))
      const [iv, sealed] = [packet.subarray(8, 16), packet.subarray(16, 40)]
      expect(toHex(iv)).not.toBe('00'.repeat(8))
      expect(toHex(cipher.decrypt(present(keys.encryption), iv, sealed))).toBe(toHex(text))
    }
  })
})

test('IVs of eight and of sixteen octets from the system do not repeat', () => {
  const provider = nodeProvider()
  const ivs = new Set<string>()
  for (let i = 0; i < 400; i++) {
    const suite = present(scarceSuites[i % 2 === 0 ? 0 : 3])
    const cipher = present(provider.packetCipher(childSuite(suite, 'no-esn'), packetKeys(suite, seededRandom(7))))
    const packet = new Uint8Array(8 + cipher.ivLength + 16 + cipher.icvLength)
    cipher.seal(oneJob(packet, 16, 'no-esn', 0))
    ivs.add(toHex(packet.subarray(8, 16)))
  }
  expect(ivs.size).toBe(400)
})

test.each(scarceCipherShapes)('the portable provider has no cipher $id of $keyBits bits, for IKE nor for ESP', ({ id, keyBits }) => {
  expect(portable.encryption(id, keyBits)).toBeUndefined()
  const suite = present(scarceSuites.find((each) => each.encryption.id === id && each.encryption.keyLength === keyBits))
  expect(portable.packetKeyLengths(childSuite(suite, 'esn'))).toBeUndefined()
  expect(portable.packetCipher(childSuite(suite, 'esn'), packetKeys(suite, seededRandom(1)))).toBeUndefined()
})

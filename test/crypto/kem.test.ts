// ML-KEM: FIPS 203, draft-ietf-ipsecme-ikev2-mlkem. That the numbers are right is for strongSwan's values here and for Wycheproof's in
// Wycheproof: test/conformance/imports-wycheproof.test.ts.
import { createCipheriv } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { concat, toHex } from '../../src/bytes/bytes.ts'
import { dangerReveal, Secret } from '../../src/bytes/secret.ts'
import type { RandomSource } from '../../src/contract/random.ts'
import { kemShapes } from '../../src/crypto/catalogue.ts'
import { keyExchange } from '../../src/iana/transforms.ts'
import { hex, node, portable, present, providers, publicData, revealed, seededRandom } from './support.ts'

describe.each(providers)('%s', (_, provider) => {
  describe.each(kemShapes)('KEM $id', ({ id, publicLength, ciphertextLength, privateLength }) => {
    const kem = present(provider.kem(id))
    const pair = kem.generate(seededRandom(1))
    const { ciphertext, sharedSecret } = present(kem.encapsulate(pair.publicValue, seededRandom(2)))

    test('both sides come to the same secret of 32 octets, with the lengths of the draft, §2.1', () => {
      expect([kem.publicLength, pair.publicValue.length]).toEqual([publicLength, publicLength])
      expect([kem.ciphertextLength, ciphertext.length]).toEqual([ciphertextLength, ciphertextLength])
      expect(pair.privateKey.length).toBe(privateLength)
      expect(sharedSecret.length).toBe(32)
      expect(revealed(present(kem.decapsulate(pair.privateKey, ciphertext)))).toBe(revealed(sharedSecret))
    })

    test('the same randomness gives the same octets, other randomness others', () => {
      const again = kem.generate(seededRandom(1))
      expect([toHex(again.publicValue), revealed(again.privateKey)]).toEqual([toHex(pair.publicValue), revealed(pair.privateKey)])
      expect(toHex(kem.generate(seededRandom(3)).publicValue)).not.toBe(toHex(pair.publicValue))
      const repeated = present(kem.encapsulate(pair.publicValue, seededRandom(2)))
      expect([toHex(repeated.ciphertext), revealed(repeated.sharedSecret)]).toEqual([toHex(ciphertext), revealed(sharedSecret)])
      expect(toHex(present(kem.encapsulate(pair.publicValue, seededRandom(4))).ciphertext)).not.toBe(toHex(ciphertext))
    })

    test('refuses encapsulation keys of another length, or with a coefficient that is not reduced (FIPS 203 §7.2)', () => {
      const unreduced = pair.publicValue.slice()
      // Twelve bits each, the first of them 3329: the prime itself.
      unreduced.set([0x01, ((unreduced[1] ?? 0) & 0xf0) | 0x0d])
      const refused = [unreduced, pair.publicValue.subarray(1), concat(pair.publicValue, Uint8Array.of(0)), new Uint8Array(0)]
      for (const value of refused) expect(kem.encapsulate(value, seededRandom(2))).toBeUndefined()
    })

    test('refuses ciphertexts of another length, and a decapsulation key that is not what it was (FIPS 203 §7.3)', () => {
      for (const value of [ciphertext.subarray(1), concat(ciphertext, Uint8Array.of(0)), new Uint8Array(0)])
        expect(kem.decapsulate(pair.privateKey, value)).toBeUndefined()
      const spoilt = dangerReveal(pair.privateKey).slice()
      const at = privateLength - 64
      spoilt[at] = (spoilt[at] ?? 0) ^ 1
      expect(kem.decapsulate(new Secret(spoilt), ciphertext)).toBeUndefined()
      expect(kem.decapsulate(new Secret(spoilt.slice(1)), ciphertext)).toBeUndefined()
    })

    test('rejects a changed ciphertext implicitly: another secret, and always the same (FIPS 203 §6.3)', () => {
      const changed = ciphertext.slice()
      changed[7] = (changed[7] ?? 0) ^ 1
      const secret = revealed(present(kem.decapsulate(pair.privateKey, changed)))
      expect(secret).not.toBe(revealed(sharedSecret))
      expect(revealed(present(kem.decapsulate(pair.privateKey, changed)))).toBe(secret)
    })

    test('does not use a wiped key, nor randomness of another length', () => {
      const wiped = kem.generate(seededRandom(5)).privateKey
      wiped.wipe()
      expect(() => kem.decapsulate(wiped, ciphertext)).toThrow(/wiped/)
      expect(() => kem.generate((length) => new Uint8Array(length - 1))).toThrow(/63 octets instead of 64/)
      expect(() => kem.encapsulate(pair.publicValue, (length) => new Uint8Array(length + 1))).toThrow(/33 octets instead of 32/)
    })
  })

  test('Diffie-Hellman groups are no KEMs', () => {
    for (const id of [0, 14, 19, 31, 34, 38, 65535]) expect(provider.kem(id)).toBeUndefined()
  })
})

test.each(kemShapes)('both providers have the same KEM $id', ({ id }) => {
  const [ours, theirs] = [present(node.kem(id)), present(portable.kem(id))]
  const { privateKey, publicValue } = ours.generate(seededRandom(6))
  const { ciphertext, sharedSecret } = present(theirs.encapsulate(publicValue, seededRandom(7)))
  expect(revealed(present(ours.decapsulate(privateKey, ciphertext)))).toBe(revealed(sharedSecret))
})

interface StrongswanCase {
  readonly name: string
  readonly method: 'ML_KEM_512' | 'ML_KEM_768' | 'ML_KEM_1024'
  readonly seed: string
  readonly pub_i: string
  readonly pub_r: string
  readonly shared: string
}
const strongswan = publicData('extracted-facts/strongswan-test-vectors.json')

describe.each(providers)('%s, values of strongSwan', (_, provider) => {
  test.skipIf(strongswan.missing)(`both sides of each exchange${strongswan.note}`, () => {
    const { vectors }: { vectors: { ml_kem: StrongswanCase[] } } = JSON.parse(strongswan.text())
    for (const { name, method, seed, pub_i, pub_r, shared } of vectors.ml_kem) {
      const kem = present(provider.kem(keyExchange[method]))
      const random = nistDrbg(hex(seed))
      const { privateKey, publicValue } = kem.generate(random)
      const { ciphertext, sharedSecret } = present(kem.encapsulate(publicValue, random))
      const values = [
        toHex(publicValue),
        toHex(ciphertext),
        revealed(sharedSecret),
        revealed(present(kem.decapsulate(privateKey, ciphertext))),
      ]
      expect(values, name).toEqual([pub_i, pub_r, shared, shared])
    }
    expect(vectors.ml_kem).toHaveLength(12)
  })
})

/** strongSwan too asks once for d and z. CTR_DRBG with AES-256 and without a derivation function: NIST SP 800-90A §10.2.1, which the seeds of known answers are for. */
function nistDrbg(seed: Uint8Array): RandomSource {
  let key = new Uint8Array(32)
  const counter = new Uint8Array(16)
  const blocks = (length: number): Uint8Array => {
    const cipher = createCipheriv('aes-256-ecb', key, null).setAutoPadding(false)
    const made: Uint8Array[] = []
    for (let left = length; left > 0; left -= 16) {
      for (let i = 15; i >= 0 && (counter[i] = ((counter[i] ?? 0) + 1) & 0xff) === 0; i--);
      made.push(new Uint8Array(cipher.update(counter)))
    }
    return concat(...made).slice(0, length)
  }
  const update = (provided: Uint8Array): void => {
    const made = blocks(48).map((octet, i) => octet ^ (provided[i] ?? 0))
    key = made.slice(0, 32)
    counter.set(made.subarray(32))
  }
  update(seed)
  return (length) => {
    const octets = blocks(length)
    update(new Uint8Array(48))
    return octets
  }
}

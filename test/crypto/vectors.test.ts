// What RFCs print, against both providers.
import { describe, expect, test } from 'vitest'
import { concat, toHex } from '../../src/bytes/bytes.ts'
import { Secret } from '../../src/bytes/secret.ts'
import { encryption, integrity, keyExchange, prf } from '../../src/iana/transforms.ts'
import { ccm } from '../../src/crypto/providers/portable/aeads.ts'
import { modpGenerator, modpGroups } from '../../src/crypto/modp.ts'
import type { CryptoProvider } from '../../src/crypto/provider.ts'
import { hex, node, oneJob, present, providers, revealed, secret, transform, type Vector, vectors } from './support.ts'

const given = (vector: Vector, name: string): string => String(present(vector.inputs[name]))
const expected = (vector: Vector, name: string): string => present(vector.expected[name])

describe.each(providers)('%s', (_, provider) => {
  describe('RFC 3602 §4: AES-CBC', () => {
    test.each(vectors('rfc3602-aes-cbc.json'))('$id', (vector) => {
      const cipher = present(provider.encryption(encryption.ENCR_AES_CBC, 128))
      if (cipher.kind !== 'cipher') throw new Error('AES-CBC is no AEAD')
      const [key, iv] = [secret(given(vector, 'key')), hex(given(vector, 'iv'))]
      const ciphertext = cipher.encrypt(key, iv, hex(given(vector, 'plaintext')))
      expect(toHex(ciphertext)).toBe(expected(vector, 'ciphertext'))
      expect(toHex(cipher.decrypt(key, iv, ciphertext))).toBe(given(vector, 'plaintext'))
    })
  })

  describe('RFC 3686 §6: AES-CTR', () => {
    test.each(vectors('rfc3686-aes-ctr.json'))('$id', (vector) => {
      const cipher = present(provider.encryption(encryption.ENCR_AES_CTR, vector.keyLength))
      if (cipher.kind !== 'cipher') throw new Error('AES-CTR is no AEAD')
      const [keymat, iv, plaintext] = [given(vector, 'keymat'), hex(given(vector, 'iv')), hex(given(vector, 'plaintext'))]
      expect(toHex(cipher.encrypt(secret(keymat), iv, plaintext))).toBe(expected(vector, 'ciphertext'))
      // In a packet, the same octets stand behind the IV.
      const suite = {
        protocol: 3,
        encryption: transform(1, 13, vector.keyLength),
        integrity: transform(3, 12),
        extendedSequence: 'no-esn',
      } as const
      const inPacket = present(provider.packetCipher(suite, { encryption: secret(keymat), integrity: secret('0a'.repeat(32)) }))
      const packet = concat(new Uint8Array(8), iv, plaintext, new Uint8Array(16))
      inPacket.seal(oneJob(packet, plaintext.length, 'no-esn', 0))
      expect(toHex(packet.subarray(16, -16))).toBe(expected(vector, 'ciphertext'))
    })
  })

  describe.each([
    ['RFC 2202: HMAC-SHA-1', 'rfc2202-hmac-sha1.json'],
    ['RFC 4231: HMAC-SHA-2', 'rfc4231-hmac-sha2.json'],
    ['RFC 4434: AES-XCBC-PRF-128', 'rfc4434-aes-xcbc-prf.json'],
    ['RFC 4493: AES-CMAC', 'rfc4493-aes-cmac.json'],
    ['RFC 4615: AES-CMAC-PRF-128', 'rfc4615-aes-cmac-prf.json'],
  ])('%s', (_title, file) => {
    test.each(vectors(file))('$id', (vector) => {
      const algorithm = present(provider.prf(numberOf(prf, vector.algorithm)))
      const output = expected(vector, 'output')
      // Test case 5 prints the first 16 octets only.
      const mac = algorithm.compute(secret(given(vector, 'key')), hex(given(vector, 'data')))
      expect(toHex(mac).slice(0, output.length)).toBe(output)
      expect(mac.length).toBe(algorithm.outputLength)
    })
  })

  describe.each([
    ['RFC 3566 §4.6: AES-XCBC-MAC-96', 'rfc3566-aes-xcbc.json'],
    ['RFC 4494 §5: AES-CMAC-96', 'rfc4494-aes-cmac-96.json'],
  ])('%s', (_title, file) => {
    test.each(vectors(file))('$id', (vector) => {
      const algorithm = present(provider.integrity(numberOf(integrity, vector.algorithm)))
      const icv = algorithm.compute(secret(given(vector, 'key')), hex(given(vector, 'data')))
      expect(toHex(icv)).toBe(expected(vector, 'icv'))
      expect(icv.length).toBe(algorithm.icvLength)
    })
  })

  test('RFC 2202, case 5: the digest cut to 96 bits is what HMAC-SHA1-96 sends (RFC 2404 §2)', () => {
    const vector = present(vectors('rfc2202-hmac-sha1.json').find(({ id }) => id === 'rfc2202-case-5-sha1'))
    const icv = present(provider.integrity(integrity.AUTH_HMAC_SHA1_96)).compute(secret(given(vector, 'key')), hex(given(vector, 'data')))
    expect(toHex(icv)).toBe(expected(vector, 'icv'))
  })

  describe('RFC 5903 §8: ECP groups', () => {
    test.each(vectors('rfc5903-ecp.json'))('$id', (vector) => {
      agreesAsPrinted(provider, vector)
      // A KE payload: generic header, group, reserved, then the public value (RFC 7296 §3.4).
      expect(expected(vector, 'payloadInitiator').slice(16)).toBe(expected(vector, 'publicInitiator'))
      expect(expected(vector, 'payloadResponder').slice(16)).toBe(expected(vector, 'publicResponder'))
    })
  })

  describe('RFC 7634: ChaCha20-Poly1305', () => {
    const [esp, ike] = vectors('rfc7634-chacha20-poly1305.json')

    test('appendix A: an ESP packet, sealed and opened in place', () => {
      const vector = present(esp)
      const suite = { protocol: 3, encryption: transform(1, 28), integrity: undefined, extendedSequence: 'no-esn' } as const
      const keys = { encryption: secret(given(vector, 'keymat')), integrity: undefined }
      const cipher = present(provider.packetCipher(suite, keys))
      const plaintext = hex(given(vector, 'plaintext'))
      const packet = concat(hex(given(vector, 'aad')), hex(given(vector, 'iv')), plaintext, new Uint8Array(16))
      cipher.seal(oneJob(packet, plaintext.length, 'no-esn', 0))
      // What the RFC prints begins with an outer IP header of 20 octets.
      expect(toHex(packet)).toBe(expected(vector, 'packet').slice(40))
      const opening = oneJob(packet, plaintext.length, 'no-esn', 0)
      cipher.open(opening)
      expect(opening.accepted[0]).toBe(1)
      expect(toHex(packet.subarray(16, 16 + plaintext.length))).toBe(given(vector, 'plaintext'))
    })

    test('appendix B: an IKE message', () => {
      const vector = present(ike)
      const aead = present(provider.encryption(encryption.ENCR_CHACHA20_POLY1305, undefined))
      if (aead.kind !== 'aead') throw new Error('ChaCha20-Poly1305 is an AEAD')
      const [key, iv, aad] = [secret(given(vector, 'keymat')), hex(given(vector, 'iv')), hex(given(vector, 'aad'))]
      const sealed = aead.seal(key, iv, aad, hex(given(vector, 'plaintext')))
      expect(toHex(concat(aad, iv, sealed))).toBe(expected(vector, 'message'))
      expect(toHex(present(aead.open(key, iv, aad, sealed)))).toBe(given(vector, 'plaintext'))
    })
  })

  describe('RFC 6954 appendix A: Brainpool curves', () => {
    test.each(vectors('rfc6954-brainpool.json'))('$id', (vector) => agreesAsPrinted(provider, vector))
  })

  describe('RFC 7748: X25519 and X448', () => {
    // A thousand times X448 in JavaScript takes seconds.
    const dear = provider.name === 'portable' ? 'rfc7748-x448-iterated-1000' : undefined
    const cases = [...vectors('rfc7748-x25519.json'), ...vectors('rfc7748-x448.json')].filter(({ id }) => id !== dear)
    test.each(cases)('$id', (vector) => {
      if (vector.operation === 'key-exchange') agreesAsPrinted(provider, vector)
      else if (vector.operation === 'iterated') iteratesAsPrinted(provider, vector)
      else {
        const curve = present(provider.keyExchange(numberOf(keyExchange, vector.algorithm)))
        const shared = curve.agree(secret(given(vector, 'privateKey')), hex(given(vector, 'publicValue')))
        expect(revealed(present(shared))).toBe(expected(vector, 'sharedSecret'))
      }
    })
  })
})

describe('RFC 3526: MODP groups', () => {
  test.each(vectors('rfc3526-modp.json'))('$id has the prime that is printed', (vector) => {
    const group = present(modpGroups.find(({ id }) => id === numberOf(keyExchange, vector.algorithm)))
    expect(toHex(group.prime)).toBe(expected(vector, 'prime'))
    expect(modpGenerator).toBe(vector.inputs['generator'])
  })
})

// The nonces of these have 13 octets, those of IKE and ESP have 11: they do not go through a provider.
describe('RFC 3610 §8: AES-CCM as made of AES-CBC and AES-CTR for the portable provider', () => {
  test.each(vectors('rfc3610-aes-ccm.json'))('$id', (vector) => {
    const [key, nonce, aad] = [hex(given(vector, 'key')), hex(given(vector, 'nonce')), hex(given(vector, 'aad'))]
    const aead = ccm(Number(vector.inputs['icvLength']))(key, nonce, aad)
    expect(toHex(aead.encrypt(hex(given(vector, 'plaintext'))))).toBe(expected(vector, 'sealed'))
    expect(toHex(aead.decrypt(hex(expected(vector, 'sealed'))))).toBe(given(vector, 'plaintext'))
  })
})

test('AES-CCM with more than 65,279 octets of additional data has a longer length field (RFC 3610 §2.2)', () => {
  const [key, nonce, aad] = [new Uint8Array(16).fill(1), new Uint8Array(11).fill(2), new Uint8Array(0xff00).fill(3)]
  const iv = nonce.slice(3)
  const aead = present(node.encryption(encryption.ENCR_AES_CCM_16, 128))
  if (aead.kind !== 'aead') throw new Error('AES-CCM is an AEAD')
  const sealed = aead.seal(new Secret(concat(key, nonce.slice(0, 3))), iv, aad, iv)
  expect(toHex(ccm(16)(key, nonce, aad).encrypt(iv))).toBe(toHex(sealed))
})

function agreesAsPrinted(provider: CryptoProvider, vector: Vector): void {
  const algorithm = present(provider.keyExchange(numberOf(keyExchange, vector.algorithm)))
  const initiator = algorithm.generate(() => hex(given(vector, 'privateInitiator')))
  const responder = algorithm.generate(() => hex(given(vector, 'privateResponder')))
  expect(toHex(initiator.publicValue)).toBe(expected(vector, 'publicInitiator'))
  expect(toHex(responder.publicValue)).toBe(expected(vector, 'publicResponder'))
  expect(revealed(present(algorithm.agree(initiator.privateKey, responder.publicValue)))).toBe(expected(vector, 'sharedSecret'))
  expect(revealed(present(algorithm.agree(responder.privateKey, initiator.publicValue)))).toBe(expected(vector, 'sharedSecret'))
}

/** RFC 7748 §5.2: "set k to be the result of calling the function and u to be the old value of k". */
function iteratesAsPrinted(provider: CryptoProvider, vector: Vector): void {
  const curve = present(provider.keyExchange(numberOf(keyExchange, vector.algorithm)))
  let k = hex(given(vector, 'start'))
  let u = k
  for (let i = 0; i < Number(vector.inputs['iterations']); i++) {
    const result = hex(revealed(present(curve.agree(new Secret(k), u))))
    u = k
    k = result
  }
  expect(toHex(k)).toBe(expected(vector, 'output'))
}

function numberOf(numbers: Readonly<Record<string, number>>, name: string): number {
  return present(numbers[name])
}

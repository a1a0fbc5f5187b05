// Values that RFCs print, asked otherwise than test/conformance asks them: in packets, in parts that no provider shows, a thousand times over.
import { describe, expect, test } from 'vitest'
import { concat, toHex } from '../../src/bytes/bytes.ts'
import { Secret } from '../../src/bytes/secret.ts'
import { keyAgreement } from '../../src/conformance/kinds/key-agreement.ts'
import { ccm } from '../../src/crypto/providers/portable/aeads.ts'
import { encryption } from '../../src/iana/transforms.ts'
import { hex, node, oneJob, present, printedCases, providers, secret, transform } from './support.ts'

describe.each(providers)('%s', (_, provider) => {
  test.each(printedCases('rfc3686-aes-ctr.json', '-encrypt'))(
    '$id: in a packet, the same octets stand behind the IV',
    ({ inputs, expected }) => {
      const encryptionTransform = transform(1, 13, Number(inputs['keyLength']))
      const suite = { protocol: 3, encryption: encryptionTransform, integrity: transform(3, 12), extendedSequence: 'no-esn' } as const
      const keys = { encryption: secret(String(inputs['key'])), integrity: secret('0a'.repeat(32)) }
      const plaintext = hex(String(inputs['plaintext']))
      const packet = concat(new Uint8Array(8), hex(String(inputs['iv'])), plaintext, new Uint8Array(16))
      present(provider.packetCipher(suite, keys)).seal(oneJob(packet, plaintext.length, 'no-esn', 0))
      expect(toHex(packet.subarray(16, -16))).toBe(expected['ciphertext'])
    },
  )

  test('RFC 7634 appendix A: an ESP packet, sealed and opened in place', () => {
    const { inputs, expected } = present(printedCases('rfc7634-chacha20-poly1305.json', '-appendix-a-seal')[0])
    const suite = { protocol: 3, encryption: transform(1, 28), integrity: undefined, extendedSequence: 'no-esn' } as const
    const cipher = present(provider.packetCipher(suite, { encryption: secret(String(inputs['key'])), integrity: undefined }))
    const [header, iv, plaintext] = [hex(String(inputs['aad'])), hex(String(inputs['iv'])), hex(String(inputs['plaintext']))]
    const packet = concat(header, iv, plaintext, new Uint8Array(16))
    cipher.seal(oneJob(packet, plaintext.length, 'no-esn', 0))
    expect(toHex(packet.subarray(16))).toBe(expected['sealed'])
    const opening = oneJob(packet, plaintext.length, 'no-esn', 0)
    cipher.open(opening)
    expect(opening.accepted[0]).toBe(1)
    expect(toHex(packet.subarray(16, 16 + plaintext.length))).toBe(inputs['plaintext'])
  })
})

// A thousand times in JavaScript takes seconds: conformance calls these slow.
test.each(['rfc7748-x25519.json', 'rfc7748-x448.json'])('%s: a thousand iterations with node', (file) => {
  const { inputs, expected } = present(printedCases(file, '-iterated-1000')[0])
  expect(keyAgreement.answer(node, inputs)).toEqual({ kind: 'outputs', outputs: expected })
})

// The nonces of these have 13 octets, those of IKE and ESP have 11: they do not go through a provider.
describe('RFC 3610 §8: AES-CCM as made of AES-CBC and AES-CTR for the portable provider', () => {
  const aead = (inputs: Readonly<Record<string, string | number>>) =>
    ccm(Number(inputs['icvLength']))(hex(String(inputs['key'])), hex(String(inputs['nonce'])), hex(String(inputs['aad'])))

  test.each(printedCases('rfc3610-aes-ccm.json', '-seal'))('$id', ({ inputs, expected }) => {
    expect(toHex(aead(inputs).encrypt(hex(String(inputs['plaintext']))))).toBe(expected['sealed'])
  })
  test.each(printedCases('rfc3610-aes-ccm.json', '-open'))('$id', ({ inputs, expected }) => {
    expect(toHex(aead(inputs).decrypt(hex(String(inputs['sealed']))))).toBe(expected['plaintext'])
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

test.each(providers)('%s: every PRF and integrity algorithm gives as many octets as it says', (_, provider) => {
  for (const id of [2, 4, 5, 6, 7, 8]) {
    const prf = present(provider.prf(id))
    expect(prf.compute(new Secret(new Uint8Array(prf.keyLength))).length).toBe(prf.outputLength)
  }
  for (const id of [2, 5, 8, 12, 13, 14]) {
    const integrity = present(provider.integrity(id))
    expect(integrity.compute(new Secret(new Uint8Array(integrity.keyLength))).length).toBe(integrity.icvLength)
  }
})

import { describe, expect, test } from 'vitest'
import type { ProposalTemplate, TransformChoice } from '../../src/contract/transforms.ts'
import { algorithmWords, formatTransform } from '../../src/policy/algorithm-words.ts'
import { toWireProposals } from '../../src/policy/proposal-choice.ts'
import { defaultEspProposals, defaultIkeProposals, formatProposal, parseProposal, parseProposals } from '../../src/policy/proposal-words.ts'
import type { WordFault } from '../../src/policy/words.ts'
import {
  ah,
  cbc,
  chacha,
  ecp256,
  esn,
  esp,
  gcm,
  ike,
  modp2048,
  noEsn,
  noIntegrity,
  nullCipher,
  prf256,
  prf384,
  sha256,
  sha512,
  x25519,
} from './offers.ts'

const named = (type: number, id: number, keyLength?: number): TransformChoice => ({ type, id, keyLength })
const ofCiphers = (...ciphers: [id: number, bits?: number][]): TransformChoice[] => ciphers.map(([id, bits]) => named(1, id, bits))
const groups = (...ids: number[]): TransformChoice[] => ids.map((id) => named(4, id))

function parsed(text: string, protocol: number): ProposalTemplate {
  const result = parseProposal(text, protocol)
  if (!result.ok) throw new Error(result.fault.message)
  return result.value
}

function faultOf(text: string, protocol: number): WordFault {
  const result = parseProposals(text, protocol)
  if (result.ok) throw new Error(`parsed: ${text}`)
  return result.fault
}

describe('a proposal in words', () => {
  test.each([
    ['aes256gcm16-prfsha384-x25519', 1, ike(gcm(256), prf384, x25519)],
    ['aes128-sha256-x25519', 1, ike(cbc(128), prf256, sha256, x25519)],
    ['aes128-aes256-sha512-sha256-prfsha256-ecp256-modp2048', 1, ike(cbc(128), cbc(256), prf256, sha512, sha256, ecp256, modp2048)],
    ['chacha20poly1305-prfsha256-curve25519', 1, ike(chacha, prf256, x25519)],
    ['aes128gcm-aes128-sha256-modp2048', 1, ike(gcm(128), cbc(128), prf256, sha256, modp2048)],
    ['aes128gcm16-sha256-x25519', 1, ike(gcm(128), prf256, x25519)],
    ['ENCR_AES_GCM_16_256-PRF_HMAC_SHA2_384-CURVE_25519', 1, ike(gcm(256), prf384, x25519)],
    ['AES_CBC_128-HMAC_SHA2_256_128-PRF_HMAC_SHA2_256-MODP_2048', 1, ike(cbc(128), prf256, sha256, modp2048)],
    ['aes256gcm16-esn-noesn', 3, esp(gcm(256), esn, noEsn)],
    ['aes256gcm128', 3, esp(gcm(256), noEsn)],
    ['null-sha256', 3, esp(nullCipher, sha256, noEsn)],
    ['aes128-sha256-x25519-esn', 3, esp(cbc(128), sha256, x25519, esn)],
    ['sha256-sha512', 2, ah(sha256, sha512, noEsn)],
    ['aes128gmac-aes_128_gmac-aes256gmac-AUTH_AES_192_GMAC', 2, ah(named(3, 9), named(3, 11), named(3, 10), noEsn)],
    ['aes128-sha1-x25519', 1, ike(cbc(128), named(2, 2), named(3, 2), x25519)],
    ['aes128-aesxcbc-aescmac-x25519', 1, ike(cbc(128), named(2, 4), named(2, 8), named(3, 5), named(3, 8), x25519)],
    ['aes128gcm16-prfsha1-prfaesxcbc-prfaescmac-x25519', 1, ike(gcm(128), named(2, 2), named(2, 4), named(2, 8), x25519)],
    ['3des-camellia256-camellia-sha1-modp2048', 1, ike(...ofCiphers([3], [23, 256], [23, 128]), named(2, 2), named(3, 2), modp2048)],
    ['ENCR_3DES-CAMELLIA_CBC_192-sha256', 3, esp(...ofCiphers([3], [23, 192]), sha256, noEsn)],
    ['AES_CBC_128-HMAC_SHA1_96-AES_XCBC_96-AUTH_AES_CMAC_96', 3, esp(cbc(128), named(3, 2), named(3, 5), named(3, 8), noEsn)],
    ['aes256ctr-sha512-x25519', 1, ike(named(1, 13, 256), named(2, 7), sha512, x25519)],
    [
      'aes128ccm-aes256ccm96-aes192ccm8-aes128gcm64-aes256gcm12',
      3,
      esp(...ofCiphers([16, 128], [15, 256], [14, 192], [18, 128], [19, 256]), noEsn),
    ],
    ['aes192gmac', 3, esp(named(1, 21, 192), noEsn)],
    ['aes128gcm16iiv-aes256ccm8iiv-chacha20poly1305iiv', 3, esp(...ofCiphers([30, 128], [29, 256], [31]), noEsn)],
    ['ENCR_AES_CBC/256-AUTH_HMAC_SHA2_256_128-AES_CBC/128', 3, esp(cbc(256), cbc(128), sha256, noEsn)],
    ['encr_aes_gcm_16/128', 3, esp(gcm(128), noEsn)],
    ['ENCR_AES_CTR_128-AES_CMAC_96', 3, esp(named(1, 13, 128), named(3, 8), noEsn)],
    ['AES_CCM_16_256-NULL_AUTH_AES_GMAC_128', 3, esp(named(1, 16, 256), named(1, 21, 128), noEsn)],
    ['aes128gcm16-prfsha256-modp1536-modp4096-modp6144-modp8192', 1, ike(gcm(128), prf256, ...groups(5, 16, 17, 18))],
    ['aes128gcm16-prfsha256-ecp256bp-ecp384bp-ecp512bp-x448', 1, ike(gcm(128), prf256, ...groups(28, 29, 30, 32))],
    ['AES_GCM_16_128-PRF_HMAC_SHA2_256-CURVE448-MODP_4096-BRAINPOOL_P256R1', 1, ike(gcm(128), prf256, ...groups(32, 16, 28))],
    [' AES128 - sha256 - sha256 ', 3, esp(cbc(128), sha256, noEsn)],
  ])('%s', (text, protocol, template) => {
    expect(parsed(text, protocol)).toEqual(template)
  })

  test('several of them are in order of preference', () => {
    expect(parseProposals('chacha20poly1305, aes128-sha256-esn', 3)).toEqual({
      ok: true,
      value: [esp(chacha, noEsn), esp(cbc(128), sha256, esn)],
    })
  })
})

describe('a word that means nothing is named with its place', () => {
  test.each([
    ['aes265gcm16-prfsha384-ecp384', 1, 'aes265gcm16', 0, 'aes256gcm16', 'unknown algorithm'],
    ['aes128-sha265-x25519', 1, 'sha265', 7, 'sha256', 'did you mean "sha256"?'],
    ['aes128-sha256-x25519, aes128-sha256-x2551', 1, 'x2551', 36, 'x25519', 'unknown algorithm'],
    ['aes128-md5-modp2048', 1, 'md5', 7, undefined, 'is not implemented'],
    ['aes128-sha256-modp1024', 1, 'modp1024', 14, 'modp2048', 'is not implemented'],
    ['camellia128ccm16', 3, 'camellia128ccm16', 0, 'aes128ccm16', 'is not implemented'],
    [
      'aes256gmac-prfsha256-x25519',
      1,
      'aes256gmac',
      0,
      undefined,
      'does not encrypt (RFC 4543 §3), and IKE is never without encryption (RFC 7296 §5)',
    ],
    ['aes128gcm16-prfsha256-mlkem768', 1, 'mlkem768', 22, undefined, 'no Diffie-Hellman group: it needs an exchange of its own'],
    [
      'aes128gcm16-prfsha256-x25519-ML_KEM_512',
      1,
      'ML_KEM_512',
      29,
      undefined,
      '(IKE_INTERMEDIATE, RFC 9370), which is not implemented yet',
    ],
    ['aes128gcm16-mlkem1024', 3, 'mlkem1024', 12, undefined, 'RFC 9370'],
    ['aes128gcm16-prfsha256-x25519-ke1_mlkem768', 1, 'ke1_mlkem768', 29, undefined, 'is not implemented'],
    ['aes128-aes_128_gmac', 3, 'aes_128_gmac', 7, undefined, 'MUST NOT be used with ESP'],
    ['aes128-AUTH_AES_256_GMAC-prfsha256-x25519', 1, 'AUTH_AES_256_GMAC', 7, undefined, 'is for AH alone'],
    ['aes128gcm16-aes128gcm16iiv-prfsha256-x25519', 1, 'aes128gcm16iiv', 12, undefined, '(RFC 8750 §7)'],
    ['aes128ccm8iiv-prfsha256-x25519', 1, 'aes128ccm8iiv', 0, undefined, '(RFC 8750 §7)'],
    ['chacha20poly1305iiv-prfsha256-x25519', 1, 'chacha20poly1305iiv', 0, undefined, '(RFC 8750 §7)'],
    ['aes128ctr', 3, '', 9, undefined, 'encryption without authentication is refused (RFC 8221 §4)'],
    ['aes128gmac-sha256', 3, 'sha256', 11, undefined, 'protects integrity itself'],
    ['null-sha256-x25519', 1, 'null', 0, undefined, 'IKE is never without encryption'],
    ['aes128-sha256-x25519-esn', 1, 'esn', 21, undefined, 'is for ESP and AH'],
    ['aes256gcm16-prfsha256', 3, 'prfsha256', 12, undefined, 'is for IKE'],
    ['aes128-sha256', 2, 'aes128', 0, undefined, 'AH does not encrypt'],
    ['aes128gcm16-sha256', 3, 'sha256', 12, undefined, 'protects integrity itself'],
    ['aes128gcm16-prfsha256-sha512-x25519', 1, 'sha512', 22, undefined, 'protects integrity itself'],
    ['aes128--sha256', 3, '', 7, undefined, 'missing'],
    ['', 3, '', 0, undefined, 'missing'],
    ['aes128-x25519', 1, '', 13, undefined, 'no integrity algorithm'],
    ['null', 3, '', 4, undefined, 'no integrity algorithm'],
    ['noesn', 2, '', 5, undefined, 'no integrity algorithm'],
    ['sha256', 3, '', 6, undefined, 'no cipher'],
    ['aes256gcm16-x25519', 1, '', 18, undefined, 'no PRF'],
    ['aes256gcm16-prfsha256', 1, '', 21, undefined, 'no key exchange'],
  ])('%s', (text, protocol, word, offset, nearest, message) => {
    const fault = faultOf(text, protocol)
    expect(fault).toMatchObject({ word, offset, nearest })
    expect(fault.message).toContain(message)
  })
})

describe('a proposal is written', () => {
  test.each([
    ['aes128-aes256-sha256-prfsha256-x25519-modp2048', 1],
    ['aes256gcm16-aes128gcm16-prfsha384-ecp384', 1],
    ['null-sha512-esn-noesn', 3],
  ])('as %s', (text, protocol) => {
    expect(formatProposal(parsed(text, protocol))).toBe(text)
  })

  test('also with transforms that have no word, as a peer may offer them', () => {
    const strange = [
      { type: 1, id: 24, keyLength: 256 },
      noIntegrity,
      { type: 2, id: 1, keyLength: undefined },
      { type: 4, id: 2, keyLength: undefined },
      { type: 6, id: 36, keyLength: undefined },
      { type: 1, id: 999, keyLength: undefined },
      { type: 1, id: 12, keyLength: undefined },
    ]
    expect(strange.map(formatTransform)).toEqual([
      'ENCR_CAMELLIA_CTR_256',
      'INTEG NONE',
      'PRF_HMAC_MD5',
      'KE MODP_1024',
      'ADDKE1 ML_KEM_768',
      'ENCR unknown (999)',
      'ENCR_AES_CBC',
    ])
  })

  test('with words of which none means two things', () => {
    const all = algorithmWords.flatMap(({ words }) => words)
    expect(new Set(all).size).toBe(all.length)
  })
})

describe('what is proposed unasked', () => {
  test('for IKE is what RFC 8247 has as MUST and SHOULD', () => {
    expect(defaultIkeProposals.map(formatProposal)).toEqual([
      'aes256gcm16-aes128gcm16-chacha20poly1305-prfsha512-prfsha256-ecp256-modp2048',
      'aes256-aes128-sha512-sha256-prfsha512-prfsha256-ecp256-modp2048',
    ])
  })

  test('for ESP is what RFC 8221 has, with both kinds of sequence numbers and without NULL', () => {
    expect(defaultEspProposals.map(formatProposal)).toEqual([
      'aes256gcm16-aes128gcm16-chacha20poly1305-esn-noesn',
      'aes256-aes128-sha512-sha256-esn-noesn',
    ])
  })

  test('makes two proposals on the wire each', () => {
    expect(toWireProposals(defaultIkeProposals, 1, new Uint8Array(0))).toHaveLength(2)
    expect(toWireProposals(defaultEspProposals, 3, Uint8Array.of(0, 0, 1, 0))).toHaveLength(2)
  })
})

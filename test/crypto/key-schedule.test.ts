// The key schedule of IKEv2 by its own rules: RFC 7296 §2.13 to §2.18. NIST's cases: test/conformance/imports-cavp.test.ts.
import { describe, expect, test } from 'vitest'
import { concat, toHex } from '../../src/bytes/bytes.ts'
import { dangerReveal, type Secret } from '../../src/bytes/secret.ts'
import { childKeys, ikeKeys, type IkeKeys, prfPlus, skeyseed } from '../../src/crypto/key-schedule.ts'
import { hex, ikeSpi, node, present, providers, revealed, secret } from './support.ts'

describe('the keys of an IKE SA', () => {
  const prf = present(node.prf(5))
  const inputs = {
    nonceI: new Uint8Array(16).fill(1),
    nonceR: new Uint8Array(16).fill(2),
    spiI: ikeSpi('0101010101010101'),
    spiR: ikeSpi('0202020202020202'),
  }

  test('are as long as their users want them, in the order of RFC 7296 §2.14', () => {
    const cipher = present(node.encryption(12, 256))
    const integrity = present(node.integrity(12))
    const keys = ikeKeys({ prf, encryption: cipher, integrity }, { ...inputs, sharedSecret: secret('aa'.repeat(32)) })
    const lengths = [keys.skD, keys.skAi, keys.skAr, keys.skEi, keys.skEr, keys.skPi, keys.skPr].map((key) => key?.length)
    expect(lengths).toEqual([32, 32, 32, 32, 32, 32, 32])
    const seed = skeyseed(prf, inputs.nonceI, inputs.nonceR, secret('aa'.repeat(32)))
    const stream = prfPlus(prf, seed, concat(inputs.nonceI, inputs.nonceR, hex(inputs.spiI), hex(inputs.spiR)), 7 * 32)
    expect(joined(keys)).toBe(revealed(stream))
  })

  test('have no SK_a with an AEAD, whose keys end with a salt (RFC 5282 §7)', () => {
    const aead = present(node.encryption(20, 128))
    const keys = ikeKeys({ prf, encryption: aead, integrity: undefined }, { ...inputs, sharedSecret: secret('aa'.repeat(32)) })
    expect([keys.skAi, keys.skAr]).toEqual([undefined, undefined])
    expect([keys.skEi.length, keys.skEr.length]).toEqual([20, 20])
  })
})

describe.each(providers)('%s: PRFs made of AES-128', (_, provider) => {
  const [nonceI, nonceR] = [hex('a0a1a2a3a4a5a6a7a8a9aaabacadaeaf'), hex('b0b1b2b3b4b5b6b7b8b9babbbcbdbebf')]
  const shared = secret('0d'.repeat(32))

  test.each([
    ['AES128_XCBC', 4],
    ['AES128_CMAC', 8],
  ])('PRF_%s takes the first 64 bits of each nonce for SKEYSEED, and all of them for prf+ (RFC 7296 §2.14)', (_name, id) => {
    const prf = present(provider.prf(id))
    const key = secret('a0a1a2a3a4a5a6a7b0b1b2b3b4b5b6b7')
    const seed = skeyseed(prf, nonceI, nonceR, shared)
    expect(revealed(seed)).toBe(toHex(prf.compute(key, dangerReveal(shared))))
    const inputs = { nonceI, nonceR, spiI: ikeSpi('0101010101010101'), spiR: ikeSpi('0202020202020202') }
    const users = { prf, encryption: present(provider.encryption(12, 128)), integrity: present(provider.integrity(5)) }
    const stream = prfPlus(prf, seed, concat(nonceI, nonceR, hex(inputs.spiI), hex(inputs.spiR)), 7 * 16)
    expect(joined(ikeKeys(users, { ...inputs, sharedSecret: shared }))).toBe(revealed(stream))
  })

  test('take keys of any length for a shared secret (RFC 4434 §2, RFC 4615 §3), and leave them as they are', () => {
    const [long, short] = [secret('0e'.repeat(20)), secret('0e'.repeat(3))]
    for (const id of [4, 8]) {
      const prf = present(provider.prf(id))
      const hashed = secret(toHex(prf.compute(secret('00'.repeat(16)), dangerReveal(long))))
      expect(toHex(prf.compute(long, nonceI))).toBe(toHex(prf.compute(hashed, nonceI)))
    }
    expect(toHex(present(provider.prf(4)).compute(short, nonceI))).toBe(
      toHex(present(provider.prf(4)).compute(secret(`0e0e0e${'00'.repeat(13)}`), nonceI)),
    )
    expect([revealed(long), revealed(short)]).toEqual(['0e'.repeat(20), '0e0e0e'])
  })
})

test('KEYMAT serves the initiator first, and encryption before integrity (RFC 7296 §2.17)', () => {
  const prf = present(node.prf(7))
  const [nonceI, nonceR] = [new Uint8Array(32).fill(3), new Uint8Array(32).fill(4)]
  const skD = secret('0b'.repeat(64))
  const keymat = revealed(prfPlus(prf, skD, concat(nonceI, nonceR), 2 * (16 + 32)))
  const keys = childKeys(prf, skD, { nonceI, nonceR, sharedSecret: undefined, lengths: { encryption: 16, integrity: 32 } })
  const { initiator, responder } = keys
  expectKeymat([initiator.encryption, initiator.integrity, responder.encryption, responder.integrity], keymat)
  expect(initiator.encryption?.length).toBe(16)
  expect(initiator.integrity?.length).toBe(32)
})

test('prf+ ends at 255 times the output of the prf (RFC 7296 §2.13)', () => {
  const prf = present(node.prf(5))
  const key = secret('0c'.repeat(32))
  expect(prfPlus(prf, key, hex('00'), 255 * 32).length).toBe(255 * 32)
  expect(() => prfPlus(prf, key, hex('00'), 255 * 32 + 1)).toThrow(/255 times/)
})

function joined(keys: IkeKeys): string {
  const present = [keys.skD, keys.skAi, keys.skAr, keys.skEi, keys.skEr, keys.skPi, keys.skPr].filter((key) => key !== undefined)
  return present.map(revealed).join('')
}

function expectKeymat(keys: readonly (Secret | undefined)[], keymat: string): void {
  expect(toHex(concat(...keys.map((key) => (key === undefined ? new Uint8Array(0) : dangerReveal(key)))))).toBe(keymat)
}

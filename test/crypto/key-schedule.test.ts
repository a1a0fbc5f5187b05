// The key schedule of IKEv2: RFC 7296 §2.13 to §2.18, against the cases of NIST's CAVP and by its own rules.
import { describe, expect, test } from 'vitest'
import { concat, toHex } from '../../src/bytes/bytes.ts'
import { dangerReveal, type Secret } from '../../src/bytes/secret.ts'
import { childKeys, expandIkeKeys, ikeKeys, type IkeKeys, prfPlus, rekeySkeyseed, skeyseed } from '../../src/crypto/key-schedule.ts'
import { hex, ikeSpi, node, present, providers, publicData, revealed, secret } from './support.ts'

const cavp = publicData('nist-cavp/ikev2.rsp')
const cases = cavp.missing ? [] : cavpCases(cavp.text())

describe.skipIf(cavp.missing)(`NIST CAVP, IKEv2 KDF${cavp.note}`, () => {
  test('there are 180 cases with SHA-256, SHA-384 and SHA-512', () => {
    expect(cases.length).toBe(180)
  })

  test.each(providers)('%s derives what NIST derived', (_, provider) => {
    for (const { prfId, fields, dkmLength, childLength } of cases) {
      const prf = present(provider.prf(prfId))
      const value = (name: string): Uint8Array => hex(present(fields.get(name)))
      const [nonceI, nonceR] = [value('Ni'), value('Nr')]
      const seed = skeyseed(prf, nonceI, nonceR, secret(present(fields.get('g^ir'))))
      expect(revealed(seed)).toBe(fields.get('SKEYSEED'))

      const dkm = prfPlus(prf, seed, concat(nonceI, nonceR, value('SPIi'), value('SPIr')), dkmLength)
      expect(revealed(dkm)).toBe(fields.get('DKM'))

      // Through the functions that the core uses: the keys of a suite with AES-GCM-256, as far as NIST's material reaches.
      const keys = expandIkeKeys({ prf, encryption: present(provider.encryption(20, 256)), integrity: undefined }, seed, {
        nonceI,
        nonceR,
        spiI: ikeSpi(present(fields.get('SPIi'))),
        spiR: ikeSpi(present(fields.get('SPIr'))),
      })
      const common = Math.min(joined(keys).length, 2 * dkmLength)
      expect(joined(keys).slice(0, common)).toBe(present(fields.get('DKM')).slice(0, common))

      const lengths = { encryption: childLength / 2, integrity: 0 }
      const first = childKeys(prf, keys.skD, { nonceI, nonceR, sharedSecret: undefined, lengths })
      expectKeymat([first.initiator.encryption, first.responder.encryption], present(fields.get('DKM(Child SA)')))

      const sharedSecret = secret(present(fields.get('g^ir (new)')))
      const later = childKeys(prf, keys.skD, { nonceI, nonceR, sharedSecret, lengths })
      expectKeymat([later.initiator.encryption, later.responder.encryption], present(fields.get('DKM(Child SA D-H)')))

      expect(revealed(rekeySkeyseed(prf, keys.skD, nonceI, nonceR, sharedSecret))).toBe(fields.get('SKEYSEED(Rekey)'))
    }
  })
})

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

interface CavpCase {
  readonly prfId: number
  /** Octets. */
  readonly dkmLength: number
  readonly childLength: number
  readonly fields: ReadonlyMap<string, string>
}

/** Reads the `.rsp` format: groups of `[name = value]`, then cases of `name = value` that begin with COUNT. */
function cavpCases(text: string): readonly CavpCase[] {
  const prfIds: ReadonlyMap<string, number> = new Map([
    ['SHA-256', 5],
    ['SHA-384', 6],
    ['SHA-512', 7],
  ])
  const found: CavpCase[] = []
  let [hash, dkmLength, childLength] = ['', 0, 0]
  let fields = new Map<string, string>()
  for (const line of text.split(/\r?\n/)) {
    const group = /^\[(.*?)(?: = (\d+))?\]$/.exec(line)
    const field = /^(.+?) = (.*)$/.exec(line)
    if (group !== null) {
      const octets = Number(group[2]) / 8
      if (group[2] === undefined) hash = group[1] ?? ''
      else if (group[1] === 'DKM length') dkmLength = octets
      else if (group[1] === 'Child SA DKM length') childLength = octets
    } else if (field?.[1] === 'COUNT') {
      fields = new Map()
      const prfId = prfIds.get(hash)
      if (prfId !== undefined) found.push({ prfId, dkmLength, childLength, fields })
    } else if (field !== null) fields.set(field[1] ?? '', field[2] ?? '')
  }
  return found
}

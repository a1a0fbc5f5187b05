// Keys of Child SAs: what is cut from KEYMAT, in which order. RFC 7296 §2.17.
import { concat, fromHex, toHex } from '../../../../src/bytes/bytes.ts'
import { dangerReveal, Secret } from '../../../../src/bytes/secret.ts'
import { prfPlus } from '../../../../src/crypto/key-schedule.ts'
import { nodeProvider } from '../../../../src/crypto/providers/node.ts'
import { prf as prfNumbers } from '../../../../src/iana/transforms.ts'
import type { JsonObject } from '../../../../src/inspect/describe.ts'
import { chance, type DraftCase, type DraftFile, textOf } from './draft.ts'
import { integrities, prfs, suites } from './names.ts'

export const childKeys = (): DraftFile => ({
  name: 'ike/child-keys.json',
  title: 'The keys of a Child SA',
  kind: 'child-keys',
  flags: {
    KeyExchange: 'CREATE_CHILD_SA with a key exchange of its own: g^ir (new) comes before the nonces',
    IntegrityOnly: 'There is no encryption key',
    Salt: 'The encryption key ends with a salt, or with the nonce of counter mode',
  },
  twin: 'RFC 7296 §2.13, §2.17, RFC 4301 §4.5.2',
  cases: [...everySuite(), ...forEspOnly(), ...everyPrf(), ...authenticationHeader()],
})

const secretLengths: readonly number[] = [32, 256, 56, 66]

function draft(id: string, prf: (typeof prfs)[number], suite: JsonObject, secretLength: number | undefined): DraftCase {
  const flags = [
    ...(secretLength === undefined ? [] : ['KeyExchange']),
    ...('encryption' in suite && suite['encryption'] !== 'ENCR_NULL' ? [] : ['IntegrityOnly']),
    ...(['ENCR_AES_CBC', 'ENCR_NULL', ''].includes(textOf(suite, 'encryption')) ? [] : ['Salt']),
  ]
  return {
    id,
    section: '2.17',
    result: 'valid',
    ...(flags.length === 0 ? {} : { flags }),
    inputs: {
      prf: prf.prf,
      skD: chance(`${id} SK_d`, prf.length),
      suite,
      nonceI: chance(`${id} Ni`, 16 + (id.length % 3) * 8),
      nonceR: chance(`${id} Nr`, 32),
      ...(secretLength === undefined ? {} : { sharedSecret: chance(`${id} g^ir`, secretLength) }),
    },
  }
}

const at = <T>(list: readonly T[], index: number): T => {
  const found = list[index % list.length]
  if (found === undefined) throw new Error('an empty list')
  return found
}

/** Those of IKE are also for ESP; the PRF goes round. */
const everySuite = (): readonly DraftCase[] =>
  suites.flatMap(({ word, suite }, i) => {
    const esp = { protocol: 'ESP', ...suite }
    const prf = at(prfs, i)
    return [draft(word, prf, esp, undefined), ...(i % 2 === 0 ? [draft(`${word}-exchange`, prf, esp, at(secretLengths, i))] : [])]
  })

const forEspOnly = (): readonly DraftCase[] =>
  [
    ...integrities.map(({ integrity, word }) => [`null-${word}`, { encryption: 'ENCR_NULL', integrity }] as const),
    ...[128, 192, 256].map((bits) => [`gmac-${bits}`, { encryption: 'ENCR_NULL_AUTH_AES_GMAC', keyLength: bits }] as const),
    ['gcm16-256-iiv', { encryption: 'ENCR_AES_GCM_16_IIV', keyLength: 256 }] as const,
    ['ccm8-128-iiv', { encryption: 'ENCR_AES_CCM_8_IIV', keyLength: 128 }] as const,
    ['chacha20-iiv', { encryption: 'ENCR_CHACHA20_POLY1305_IIV' }] as const,
  ].map(([id, suite], i) => draft(id, at(prfs, i + 1), { protocol: 'ESP', ...suite }, i % 3 === 0 ? 32 : undefined))

/** SHA2-512's keys are 64 octets each: all but one PRF have to make several blocks. */
const everyPrf = (): readonly DraftCase[] =>
  prfs.flatMap((prf) => {
    const suite = { protocol: 'ESP', encryption: 'ENCR_AES_CBC', keyLength: 256, integrity: 'AUTH_HMAC_SHA2_512_256' }
    return [draft(`${prf.word}-long`, prf, suite, undefined), draft(`${prf.word}-long-exchange`, prf, suite, 256)]
  })

/** We have no AH yet: KEYMAT is cut by hand here. RFC 4543 §5.3: the salt of GMAC is behind its key. */
const authenticationHeader = (): readonly DraftCase[] =>
  [
    { integrity: 'AUTH_HMAC_SHA2_256_128', length: 32 },
    { integrity: 'AUTH_HMAC_SHA2_512_256', length: 64 },
    { integrity: 'AUTH_AES_XCBC_96', length: 16 },
    { integrity: 'AUTH_AES_128_GMAC', length: 20 },
    { integrity: 'AUTH_AES_256_GMAC', length: 36 },
  ].map(({ integrity, length }, i) => {
    const id = `ah-${integrity.toLowerCase().replaceAll('_', '-')}`
    const drafted = draft(id, at(prfs, i + 2), { protocol: 'AH', integrity }, undefined)
    return { ...drafted, expected: cutByHand(drafted.inputs, length) }
  })

function cutByHand(inputs: JsonObject, length: number): JsonObject {
  const octets = (name: string): Uint8Array => fromHex(textOf(inputs, name)) ?? new Uint8Array(0)
  const number = Object.entries(prfNumbers).find(([name]) => name === inputs['prf'])?.[1] ?? 0
  const prf = nodeProvider().prf(number)
  if (prf === undefined) throw new Error('no such PRF')
  const keymat = toHex(dangerReveal(prfPlus(prf, new Secret(octets('skD')), concat(octets('nonceI'), octets('nonceR')), 2 * length)))
  return { initiator: { integrity: keymat.slice(0, 2 * length) }, responder: { integrity: keymat.slice(2 * length) } }
}

// Keys of IKE SAs: every PRF, every kind of suite, nonces of unequal lengths, secrets that begin with zeros, rekeying. RFC 7296 §2.14, §2.18.
import type { JsonObject } from '../../../../src/inspect/describe.ts'
import { chance, type DraftCase, type DraftFile } from './draft.ts'
import { isBlockPrf, type PrfName, prfs, suiteNamed, suites } from './names.ts'

export const ikeKeys = (): DraftFile => ({
  name: 'ike/ike-keys.json',
  title: 'SKEYSEED and the keys of an IKE SA, new and rekeyed',
  kind: 'ike-keys',
  flags: {
    NonceHalves: 'The PRF takes the first 64 bits of each nonce for SKEYSEED, and all bits of them for prf+',
    UnequalNonces: 'The nonces have unequal lengths',
    NoIntegrityKeys: 'An AEAD: SK_ai and SK_ar do not exist, and take no octets of the stream',
    Salt: 'SK_ei and SK_er end with a salt, or with the nonce of counter mode',
    LeadingZeros: 'The shared secret begins with zeros, which belong to it',
    OtherPrf: 'The IKE SA that is rekeyed had another PRF, and that one makes SKEYSEED',
  },
  twin: 'RFC 7296 §2.13, §2.14, §2.18, RFC 4434 §2, RFC 4615 §3',
  cases: [...everySuite(), ...everyPrf(), ...nonces(), ...secrets(), ...rekeyed()],
})

interface Sizes {
  readonly nonceI?: number
  readonly nonceR?: number
  readonly secret?: number
}

function exchanged(name: string, prf: PrfName, suite: JsonObject, { nonceI = 32, nonceR = 32, secret = 32 }: Sizes): JsonObject {
  return {
    suite: { prf: prf.prf, ...suite },
    nonceI: chance(`${name} Ni`, nonceI),
    nonceR: chance(`${name} Nr`, nonceR),
    spiI: chance(`${name} SPIi`, 8),
    spiR: chance(`${name} SPIr`, 8),
    sharedSecret: chance(`${name} g^ir`, secret),
  }
}

function flagsOf(prf: PrfName, suite: string, more: readonly string[]): Pick<DraftCase, 'flags'> {
  const { integrity, word } = suiteNamed(suite)
  const flags = [
    ...more,
    ...(isBlockPrf(prf) ? ['NonceHalves'] : []),
    ...(integrity === 0 ? ['NoIntegrityKeys'] : []),
    ...(word.startsWith('cbc') ? [] : ['Salt']),
  ]
  return flags.length === 0 ? {} : { flags }
}

function initial(
  id: string,
  prf: PrfName,
  suite: string,
  sizes: Sizes,
  flags: readonly string[] = [],
  changed: JsonObject = {},
): DraftCase {
  const inputs = { operation: 'initial', ...exchanged(id, prf, suiteNamed(suite).suite, sizes), ...changed }
  return { id, section: '2.14', result: 'valid', ...flagsOf(prf, suite, flags), inputs }
}

const sha256: PrfName = { prf: 'PRF_HMAC_SHA2_256', length: 32, word: 'sha256' }

/** Where the keys are cut depends on all three lengths. */
const everySuite = (): readonly DraftCase[] =>
  suites.filter(({ word }) => !/^(?:ccm12|gcm12|ctr-192|cbc-192)/.test(word)).map(({ word }) => initial(`suite-${word}`, sha256, word, {}))

const everyPrf = (): readonly DraftCase[] =>
  prfs.flatMap((prf) =>
    ['cbc-256-sha256', 'ctr-128-xcbc', 'gcm16-256', 'ccm8-128', 'chacha20'].map((suite) => initial(`${prf.word}-${suite}`, prf, suite, {})),
  )

/** RFC 7296 §2.10: 16 to 256 octets. */
const nonces = (): readonly DraftCase[] =>
  prfs.flatMap((prf) =>
    [
      [16, 16],
      [16, 256],
      [256, 17],
      [33, 20],
    ].map(([nonceI = 0, nonceR = 0]) => {
      const unequal = nonceI === nonceR ? [] : ['UnequalNonces']
      return initial(`${prf.word}-nonces-${nonceI}-${nonceR}`, prf, 'cbc-128-sha1', { nonceI, nonceR }, unequal)
    }),
  )

/** g^ir of MODP-2048, ECP-384, ECP-521 and X448. */
const secrets = (): readonly DraftCase[] =>
  prfs.flatMap((prf) =>
    [256, 48, 66, 56].map((secret) => {
      const id = `${prf.word}-secret-${secret}`
      const zeros = { sharedSecret: `0000${chance(`${id} g^ir`, secret - 2)}` }
      return initial(id, prf, 'gcm16-128', { secret }, ['LeadingZeros'], zeros)
    }),
  )

const rekeyed = (): readonly DraftCase[] =>
  prfs.flatMap((oldPrf) =>
    prfs.map((prf) => {
      const id = `rekey-${oldPrf.word}-${prf.word}`
      const suite = prf.length > 32 ? 'cbc-256-sha512' : 'gcm16-128'
      const old = { oldPrf: oldPrf.prf, oldSkD: chance(`${id} SK_d`, oldPrf.length) }
      const inputs = { operation: 'rekey', ...old, ...exchanged(id, prf, suiteNamed(suite).suite, { nonceI: 32, nonceR: 40, secret: 64 }) }
      const flags = [
        ...(prf === oldPrf ? [] : ['OtherPrf']),
        'UnequalNonces',
        ...(suite === 'gcm16-128' ? ['NoIntegrityKeys', 'Salt'] : []),
      ]
      return { id, section: '2.18', result: 'valid', flags, inputs }
    }),
  )

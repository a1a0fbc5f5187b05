// From a shared secret to the keys of an IKE SA and its Child SAs. RFC 7296 §2.13, §2.14, §2.17, §2.18.
import { concat, fromHex } from '../bytes/bytes.ts'
import { dangerReveal, Secret } from '../bytes/secret.ts'
import { ApiMisuse } from '../contract/faults.ts'
import type { IkeSpi } from '../contract/units.ts'
import type { Encryption, Integrity, PacketKeyLengths, PacketKeys, Prf } from './provider.ts'

/** RFC 7296 §2.14. The SK_a are absent with an AEAD (RFC 5282 §7: they have no octets then). */
export interface IkeKeys {
  readonly skD: Secret
  readonly skAi: Secret | undefined
  readonly skAr: Secret | undefined
  readonly skEi: Secret
  readonly skEr: Secret
  readonly skPi: Secret
  readonly skPr: Secret
}

/** The algorithms that the lengths of an IKE SA's keys follow from. */
export interface IkeKeyUsers {
  readonly prf: Prf
  readonly encryption: Encryption
  /** Absent exactly when `encryption` is an AEAD. */
  readonly integrity: Integrity | undefined
}

/** What of them the keys depend on. */
export interface IkeKeyLengths {
  readonly prf: Prf
  readonly encryption: Pick<Encryption, 'keyLength'>
  readonly integrity: Pick<Integrity, 'keyLength'> | undefined
}

/** What both sides know after an exchange: nonces and SPIs without any header. */
export interface IkeKeyInputs {
  readonly nonceI: Uint8Array
  readonly nonceR: Uint8Array
  readonly spiI: IkeSpi
  readonly spiR: IkeSpi
}

export interface ChildKeyInputs {
  readonly nonceI: Uint8Array
  readonly nonceR: Uint8Array
  /** g^ir (new) of a CREATE_CHILD_SA exchange with a key exchange of its own. */
  readonly sharedSecret: Secret | undefined
  readonly lengths: PacketKeyLengths
}

/** Both directions, by who sends. */
export interface ChildKeys {
  readonly initiator: PacketKeys
  readonly responder: PacketKeys
}

/** RFC 7296 §2.13: prf+ (K, S) = T1 | T2 | …, cut to `length` octets. */
export function prfPlus(prf: Prf, key: Secret, seed: Uint8Array, length: number): Secret {
  const rounds = Math.ceil(length / prf.outputLength)
  // RFC 7296 §2.13: the constant is a single octet; prf+ is not defined beyond 255 times the output of the prf.
  if (rounds > 255) throw new ApiMisuse(`prf+ gives at most 255 times ${prf.outputLength} octets, not ${length}`)
  const stream = new Uint8Array(length)
  let previous: Uint8Array = new Uint8Array(0)
  for (let round = 1; round <= rounds; round++) {
    const block = prf.compute(key, previous, seed, Uint8Array.of(round))
    previous.fill(0)
    const at = (round - 1) * prf.outputLength
    stream.set(block.subarray(0, length - at), at)
    previous = block
  }
  previous.fill(0)
  return new Secret(stream)
}

/** RFC 7296 §2.14: SKEYSEED = prf (Ni | Nr, g^ir); AES-XCBC-PRF-128 and AES-CMAC-PRF-128 take the first 64 bits of each nonce only. */
export function skeyseed(prf: Prf, nonceI: Uint8Array, nonceR: Uint8Array, sharedSecret: Secret): Secret {
  const key = new Secret(concat(nonceI.subarray(0, prf.nonceLength), nonceR.subarray(0, prf.nonceLength)))
  const seed = new Secret(prf.compute(key, dangerReveal(sharedSecret)))
  key.wipe()
  return seed
}

/** RFC 7296 §2.18: SKEYSEED = prf (SK_d (old), g^ir (new) | Ni | Nr), with the PRF of the old IKE SA. */
export function rekeySkeyseed(oldPrf: Prf, oldSkD: Secret, nonceI: Uint8Array, nonceR: Uint8Array, sharedSecret: Secret): Secret {
  return new Secret(oldPrf.compute(oldSkD, dangerReveal(sharedSecret), nonceI, nonceR))
}

/** All keys of a new IKE SA from the shared secret of IKE_SA_INIT. RFC 7296 §2.14. */
export function ikeKeys(users: IkeKeyUsers, inputs: IkeKeyInputs & { readonly sharedSecret: Secret }): IkeKeys {
  const seed = skeyseed(users.prf, inputs.nonceI, inputs.nonceR, inputs.sharedSecret)
  const keys = expandIkeKeys(users, seed, inputs)
  seed.wipe()
  return keys
}

/** {SK_d | SK_ai | SK_ar | SK_ei | SK_er | SK_pi | SK_pr} = prf+ (SKEYSEED, Ni | Nr | SPIi | SPIr). RFC 7296 §2.14. */
export function expandIkeKeys(users: IkeKeyLengths, seed: Secret, inputs: IkeKeyInputs): IkeKeys {
  const { prf, encryption, integrity } = users
  const skALength = integrity?.keyLength ?? 0
  const stream = prfPlus(
    prf,
    seed,
    concat(inputs.nonceI, inputs.nonceR, spiOctets(inputs.spiI), spiOctets(inputs.spiR)),
    3 * prf.keyLength + 2 * skALength + 2 * encryption.keyLength,
  )
  const cut = cutter(stream)
  const keys: IkeKeys = {
    skD: cut(prf.keyLength),
    skAi: cutOptional(cut, skALength),
    skAr: cutOptional(cut, skALength),
    skEi: cut(encryption.keyLength),
    skEr: cut(encryption.keyLength),
    skPi: cut(prf.keyLength),
    skPr: cut(prf.keyLength),
  }
  stream.wipe()
  return keys
}

/** KEYMAT = prf+ (SK_d, [g^ir (new) |] Ni | Nr), cut into the keys of both directions. RFC 7296 §2.17. */
export function childKeys(prf: Prf, skD: Secret, inputs: ChildKeyInputs): ChildKeys {
  const { sharedSecret, nonceI, nonceR, lengths } = inputs
  const seed = sharedSecret === undefined ? concat(nonceI, nonceR) : concat(dangerReveal(sharedSecret), nonceI, nonceR)
  const keymat = prfPlus(prf, skD, seed, 2 * (lengths.encryption + lengths.integrity))
  seed.fill(0)
  const cut = cutter(keymat)
  // RFC 7296 §2.17: initiator to responder first; the encryption key before the integrity key.
  const initiator = packetKeys(cut, lengths)
  const responder = packetKeys(cut, lengths)
  keymat.wipe()
  return { initiator, responder }
}

type Cut = (length: number) => Secret

/** RFC 7296 §2.13: keys are taken from the stream without regard to boundaries. */
function cutter(stream: Secret): Cut {
  let at = 0
  return (length) => {
    const key = new Secret(dangerReveal(stream).slice(at, at + length))
    at += length
    return key
  }
}

const cutOptional = (cut: Cut, length: number): Secret | undefined => (length === 0 ? undefined : cut(length))

function packetKeys(cut: Cut, lengths: PacketKeyLengths): PacketKeys {
  const encryption = cutOptional(cut, lengths.encryption)
  const integrity = cutOptional(cut, lengths.integrity)
  return { encryption, integrity }
}

function spiOctets(spi: IkeSpi): Uint8Array {
  const octets = fromHex(spi)
  if (octets?.length !== 8) throw new ApiMisuse(`an IKE SPI is 16 hexadecimal digits, not "${spi}"`)
  return octets
}

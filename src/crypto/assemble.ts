// Makes a provider of its parts. RFC 7296 §3.3.2 for what goes with what.
import { ApiMisuse } from '../contract/faults.ts'
import type { ChildSuite, TransformChoice } from '../contract/transforms.ts'
import { encryption as cipherId, integrity as integrityId } from '../iana/transforms.ts'
import { protocol } from '../iana/protocols.ts'
import { type AeadShape, type CipherShape, encryptionName } from './catalogue.ts'
import { aeadPacketCipher, macPacketCipher, type RegionAead, type RegionCipher, type RegionMac } from './packet-cipher.ts'
import type {
  Aead,
  Cipher,
  CryptoProvider,
  Integrity,
  Kem,
  KeyExchange,
  PacketCipher,
  PacketKeyLengths,
  PacketKeys,
  PacketMac,
  Prf,
  SignatureAlgorithm,
} from './provider.ts'

/** An algorithm as IKE messages use it, beside what it does in an arena. */
export interface ProviderParts<AeadKey, CipherKey> {
  readonly name: string
  readonly prfs: readonly Prf[]
  readonly integrities: readonly IntegrityPart[]
  readonly gmacs: readonly PacketMac[]
  readonly aeads: readonly AeadPart<AeadKey>[]
  readonly ciphers: readonly CipherPart<CipherKey>[]
  readonly keyExchanges: readonly KeyExchange[]
  readonly kems: readonly Kem[]
  readonly signatures: readonly SignatureAlgorithm[]
  readonly sha1: (octets: Uint8Array) => Uint8Array
}
export interface IntegrityPart {
  readonly whole: Integrity
  readonly region: RegionMac
}
export interface AeadPart<Key> {
  readonly shape: AeadShape
  /** `undefined`: for ESP only. */
  readonly whole: Aead | undefined
  readonly region: RegionAead<Key>
}
export interface CipherPart<Key> {
  readonly shape: CipherShape
  readonly whole: Cipher
  readonly region: RegionCipher<Key>
}

export function assembleProvider<AeadKey, CipherKey>(parts: ProviderParts<AeadKey, CipherKey>): CryptoProvider {
  const prfs = new Map(parts.prfs.map((prf) => [prf.id, prf]))
  const integrities = new Map(parts.integrities.map((integrity) => [integrity.whole.id, integrity]))
  const packetMacs = new Map([...parts.integrities.map(macWithoutIv), ...parts.gmacs].map((mac) => [mac.id, mac]))
  const aeads = new Map(parts.aeads.map((aead) => [encryptionName(aead.shape.id, aead.shape.keyBits), aead]))
  const ciphers = new Map(parts.ciphers.map((cipher) => [encryptionName(cipher.shape.id, cipher.shape.keyBits), cipher]))
  const keyExchanges = new Map(parts.keyExchanges.map((keyExchange) => [keyExchange.id, keyExchange]))
  const kems = new Map(parts.kems.map((kem) => [kem.id, kem]))
  const signatures = new Map(parts.signatures.map((signature) => [signature.scheme, signature]))

  /** What protects the packets of a suite; `undefined` when its parts are not to be had, or do not go together. */
  function partsOf(suite: ChildSuite): SuiteParts<AeadKey, CipherKey> | undefined {
    if (suite.protocol !== protocol.ESP || suite.encryption === undefined) return undefined
    const { id, keyLength } = suite.encryption
    const name = encryptionName(id, keyLength)
    const aead = aeads.get(name)
    // RFC 5282 §8, RFC 7634 §4: no integrity algorithm beside an AEAD.
    if (aead !== undefined) return isAbsent(suite.integrity) ? { kind: 'aead', aead } : undefined
    // RFC 4303 §5, RFC 8221 §4: nothing goes unauthenticated.
    const integrity = isAbsent(suite.integrity) ? undefined : integrities.get(suite.integrity.id)
    const cipher = ciphers.get(name)
    if (integrity === undefined || (cipher === undefined && name !== nullName)) return undefined
    return { kind: 'mac', cipher, integrity }
  }

  function packetCipher(suite: ChildSuite, keys: PacketKeys): PacketCipher | undefined {
    const found = partsOf(suite)
    if (found === undefined) return undefined
    const lengths = keyLengths(found)
    const fits = (key: PacketKeys['integrity'], length: number): key is NonNullable<typeof key> => key?.length === length
    if (found.kind === 'aead') {
      const { shape, region } = found.aead
      return fits(keys.encryption, lengths.encryption) ? aeadPacketCipher(shape, region, keys.encryption) : undefined
    }
    if (!fits(keys.integrity, lengths.integrity)) return undefined
    const mac = { region: found.integrity.region, secret: keys.integrity }
    if (found.cipher === undefined) return macPacketCipher(undefined, mac)
    if (!fits(keys.encryption, lengths.encryption)) return undefined
    return macPacketCipher({ shape: found.cipher.shape, region: found.cipher.region, secret: keys.encryption }, mac)
  }

  return {
    name: parts.name,
    prf: (id) => prfs.get(id),
    integrity: (id) => integrities.get(id)?.whole,
    packetMac: (id) => packetMacs.get(id),
    encryption(id, keyLength) {
      const name = encryptionName(id, keyLength)
      return (aeads.get(name) ?? ciphers.get(name))?.whole
    },
    keyExchange: (id) => keyExchanges.get(id),
    kem: (id) => kems.get(id),
    signature: (scheme) => signatures.get(scheme),
    sha1: parts.sha1,
    packetKeyLengths(suite) {
      if (suite.protocol === protocol.AH) return ahKeyLengths(packetMacs, suite)
      const found = partsOf(suite)
      return found === undefined ? undefined : keyLengths(found)
    },
    packetCipher,
  }
}

type SuiteParts<AeadKey, CipherKey> =
  | { readonly kind: 'aead'; readonly aead: AeadPart<AeadKey> }
  /** Without a cipher: NULL encryption. */
  | { readonly kind: 'mac'; readonly cipher: CipherPart<CipherKey> | undefined; readonly integrity: IntegrityPart }

function keyLengths(found: SuiteParts<unknown, unknown>): PacketKeyLengths {
  const shape = found.kind === 'aead' ? found.aead.shape : found.cipher?.shape
  const encryption = shape === undefined ? 0 : shape.keyLength + shape.saltLength
  return { encryption, integrity: found.kind === 'aead' ? 0 : found.integrity.whole.keyLength }
}

/** RFC 4302 §2: AH has an integrity algorithm and nothing else. RFC 4543 §5.4: the salt of GMAC is part of its keying material. */
function ahKeyLengths(macs: ReadonlyMap<number, PacketMac>, suite: ChildSuite): PacketKeyLengths | undefined {
  const mac = suite.encryption === undefined && suite.integrity !== undefined ? macs.get(suite.integrity.id) : undefined
  return mac === undefined ? undefined : { encryption: 0, integrity: mac.keyLength }
}

function macWithoutIv({ whole: integrity, region }: IntegrityPart): PacketMac {
  const { id } = integrity
  return {
    id,
    keyLength: integrity.keyLength,
    ivLength: 0,
    ivSource: 'none',
    icvLength: integrity.icvLength,
    compute(key, iv, ...octets) {
      if (iv.length !== 0) throw new ApiMisuse(`integrity algorithm ${id} has no IV, but ${iv.length} octets of one were given`)
      return integrity.compute(key, ...octets)
    },
    prepare: (key) => region.prepare(key),
  }
}

const nullName = encryptionName(cipherId.ENCR_NULL, undefined)

/** NONE (0) may be spelled out (RFC 7296 §3.3.3). */
function isAbsent(integrity: TransformChoice | undefined): integrity is undefined {
  return integrity === undefined || integrity.id === integrityId.NONE
}

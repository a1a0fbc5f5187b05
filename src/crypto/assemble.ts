// Makes a provider of its parts. RFC 7296 §3.3.2 for what goes with what.
import type { ChildSuite, TransformChoice } from '../contract/transforms.ts'
import { encryption as cipherId, integrity as integrityId } from '../iana/transforms.ts'
import { protocol } from '../iana/protocols.ts'
import { encryptionName } from './catalogue.ts'
import { aeadPacketCipher, macPacketCipher, type RegionAead, type RegionCipher, type RegionMac } from './packet-cipher.ts'
import type { Aead, Cipher, CryptoProvider, Integrity, KeyExchange, PacketCipher, PacketKeys, Prf } from './provider.ts'

/** An algorithm as IKE messages use it, beside what it does in an arena. */
export interface ProviderParts<AeadKey, CipherKey> {
  readonly name: string
  readonly prfs: readonly Prf[]
  readonly integrities: readonly { readonly whole: Integrity; readonly region: RegionMac }[]
  readonly aeads: readonly { readonly keyBits: number | undefined; readonly whole: Aead; readonly region: RegionAead<AeadKey> }[]
  readonly ciphers: readonly { readonly keyBits: number | undefined; readonly whole: Cipher; readonly region: RegionCipher<CipherKey> }[]
  readonly keyExchanges: readonly KeyExchange[]
  readonly sha1: (octets: Uint8Array) => Uint8Array
}

export function assembleProvider<AeadKey, CipherKey>(parts: ProviderParts<AeadKey, CipherKey>): CryptoProvider {
  const prfs = new Map(parts.prfs.map((prf) => [prf.id, prf]))
  const integrities = new Map(parts.integrities.map((integrity) => [integrity.whole.id, integrity]))
  const aeads = new Map(parts.aeads.map((aead) => [encryptionName(aead.whole.id, aead.keyBits), aead]))
  const ciphers = new Map(parts.ciphers.map((cipher) => [encryptionName(cipher.whole.id, cipher.keyBits), cipher]))
  const keyExchanges = new Map(parts.keyExchanges.map((keyExchange) => [keyExchange.id, keyExchange]))

  function packetCipher(suite: ChildSuite, keys: PacketKeys): PacketCipher | undefined {
    const { encryption } = suite
    if (suite.protocol !== protocol.ESP || encryption === undefined) return undefined
    const name = encryptionName(encryption.id, encryption.keyLength)
    const integrity = isAbsent(suite.integrity) ? undefined : integrities.get(suite.integrity.id)
    const aead = aeads.get(name)
    if (aead !== undefined) {
      // RFC 5282 §8, RFC 7634 §4: no integrity algorithm beside an AEAD.
      if (!isAbsent(suite.integrity) || keys.encryption?.length !== aead.whole.keyLength) return undefined
      return aeadPacketCipher(aead.region, keys.encryption)
    }
    if (integrity === undefined || keys.integrity?.length !== integrity.whole.keyLength) return undefined
    const mac = { region: integrity.region, secret: keys.integrity }
    if (encryption.id === cipherId.ENCR_NULL) return macPacketCipher(undefined, mac)
    const cipher = ciphers.get(name)
    if (cipher === undefined || keys.encryption?.length !== cipher.whole.keyLength) return undefined
    return macPacketCipher({ region: cipher.region, secret: keys.encryption }, mac)
  }

  return {
    name: parts.name,
    prf: (id) => prfs.get(id),
    integrity: (id) => integrities.get(id)?.whole,
    encryption(id, keyLength) {
      const name = encryptionName(id, keyLength)
      return (aeads.get(name) ?? ciphers.get(name))?.whole
    },
    keyExchange: (id) => keyExchanges.get(id),
    sha1: parts.sha1,
    packetCipher,
  }
}

/** NONE (0) may be spelled out (RFC 7296 §3.3.3). */
function isAbsent(integrity: TransformChoice | undefined): integrity is undefined {
  return integrity === undefined || integrity.id === integrityId.NONE
}

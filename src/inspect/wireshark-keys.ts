// Rows of Wireshark's tables `ikev2_decryption_table` (ISAKMP) and `esp_sa` (ESP), which let it open a capture. Whoever has these rows can
// read the traffic: hence `danger` in every name, and no way here without events that `dangerKeyLog` alone makes.
// The names of algorithms are those of Wireshark 4.0 and later.
import { toHex } from '../bytes/bytes.ts'
import { dangerReveal, type Secret } from '../bytes/secret.ts'
import type { Event } from '../contract/events.ts'
import type { TransformChoice } from '../contract/transforms.ts'
import { formatSpi } from '../contract/units.ts'
import { addressVersion } from '../net/address.ts'

export type DangerIkeKeys = Extract<Event, { readonly name: 'danger-ike-keys' }>
export type DangerChildKeys = Extract<Event, { readonly name: 'danger-child-keys' }>

/** Names of the files that Wireshark looks for in its configuration directory (`WIRESHARK_CONFIG_DIR`). */
export const dangerKeyFiles = { ike: 'ikev2_decryption_table', child: 'esp_sa' } as const

/** A line of `ikev2_decryption_table`, without line end; `undefined` where Wireshark has no name for the suite (ChaCha20-Poly1305). */
export function dangerIkeKeyRow(keys: DangerIkeKeys): string | undefined {
  const encryption = ikeEncryption(keys.suite.encryption)
  const integrity = keys.suite.integrity === undefined ? 'NONE [RFC4306]' : ikeIntegrity[keys.suite.integrity.id]
  if (encryption === undefined || integrity === undefined) return undefined
  return [
    keys.initiatorSpi,
    keys.responderSpi,
    revealHex(keys.skEi),
    revealHex(keys.skEr),
    `"${encryption}"`,
    revealHex(keys.skAi),
    revealHex(keys.skAr),
    `"${integrity}"`,
  ].join(',')
}

/** A line of `esp_sa`, without line end, for one direction; `undefined` where Wireshark has no name for the suite. */
export function dangerChildKeyRow(keys: DangerChildKeys): string | undefined {
  const { encryption, integrity, extendedSequence, protocol } = keys.suite
  const cipher = encryption === undefined ? undefined : espEncryption[encryption.id]
  const mac = integrity === undefined ? 'NULL' : espIntegrity[integrity.id]
  if (protocol !== espProtocol || cipher === undefined || mac === undefined) return undefined
  const fields = [
    addressVersion(keys.source.address) === 6 ? 'IPv6' : 'IPv4',
    keys.source.address,
    keys.destination.address,
    formatSpi(keys.spi),
    cipher,
    prefixed(keys.encryption),
    mac,
    prefixed(keys.integrity),
  ]
  // Wireshark 4.0 ignores the two fields more, with a warning; later ones need them to check what ESN authenticates.
  if (extendedSequence === 'esn') fields.push('64-bit', '0x00000000')
  return fields.map((field) => `"${field}"`).join(',')
}

const espProtocol = 3

/** By IANA number of Transform Type 1 and key length in bits. */
function ikeEncryption(transform: TransformChoice): string | undefined {
  if (transform.id === 12) return `AES-CBC-${transform.keyLength} [RFC3602]`
  if (transform.id === 20) return `AES-GCM-${transform.keyLength} with 16 octet ICV [RFC5282]`
  return undefined
}
/** By IANA number of Transform Type 3. */
const ikeIntegrity: Readonly<Record<number, string>> = {
  12: 'HMAC_SHA2_256_128 [RFC4868]',
  13: 'HMAC_SHA2_384_192 [RFC4868]',
  14: 'HMAC_SHA2_512_256 [RFC4868]',
}
const espEncryption: Readonly<Record<number, string>> = {
  11: 'NULL',
  12: 'AES-CBC [RFC3602]',
  20: 'AES-GCM with 16 octet ICV [RFC4106]',
}
const espIntegrity: Readonly<Record<number, string>> = {
  12: 'HMAC-SHA-256-128 [RFC4868]',
  13: 'HMAC-SHA-384-192 [RFC4868]',
  14: 'HMAC-SHA-512-256 [RFC4868]',
}

const revealHex = (key: Secret | undefined): string => (key === undefined ? '' : toHex(dangerReveal(key)))
const prefixed = (key: Secret | undefined): string => (key === undefined ? '' : `0x${revealHex(key)}`)

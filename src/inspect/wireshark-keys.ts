// Rows of Wireshark's tables `ikev2_decryption_table` (ISAKMP) and `esp_sa` (ESP), which let it open a capture. Whoever has these rows can
// read the traffic: hence `danger` in every name, and no way here without events that `dangerKeyLog` alone makes.
// The names of algorithms are in wireshark-names.ts; wireshark-tables.ts reads them again.
import { toHex } from '../bytes/bytes.ts'
import { dangerReveal, type Secret } from '../bytes/secret.ts'
import type { Event } from '../contract/events.ts'
import { formatSpi } from '../contract/units.ts'
import { integrity as integrityId } from '../iana/transforms.ts'
import { addressVersion } from '../net/address.ts'
import {
  encryptionNameOf,
  espEncryptionNames,
  espIntegrityNames,
  ikeEncryptionNames,
  ikeIntegrityNames,
  integrityNameOf,
} from './wireshark-names.ts'

export type DangerIkeKeys = Extract<Event, { readonly name: 'danger-ike-keys' }>
export type DangerChildKeys = Extract<Event, { readonly name: 'danger-child-keys' }>

/** Names of the files that Wireshark looks for in its configuration directory (`WIRESHARK_CONFIG_DIR`). */
export const dangerKeyFiles = { ike: 'ikev2_decryption_table', child: 'esp_sa' } as const

/** A line of `ikev2_decryption_table`, without line end; `undefined` where Wireshark has no name for the suite (ChaCha20-Poly1305). */
export function dangerIkeKeyRow(keys: DangerIkeKeys): string | undefined {
  const encryption = encryptionNameOf(ikeEncryptionNames, keys.suite.encryption.id, keys.suite.encryption.keyLength)
  const integrity = integrityNameOf(ikeIntegrityNames, keys.suite.integrity?.id ?? integrityId.NONE)
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
  const cipher = encryption === undefined ? undefined : encryptionNameOf(espEncryptionNames, encryption.id, encryption.keyLength)
  const mac = integrityNameOf(espIntegrityNames, integrity?.id ?? integrityId.NONE)
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

const revealHex = (key: Secret | undefined): string => (key === undefined ? '' : toHex(dangerReveal(key)))
const prefixed = (key: Secret | undefined): string => (key === undefined ? '' : `0x${revealHex(key)}`)

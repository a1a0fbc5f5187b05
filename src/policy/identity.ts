// Identities: as text, whether one is well formed, and whether it is the one expected. RFC 7296 §3.5, RFC 4301 §4.4.3.1.
import { asciiText, equal, fromHex, toHex, utf8 } from '../bytes/bytes.ts'
import { failed, ok, type Result } from '../bytes/result.ts'
import type { Identity } from '../contract/identity.ts'
import type { IdentityRefusal } from '../contract/refusal.ts'
import { idType } from '../iana/identification.ts'
import { addressBytes, addressFromBytes, addressVersion, parseAddress } from '../net/address.ts'
import type { IdentityMatch } from './connection.ts'
import { unknownWord, type WordFault } from './words.ts'

/**
 * strongSwan's notation: `192.0.2.1`, `2001:db8::1`, `host.example.org` or `@host.example.org`, `user@example.org` or
 * `@@user@example.org`, `@#0a1b` (a key ID in hexadecimal), and a type before a colon: `fqdn:`, `email:`, `ipv4:`, `ipv6:`, `keyid:`,
 * or `{200}:`, each with `#` for hexadecimal.
 */
export function parseIdentity(text: string): Result<Identity, WordFault> {
  const typed = /^(?:([A-Za-z]\w+)|\{(\d{1,3})\}):(.*)$/su.exec(text)
  const word = typed?.[1]?.toLowerCase() ?? ''
  const type = typed?.[2] === undefined ? typeWords.get(word) : Number(typed[2])
  const parsed = type === undefined ? untyped(text) : ofType(type, typed?.[3] ?? '')
  if (parsed === undefined || parsed.type > 255) {
    const mistyped = unknownWord('unknown type of identity', word, 0, typeWords.keys())
    if (type === undefined && mistyped.nearest !== undefined) return failed(mistyped)
    return failed({
      word: text,
      offset: 0,
      nearest: undefined,
      message: `"${text}" is no identity: a name, an address, user@name, or keyid:…`,
    })
  }
  const wrong = identityFlaw(parsed)
  return wrong === undefined
    ? ok(parsed)
    : failed({ word: text, offset: 0, nearest: undefined, message: `"${text}" is no identity: ${wrong}` })
}

/** Parses to the same identity again, whatever its type and octets are. */
export function formatIdentity(identity: Identity): string {
  const { type, value } = identity
  const plain = type === idType.ID_IPV4_ADDR || type === idType.ID_IPV6_ADDR ? addressFromBytes(value) : asciiText(value)
  const word = [...typeWords].find(([, number]) => number === type)?.[0]
  const prefix = word === undefined ? `{${type}}` : word
  const candidates = plain === undefined ? [] : type === idType.ID_KEY_ID ? [`keyid:${plain}`] : [plain, `${prefix}:${plain}`]
  return candidates.find((text) => isTextOf(text, identity)) ?? `${prefix}:#${toHex(value)}`
}

/** Names compare without regard to case (RFC 4343), as does the part of an e-mail address after its last @ (RFC 5321 §2.4). */
export function sameIdentity(a: Identity, b: Identity): boolean {
  return a.type === b.type && equal(comparable(a), comparable(b))
}

/** Equal for identities that are the same. */
export const identityKey = (identity: Identity): string => `${identity.type}:${toHex(comparable(identity))}`

/** `undefined` when `got` is what `match` expects. An identity that is not well formed matches nothing. */
export function matchIdentity(match: IdentityMatch, got: Identity): undefined | IdentityRefusal {
  const expected = match.kind === 'any' ? [] : [match.identity]
  if (identityFlaw(got) !== undefined) return { kind: 'identity', got, expected, reason: 'value' }
  if (match.kind === 'any' || sameIdentity(match.identity, got)) return undefined
  return { kind: 'identity', got, expected, reason: match.identity.type === got.type ? 'value' : 'type' }
}

/** What is wrong with the octets of an identity by RFC 7296 §3.5; `undefined` when nothing is. Types that we do not know are opaque. */
export function identityFlaw({ type, value }: Identity): string | undefined {
  if (type === idType.ID_IPV4_ADDR) return value.length === 4 ? undefined : 'an IPv4 address has 4 octets'
  if (type === idType.ID_IPV6_ADDR) return value.length === 16 ? undefined : 'an IPv6 address has 16 octets'
  if (type === idType.ID_NULL) return value.length === 0 ? undefined : 'ID_NULL has no octets'
  if (value.length === 0) return 'it is empty'
  if (type === idType.ID_FQDN) {
    // RFC 7296 §3.5: all characters are ASCII, no terminators; RFC 1035 §2.3.4: 255 octets or less.
    if (value.length > 255) return 'a name has 255 octets at most'
    return value.every((octet) => octet > 0x20 && octet < 0x7f) ? undefined : 'a name is printable ASCII without blanks'
  }
  // RFC 7296 §3.5: no terminators; any reasonable-looking NAI is accepted, as UTF-8.
  if (type === idType.ID_RFC822_ADDR) return value.every(isNoControl) ? undefined : 'an e-mail address has no control characters'
  return undefined
}

const typeWords: ReadonlyMap<string, number> = new Map<string, number>([
  ['fqdn', idType.ID_FQDN],
  ['dns', idType.ID_FQDN],
  ['email', idType.ID_RFC822_ADDR],
  ['rfc822', idType.ID_RFC822_ADDR],
  ['userfqdn', idType.ID_RFC822_ADDR],
  ['ipv4', idType.ID_IPV4_ADDR],
  ['ipv6', idType.ID_IPV6_ADDR],
  ['keyid', idType.ID_KEY_ID],
])

function untyped(text: string): Identity | undefined {
  if (text.startsWith('@#')) return fromHexText(idType.ID_KEY_ID, text.slice(2))
  if (text.startsWith('@@')) return { type: idType.ID_RFC822_ADDR, value: utf8(text.slice(2)) }
  if (text.startsWith('@')) return { type: idType.ID_FQDN, value: utf8(text.slice(1)) }
  const address = parseAddress(text)
  if (address !== undefined) return fromAddressText(text)
  if (text.includes('@')) return { type: idType.ID_RFC822_ADDR, value: utf8(text) }
  // What has a colon, a slash or an equals sign is a mistyped address, a prefix or a distinguished name rather than a name.
  return /[:/=]/.test(text) ? undefined : { type: idType.ID_FQDN, value: utf8(text) }
}

function ofType(type: number, text: string): Identity | undefined {
  if (text.startsWith('#')) return fromHexText(type, text.slice(1))
  if (type !== idType.ID_IPV4_ADDR && type !== idType.ID_IPV6_ADDR) return { type, value: utf8(text) }
  const identity = fromAddressText(text)
  return identity?.type === type ? identity : undefined
}

function fromAddressText(text: string): Identity | undefined {
  const address = parseAddress(text)
  if (address === undefined) return undefined
  return { type: addressVersion(address) === 4 ? idType.ID_IPV4_ADDR : idType.ID_IPV6_ADDR, value: addressBytes(address) }
}

function fromHexText(type: number, text: string): Identity | undefined {
  const value = fromHex(text)
  return value === undefined ? undefined : { type, value }
}

function isTextOf(text: string, identity: Identity): boolean {
  const parsed = parseIdentity(text)
  return parsed.ok && parsed.value.type === identity.type && equal(parsed.value.value, identity.value)
}

function comparable({ type, value }: Identity): Uint8Array {
  if (type === idType.ID_FQDN) return value.map(lowerCase)
  if (type !== idType.ID_RFC822_ADDR) return value
  const domain = value.lastIndexOf(0x40)
  return value.map((octet, i) => (i > domain ? lowerCase(octet) : octet))
}

const lowerCase = (octet: number): number => (octet >= 0x41 && octet <= 0x5a ? octet + 0x20 : octet)
const isNoControl = (octet: number): boolean => octet >= 0x20 && octet !== 0x7f

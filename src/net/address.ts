// IP addresses as canonical text (RFC 5952 §4 for IPv6, dotted decimal for IPv4), so that `===` compares them.
/* oxlint-disable typescript/no-unsafe-type-assertion -- only here is text made an Address */
import { putU32, u32 } from '../bytes/bytes.ts'
import type { Brand } from '../contract/units.ts'

export type Address = Brand<string, 'Address'>

/** A transport address: UDP's, wherever nothing else is said. */
export interface Endpoint {
  readonly address: Address
  readonly port: number
}

/** The address that a text names, in canonical form; `undefined` when it names none. Zones (`%eth0`) are not accepted. */
export function parseAddress(text: string): Address | undefined {
  // There is one way only to write an IPv4 address.
  if (!text.includes(':')) return parseV4(text) === undefined ? undefined : (text as Address)
  const octets = parseV6(text)
  return octets === undefined ? undefined : addressFromBytes(octets)
}

/** From 4 or 16 octets in network order; `undefined` for any other number of them. */
export function addressFromBytes(bytes: Uint8Array): Address | undefined {
  if (bytes.length === 4) return formatV4(u32(bytes, 0))
  if (bytes.length === 16) return formatV6(bytes) as Address
  return undefined
}

/** 4 or 16 octets in network order. */
export function addressBytes(address: Address): Uint8Array {
  if (address.includes(':')) return parseV6(address) ?? new Uint8Array(16)
  const octets = new Uint8Array(4)
  putU32(octets, 0, parseV4(address) ?? 0)
  return octets
}

export function addressVersion(address: Address): 4 | 6 {
  return address.includes(':') ? 6 : 4
}

/** Negative, zero or positive, in numerical order; IPv4 before IPv6. */
export function compareAddresses(a: Address, b: Address): number {
  if (a === b) return 0
  const left = addressBytes(a)
  const right = addressBytes(b)
  if (left.length !== right.length) return left.length - right.length
  for (let i = 0; i < left.length; i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

/** `192.0.2.1:500`, `[2001:db8::1]:500` */
export function formatEndpoint(endpoint: Endpoint): string {
  return addressVersion(endpoint.address) === 6 ? `[${endpoint.address}]:${endpoint.port}` : `${endpoint.address}:${endpoint.port}`
}

export const sameEndpoint = (a: Endpoint, b: Endpoint): boolean => a.port === b.port && a.address === b.address

/** An IPv4 address from the number that its octets are in network order. */
export const formatV4 = (number: number): Address =>
  `${number >>> 24}.${(number >>> 16) & 255}.${(number >>> 8) & 255}.${number & 255}` as Address

/** The way back: four numbers up to 255 without leading zeros, and three dots. Each datagram that comes has an address to be read. */
export function parseV4(text: string): number | undefined {
  let number = 0
  let part = 0
  let digits = 0
  let value = 0
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - digitZero
    if (digit >= 0 && digit <= 9) {
      if (digits > 0 && value === 0) return undefined
      value = 10 * value + digit
      digits++
      if (value > 255) return undefined
    } else {
      if (text[i] !== '.' || digits === 0 || part === 3) return undefined
      number = number * 256 + value
      part++
      value = digits = 0
    }
  }
  if (part !== 3 || digits === 0) return undefined
  return number * 256 + value
}

const digitZero = 48

function parseV6(text: string): Uint8Array | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const head = parseGroups(halves[0] ?? '', halves.length === 1)
  const tail = halves.length === 2 ? parseGroups(halves[1] ?? '', true) : []
  if (head === undefined || tail === undefined) return undefined
  const missing = 8 - head.length - tail.length
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined
  const groups = [...head, ...Array.from({ length: missing }, () => 0), ...tail]
  const octets = new Uint8Array(16)
  for (const [i, group] of groups.entries()) {
    octets[2 * i] = group >>> 8
    octets[2 * i + 1] = group
  }
  return octets
}

function parseGroups(text: string, mayEndInV4: boolean): number[] | undefined {
  if (text === '') return []
  const groups: number[] = []
  const parts = text.split(':')
  for (const [i, part] of parts.entries()) {
    if (mayEndInV4 && i === parts.length - 1 && part.includes('.')) {
      const v4 = parseV4(part)
      if (v4 === undefined) return undefined
      groups.push(v4 >>> 16, v4 & 0xffff)
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16))
    else return undefined
  }
  return groups.length > 8 ? undefined : groups
}

/** RFC 5952 §4: lower case, no leading zeros, the first longest run of two or more zero groups shortened; §5: IPv4-mapped in mixed form. */
function formatV6(bytes: Uint8Array): string {
  const groups: number[] = []
  for (let i = 0; i < 16; i += 2) groups.push(((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0))
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) return `::ffff:${formatV4(u32(bytes, 12))}`
  let bestAt = -1
  let bestLength = 1
  for (let i = 0; i < 8; i++) {
    let length = 0
    while (groups[i + length] === 0) length++
    if (length > bestLength) {
      bestAt = i
      bestLength = length
    }
  }
  const text = (part: number[]): string => part.map((group) => group.toString(16)).join(':')
  return bestAt < 0 ? text(groups) : `${text(groups.slice(0, bestAt))}::${text(groups.slice(bestAt + bestLength))}`
}

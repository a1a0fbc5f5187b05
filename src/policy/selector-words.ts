// Traffic selectors in swanctl's notation: `10.1.0.0/24[tcp/80]`, `dynamic[icmp]`, `10.0.0.1-10.0.0.9`. RFC 7296 §3.13.1, RFC 4301 §4.4.1.1.
import { failed, ok, type Result } from '../bytes/result.ts'
import type { TrafficSelector } from '../contract/selectors.ts'
import { ipProtocol } from '../iana/ip-protocols.ts'
import { type Address, addressVersion, parseAddress } from '../net/address.ts'
import { addressOf, numberOf } from './boxes.ts'
import type { AddressRange, SelectorTemplate } from './connection.ts'
import { unknownWord, type WordFault } from './words.ts'

/**
 * `dynamic`, an address, a prefix or a range; then, in brackets, a protocol by name or number, and behind a slash a port, a range of
 * ports, `any` or `opaque`. For ICMP and ICMPv6 a type stands for all its codes: `[icmp/8]`, or `[icmp/3(1)-3(4)]`. The Mobility Header has
 * a type alone: `[mh/5]`.
 * Bits of a prefix behind its length do not count.
 */
export function parseSelector(text: string): Result<SelectorTemplate, WordFault> {
  const trimmed = text.trim()
  const start = text.length - text.trimStart().length
  const bracket = trimmed.indexOf('[')
  const addressText = bracket < 0 ? trimmed : trimmed.slice(0, bracket)
  const addresses = parseAddresses(addressText)
  if (addresses === undefined) return failed(notAddresses(addressText, start))
  if (bracket < 0) return ok({ addresses, protocol: 0, ...anyPort })
  if (!trimmed.endsWith(']')) return failed(fault(trimmed.slice(bracket), start + bracket, 'has no closing bracket'))
  const inside = trimmed.slice(bracket + 1, -1)
  const slash = inside.indexOf('/')
  const protocolText = slash < 0 ? inside : inside.slice(0, slash)
  const protocol = protocolNamed(protocolText)
  if (protocol === undefined) return failed(unknownWord('unknown protocol', protocolText, start + bracket + 1, protocolWords.keys()))
  if (slash < 0) return ok({ addresses, protocol, ...anyPort })
  const portText = inside.slice(slash + 1)
  const { parseEnd, expected } = portWords(protocol)
  const ports = parsePorts(portText, parseEnd)
  if (ports !== undefined) return ok({ addresses, protocol, ...ports })
  return failed(fault(portText, start + bracket + slash + 2, expected))
}

/** An address, a prefix or a range; bits of a prefix behind its length do not count. */
export function parseAddressRange(text: string): Result<AddressRange, WordFault> {
  const trimmed = text.trim()
  const addresses = parseAddresses(trimmed)
  if (addresses !== undefined && addresses !== 'dynamic') return ok(addresses)
  return failed(fault(trimmed, text.length - text.trimStart().length, 'is no address, prefix or range'))
}

/** As swanctl writes them: `10.1.0.0/24[tcp/80]`, `10.0.0.1-10.0.0.9`, `2001:db8::/32[ipv6-icmp/128(0)]`. */
export function formatSelector(selector: TrafficSelector): string {
  return formatRange(selector.startAddress, selector.endAddress) + formatNextLayer(selector)
}

/** As `formatSelector`, or `dynamic[tcp/80]`. */
export function formatSelectorTemplate(template: SelectorTemplate): string {
  const { addresses } = template
  return (addresses === 'dynamic' ? 'dynamic' : formatRange(addresses.start, addresses.end)) + formatNextLayer(template)
}

/** By name or number, as in selectors; 0 is any. */
export function protocolNamed(text: string): number | undefined {
  const lower = text.toLowerCase().replace(/^%/, '')
  const number = protocolWords.get(lower) ?? decimal(lower)
  return number === undefined || number > 255 ? undefined : number
}

/** The name that selectors have for it, or its number. */
export const protocolName = (protocol: number): string =>
  [...protocolWords].find(([, number]) => number === protocol)?.[0] ?? String(protocol)

export const protocolNames = (): readonly string[] => [...protocolWords.keys()]

/** Names for protocols in selectors; where there are several for a number, the first is the one that is written. */
const protocolWords: ReadonlyMap<string, number> = new Map<string, number>([
  ['any', 0],
  ['icmp', ipProtocol.ICMP],
  ['igmp', ipProtocol.IGMP],
  ['tcp', ipProtocol.TCP],
  ['udp', ipProtocol.UDP],
  ['dccp', ipProtocol.DCCP],
  ['gre', ipProtocol.GRE],
  ['esp', ipProtocol.ESP],
  ['ah', ipProtocol.AH],
  ['ipv6-icmp', ipProtocol.ICMPV6],
  ['icmpv6', ipProtocol.ICMPV6],
  ['icmp6', ipProtocol.ICMPV6],
  ['l2tp', ipProtocol.L2TP],
  ['mh', ipProtocol.MOBILITY],
  ['mobility-header', ipProtocol.MOBILITY],
  ['sctp', ipProtocol.SCTP],
  ['udplite', ipProtocol.UDPLITE],
])

/** Protocols whose "port" is type × 256 + code (RFC 7296 §3.13.1). */
export const hasTypeAndCode = (protocol: number): boolean => protocol === ipProtocol.ICMP || protocol === ipProtocol.ICMPV6

/** How the end of a range is read, and what to say where it is none. */
function portWords(protocol: number): { readonly parseEnd: (text: string) => Ports | undefined; readonly expected: string } {
  if (hasTypeAndCode(protocol)) return { parseEnd: parseType, expected: 'is no ICMP type such as 8 or 3(1)' }
  if (protocol === ipProtocol.MOBILITY) return { parseEnd: parseMobilityType, expected: 'is no MH type such as 5' }
  return { parseEnd: parsePort, expected: 'is no port such as 443, 1000-2000, any or opaque' }
}

interface Ports {
  readonly startPort: number
  readonly endPort: number
}

const anyPort: Ports = { startPort: 0, endPort: 65535 }
const opaquePorts: Ports = { startPort: 65535, endPort: 0 }

function parseAddresses(text: string): SelectorTemplate['addresses'] | undefined {
  if (text.toLowerCase() === 'dynamic') return 'dynamic'
  const dash = text.indexOf('-')
  if (dash >= 0) return parseRange(text.slice(0, dash), text.slice(dash + 1))
  const slash = text.indexOf('/')
  if (slash < 0) return parseRange(text, text)
  const address = parseAddress(text.slice(0, slash))
  const length = decimal(text.slice(slash + 1))
  if (address === undefined || length === undefined) return undefined
  const version = addressVersion(address)
  const hostBits = (version === 4 ? 32 : 128) - length
  if (hostBits < 0) return undefined
  const size = 1n << BigInt(hostBits)
  const first = (numberOf(address) / size) * size
  return { start: addressOf(first, version), end: addressOf(first + size - 1n, version) }
}

function parseRange(from: string, to: string): { readonly start: Address; readonly end: Address } | undefined {
  const start = parseAddress(from)
  const end = parseAddress(to)
  if (start === undefined || end === undefined || addressVersion(start) !== addressVersion(end)) return undefined
  return numberOf(start) <= numberOf(end) ? { start, end } : undefined
}

/** `parseEnd` gives the lowest and the highest port that one end of a range may mean. */
function parsePorts(text: string, parseEnd: (text: string) => Ports | undefined): Ports | undefined {
  const lower = text.toLowerCase().replace(/^%/, '')
  if (lower === 'any') return anyPort
  if (lower === 'opaque') return opaquePorts
  const dash = lower.indexOf('-')
  const start = parseEnd(dash < 0 ? lower : lower.slice(0, dash))
  const end = dash < 0 ? start : parseEnd(lower.slice(dash + 1))
  if (start === undefined || end === undefined || start.startPort > end.endPort) return undefined
  return { startPort: start.startPort, endPort: end.endPort }
}

function parsePort(text: string): Ports | undefined {
  const port = decimal(text)
  return port === undefined || port > 65535 ? undefined : { startPort: port, endPort: port }
}

/** RFC 4301 §4.4.1.1: type × 256 + code. */
function parseType(text: string): Ports | undefined {
  const parts = /^(\d+)(?:\((\d+)\))?$/.exec(text)
  const type = decimal(parts?.[1] ?? '')
  if (type === undefined || type > 255) return undefined
  if (parts?.[2] === undefined) return { startPort: type * 256, endPort: type * 256 + 255 }
  const code = decimal(parts[2])
  return code === undefined || code > 255 ? undefined : { startPort: type * 256 + code, endPort: type * 256 + code }
}

/** RFC 7296 §3.13.1: MH type × 256. */
function parseMobilityType(text: string): Ports | undefined {
  const type = decimal(text)
  return type === undefined || type > 255 ? undefined : { startPort: type * 256, endPort: type * 256 }
}

function notAddresses(text: string, offset: number): WordFault {
  if (/^[A-Za-z]+$/.test(text)) return unknownWord('unknown address', text, offset, ['dynamic'])
  return fault(text, offset, 'is no address, prefix, range or "dynamic"')
}

const fault = (word: string, offset: number, what: string): WordFault => ({
  word,
  offset,
  nearest: undefined,
  message: `"${word}" ${what}`,
})
const decimal = (text: string): number | undefined => (/^\d{1,5}$/.test(text) ? Number(text) : undefined)

function formatRange(start: Address, end: Address): string {
  const size = numberOf(end) - numberOf(start) + 1n
  const bits = size.toString(2).length - 1
  const isPrefix = size > 0n && size === 1n << BigInt(bits) && numberOf(start) % size === 0n
  return isPrefix ? `${start}/${(addressVersion(start) === 4 ? 32 : 128) - bits}` : `${start}-${end}`
}

function formatNextLayer(selector: { readonly protocol: number; readonly startPort: number; readonly endPort: number }): string {
  const { protocol, startPort, endPort } = selector
  const anyPort = startPort === 0 && endPort === 65535
  if (anyPort && protocol === 0) return ''
  const name = protocolName(protocol)
  if (anyPort) return `[${name}]`
  if (startPort === 65535 && endPort === 0) return `[${name}/opaque]`
  if (protocol === ipProtocol.MOBILITY) return `[${name}/${formatMobilityTypes(startPort, endPort)}]`
  return `[${name}/${hasTypeAndCode(protocol) ? formatTypes(startPort, endPort) : formatInterval(startPort, endPort)}]`
}

/** The types in it: what is below a type in the lower octet is in no packet. */
function formatMobilityTypes(start: number, end: number): string {
  const [first, last] = [(start + 255) >>> 8, end >>> 8]
  return first > last ? formatTypes(start, end) : formatInterval(first, last)
}

/** `8` for all codes of a type, `8(0)` for one of them; `8-11`, `3(1)-3(4)` for several. */
function formatTypes(start: number, end: number): string {
  if ((start & 255) === 0 && (end & 255) === 255) return formatInterval(start >>> 8, end >>> 8)
  return formatInterval(formatTypeAndCode(start), formatTypeAndCode(end))
}

const formatTypeAndCode = (port: number): string => `${port >>> 8}(${port & 255})`
const formatInterval = (start: number | string, end: number | string): string => (start === end ? `${start}` : `${start}-${end}`)

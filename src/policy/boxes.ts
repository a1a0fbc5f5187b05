// Traffic selectors as boxes of intervals, on which the algebra is plain arithmetic. RFC 4301 §4.4.1.1, RFC 7296 §3.13.1.
import { Bug } from '../contract/faults.ts'
import type { TrafficSelector } from '../contract/selectors.ts'
import { type Address, addressBytes, addressFromBytes, addressVersion, formatV4, parseV4 } from '../net/address.ts'

/**
 * All bounds are inclusive. A port of -1 is OPAQUE: there is no port to look at. So ANY, which includes OPAQUE, is -1 to 65535,
 * and OPAQUE alone is -1 to -1 (RFC 4301 §4.4.1.1, "OPAQUE and ANY").
 */
export interface Box {
  readonly version: 4 | 6
  /** 0 is any. */
  readonly protocol: number
  readonly firstPort: number
  readonly lastPort: number
  readonly first: AddressNumber
  readonly last: AddressNumber
}

/** The octets of an address in network order: a `number` for IPv4, since most are, and big integers are garbage; a `bigint` for IPv6. */
export type AddressNumber = number | bigint

export const opaquePort = -1
const maxPort = 65535

/** `undefined` when no packet can be in it. */
export function boxOf(selector: TrafficSelector): Box | undefined {
  const version = addressVersion(selector.startAddress)
  const first = placeOf(selector.startAddress)
  const last = placeOf(selector.endAddress)
  const { firstPort, lastPort } = portInterval(selector.startPort, selector.endPort)
  if (version !== addressVersion(selector.endAddress) || first > last || firstPort > lastPort) return undefined
  return { version, protocol: selector.protocol, firstPort, lastPort, first, last }
}

export function boxesOf(selectors: readonly TrafficSelector[]): readonly Box[] {
  return selectors.map(boxOf).filter((box) => box !== undefined)
}

/** The port fields of a selector as an interval. */
export function portInterval(startPort: number, endPort: number): { readonly firstPort: number; readonly lastPort: number } {
  // RFC 7296 §3.13.1: ANY is 0 to 65535 and includes OPAQUE, which is 65535 to 0.
  if (startPort === 0 && endPort === maxPort) return { firstPort: opaquePort, lastPort: maxPort }
  if (startPort === maxPort && endPort === 0) return { firstPort: opaquePort, lastPort: opaquePort }
  return { firstPort: startPort, lastPort: endPort }
}

export function selectorOf(box: Box): TrafficSelector {
  const opaque = box.lastPort === opaquePort
  return {
    protocol: box.protocol,
    startPort: opaque ? maxPort : Math.max(box.firstPort, 0),
    endPort: opaque ? 0 : box.lastPort,
    startAddress: addressOf(box.first, box.version),
    endAddress: addressOf(box.last, box.version),
  }
}

export function intersectBoxes(a: Box, b: Box): Box | undefined {
  if (a.version !== b.version) return undefined
  if (a.protocol !== b.protocol && a.protocol !== 0 && b.protocol !== 0) return undefined
  const firstPort = Math.max(a.firstPort, b.firstPort)
  const lastPort = Math.min(a.lastPort, b.lastPort)
  const first = a.first > b.first ? a.first : b.first
  const last = a.last < b.last ? a.last : b.last
  if (firstPort > lastPort || first > last) return undefined
  return { version: a.version, protocol: a.protocol === 0 ? b.protocol : a.protocol, firstPort, lastPort, first, last }
}

export function boxContains(outer: Box, inner: Box): boolean {
  return (
    outer.version === inner.version &&
    (outer.protocol === 0 || outer.protocol === inner.protocol) &&
    outer.firstPort <= inner.firstPort &&
    inner.lastPort <= outer.lastPort &&
    outer.first <= inner.first &&
    inner.last <= outer.last
  )
}

/** Whether all of `inner` is in some of `outer`, which may be patched together; any protocol counts as covered by any protocol only. */
export function isCovered(inner: Box, outer: readonly Box[]): boolean {
  let rest: readonly Box[] = [inner]
  for (const box of outer) {
    if (box.protocol !== 0 && box.protocol !== inner.protocol) continue
    rest = rest.flatMap((piece) => subtract(piece, box))
  }
  return rest.length === 0
}

/** What is left of `box` without `hole`, whose protocol is any or that of `box`. */
function subtract(box: Box, hole: Box): readonly Box[] {
  const common = intersectBoxes(box, hole)
  if (common === undefined) return [box]
  const pieces: Box[] = []
  if (box.first < common.first) pieces.push({ ...box, last: before(common.first) })
  if (common.last < box.last) pieces.push({ ...box, first: after(common.last) })
  const middle = { ...box, first: common.first, last: common.last }
  if (box.firstPort < common.firstPort) pieces.push({ ...middle, lastPort: common.firstPort - 1 })
  if (common.lastPort < box.lastPort) pieces.push({ ...middle, firstPort: common.lastPort + 1 })
  return pieces
}

const before = (number: AddressNumber): AddressNumber => (typeof number === 'number' ? number - 1 : number - 1n)
const after = (number: AddressNumber): AddressNumber => (typeof number === 'number' ? number + 1 : number + 1n)

/** An address as the number that its octets are in network order. */
export const numberOf = (address: Address): bigint => BigInt(placeOf(address))

function placeOf(address: Address): AddressNumber {
  const v4 = address.includes(':') ? undefined : parseV4(address)
  if (v4 !== undefined) return v4
  let number = 0n
  for (const octet of addressBytes(address)) number = (number << 8n) | BigInt(octet)
  return number
}

export function addressOf(number: AddressNumber, version: 4 | 6): Address {
  if (version === 4) return formatV4(Number(number))
  const octets = new Uint8Array(16)
  let rest = BigInt(number)
  for (let i = octets.length - 1; i >= 0; i--) {
    octets[i] = Number(rest & 255n)
    rest >>= 8n
  }
  const address = addressFromBytes(octets)
  if (address === undefined) throw new Bug('an address of 16 octets has no text')
  return address
}

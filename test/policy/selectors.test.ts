import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { TrafficSelector } from '../../src/contract/selectors.ts'
import { type Address, parseAddress } from '../../src/net/address.ts'
import { contains, firstUncovered, intersect, narrow, selectorLimit } from '../../src/policy/selectors.ts'

function address(text: string): Address {
  const parsed = parseAddress(text)
  if (parsed === undefined) throw new Error(`not an address: ${text}`)
  return parsed
}

function selector(start: string, end = start, protocol = 0, startPort = 0, endPort = 65535): TrafficSelector {
  return { protocol, startPort, endPort, startAddress: address(start), endAddress: address(end) }
}

const subnet = selector('198.51.100.0', '198.51.100.255')
const tcp = 6
const udp = 17
const opaque = [65535, 0] as const

function narrowed(offered: readonly TrafficSelector[], configured: readonly TrafficSelector[]): readonly TrafficSelector[] {
  const result = narrow(offered, configured, 'TSi')
  return result.ok ? result.value : []
}

function reasonFor(offered: readonly TrafficSelector[], configured: readonly TrafficSelector[]): string {
  const result = narrow(offered, configured, 'TSr')
  return result.ok ? 'narrowed' : result.fault.reason
}

describe('narrowing (RFC 7296 §2.9)', () => {
  test('gives the offer back when all of it is allowed', () => {
    expect(narrowed([subnet], [selector('0.0.0.0', '255.255.255.255')])).toEqual([subnet])
  })

  test('gives the configured part of a wider offer', () => {
    expect(narrowed([selector('0.0.0.0', '255.255.255.255')], [subnet])).toEqual([subnet])
  })

  test('keeps the packet that the initiator put first within what it returns', () => {
    const packet = selector('198.51.100.43', '198.51.100.43', udp, 53, 53)
    expect(narrowed([packet, subnet], [selector('198.51.100.43'), selector('198.51.100.7')])).toEqual([
      selector('198.51.100.43'),
      selector('198.51.100.7'),
    ])
  })

  test('puts the parts in the order of the offer', () => {
    const first = selector('10.0.0.9')
    const second = selector('10.0.0.1')
    expect(narrowed([first, second], [selector('10.0.0.0', '10.0.0.255')])).toEqual([first, second])
  })

  test('narrows protocol and ports too', () => {
    expect(narrowed([selector('10.0.0.0', '10.0.0.255', tcp, 0, 1023)], [selector('10.0.0.1', '10.0.0.1', 0, 443, 2000)])).toEqual([
      selector('10.0.0.1', '10.0.0.1', tcp, 443, 1023),
    ])
  })

  test('takes the selectors of either version apart', () => {
    const v6 = selector('2001:db8::', '2001:db8::ffff')
    expect(narrowed([subnet, v6], [selector('::', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff')])).toEqual([v6])
  })

  test('never returns more selectors than a payload holds, the first choice among them', () => {
    const offered = Array.from({ length: 255 }, (_, i) => selector('10.0.0.0', '10.255.255.255', tcp, 2 * i, 2 * i))
    const configured = [selector('10.0.0.0', '10.0.0.1'), selector('10.0.0.4', '10.0.0.5')]
    const result = narrowed(offered, configured)
    expect(result).toHaveLength(selectorLimit)
    expect(result[0]).toEqual(selector('10.0.0.0', '10.0.0.1', tcp, 0, 0))
  })

  test.each([
    ['empty', [], [subnet]],
    ['empty', [subnet], []],
    ['version', [selector('2001:db8::1')], [subnet]],
    ['addresses', [selector('10.0.0.1')], [subnet]],
    ['protocol', [selector('198.51.100.1', '198.51.100.1', tcp)], [selector('198.51.100.0', '198.51.100.9', udp)]],
    ['ports', [selector('198.51.100.1', '198.51.100.1', tcp, 80, 80)], [selector('198.51.100.1', '198.51.100.1', tcp, 443, 443)]],
    [
      'ports',
      [selector('2001:db8::1'), selector('198.51.100.1', '198.51.100.1', tcp, 80, 80)],
      [selector('198.51.100.1', '198.51.100.1', tcp, 1, 9)],
    ],
  ])('says how far the closest pair came: %s', (reason, offered, configured) => {
    expect(reasonFor(offered, configured)).toBe(reason)
  })

  test('ignores selectors that no packet can match', () => {
    expect(reasonFor([selector('10.0.0.9', '10.0.0.1')], [selector('10.0.0.0', '10.0.0.255')])).toBe('empty')
    expect(reasonFor([selector('10.0.0.1', '10.0.0.1', tcp, 9, 1)], [selector('10.0.0.0', '10.0.0.255')])).toBe('empty')
  })
})

describe('OPAQUE ports (RFC 4301 §4.4.1.1)', () => {
  const host = '10.0.0.1'
  const any = selector(host, host, tcp)
  const opaqueOnly = selector(host, host, tcp, ...opaque)
  const all = selector(host, host, tcp, 1, 65535)

  test('are part of ANY', () => {
    expect(contains(any, opaqueOnly)).toBe(true)
    expect(intersect(any, opaqueOnly)).toEqual(opaqueOnly)
  })

  test('are in no range of ports', () => {
    expect(intersect(all, opaqueOnly)).toBeUndefined()
    expect(contains(all, opaqueOnly)).toBe(false)
    expect(contains(opaqueOnly, all)).toBe(false)
  })
})

describe('an answer', () => {
  const offered = [selector('10.0.0.0', '10.0.0.127'), selector('10.0.0.128', '10.0.0.255')]

  test('within the offer is covered, also where two selectors of the offer have been joined', () => {
    expect(firstUncovered([selector('10.0.0.0', '10.0.0.255', tcp, 80, 80)], offered)).toBeUndefined()
  })

  test('wider than the offer is found out', () => {
    const wider = selector('10.0.0.0', '10.0.1.0')
    expect(firstUncovered([selector('10.0.0.7'), wider], offered)).toBe(wider)
    expect(firstUncovered([selector('10.0.0.0', '10.0.0.1')], [selector('10.0.0.0', '10.0.0.1', tcp)])).toBeDefined()
    expect(firstUncovered([selector('10.0.0.1', '10.0.0.1', tcp)], [selector('10.0.0.1', '10.0.0.1', tcp, 0, 65534)])).toBeDefined()
  })
})

// A universe small enough to count: 5 addresses, 3 protocols, ports 0 to 3 and no port at all.
const universe = [0, 1, 2, 3, 4].flatMap((host) =>
  [tcp, udp, 50].flatMap((protocol) => ['none' as const, 0, 1, 2, 3].map((port) => ({ host, protocol, port }))),
)
type Packet = (typeof universe)[number]

const numberOfHost = (s: TrafficSelector, end: 'startAddress' | 'endAddress'): number => Number(s[end].split('.')[3])

/** The slow and obvious reading of a selector. */
function matches(s: TrafficSelector, packet: Packet): boolean {
  if (packet.host < numberOfHost(s, 'startAddress') || packet.host > numberOfHost(s, 'endAddress')) return false
  if (s.protocol !== 0 && s.protocol !== packet.protocol) return false
  if (s.startPort === 0 && s.endPort === 65535) return true
  if (packet.port === 'none') return s.startPort === 65535 && s.endPort === 0
  return s.startPort <= packet.port && packet.port <= s.endPort
}

const setOf = (selectors: readonly TrafficSelector[]): readonly Packet[] => universe.filter((p) => selectors.some((s) => matches(s, p)))

const ports = fc.oneof(
  fc.constant([0, 65535] as const),
  fc.constant(opaque),
  fc.tuple(fc.nat(3), fc.nat(3)),
  fc.tuple(fc.nat(3), fc.constant(65535)),
)
const anySelector = fc
  .tuple(fc.nat(4), fc.nat(4), fc.constantFrom(0, tcp, udp), ports)
  .map(([a, b, protocol, [start, end]]) => selector(`10.0.0.${Math.min(a, b)}`, `10.0.0.${Math.max(a, b)}`, protocol, start, end))
const anyList = fc.array(anySelector, { maxLength: 5 })
const runs = { seed: 2009, numRuns: 500 }

describe('on a universe small enough to count', () => {
  test('narrowing is the intersection of sets: it never widens and loses nothing', () => {
    fc.assert(
      fc.property(anyList, anyList, (offered, configured) => {
        const ours = setOf(configured)
        expect(setOf(narrowed(offered, configured))).toEqual(setOf(offered).filter((packet) => ours.includes(packet)))
      }),
      runs,
    )
  })

  test('narrowing twice is narrowing once', () => {
    fc.assert(
      fc.property(anyList, anyList, (offered, configured) => {
        const once = narrowed(offered, configured)
        expect(narrowed(once, configured)).toEqual(once)
        expect(firstUncovered(once, offered)).toBeUndefined()
        expect(firstUncovered(once, configured)).toBeUndefined()
      }),
      runs,
    )
  })

  test('no selector of the result is in another', () => {
    fc.assert(
      fc.property(anyList, anyList, (offered, configured) => {
        const result = narrowed(offered, configured)
        for (const a of result) for (const b of result) expect(a === b || !contains(a, b)).toBe(true)
      }),
      runs,
    )
  })

  test('what is covered is a subset', () => {
    fc.assert(
      fc.property(anyList, anyList, (inner, outer) => {
        if (firstUncovered(inner, outer) !== undefined) return
        const allowed = setOf(outer)
        expect(setOf(inner).filter((packet) => !allowed.includes(packet))).toEqual([])
      }),
      runs,
    )
  })
})

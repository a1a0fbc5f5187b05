// How long dummy packets look: as plain IP packets of the lengths that are asked for. RFC 4303 §2.6, §2.7.
import { describe, expect, it } from 'vitest'
import type { DummyTerms } from '../../src/contract/install.ts'
import type { ChildConfig } from '../../src/policy/connection.ts'
import { pathDefaults } from '../../src/policy/defaults.ts'
import { up } from '../ike/two-ends.ts'
import { packetOf, pass, throughSas } from './dummy-traffic.ts'
import { address, anyTraffic, type Side } from './two-hosts.ts'

const everywhere = { ...anyTraffic, addresses: { start: address('0.0.0.0'), end: address('255.255.255.255') } }
const tunnel: Partial<ChildConfig> = { mode: 'tunnel', localSelectors: [everywhere], remoteSelectors: [everywhere] }
const bare: Partial<Side> = { bare: 'ip', connection: { encapsulation: 'when-needed' } }

/** Lengths on the wire of so many dummies. */
function lengths(count: number, octets: DummyTerms['octets'], child: Partial<ChildConfig>, side: Partial<Side>): readonly number[] {
  const both = up({ ...side, child: { dummies: { interval: 10, octets }, ...child } }, { ...side, child })
  return pass(both, count * 10).a.map(({ length }) => length)
}

/** Of a packet of so many octets. */
function sealedLength(octets: number, child: Partial<ChildConfig>, side: Partial<Side>): number {
  const both = up({ ...side, child }, { ...side, child })
  const from = both.network.now
  pass(both, 1)
  both.network.feed(both.a, { kind: 'packet', bytes: packetOf(octets) })
  return throughSas(both.a, from)[0]?.length ?? expect.unreachable()
}

describe.each([
  ['transport mode in UDP', {}, {}],
  ['a tunnel in UDP', tunnel, {}],
  ['transport mode, bare', {}, bare],
  ['a tunnel, bare', tunnel, bare],
] as const)('in %s', (_, child, side) => {
  it('as packets of so many octets', () => {
    for (const octets of [40, 1000]) {
      expect(new Set(lengths(5, { least: octets, most: octets }, child, side))).toEqual(new Set([sealedLength(octets, child, side)]))
    }
  })

  it('by chance between two lengths, of which both come', () => {
    const sizes = lengths(40, { least: 101, most: 112 }, child, side)
    expect([Math.min(...sizes), Math.max(...sizes)]).toEqual([sealedLength(101, child, side), sealedLength(112, child, side)])
    expect(new Set(sizes).size).toBeGreaterThanOrEqual(3)
  })

  it('never longer than the path takes', () => {
    const outer = 'bare' in side ? 0 : 28
    for (const mtu of [undefined, 1400]) {
      const [size = 0, ...others] = new Set(lengths(5, { least: 65_535, most: 65_535 }, { ...child, path: { ...pathDefaults, mtu } }, side))
      expect(others).toEqual([])
      expect(size + outer).toBeLessThanOrEqual(mtu ?? 1500)
      expect(size + outer).toBeGreaterThan((mtu ?? 1500) - 4)
    }
  })
})

describe('where nothing is said', () => {
  it('as TFC padding makes packets look', () => {
    for (const tfc of [{ to: 'size', octets: 700 }, { to: 'mtu' }] as const) {
      expect(new Set(lengths(5, undefined, { tfc }, {}))).toEqual(new Set([sealedLength(100, { tfc }, {})]))
    }
    const multiples = lengths(60, undefined, { tfc: { to: 'multiple', octets: 256 } }, {})
    expect(new Set(multiples).size).toBe(6)
  })

  it('of any length, without that', () => {
    const sizes = lengths(150, undefined, {}, {})
    expect([Math.min(...sizes) < 100, Math.max(...sizes) > 1400, new Set(sizes).size > 50]).toEqual([true, true, true])
  })
})

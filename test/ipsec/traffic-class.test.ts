// DSCP, ECN and DF where tunnels begin and end. RFC 6040 §4, RFC 2983, RFC 4301 §8.1.
import { describe, expect, test } from 'vitest'
import { u16 } from '../../src/bytes/bytes.ts'
import type { PathTerms } from '../../src/contract/path-terms.ts'
import { ipv4Packet, ipv6Packet } from '../../src/net/build.ts'
import { checksum } from '../../src/net/checksum.ts'
import { putTrafficClass, trafficClass } from '../../src/net/traffic-class.ts'
import { pathDefaults } from '../../src/policy/defaults.ts'
import { alice, bob, open, outcomes, type Pair, pair, seal } from './fixtures.ts'

const versions = [4, 6] as const
const names = ['Not-ECT', 'ECT(1)', 'ECT(0)', 'CE'] as const
const codepoints = [0, 1, 2, 3] as const

function inner(version: 4 | 6, class_: number, flags = 0): Uint8Array {
  const fields = { source: alice[version], destination: bob[version], protocol: 17, payload: new Uint8Array(40), trafficClass: class_ }
  return version === 4 ? ipv4Packet({ ...fields, flagsAndFragment: flags }) : ipv6Packet(fields)
}

const tunnel = (version: 4 | 6, path: Partial<PathTerms> = {}): Pair =>
  pair({ mode: 'tunnel', version, both: { path: { ...pathDefaults, ...path } } })

describe.each(versions)('a tunnel over IPv%i', (outerVersion) => {
  describe.each(versions)('with IPv%i inside', (version) => {
    test.each([
      ['normal', codepoints],
      ['compatibility', [0, 0, 0, 0]],
    ] as const)('begins in %s mode (RFC 6040 §4.1, figure 3)', (ecn, expected) => {
      const { sender } = tunnel(outerVersion, { ecn })
      const outer = codepoints.map((ecnField) => trafficClass(seal(sender, 'ip', inner(version, 0xb8 | ecnField)).packet(0), 0))
      expect(outer).toEqual(expected.map((ecnField) => 0xb8 | ecnField))
    })

    // Rows: what the inner header says; columns: what the outer one says, in the order of the codepoints.
    const figure4: readonly (readonly (string | undefined)[])[] = [
      ['Not-ECT', 'Not-ECT', 'Not-ECT', undefined],
      ['ECT(1)', 'ECT(1)', 'ECT(1)', 'CE'],
      ['ECT(0)', 'ECT(1)', 'ECT(0)', 'CE'],
      ['CE', 'CE', 'CE', 'CE'],
    ]
    test('ends as RFC 6040 §4.2, figure 4 says, and counts what no tunnel makes', () => {
      const { sender, receiver } = tunnel(outerVersion)
      for (const row of codepoints) {
        for (const column of codepoints) {
          const sealed = seal(sender, 'ip', inner(version, 0x28 | row))
            .packet(0)
            .slice()
          putTrafficClass(sealed, 0, (trafficClass(sealed, 0) & 0xfc) | column)
          const batch = open(receiver, 'ip', undefined, sealed)
          const expected = figure4[row]?.[column]
          const where = `${names[row]} in ${names[column]}`
          if (expected === undefined) expect(outcomes(batch), where).toEqual(['congestion-unheard'])
          else {
            expect(outcomes(batch), where).toEqual(['done'])
            const opened = batch.packet(0)
            expect([names[trafficClass(opened, 0) & 3], trafficClass(opened, 0) & 0xfc], where).toEqual([expected, 0x28])
            if (version === 4) expect(checksum(opened, 0, 20, 0), where).toBe(0)
          }
        }
      }
      const odd = codepoints.flatMap((row) =>
        codepoints.flatMap((column) => (receiver.counters.oddMarks(row, column) === 1 ? [`${names[row]} in ${names[column]}`] : [])),
      )
      expect(odd).toEqual(['Not-ECT in ECT(1)', 'Not-ECT in ECT(0)', 'Not-ECT in CE', 'ECT(1) in ECT(0)', 'CE in ECT(1)'])
    })

    test('copies DSCP, or sets it, on the way in and on the way out', () => {
      const outer = (path: Partial<PathTerms>) =>
        trafficClass(seal(tunnel(outerVersion, path).sender, 'ip', inner(version, 0xba)).packet(0), 0)
      expect([outer({}), outer({ outerDscp: 0 }), outer({ outerDscp: 46, ecn: 'compatibility' })]).toEqual([0xba, 2, 0xb8])
      const after = (path: Partial<PathTerms>): number => {
        const { sender, receiver } = tunnel(outerVersion, { outerDscp: 10, ...path })
        return trafficClass(open(receiver, 'ip', undefined, seal(sender, 'ip', inner(version, 0xba)).packet(0).slice()).packet(0), 0)
      }
      expect([after({}), after({ innerDscp: 'copy' })]).toEqual([0xba, 0x2a])
    })
  })
})

test.each([
  ['copy', [0, 0x4000, 0]],
  ['set', [0x4000, 0x4000, 0x4000]],
  ['clear', [0, 0, 0]],
] as const)('DF of the outer header: %s (RFC 4301 §8.1)', (dontFragment, expected) => {
  const { sender } = tunnel(4, { dontFragment })
  const packets = [inner(4, 0), inner(4, 0, 0x4000), inner(6, 0)]
  expect(packets.map((packet) => u16(seal(sender, 'ip', packet).packet(0), 6))).toEqual(expected)
})

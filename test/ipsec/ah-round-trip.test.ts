import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ipProtocol } from '../../src/iana/ip-protocols.ts'
import { readLayout, emptyLayout } from '../../src/net/layout.ts'
import { anyPacket, slowChecksum } from '../net/arbitraries.ts'
import { ahSuites, onlyFrom, open, outcomes, packets, pair, providers, seal } from './fixtures.ts'

const modes = ['transport', 'tunnel'] as const
const versions = [4, 6] as const
const sequences = ['no-esn', 'esn'] as const

describe('what AH protects comes out as the same packet', () => {
  for (const provider of providers) {
    for (const suite of ahSuites) {
      test(`${suite.name}, ${provider.name} provider: in every mode and version, with and without ESN`, () => {
        const way = fc.record({
          mode: fc.constantFrom(...modes),
          version: fc.constantFrom(...versions),
          innerVersion: fc.constantFrom(...versions),
          extendedSequence: fc.constantFrom(...sequences),
        })
        const sample = way.chain((how) => {
          const one = anyPacket(how.mode === 'transport' ? how.version : how.innerVersion, 'extended')
          return fc.tuple(fc.constant(how), fc.array(one, { minLength: 1, maxLength: 4 }))
        })
        fc.assert(
          fc.property(sample, ([{ mode, version, extendedSequence }, samples]) => {
            const { sender, receiver } = pair({ suite, mode, version, provider, extendedSequence })
            const plain = samples.map(({ bytes }) => bytes)
            const sealed = packets(seal(sender, 'ip', ...plain))
            for (const packet of sealed) expectWellFormed(packet, version)
            const opened = open(receiver, 'ip', undefined, ...sealed)
            expect(outcomes(opened)).toEqual(plain.map(() => 'done'))
            expect(packets(opened)).toEqual(plain)
            expect(receiver.counters.bytes).toBe(sender.counters.bytes)
          }),
          { seed: 21, numRuns: provider.name === 'portable' ? 6 : 15 },
        )
      })
    }
  }

  test('a burst opens as a burst, and a packet outside of the selectors is dropped', () => {
    const plain = fc.sample(anyPacket(4, 'extended'), { seed: 22, numRuns: 40 }).map(({ bytes }) => bytes)
    const [suite] = ahSuites
    const burst = pair({ ...(suite === undefined ? {} : { suite }), mode: 'tunnel' })
    const batch = seal(burst.sender, 'ip', ...plain)
    burst.receiver.open(batch, 0, batch.count, 'ip', undefined)
    expect(packets(batch)).toEqual(plain)
    const narrow = pair({
      ...(suite === undefined ? {} : { suite }),
      mode: 'tunnel',
      receiving: { remoteSelectors: [onlyFrom('10.9.9.9')] },
    })
    const opened = open(narrow.receiver, 'ip', undefined, ...packets(seal(narrow.sender, 'ip', ...plain)))
    expect(new Set(outcomes(opened))).toEqual(new Set(['selector-mismatch']))
    expect(opened.arena.every((octet) => octet === 0)).toBe(true)
  })
})

/** RFC 4302 §2.2, §2.6: whole words in IPv4, whole double words in IPv6, and the header says how many; the rest of the IP header is right. */
function expectWellFormed(packet: Uint8Array, version: 4 | 6): void {
  const layout = emptyLayout()
  expect(readLayout(packet, 0, packet.length, layout)).toBe(true)
  expect(layout).toMatchObject({ version, end: packet.length, protocol: ipProtocol.AH })
  const length = ((packet[layout.upper + 1] ?? 0) + 2) * 4
  expect(length % (version === 4 ? 4 : 8)).toBe(0)
  expect(packet.subarray(layout.upper + 2, layout.upper + 4)).toEqual(new Uint8Array(2))
  if (version === 4) expect(slowChecksum(packet.subarray(0, layout.upper))).toBe(0)
}

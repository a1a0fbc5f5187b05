import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { equal, u16, u32 } from '../../src/bytes/bytes.ts'
import { ipProtocol } from '../../src/iana/ip-protocols.ts'
import { drop } from '../../src/ipsec/drops.ts'
import { readTrailer } from '../../src/ipsec/trailer.ts'
import { anyPacket, type SamplePacket, slowChecksum, slowUpperChecksum } from '../net/arbitraries.ts'
import { alice, batchOf, bob, contains, onlyFrom, open, outcomes, packets, pair, providers, seal, spi, suites } from './fixtures.ts'

const modes = ['transport', 'tunnel'] as const
const framings = ['esp', 'ip'] as const
const encapsulations = ['udp', 'none'] as const
const versions = [4, 6] as const
const sequences = ['no-esn', 'esn'] as const

describe('what is sealed opens to the same packet', () => {
  for (const provider of providers) {
    for (const suite of suites) {
      for (const extendedSequence of sequences) {
        test(`${suite.name}, ${extendedSequence}, ${provider.name} provider: in every mode, version, framing, with and without UDP`, () => {
          const way = fc.record({
            mode: fc.constantFrom(...modes),
            framing: fc.constantFrom(...framings),
            encapsulation: fc.constantFrom(...encapsulations),
            version: fc.constantFrom(...versions),
            innerVersion: fc.constantFrom(...versions),
          })
          const sample = way.chain((how) => {
            const transport = how.mode === 'transport'
            const header = transport && how.framing === 'esp' ? 'plain' : 'extended'
            const one = anyPacket(transport ? how.version : how.innerVersion, header)
            return fc.tuple(fc.constant(how), fc.array(one, { minLength: 1, maxLength: 4 }))
          })
          fc.assert(
            fc.property(sample, ([{ mode, framing, encapsulation, version }, samples]) => {
              const { sender, receiver } = pair({ suite, mode, encapsulation, version, provider, extendedSequence })
              const plain = samples.map(({ bytes }) => bytes)
              const sealed = seal(sender, framing, ...plain)
              expect(outcomes(sealed)).toEqual(plain.map(() => 'done'))
              for (const [i, packet] of packets(sealed).entries()) {
                // A socket carries the addresses of transport mode, not the rest of the IP header.
                const outer = framing === 'esp' && mode === 'transport' ? addressesOf(samples[i]) : undefined
                const opened = open(receiver, framing, outer, packet)
                expect(outcomes(opened)).toEqual(['done'])
                const expected = framing === 'esp' && mode === 'transport' ? withNewHeader(plain[i]) : plain[i]
                expect(packets(opened)).toEqual([expected])
              }
              expect(sender.counters.packets).toBe(plain.length)
              expect(receiver.counters.packets).toBe(plain.length)
              expect(receiver.counters.bytes).toBe(sender.counters.bytes)
            }),
            { seed: 11, numRuns: provider.name === 'portable' ? 10 : 25 },
          )
        })
      }
    }
  }

  test('a burst opens as a burst, and the packets need not be of one length', () => {
    const { sender, receiver } = pair({ mode: 'tunnel' })
    const plain = fc.sample(anyPacket(4, 'extended'), { seed: 12, numRuns: 40 }).map(({ bytes }) => bytes)
    const sealed = seal(sender, 'ip', ...plain)
    receiver.open(sealed, 0, sealed.count, 'ip', undefined)
    expect(packets(sealed)).toEqual(plain)
  })

  test('a part of a batch is sealed, the rest is left alone', () => {
    const plain = fc.sample(anyPacket(4, 'plain'), { seed: 13, numRuns: 4 }).map(({ bytes }) => bytes)
    const batch = batchOf(...plain)
    pair({ mode: 'tunnel' }).sender.seal(batch, 1, 2, 'esp')
    const changed = packets(batch).map((packet, i) => !equal(packet, plain[i] ?? packet))
    expect(changed).toEqual([false, true, true, false])
  })

  test('what an earlier step has dropped is passed over, in both directions', () => {
    const plain = fc.sample(anyPacket(4, 'plain'), { seed: 13, numRuns: 2 }).map(({ bytes }) => bytes)
    const { sender, receiver } = pair({ mode: 'tunnel' })
    const batch = batchOf(...plain)
    batch.outcome[0] = drop['malformed-packet']
    sender.seal(batch, 0, 2, 'esp')
    receiver.open(batch, 0, 2, 'esp', undefined)
    expect(outcomes(batch)).toEqual(['malformed-packet', 'done'])
    expect(packets(batch)).toEqual(plain)
    expect([sender.counters.packets, receiver.counters.dropped]).toEqual([1, 0])
  })
})

describe('the packet on the wire', () => {
  for (const suite of suites) {
    for (const encapsulation of encapsulations) {
      test(`${suite.name}, ${encapsulation === 'udp' ? 'in UDP' : 'bare'}: lengths, checksums, protocol and ports of the outer packet are right`, () => {
        const any = fc.constantFrom(...versions).chain((version) => fc.tuple(fc.constant(version), anyPacket(version, 'extended')))
        fc.assert(
          fc.property(fc.constantFrom(...modes), any, (mode, [version, sample]) => {
            const { sender } = pair({ suite, mode, encapsulation, version })
            const [outer = new Uint8Array(0)] = packets(seal(sender, 'ip', sample.bytes))
            const start = checkIpHeader(outer, version, encapsulation === 'udp' ? ipProtocol.UDP : ipProtocol.ESP)
            const esp = encapsulation === 'udp' ? checkUdpHeader(outer, start, version) : outer.subarray(start)
            expect(u32(esp, 0)).toBe(spi)
            expect(u32(esp, 4)).toBe(1)
            expect(esp.length % 4).toBe(0)
          }),
          { seed: 14, numRuns: 40 },
        )
      })
    }
  }

  test('a ciphertext does not contain the plaintext, unless the cipher is NULL', () => {
    const plain = fc.sample(anyPacket(4, 'plain'), { seed: 15, numRuns: 1 })[0]?.bytes ?? new Uint8Array(0)
    const secret = plain.subarray(20, 40)
    for (const suite of suites) {
      const sealed = seal(pair({ suite }).sender, 'ip', plain)
      expect(contains(sealed.packet(0), secret), suite.name).toBe(suite.name.startsWith('NULL'))
    }
  })

  test('the IV of an AEAD is the 64-bit sequence number (RFC 7634 §2)', () => {
    const plain = fc.sample(anyPacket(4, 'plain'), { seed: 15, numRuns: 1 })[0]?.bytes ?? new Uint8Array(0)
    const { sender } = pair({ extendedSequence: 'esn', lastSequence: { high: 5, low: 0xffffffff } })
    const esp = seal(sender, 'esp', plain).packet(0)
    expect([u32(esp, 4), u32(esp, 8), u32(esp, 12)]).toEqual([0, 6, 0])
  })

  test('padding runs 1, 2, 3, … up to a 4-octet boundary or a block, and the trailer says how much (RFC 4303 §2.4)', () => {
    const nullSuite = suites.filter(({ name }) => name.startsWith('NULL'))
    for (const suite of nullSuite) {
      for (let length = 0; length < 8; length++) {
        const { sender } = pair({ suite, mode: 'transport' })
        const plain = fc.sample(anyPacket(4, 'plain'), { seed: 16, numRuns: 1 })[0]?.bytes.slice(0, 20 + length) ?? new Uint8Array(0)
        plain[2] = 0
        plain[3] = plain.length
        const text = seal(sender, 'esp', plain).packet(0).subarray(8, -16)
        expect(text.length % 4).toBe(0)
        expect(text.at(-2)).toBe(text.length - 2 - length)
        expect(text.at(-1)).toBe(plain[9])
        expect(Array.from(text.subarray(length, -2))).toEqual([1, 2, 3].slice(0, text.length - 2 - length))
        expect(readTrailer(text, 0, text.length)).toBe(length)
      }
    }
  })
})

function addressesOf(sample: SamplePacket | undefined) {
  return {
    source: { address: sample?.source ?? alice[4], port: 4500 },
    destination: { address: sample?.destination ?? bob[4], port: 4500 },
  }
}

/** A socket keeps the IP header: what comes out has one with the same addresses and payload, and everything else in it as we set it. */
function withNewHeader(packet: Uint8Array | undefined): Uint8Array {
  const copy = packet?.slice() ?? new Uint8Array(0)
  if ((copy[0] ?? 0) >>> 4 === 6) {
    copy.set([0x60, 0, 0, 0])
    copy[7] = 64
    return copy
  }
  copy.set([0x45, 0])
  copy.set([0, 0, 0, 0, 64], 4)
  copy.set([0, 0], 10)
  const sum = slowChecksum(copy.subarray(0, 20))
  copy.set([sum >>> 8, sum], 10)
  return copy
}

/** Returns where the payload begins. */
function checkIpHeader(packet: Uint8Array, version: 4 | 6, protocol: number): number {
  expect((packet[0] ?? 0) >>> 4).toBe(version)
  if (version === 4) {
    const length = ((packet[0] ?? 0) & 15) * 4
    expect(u16(packet, 2)).toBe(packet.length)
    expect(packet[9]).toBe(protocol)
    expect(slowChecksum(packet.subarray(0, length))).toBe(0)
    return length
  }
  expect(u16(packet, 4)).toBe(packet.length - 40)
  let [next, at] = [packet[6] ?? 0, 40]
  while (next === ipProtocol.HOPOPT || next === ipProtocol.IPV6_ROUTE || next === ipProtocol.IPV6_OPTS)
    [next, at] = [packet[at] ?? 0, at + 8 * ((packet[at + 1] ?? 0) + 1)]
  expect(next).toBe(protocol)
  return at
}

/** Returns the payload. RFC 3948 §2.1: no checksum over IPv4; RFC 8200 §8.1: a right one over IPv6. */
function checkUdpHeader(packet: Uint8Array, at: number, version: 4 | 6): Uint8Array {
  const datagram = packet.subarray(at)
  expect([u16(datagram, 0), u16(datagram, 2), u16(datagram, 4)]).toEqual([4500, 4501, datagram.length])
  const expected = version === 4 ? 0 : udpChecksumV6(packet, datagram)
  expect(u16(datagram, 6)).toBe(expected)
  return datagram.subarray(8)
}

function udpChecksumV6(packet: Uint8Array, datagram: Uint8Array): number {
  const source = onlyFromOctets(packet.subarray(8, 24))
  const destination = onlyFromOctets(packet.subarray(24, 40))
  return slowUpperChecksum(source, destination, ipProtocol.UDP, datagram, 6)
}

function onlyFromOctets(octets: Uint8Array) {
  const groups: string[] = []
  for (let i = 0; i < 16; i += 2) groups.push(u16(octets, i).toString(16))
  return onlyFrom(groups.join(':')).startAddress
}

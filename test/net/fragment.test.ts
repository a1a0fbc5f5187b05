import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { equal, putU16, toHex, u16 } from '../../src/bytes/bytes.ts'
import { instant } from '../../src/contract/units.ts'
import { ipProtocol } from '../../src/iana/ip-protocols.ts'
import { parseAddress } from '../../src/net/address.ts'
import { ipv4Packet, ipv6Packet } from '../../src/net/build.ts'
import { checksum } from '../../src/net/checksum.ts'
import { fragmentPacket } from '../../src/net/fragment.ts'
import { emptyLayout, readLayout } from '../../src/net/layout.ts'
import { type Reassembled, Reassembly } from '../../src/net/reassembly.ts'
import { anyPacket } from './arbitraries.ts'

const at = (text: string) => parseAddress(text) ?? expect.unreachable(text)
const payload = Uint8Array.from({ length: 3000 }, (_, i) => i)
const v4 = { source: at('192.0.2.1'), destination: at('192.0.2.2'), protocol: ipProtocol.UDP, payload, identification: 0x1234 }
const v6 = { source: at('2001:db8::1'), destination: at('2001:db8::2'), protocol: ipProtocol.UDP, payload }

function pieces(packet: Uint8Array, mtu: number): readonly Uint8Array[] {
  const cut = fragmentPacket(packet, mtu, 7)
  return cut.kind === 'fragments' ? cut.fragments : expect.unreachable(cut.kind)
}

function reassemble(fragments: readonly Uint8Array[]): Reassembled | undefined {
  const reassembly = new Reassembly()
  const layout = emptyLayout()
  return fragments
    .map((fragment, i) => {
      expect(readLayout(fragment, 0, fragment.length, layout)).toBe(true)
      return reassembly.add(instant(0), fragment, layout, i)
    })
    .at(-1)
}

describe.each([4, 6] as const)('a packet of IPv%i', (version) => {
  test.each(['plain', 'extended'] as const)(
    'with a %s header is the same after fragments of any size, in any order, some of them twice',
    (header) => {
      const least = version === 4 ? 96 : 160
      const order = fc.infiniteStream(fc.nat())
      fc.assert(
        fc.property(anyPacket(version, header), fc.integer({ min: least, max: 300 }), order, ({ bytes }, mtu, dice) => {
          const cut = fragmentPacket(bytes, mtu, 99)
          // Headers that fill a fragment by themselves leave no room.
          if (cut.kind !== 'fragments') expect(cut.kind).toBe('no-room')
          else if (cut.fragments.length === 1) expect(toHex(cut.fragments[0] ?? payload)).toBe(toHex(bytes))
          else {
            for (const fragment of cut.fragments) expect(fragment.length).toBeLessThanOrEqual(mtu)
            const bag = [...cut.fragments]
            const shuffled: Uint8Array[] = []
            while (bag.length > 0) shuffled.push(...bag.splice((dice.next().value ?? 0) % bag.length, 1))
            // The last one completes the packet; what comes twice before that changes nothing.
            const done = reassemble([...shuffled.slice(0, -1), ...shuffled])
            expect(done?.kind === 'whole' ? toHex(done.packet) : done).toBe(toHex(bytes))
          }
        }),
        { seed: 11, numRuns: 100 },
      )
    },
  )

  test('that fits is no fragment (RFC 8021)', () => {
    const packet = version === 4 ? ipv4Packet(v4) : ipv6Packet(v6)
    const [only, ...others] = pieces(packet, packet.length)
    expect(others).toEqual([])
    expect(equal(only ?? expect.unreachable(), packet)).toBe(true)
  })

  test('is cut into pieces of multiples of 8 octets, which say where they belong', () => {
    const fragments = pieces(version === 4 ? ipv4Packet(v4) : ipv6Packet(v6), 1280)
    const headers = version === 4 ? 20 : 48
    expect(fragments.map(({ length }) => length - headers)).toEqual(version === 4 ? [1256, 1256, 488] : [1232, 1232, 536])
    const offsets = fragments.map((fragment) => u16(fragment, version === 4 ? 6 : 42))
    expect(offsets).toEqual(version === 4 ? [0x2000, 0x2000 | 157, 314] : [1, 1232 | 1, 2464])
    if (version === 4) for (const fragment of fragments) expect(checksum(fragment, 0, 20, 0)).toBe(0)
  })

  test('whose headers fill everything is refused', () => {
    const packet = version === 4 ? ipv4Packet(v4) : ipv6Packet(v6)
    expect(fragmentPacket(packet, version === 4 ? 27 : 55, 1).kind).toBe('no-room')
    expect(fragmentPacket(packet.subarray(0, 30), 1280, 1).kind).toBe('malformed')
  })
})

describe('IPv4', () => {
  test('with DF is not fragmented (RFC 791 §3.2)', () => {
    expect(fragmentPacket(ipv4Packet({ ...v4, flagsAndFragment: 0x4000 }), 1280, 1)).toEqual({ kind: 'may-not' })
  })

  test('options that are not to be copied are in the first fragment only (RFC 791 §3.1)', () => {
    // A loose source route is copied, a time stamp is not; an option that lies about its length ends with the header.
    const options = Uint8Array.of(0x44, 4, 5, 0, 0x83, 3, 4, 1)
    const [first, second] = pieces(ipv4Packet({ ...v4, options }), 1280)
    expect(toHex(first?.subarray(20, 28) ?? payload)).toBe('4404050083030401')
    expect(second?.[0]).toBe(0x46)
    expect(toHex(second?.subarray(20, 24) ?? payload)).toBe('83030400')
    const lying = pieces(ipv4Packet({ ...v4, options: Uint8Array.of(0x83, 200, 4, 1) }), 1280)
    expect(lying.map((fragment) => fragment[0])).toEqual([0x46, 0x46, 0x46])
    expect(pieces(ipv4Packet({ ...v4, options: Uint8Array.of(0x44, 0, 4, 1) }), 1280)[1]?.[0]).toBe(0x45)
  })

  test('a fragment is fragmented again, and the packet is the same', () => {
    const packet = ipv4Packet(v4)
    const twice = pieces(packet, 1280).flatMap((fragment) => pieces(fragment, 576))
    expect(twice.length).toBeGreaterThan(5)
    const done = reassemble(twice)
    expect(done?.kind === 'whole' ? toHex(done.packet) : done).toBe(toHex(packet))
  })
})

test('IPv6: a fragment is not fragmented again: only the source does that', () => {
  const [first] = pieces(ipv6Packet(v6), 1280)
  expect(fragmentPacket(first ?? expect.unreachable(), 1200, 1)).toEqual({ kind: 'may-not' })
})

describe('headers that are there to be walked through', () => {
  const options = { type: ipProtocol.IPV6_OPTS, content: Uint8Array.of(1, 4, 0, 0, 0, 0) }
  const readable = (packet: Uint8Array): boolean => readLayout(packet, 0, packet.length, emptyLayout())

  test('are sixteen at most', () => {
    expect(readable(ipv6Packet({ ...v6, extensions: Array.from({ length: 16 }, () => options) }))).toBe(true)
    expect(readable(ipv6Packet({ ...v6, extensions: Array.from({ length: 17 }, () => options) }))).toBe(false)
  })

  test('have one fragment header among them', () => {
    const fragment = { type: ipProtocol.IPV6_FRAG, content: Uint8Array.of(0, 0, 0, 0, 0, 1) }
    expect(readable(ipv6Packet({ ...v6, extensions: [fragment] }))).toBe(true)
    expect(readable(ipv6Packet({ ...v6, extensions: [fragment, fragment] }))).toBe(false)
  })

  test('jumbograms are no packets here (RFC 2675)', () => {
    const jumbo = { type: ipProtocol.HOPOPT, content: Uint8Array.of(0xc2, 4, 0, 1, 0, 0) }
    const packet = ipv6Packet({ ...v6, extensions: [jumbo] })
    putU16(packet, 4, 0)
    expect(readable(packet)).toBe(false)
  })
})

// What our repair and our exchange of addresses make of checksums, by scapy, which computes them from scratch. RFC 3948 §3.1.2, §5.2; RFC 1624.
import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { fromHex, putU16, toHex } from '../../src/bytes/bytes.ts'
import { ipProtocol } from '../../src/iana/ip-protocols.ts'
import { exchangeAddress } from '../../src/ipsec/address-exchange.ts'
import { originalSum, repairChecksum } from '../../src/ipsec/checksum-repair.ts'
import { type Ends, exchangeQuotedIn } from '../../src/ipsec/quoted-addresses.ts'
import { stream } from '../../src/lab/random.ts'
import { type Address, addressBytes, addressFromBytes, parseAddress } from '../../src/net/address.ts'
import { ipPacket, upperChecksum } from '../../src/net/build.ts'
import { emptyFlow, readFlow } from '../../src/net/flow.ts'

/** Where the checksum is; ICMP has no pseudo header. */
const protocols = [
  { name: 'TCP', number: ipProtocol.TCP, at: 16, version: 'both' },
  { name: 'UDP', number: ipProtocol.UDP, at: 6, version: 'both' },
  { name: 'UDP-Lite', number: ipProtocol.UDPLITE, at: 6, version: 'both' },
  { name: 'DCCP', number: ipProtocol.DCCP, at: 6, version: 'both' },
  { name: 'ICMPv6', number: ipProtocol.ICMPV6, at: 2, version: 6 },
  { name: 'Mobility Header', number: ipProtocol.MOBILITY, at: 4, version: 6 },
] as const

/** Lines of: IP packet, protocol, place of the checksum. Says of each whether both checksums are those that scapy computes. */
const program = `
import sys, json
from scapy.all import IP, IPv6
from scapy.layers.inet import in4_chksum
from scapy.layers.inet6 import in6_chksum
for line in sys.stdin:
    packet, protocol, at = json.loads(line)
    octets = bytes.fromhex(packet)
    header = IP(octets[:20]) if octets[0] >> 4 == 4 else IPv6(octets[:40])
    upper = octets[20:] if octets[0] >> 4 == 4 else octets[40:]
    blank = upper[:at] + b"\\0\\0" + upper[at + 2:]
    plain = header.copy()
    if octets[0] >> 4 == 4:
        del plain.chksum
        same = bytes(plain)[:20] == octets[:20]
        fresh = in4_chksum(protocol, IP(src=header.src, dst=header.dst), blank)
    else:
        same = True
        fresh = in6_chksum(protocol, IPv6(src=header.src, dst=header.dst), blank)
    if protocol in (17, 136) and fresh == 0:
        fresh = 0xffff
    print(json.dumps([same, fresh == int.from_bytes(upper[at:at + 2], "big")]))
`

const chance = stream(1, 'checksums')
const anyAddress = (version: 4 | 6): Address => {
  const found = addressFromBytes(chance.octets(version === 4 ? 4 : 16))
  if (found === undefined) throw new Error('no address')
  return found
}

/** Right between these addresses. */
function packetOf({ number, at }: (typeof protocols)[number], source: Address, destination: Address): Uint8Array {
  const upper = chance.octets(20 + Math.floor(chance.fraction() * 60))
  // Of UDP-Lite the whole is covered where the field in the place of a length is zero, and so it is of DCCP (RFC 3828 §3.1, RFC 4340 §9.2).
  if (number === ipProtocol.UDP || number === ipProtocol.UDPLITE) putU16(upper, 4, number === ipProtocol.UDP ? upper.length : 0)
  if (number === ipProtocol.DCCP) upper[5] = 0
  putU16(upper, at, 0)
  const computed = upperChecksum(source, destination, number, upper)
  putU16(upper, at, computed === 0 ? 0xffff : computed)
  return ipPacket(source, destination, number, upper)
}

test('TCP, UDP, UDP-Lite, DCCP, ICMPv6 and Mobility Headers have right checksums after a repair, and after an exchange', () => {
  const lines: string[] = []
  const flow = emptyFlow()
  for (const protocol of protocols) {
    for (const version of [4, 6] as const) {
      if (protocol.version !== 'both' && protocol.version !== version) continue
      for (let i = 0; i < 50; i++) {
        const [source, destination, seenSource, seenDestination] = Array.from({ length: 4 }, () => anyAddress(version))
        if (source === undefined || destination === undefined || seenSource === undefined || seenDestination === undefined) continue
        const say = (bytes: Uint8Array): number => lines.push(JSON.stringify([toHex(bytes), protocol.number, protocol.at]))
        // As after a NAT: the addresses are others, the checksum is still over those before.
        const before = packetOf(protocol, source, destination)
        const translated = ipPacket(seenSource, seenDestination, protocol.number, before.subarray(version === 4 ? 20 : 40))
        expect(readFlow(translated, 0, translated.length, flow)).toBe(true)
        repairChecksum(translated, flow, originalSum({ remote: source, local: destination }))
        say(translated)
        const mapped = packetOf(protocol, source, destination)
        expect(readFlow(mapped, 0, mapped.length, flow)).toBe(true)
        exchangeAddress(mapped, flow, flow.source, addressBytes(seenSource))
        say(mapped)
        exchangeAddress(mapped, flow, flow.destination, addressBytes(seenDestination))
        say(mapped)
      }
    }
  }
  const said = execFileSync('/usr/bin/python3', ['-c', program], { input: lines.join('\n'), encoding: 'utf8' })
  const verdicts = said.trim().split('\n')
  expect(verdicts).toHaveLength(lines.length)
  expect(lines.filter((_, i) => verdicts[i] !== '[true, true]')).toEqual([])
})

/**
 * ICMP errors that quote a packet, whole or cut off: with the addresses that the peer knows, and with those that we know. No cut goes through a checksum:
 * half of one stays as it is, since the other half is not known.
 */
const errors = `
import json, random
from scapy.all import IP, IPv6, ICMP, ICMPv6DestUnreach, ICMPv6EchoRequest, IPv6ExtHdrDestOpt, IPOption_Router_Alert, Raw, TCP, UDP, raw
random.seed(1)
def any4(): return ".".join(str(random.randrange(256)) for _ in range(4))
def any6(): return ":".join("%x" % random.randrange(1, 65536) for _ in range(8))
def upper(kind, version, data):
    if kind == "echo": return (ICMP(type=8) if version == 4 else ICMPv6EchoRequest()) / Raw(data)
    return {"tcp": TCP(sport=1, dport=2), "udp": UDP(sport=1, dport=2), "none": UDP(sport=1, dport=2, chksum=0)}[kind] / Raw(data)
def quoted(kind, version, options, ends, data):
    if version == 4: return raw(IP(src=ends[0], dst=ends[1], options=[IPOption_Router_Alert()] if options else []) / upper(kind, version, data))
    inside = upper(kind, version, data)
    return raw(IPv6(src=ends[0], dst=ends[1]) / (IPv6ExtHdrDestOpt() / inside if options else inside))
def error(version, outer, inside):
    if version == 4: return raw(IP(src=outer[0], dst=outer[1]) / ICMP(type=3, code=3) / Raw(inside))
    return raw(IPv6(src=outer[0], dst=outer[1]) / ICMPv6DestUnreach(code=4) / Raw(inside))
for version, any in ((4, any4), (6, any6)):
    for kind in ("tcp", "udp", "none", "echo"):
        for options in (False, True):
            for cut in (None, 60, 59, 52, 48):
                for _ in range(5):
                    outer, theirs, ours = [[any(), any()] for _ in range(3)]
                    data = random.randbytes(random.randrange(30, 60))
                    before, after = [error(version, outer, quoted(kind, version, options, ends, data)[:cut]) for ends in (theirs, ours)]
                    print(json.dumps([before.hex(), after.hex(), theirs, ours]))
`

test('an ICMP error that quotes other addresses is, octet for octet, the one that scapy makes with them', () => {
  const flow = emptyFlow()
  const wrong: string[] = []
  const lines = execFileSync('/usr/bin/python3', ['-c', errors], { encoding: 'utf8' }).trim().split('\n')
  const Line = z.tuple([z.string(), z.string(), z.tuple([z.string(), z.string()]), z.tuple([z.string(), z.string()])])
  for (const line of lines) {
    const [before, after, theirs, ours] = Line.parse(JSON.parse(line))
    const bytes = fromHex(before) ?? new Uint8Array(0)
    expect(readFlow(bytes, 0, bytes.length, flow)).toBe(true)
    exchangeQuotedIn(bytes, flow, { theirs: endsOf(theirs), ours: endsOf(ours) })
    if (toHex(bytes) !== after) wrong.push(line)
  }
  expect(lines).toHaveLength(400)
  expect(wrong.slice(0, 3), `${wrong.length}`).toEqual([])
})

function endsOf(texts: readonly [string, string]): Ends {
  const [local, remote] = texts.map((text) => parseAddress(text))
  if (local === undefined || remote === undefined) throw new Error('no addresses')
  return { local: addressBytes(local), remote: addressBytes(remote) }
}

test('UDP without a checksum stays without, in both versions', () => {
  const flow = emptyFlow()
  for (const version of [4, 6] as const) {
    const bytes = ipPacket(anyAddress(version), anyAddress(version), ipProtocol.UDP, Uint8Array.of(0, 7, 0, 7, 0, 10, 0, 0, 1, 2))
    expect(readFlow(bytes, 0, bytes.length, flow)).toBe(true)
    exchangeAddress(bytes, flow, flow.source, addressBytes(anyAddress(version)))
    repairChecksum(bytes, flow, 4711)
    expect([...bytes.subarray(-4)]).toEqual([0, 0, 1, 2])
  }
})

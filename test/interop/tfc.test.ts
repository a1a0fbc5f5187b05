// TFC padding (RFC 4303 §2.7) with an ESP that is not ours: scapy opens what we padded, and seals what has octets behind the packet's own end.
import { beforeAll, describe, expect, test } from 'vitest'
import { fromHex, toHex } from '../../src/bytes/bytes.ts'
import { ipProtocol } from '../../src/iana/ip-protocols.ts'
import { ipPacket, udpDatagram } from '../../src/net/build.ts'
import { alice, bob, countingOctets, gcm128, open, outcomes, packets, pair, seal, suites } from '../ipsec/fixtures.ts'
import { must } from './harness/command.ts'

const nullSuite = suites.find(({ name }) => name.startsWith('NULL')) ?? expect.unreachable()
const cases = ([4, 6] as const).flatMap((version) =>
  (['transport', 'tunnel'] as const).flatMap((mode) => [gcm128, nullSuite].map((suite) => ({ version, mode, suite, name: suite.name }))),
)
const plainOf = (version: 4 | 6): readonly Uint8Array[] =>
  [0, 1, 50, 600].map((length) => {
    const source = { address: alice[version], port: 4000 }
    const payload = countingOctets(length)(length)
    const udp = udpDatagram({ source, destination: { address: bob[version], port: 5000 }, payload })
    return ipPacket(alice[version], bob[version], ipProtocol.UDP, udp)
  })

/** Lines of JSON: `open` holds packets of ours in hexadecimal; answers are what scapy opened, and what it sealed with 200 octets behind. */
const script = `
import json, sys
from scapy.all import IP, IPv6, UDP, Raw, raw
from scapy.layers.ipsec import SecurityAssociation, ESP
for line in json.loads(sys.argv[1]):
    family = IP if line['version'] == 4 else IPv6
    gcm = line['name'].startswith('AES-GCM')
    header = family(src=line['source'], dst=line['destination']) if line['mode'] == 'tunnel' else None
    def sa():
        return SecurityAssociation(ESP, spi=0x0badcafe, crypt_algo='AES-GCM' if gcm else 'NULL', crypt_key=bytes.fromhex(line['key']) if gcm else None,
            auth_algo='NULL' if gcm else 'SHA2-256-128', auth_key=None if gcm else bytes.fromhex(line['mac']), tunnel_header=header)
    opener, sealer = sa(), sa()
    opened = [raw(opener.decrypt(family(bytes.fromhex(packet)))).hex() for packet in line['sealed']]
    sealed = []
    for text in line['plain']:
        plain = family(bytes.fromhex(text))
        udp = bytes(plain[UDP])
        longer = family(src=plain.src, dst=plain.dst, **({'proto': 17, 'id': plain.id, 'flags': plain.flags} if line['version'] == 4 else {'nh': 17}))
        if line['mode'] == 'tunnel':
            longer = family(bytes.fromhex(text) + b'\\xee' * 200)
        else:
            longer = longer / Raw(udp + b'\\xee' * 200)
        sealed.append(raw(sealer.encrypt(longer)).hex())
    print(json.dumps({'opened': opened, 'sealed': sealed}))
`
interface Answer {
  readonly opened: readonly string[]
  readonly sealed: readonly string[]
}
let answers: readonly Answer[] = []
const sealedOf = ({ version, mode, suite }: (typeof cases)[number]): readonly Uint8Array[] =>
  packets(seal(pair({ suite, mode, version, sending: { tfc: { to: 'mtu' } } }).sender, 'ip', ...plainOf(version)))

beforeAll(async () => {
  const asked = cases.map((each) => ({
    version: each.version,
    mode: each.mode,
    name: each.name,
    source: alice[each.version],
    destination: bob[each.version],
    key: toHex(countingOctets(1)(each.suite.encryptionKeyLength)),
    mac: toHex(countingOctets(2)(each.suite.integrityKeyLength)),
    plain: plainOf(each.version).map(toHex),
    sealed: sealedOf(each).map(toHex),
  }))
  const printed = await must(['/usr/bin/python3', '-W', 'ignore', '-c', script, JSON.stringify(asked)], { limit: 60_000 })
  answers = printed
    .trim()
    .split('\n')
    .map((line): Answer => JSON.parse(line))
})

describe.each(cases.map((each, i) => ({ ...each, i })))('$name, IPv$version, $mode mode', ({ version, mode, suite, i }) => {
  const plain = plainOf(version)

  test('what we pad is one length on the wire, and scapy finds the packet in it', () => {
    expect(new Set(sealedOf({ version, mode, suite, name: suite.name }).map(({ length }) => length)).size).toBe(1)
    const { opened } = answers[i] ?? expect.unreachable()
    // scapy leaves the padding behind the UDP datagram, or behind the IP packet, and sets the outer length by it.
    const start = mode === 'tunnel' ? 0 : version === 4 ? 20 : 40
    for (const [n, packet] of plain.entries()) {
      const octets = fromHex(opened[n] ?? '') ?? expect.unreachable()
      expect(toHex(octets.subarray(start, packet.length))).toBe(toHex(packet.subarray(start)))
      expect(new Set(octets.subarray(packet.length))).toEqual(new Set([0]))
    }
  })

  test('what scapy sends with octets behind comes out as it was', () => {
    const { sealed } = answers[i] ?? expect.unreachable()
    const opened = open(
      pair({ suite, mode, version }).receiver,
      'ip',
      undefined,
      ...sealed.map((text) => fromHex(text) ?? expect.unreachable()),
    )
    expect(outcomes(opened)).toEqual(plain.map(() => 'done'))
    const start = mode === 'tunnel' ? 0 : version === 4 ? 20 : 40
    for (const [n, packet] of plain.entries()) {
      expect(opened.length[n]).toBe(packet.length)
      expect(toHex(opened.packet(n).subarray(start))).toBe(toHex(packet.subarray(start)))
    }
  })
})

// What the raw path asks of the system, what it takes and what it leaves alone. With a kernel: test/interop/raw-path.test.ts.
import { beforeEach, describe, expect, it } from 'vitest'
import { u16 } from '../../../src/bytes/bytes.ts'
import type { Datagram, PathChange } from '../../../src/contract/machine.ts'
import { ipProtocol } from '../../../src/iana/ip-protocols.ts'
import type { Address } from '../../../src/net/address.ts'
import { ipv4Packet, ipv6Packet } from '../../../src/net/build.ts'
import { echoPacket } from '../../../src/net/icmp.ts'
import { tooBigError } from '../../../src/net/icmp-error.ts'
import { linux } from '../../../src/runtime/raw/libc.ts'
import { type RawPath, rawPathOver } from '../../../src/runtime/raw/raw-path.ts'
import { RawPathUnavailable } from '../../../src/runtime/raw/unavailable.ts'
import { FakeLibc } from './fake-libc.ts'
import { address } from '../../inspect/samples.ts'

const { ESP, AH, UDP, IPV6_FRAG, IPV6_OPTS } = ipProtocol
const payload = Uint8Array.from({ length: 24 }, (_, i) => i)

const us4 = address('192.0.2.1')
const peer4 = address('192.0.2.2')
const us6 = address('2001:db8::1')
const peer6 = address('2001:db8::2')
const in4 = (protocol: number, more: object = {}): Uint8Array => ipv4Packet({ source: peer4, destination: us4, protocol, payload, ...more })
const in6 = (protocol: number, ...extensions: readonly { readonly type: number; readonly content: Uint8Array }[]): Uint8Array =>
  ipv6Packet({ source: peer6, destination: us6, protocol, payload, extensions })
const out4 = (protocol: number, more: object = {}): Uint8Array =>
  ipv4Packet({ source: us4, destination: peer4, protocol, payload, ...more })

let libc: FakeLibc
let received: Datagram[]
let failures: string[]
let changes: PathChange[]
let path: RawPath
const open = (...local: readonly Address[]): RawPath =>
  rawPathOver(libc, {
    local,
    onDatagram: (datagram) => received.push(datagram),
    onSendFailure: ({ code }) => failures.push(code),
    onPathChange: (change) => changes.push(change),
  })
const send = (bytes: Uint8Array): void =>
  path.send({ channel: 'ip', local: { address: us4, port: 0 }, remote: { address: peer4, port: 0 }, bytes })

beforeEach(() => {
  libc = new FakeLibc()
  received = []
  failures = []
  changes = []
  path = open(us4, us6)
})

describe('the sockets', () => {
  const kinds = (): readonly string[] => [...libc.open.values()].map(({ family, type, protocol }) => `${family} ${type} ${protocol}`)

  it('are one in, one out, and one deaf for each protocol, of each IP version that we have addresses of', () => {
    const both = (family: number): readonly string[] => [
      `${family} ${linux.SOCK_RAW} ${ESP}`,
      `${family} ${linux.SOCK_RAW} ${AH}`,
      `${linux.AF_PACKET} ${linux.SOCK_DGRAM} 0`,
      `${family} ${linux.SOCK_RAW} ${linux.IPPROTO_RAW}`,
    ]
    expect(kinds()).toEqual([...both(linux.AF_INET), ...both(linux.AF_INET6)])
    path.close()
    expect(kinds()).toEqual([])
    path = open(us6)
    expect(kinds()).toEqual(both(linux.AF_INET6))
  })
  it('hear nothing before their filter is there', () => {
    const sockets = [...libc.open.values()]
    expect(sockets.filter(({ filter }) => filter === undefined).every(({ protocol }) => protocol === linux.IPPROTO_RAW)).toBe(true)
    expect(sockets.filter(({ bound }) => bound !== undefined).every(({ protocol }) => protocol === 0)).toBe(true)
  })
  it.each([
    ['EPERM', 'not-permitted', /root, or CAP_NET_RAW/],
    ['EAFNOSUPPORT', 'refused', /EAFNOSUPPORT/],
  ])('that the system refuses with %s: %s, and none is left', (code, obstacle, words) => {
    path.close()
    for (const refusal of [
      { call: 'socket', family: linux.AF_PACKET, code },
      { call: 'bind', code },
    ] as const) {
      libc.refusal = refusal
      let thrown: unknown
      try {
        open(us4, us6)
      } catch (error) {
        thrown = error
      }
      expect(thrown).toBeInstanceOf(RawPathUnavailable)
      expect(thrown).toMatchObject({ obstacle, code, message: expect.stringMatching(words) })
      expect(libc.open.size).toBe(0)
    }
  })
})

describe('what comes in', () => {
  const fragment = (offset: number): { readonly type: number; readonly content: Uint8Array } => ({
    type: IPV6_FRAG,
    content: Uint8Array.of(offset >>> 8, offset & 255, 0, 0, 0, 7),
  })

  it('is handed over whole, with both addresses', () => {
    libc.arrive(in4(ESP), in6(AH))
    expect(received).toEqual([
      { channel: 'ip', local: { address: us4, port: 0 }, remote: { address: peer4, port: 0 }, bytes: in4(ESP) },
      { channel: 'ip', local: { address: us6, port: 0 }, remote: { address: peer6, port: 0 }, bytes: in6(AH) },
    ])
  })
  it('keeps its options, extension headers and fragments', () => {
    const options = in4(AH, { options: Uint8Array.of(148, 4, 0, 0) })
    const first = in6(ESP, fragment(1))
    const later = in6(IPV6_OPTS, fragment(0x100))
    const fragments4 = [in4(ESP, { flagsAndFragment: 0x2000 }), in4(ESP, { flagsAndFragment: 3 })]
    const behind = in6(ESP, { type: IPV6_OPTS, content: new Uint8Array(6) })
    libc.arrive(options, first, later, ...fragments4, behind)
    expect(new Set(received.map(({ bytes }) => bytes))).toEqual(new Set([options, first, later, ...fragments4, behind]))
  })
  it('is its own: the next packet does not overwrite it', () => {
    libc.arrive(in4(ESP))
    libc.arrive(in4(AH))
    expect(received.map(({ bytes }) => bytes)).toEqual([in4(ESP), in4(AH)])
  })
  it('comes without what Ethernet put behind it', () => {
    const padded = new Uint8Array(60)
    padded.set(in4(ESP))
    libc.arrive(padded)
    expect(received.map(({ bytes }) => bytes)).toEqual([in4(ESP)])
  })
  it('is left alone where it is for others, of others, or damaged', () => {
    const damaged = in4(ESP)
    damaged[8] = 63
    const cutOff = in4(ESP).subarray(0, 30)
    const elsewhere = ipv4Packet({ source: peer4, destination: peer4, protocol: ESP, payload })
    libc.arrive(
      damaged,
      cutOff,
      elsewhere,
      in4(UDP),
      in6(UDP),
      in6(UDP, { type: IPV6_OPTS, content: new Uint8Array(6) }),
      in6(UDP, fragment(0x100)),
    )
    expect(received).toEqual([])
  })
  it('is read in bursts, and not after the end', () => {
    path.close()
    path = rawPathOver(libc, {
      local: [us4],
      onDatagram: (datagram) => {
        received.push(datagram)
        if (received.length === 70) path.close()
      },
      onSendFailure: () => {},
    })
    libc.arrive(...Array.from({ length: 100 }, () => in4(ESP)))
    expect(received).toHaveLength(70)
    expect(libc.open.size).toBe(0)
  })
})

describe('an ICMP error', () => {
  const sent4 = out4(ESP, { identification: 5, payload: new Uint8Array(600).fill(3) })
  const sent6 = ipv6Packet({ source: us6, destination: peer6, protocol: AH, payload: new Uint8Array(1400).fill(3) })
  const error = (packet: Uint8Array, mtu: number): Uint8Array => tooBigError(packet, mtu) ?? expect.unreachable()

  it('about what we sent is word of the path, and no datagram', () => {
    libc.arrive(error(sent4, 580), error(sent6, 1300))
    expect(changes).toEqual([
      { kind: 'too-big', mtu: 580, quoted: sent4.subarray(0, 548) },
      { kind: 'too-big', mtu: 1300, quoted: sent6.subarray(0, 1232) },
    ])
    expect(received).toEqual([])
  })
  it('is its own: the next packet does not overwrite it', () => {
    libc.arrive(error(sent4, 580))
    libc.arrive(in4(AH))
    expect(changes).toMatchObject([{ quoted: sent4.subarray(0, 548) }])
  })
  it('that is damaged, or for others, is none', () => {
    const damaged = error(sent4, 580)
    damaged[40] = 99
    const elsewhere = error(ipv4Packet({ source: peer4, destination: us4, protocol: ESP, payload }), 100)
    libc.arrive(damaged, elsewhere, icmpOfOthers())
    expect(changes).toEqual([])
    expect(received).toEqual([])
  })
  const icmpOfOthers = (): Uint8Array =>
    echoPacket({ kind: 'request', source: peer4, destination: us4, identifier: 1, sequence: 1, data: payload })
})

describe('what goes out', () => {
  it('goes as it is, where its header says', () => {
    const packet = out4(ESP, { identification: 9 })
    send(packet)
    const six = ipv6Packet({ source: us6, destination: peer6, protocol: AH, payload })
    send(six)
    expect(libc.sent).toEqual([
      { bytes: packet, address: Uint8Array.of(2, 0, 0, 0, 192, 0, 2, 2, 0, 0, 0, 0, 0, 0, 0, 0) },
      {
        bytes: six,
        address: Uint8Array.from([10, 0, 0, 0, 0, 0, 0, 0, 0x20, 1, 0x0d, 0xb8, ...Array.from({ length: 11 }, () => 0), 2, 0, 0, 0, 0]),
      },
    ])
    expect(failures).toEqual([])
  })
  it('or we are told why not', () => {
    libc.refusal = { call: 'sendTo', code: 'EAFNOSUPPORT' }
    send(out4(ESP, { identification: 1 }))
    expect(failures).toEqual(['EAFNOSUPPORT'])
  })
  it('in fragments where it is too long for the route, which is told', () => {
    libc.mtu = 600
    const long = new Uint8Array(1400)
    const packets = [
      out4(ESP, { payload: long, identification: 5 }),
      out4(AH, { payload: long, identification: 6 }),
      ipv6Packet({ source: us6, destination: peer6, protocol: ESP, payload: long }),
    ]
    for (const packet of packets) send(packet)
    expect(libc.sent).toHaveLength(9)
    expect(libc.sent.every(({ bytes }) => bytes.length <= 600)).toBe(true)
    expect(changes).toEqual(packets.map((quoted) => ({ kind: 'too-big', mtu: 600, quoted })))
    expect(failures).toEqual([])
    expect(libc.open.size).toBe(8)
  })
  it('not at all where it is too long and may not be fragmented, or there is no route', () => {
    libc.mtu = 600
    send(out4(ESP, { payload: new Uint8Array(1400), flagsAndFragment: 0x4000 }))
    expect(changes).toHaveLength(1)
    libc.refusal = { call: 'connect', code: 'EAFNOSUPPORT' }
    send(out4(ESP, { payload: new Uint8Array(1400) }))
    expect(changes).toHaveLength(1)
    expect(failures).toEqual(['EMSGSIZE', 'EMSGSIZE'])
    expect(libc.sent).toEqual([])
    expect(libc.open.size).toBe(8)
  })
  it('not where there is no socket for it', () => {
    path.close()
    send(out4(ESP))
    path = open(us6)
    send(out4(ESP))
    send(new Uint8Array(7))
    send(new Uint8Array(0))
    expect(failures).toEqual(Array.from({ length: 4 }, () => 'NO_RAW_SOCKET'))
  })
  it('with an Identification, which the kernel would fill in: ours for whole ESP, its own for fragments and AH (RFC 4302 §3.3.3.1.1)', () => {
    send(out4(AH))
    send(out4(ESP, { flagsAndFragment: 0x2000 }))
    send(out4(ESP, { flagsAndFragment: 3 }))
    expect(failures).toEqual(['NO_IDENTIFICATION', 'NO_IDENTIFICATION', 'NO_IDENTIFICATION'])
    for (const protocol of [AH, ESP]) {
      send(out4(protocol, { identification: 7 }))
      send(out4(protocol, { flagsAndFragment: 0x4000 }))
    }
    send(out4(ESP))
    send(out4(ESP))
    expect(failures).toHaveLength(3)
    expect(libc.sent.map(({ bytes }) => u16(bytes, 4))).toEqual([7, 0, 7, 0, 1, 2])
  })
})

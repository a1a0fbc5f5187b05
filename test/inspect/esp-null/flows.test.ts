// RFC 5879: authenticated-only flows are found within a few packets, and ciphertext is not taken for one.
import { describe, expect, test } from 'vitest'
import { concat, putU16, putU32 } from '../../../src/bytes/bytes.ts'
import { ipProtocol } from '../../../src/iana/ip-protocols.ts'
import { crc32c } from '../../../src/inspect/esp-null/crc32c.ts'
import type { EspVerdict } from '../../../src/inspect/esp-null/flow.ts'
import { EspFlows, type EspFlowsOptions } from '../../../src/inspect/esp-null/flows.ts'
import { ipPacket, tcpSegment, udpDatagram } from '../../../src/net/build.ts'
import { icmpEcho } from '../../../src/net/icmp.ts'
import { alice, bob, optionalSuites, packets, pair, seal, type NamedSuite, suites } from '../../ipsec/fixtures.ts'
import { gmac, nullWith } from './suites.ts'

/** Octets that repeat for the same seed and look like chance. */
function chance(seed: number): (length: number) => Uint8Array {
  let state = seed >>> 0 || 1
  return (length) => {
    const octets = new Uint8Array(length)
    for (let i = 0; i < length; i += 4) {
      state ^= state << 13
      state ^= state >>> 17
      state ^= state << 5
      state >>>= 0
      putU32(octets, Math.min(i, length - 4), Math.imul(state, 0x9e3779b1) >>> 0)
    }
    return octets
  }
}

const between = { source: alice[4], destination: bob[4], ports: undefined }

function verdictOf(esps: readonly Uint8Array[], options?: EspFlowsOptions, version: 4 | 6 = 4): EspVerdict {
  const flows = new EspFlows(options)
  for (const esp of esps) flows.note({ source: alice[version], destination: bob[version], ports: undefined, esp })
  return flows.flows.at(-1)?.verdict ?? expect.unreachable()
}

/** How many packets it took; 0: it was never found. */
function packetsUntil(state: EspVerdict['state'], esps: readonly Uint8Array[], version: 4 | 6 = 4): number {
  const flows = new EspFlows()
  return 1 + esps.findIndex((esp) => flows.note({ ...ends[version], ports: undefined, esp }).verdict.state === state)
}
const ends = {
  4: { source: alice[4], destination: bob[4] },
  6: { source: alice[6], destination: bob[6] },
} as const

const authenticatedOnly: readonly { readonly suite: NamedSuite; readonly icvLength: number; readonly ivLength: 0 | 8 }[] = [
  { suite: nullWith('AUTH_HMAC_SHA1_96'), icvLength: 12, ivLength: 0 },
  { suite: nullWith('AUTH_AES_CMAC_96'), icvLength: 12, ivLength: 0 },
  { suite: nullWith('AUTH_HMAC_SHA2_256_128'), icvLength: 16, ivLength: 0 },
  { suite: nullWith('AUTH_HMAC_SHA2_384_192'), icvLength: 24, ivLength: 0 },
  { suite: nullWith('AUTH_HMAC_SHA2_512_256'), icvLength: 32, ivLength: 0 },
  { suite: gmac, icvLength: 16, ivLength: 8 },
]

const payloads = {
  'TCP data': (n: number, version: 4 | 6) =>
    tcpSegment({
      source: { address: alice[version], port: 51_234 },
      destination: { address: bob[version], port: 443 },
      payload: chance(n + 1)(40 + n),
      sequence: 123_456_789 + 977 * n,
      acknowledgement: 987_654_321,
      flags: 0x18,
      window: 502,
    }),
  UDP: (n: number, version: 4 | 6) =>
    udpDatagram({
      source: { address: alice[version], port: 40_000 },
      destination: { address: bob[version], port: 53 },
      payload: chance(n + 1)(30 + 7 * n),
    }),
  echo: (n: number, version: 4 | 6) =>
    icmpEcho({ kind: 'request', source: alice[version], destination: bob[version], identifier: 77, sequence: n, data: chance(n + 1)(56) }),
} as const
const protocolOf = (kind: keyof typeof payloads, version: 4 | 6): number =>
  kind === 'TCP data' ? ipProtocol.TCP : kind === 'UDP' ? ipProtocol.UDP : version === 4 ? ipProtocol.ICMP : ipProtocol.ICMPV6

function sealed(suite: NamedSuite, kind: keyof typeof payloads, version: 4 | 6, mode: 'transport' | 'tunnel', count = 4): Uint8Array[] {
  const { sender } = pair({ suite, mode, version })
  const plain = Array.from({ length: count }, (_, n) =>
    ipPacket(alice[version], bob[version], protocolOf(kind, version), payloads[kind](n, version)),
  )
  return packets(seal(sender, 'esp', ...plain))
}

describe.each(authenticatedOnly)('$suite.name', ({ suite, icvLength, ivLength }) => {
  const cases = ([4, 6] as const).flatMap((version) =>
    (['transport', 'tunnel'] as const).flatMap((mode) => (['TCP data', 'UDP', 'echo'] as const).map((kind) => ({ version, mode, kind }))),
  )
  test.each(cases)('$kind in IPv$version, $mode mode: found by the second packet', ({ version, mode, kind }) => {
    const esps = sealed(suite, kind, version, mode)
    const until = packetsUntil('authenticated-only', esps, version)
    expect(until).toBeGreaterThan(0)
    expect(until).toBeLessThanOrEqual(2)
    expect(verdictOf(esps, {}, version)).toMatchObject({ state: 'authenticated-only', icvLength, ivLength })
  })
})

describe('ciphertext', () => {
  test.each([...suites, ...optionalSuites].filter(({ name }) => !name.startsWith('NULL')))('$name is encrypted', ({ ...suite }) => {
    for (const kind of ['TCP data', 'UDP', 'echo'] as const) {
      const until = packetsUntil('encrypted', sealed(suite, kind, 4, 'transport', 6))
      expect(until).toBeGreaterThan(0)
      expect(until).toBeLessThanOrEqual(2)
    }
  })

  /** IVs of which the first octets are no chance: AES-GCM and its like count, with or without a salt (RFC 4106 §3.1). */
  const kinds = { random: undefined, counter: [0, 0], 'salted counter': [0x5bd1e995, 0x2c1b3c6d] } as const
  test.each(Object.entries(kinds))('of a flow with IVs of kind %s is never taken for clear', (_, salt) => {
    const octets = chance(20_260_101)
    const flows = new EspFlows()
    const seen = { decidedAtOnce: 0, unsure: 0 }
    // 20 flows of 1,000 packets each.
    for (let spi = 256; spi < 276; spi++)
      for (let n = 1; n <= 1000; n++) {
        const esp = octets(8 + 8 + 64 + 16)
        putU32(esp, 0, spi)
        putU32(esp, 4, n)
        if (salt !== undefined) {
          putU32(esp, 8, salt[0])
          putU32(esp, 12, (salt[1] ^ n) >>> 0)
        }
        const { state } = flows.note({ ...between, esp }).verdict
        if (state === 'authenticated-only') expect.unreachable(`flow ${spi}, packet ${n}`)
        if (n === 1) seen[state === 'encrypted' ? 'decidedAtOnce' : 'unsure']++
      }
    // RFC 5879 §8.2: at most 3.1 % of random packets have padding in one of the four places.
    expect(seen.unsure).toBeLessThanOrEqual(3)
  })
})

describe('what could be an IV that counts', () => {
  /** TCP whose Sequence Number goes with that of ESP, or does not. */
  const checksOf = (step: number): readonly string[] => {
    const { sender } = pair({ suite: nullWith('AUTH_HMAC_SHA2_256_128') })
    const ports = { source: { address: alice[4], port: 51_234 }, destination: { address: bob[4], port: 443 } }
    const segments = [0, 1, 2].map((n) =>
      tcpSegment({ ...ports, payload: new Uint8Array(20), sequence: 7000 + step * n, acknowledgement: n, flags: 0x18, window: 9 }),
    )
    const plain = segments.map((segment) => ipPacket(alice[4], bob[4], ipProtocol.TCP, segment))
    const verdict = verdictOf(packets(seal(sender, 'esp', ...plain)), { limit: 1000 })
    return verdict.state === 'unsure' ? (verdict.leading?.evidence ?? []).map(({ check }) => check) : expect.unreachable()
  }

  test('counts for nothing when it looks like the ports of the packet before', () => {
    expect(checksOf(20)).toContain('ports-again')
    expect(checksOf(1)).not.toContain('ports-again')
    expect(checksOf(1)).toContain('checksum')
  })
})

describe('what is not there to be found at once', () => {
  const clear = sealed(nullWith('AUTH_HMAC_SHA2_256_128'), 'UDP', 4, 'transport', 12)

  test('one packet with little in its favour is unsure, and the lengths that lead are told', () => {
    const esp = clear[0] ?? expect.unreachable()
    expect(verdictOf([esp], { limit: 96 })).toMatchObject({ state: 'unsure', leading: { icvLength: 16, ivLength: 0 } })
  })

  test('a NAT that left the checksum wrong only makes it take longer', () => {
    const flows = new EspFlows()
    const moved = clear.map((esp) => flows.note({ source: alice[4], destination: alice[4], ports: undefined, esp }).verdict)
    expect(moved.at(0)?.state).toBe('unsure')
    expect(moved.at(1)?.state).toBe('authenticated-only')
  })

  test('an unknown protocol in the same place again and again: the ICV is told, the IV is not (RFC 5879 §8.2)', () => {
    for (const suite of [nullWith('AUTH_HMAC_SHA2_256_128'), gmac]) {
      const { sender } = pair({ suite })
      const plain = Array.from({ length: 6 }, (_, n) => ipPacket(alice[4], bob[4], 89, chance(n + 9)(44)))
      const verdict = verdictOf(packets(seal(sender, 'esp', ...plain)))
      expect(verdict).toMatchObject({ state: 'authenticated-only', icvLength: 16, ivLength: undefined })
    }
  })

  test('dummy packets are no reason against (RFC 4303 §2.6)', () => {
    const { sender } = pair({ suite: nullWith('AUTH_HMAC_SHA2_256_128') })
    const batch = seal(sender, 'esp', ipPacket(alice[4], bob[4], ipProtocol.UDP, payloads.UDP(0, 4)))
    const noise = chance(5)(64)
    const dummies = seal(sender, 'esp')
    dummies.add(noise)
    sender.sealDummies(dummies, 0, 1, 'esp')
    const verdict = verdictOf([...packets(batch), ...packets(dummies)], { limit: 96 })
    expect(verdict).toMatchObject({ state: 'unsure', leading: { icvLength: 16, packets: 2 } })
  })

  test('SCTP is known by its own checksum', () => {
    const segment = concat(new Uint8Array(12), Uint8Array.of(0, 3, 0, 20), chance(3)(16))
    putU16(segment, 0, 5060)
    putU16(segment, 2, 5061)
    putU32(segment, 4, 0x1badf00d)
    new DataView(segment.buffer).setUint32(8, crc32c(segment), true)
    const { sender } = pair({ suite: nullWith('AUTH_HMAC_SHA2_512_256') })
    const esps = packets(seal(sender, 'esp', ipPacket(alice[4], bob[4], ipProtocol.SCTP, segment)))
    const verdict = verdictOf(esps)
    expect(verdict).toMatchObject({ state: 'authenticated-only', icvLength: 32 })
    expect(verdict.state === 'authenticated-only' && verdict.evidence.map(({ check }) => check)).toContain('checksum')
  })

  // RFC 9260 appendix A refers to RFC 3720 appendix B.4 for this one.
  test('CRC32c of 32 zero octets', () => {
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa)
  })
})

describe('the memory of flows', () => {
  const clear = sealed(nullWith('AUTH_HMAC_SHA2_256_128'), 'TCP data', 4, 'transport', 40)
  const dark = sealed(suites[0] ?? expect.unreachable(), 'TCP data', 4, 'transport', 40)

  test('one damaged packet changes nothing; an SPI that came to an encrypted SA is found out (RFC 5879 §6)', () => {
    const flows = new EspFlows()
    const states = [...clear.slice(0, 4), dark[0] ?? expect.unreachable(), ...clear.slice(4, 8)].map(
      (esp) => flows.note({ ...between, esp }).verdict.state,
    )
    expect(states.slice(2)).toEqual(Array.from({ length: 7 }, () => 'authenticated-only'))
    for (const esp of dark) flows.note({ ...between, esp })
    expect(flows.flows).toMatchObject([{ verdict: { state: 'encrypted' }, changes: 1 }])
    for (const esp of clear.slice(0, 3)) flows.note({ ...between, esp })
    expect(flows.flows).toMatchObject([{ verdict: { state: 'authenticated-only' }, changes: 2 }])
  })

  test('a new SA with ports of the old one is known by its first packet (RFC 5879 §8.3)', () => {
    const flows = new EspFlows({ limit: 72 })
    for (const esp of clear) flows.note({ ...between, esp })
    const fresh = (clear[5] ?? expect.unreachable()).slice()
    putU32(fresh, 0, 0x0dead0dd)
    const { verdict } = flows.note({ ...between, esp: fresh })
    expect(verdict.state === 'authenticated-only' && verdict.evidence.map(({ check }) => check)).toContain('ports-of-another-sa')
    expect(verdictOf([fresh], { limit: 72 }).state).toBe('unsure')
  })

  test('it is bounded, and the flow that was seen last stays', () => {
    const flows = new EspFlows({ mostFlows: 3 })
    for (let i = 0; i < 40; i++) {
      const esp = (clear[i] ?? expect.unreachable()).slice()
      putU32(esp, 0, i % 2 === 0 ? 1 : i)
      flows.note({ ...between, esp })
    }
    expect(flows.flows.map(({ spi }) => spi)).toEqual([37, 1, 39])
    expect(flows.forgotten).toBe(17)
  })

  test('ports of UDP tell flows apart, and so do addresses', () => {
    const flows = new EspFlows()
    const [esp = expect.unreachable()] = clear
    flows.note({ ...between, esp })
    flows.note({ ...between, ports: { source: 4500, destination: 4500 }, esp })
    flows.note({ ...between, ports: { source: 1025, destination: 4500 }, esp })
    flows.note({ ...between, source: bob[4], destination: alice[4], esp })
    expect(flows.flows).toHaveLength(4)
  })

  test('octets that are no ESP at all change nothing', () => {
    const flows = new EspFlows()
    for (let length = 0; length < 40; length++) flows.note({ ...between, esp: new Uint8Array(length) })
    for (let length = 0; length < 40; length++) flows.note({ ...between, esp: new Uint8Array(length).fill(255) })
    expect(flows.flows.length).toBeLessThanOrEqual(2)
  })
})

// What hosts send through their SAs, and when: for tests of dummy packets.
import type { DummyTerms } from '../../src/contract/install.ts'
import { type Instant, later } from '../../src/contract/units.ts'
import { classify } from '../../src/ipsec/encapsulation.ts'
import type { LabHost } from '../../src/lab/host.ts'
import { udpPacket } from '../../src/net/udp.ts'
import type { ChildConfig } from '../../src/policy/connection.ts'
import { alice, bob, type Pair, type Side } from './two-hosts.ts'

/** Ten in a second. */
export const tenth: DummyTerms = { interval: 100, octets: { least: 200, most: 200 } }
export const having = (dummies: DummyTerms, more: Partial<ChildConfig> = {}): Partial<Side> => ({ child: { dummies, ...more } })

export interface Sent {
  /** By the clock of who sends. */
  readonly at: Instant
  readonly spi: string
  readonly length: number
  readonly port: number
}

/** What has gone through SAs of a host after an instant. */
export function throughSas({ inputs }: LabHost, after: Instant): readonly Sent[] {
  return inputs.flatMap(({ at, outputs }) =>
    outputs.flatMap((output) => {
      if (output.kind !== 'send' || at <= after) return []
      const { channel, bytes, remote } = output.datagram
      if (channel === 'ike' || (channel === 'nat-t' && classify(bytes) !== 'esp')) return []
      const start = channel === 'ip' ? 20 : 0
      return [{ at, spi: bytes.subarray(start, start + 4).join('.'), length: bytes.length, port: remote.port }]
    }),
  )
}

/** So much time goes by; what each has sent in it. */
export function pass({ network, a, b }: Pair, time: number): { readonly a: readonly Sent[]; readonly b: readonly Sent[] } {
  const from = network.now
  network.plan(later(from, time), () => {})
  network.run(time)
  return { a: throughSas(a, from), b: throughSas(b, from) }
}

/** Milliseconds between one and the next. */
export const gaps = (sent: readonly Sent[]): readonly number[] =>
  sent.slice(1).map(({ at }, i) => Math.round((at - (sent[i]?.at ?? at)) * 1000) / 1000)

/** Of Alice to Bob, so many octets in all. */
export const packetOf = (octets: number): Uint8Array =>
  udpPacket({
    source: { address: alice.address, port: 1 },
    destination: { address: bob.address, port: 2 },
    payload: new Uint8Array(octets - 28),
  })

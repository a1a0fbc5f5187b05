// IKE, IPsec and policy as one machine. (types first)
import type { HostPorts, Machine } from '../contract/machine.ts'
import type { RandomSource } from '../contract/random.ts'
import type { CryptoProvider } from '../crypto/provider.ts'
import type { Connection } from '../policy/connection.ts'
import type { SpdEntry } from '../policy/spd.ts'

export interface HostOptions {
  readonly provider: CryptoProvider
  readonly random: RandomSource
  readonly connections: readonly Connection[]
  /** Ordered; the first entry that matches decides. A packet that none matches is discarded (RFC 4301 §4.4.1). */
  readonly policies: readonly SpdEntry[]
  /** Ours, for negotiations that a packet starts. */
  readonly local: readonly HostPorts[]
  /** `on` makes events with keys: for decrypting captures, never in production. */
  readonly dangerKeyLog: 'on' | 'off'
}
export interface Host extends Machine {
  readonly counters: HostCounters
}
export interface HostCounters {
  readonly sealed: number
  readonly opened: number
  readonly bypassed: number
  readonly queued: number
  /** By reason. */
  readonly dropped: Readonly<Record<string, number>>
}

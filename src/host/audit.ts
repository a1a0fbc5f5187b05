// Writes down what is auditable, within a rate: who sends rubbish makes a few records, and a number. RFC 4301 §9, RFC 4302 §4, RFC 4303 §4.
import { u32 } from '../bytes/bytes.ts'
import type { AuditCode, AuditedPacket, AuditRecord } from '../contract/audit.ts'
import type { Event } from '../contract/events.ts'
import type { SaInstall } from '../contract/install.ts'
import type { Channel, Output } from '../contract/machine.ts'
import type { ChildSaId, Instant } from '../contract/units.ts'
import { ipProtocol } from '../iana/ip-protocols.ts'
import { protocol } from '../iana/protocols.ts'
import { ahField } from '../ipsec/ah/header.ts'
import { isSpi } from '../ipsec/sad.ts'
import type { Endpoint } from '../net/address.ts'
import type { Flow } from '../net/flow.ts'
import { destinationAddress, emptyLayout, type IpLayout, readLayout, sourceAddress } from '../net/layout.ts'

/** Of each code: so many records at once, and so many more in a second. */
export const auditRate = { burst: 32, perSecond: 4 } as const

/** Something that came, where the IP header may be out of sight. */
export interface Arrived {
  readonly channel: Channel
  readonly local: Endpoint
  readonly remote: Endpoint
}

export class AuditTrail {
  readonly #isOn: boolean
  readonly #buckets = new Map<AuditCode, Bucket>()
  #records: AuditRecord[] = []
  #suppressed = 0

  constructor(state: 'on' | 'off') {
    this.#isOn = state === 'on'
  }

  get hasNews(): boolean {
    return this.#records.length > 0
  }

  /** For which there is no record, and there will be none. */
  get suppressed(): number {
    return this.#suppressed
  }

  /** What came as ESP or AH, in the `length` octets at `offset`, and was not let in. What is left of it is read with care: bursts are opened in place. */
  arrived(now: Instant, reason: string, from: Arrived, bytes: Uint8Array, offset: number, length: number, sa: SaInstall | undefined): void {
    const code = codes[reason]
    const suppressed = code === undefined ? undefined : this.#admit(now, code)
    if (code === undefined || suppressed === undefined) return
    const seen = readSecurity(bytes, offset, length, from.channel, sa)
    const isOfSelectors = code === 'selector-mismatch' || code === 'policy-mismatch'
    this.#records.push({
      code,
      at: now,
      direction: 'in',
      ...seen,
      source: from.remote.address,
      destination: from.local.address,
      child: sa?.child,
      packet: undefined,
      selectors: sa !== undefined && isOfSelectors ? { local: sa.localSelectors, remote: sa.remoteSelectors } : undefined,
      reason,
      suppressed,
    })
  }

  /** A plain packet on its way out, or one that came in clear, which `flow` was read from. */
  plain(now: Instant, reason: string, direction: 'in' | 'out', bytes: Uint8Array, flow: Flow): void {
    const code = codes[reason]
    const suppressed = code === undefined ? undefined : this.#admit(now, code)
    if (code === undefined || suppressed === undefined) return
    const packet = packetOf(bytes, flow)
    this.#records.push({
      code,
      at: now,
      direction,
      protocol: undefined,
      spi: undefined,
      sequence: undefined,
      source: packet.source,
      destination: packet.destination,
      flowLabel: flow.version === 6 ? flowLabelAt(bytes, flow.start) : undefined,
      child: undefined,
      packet,
      selectors: undefined,
      reason,
      suppressed,
    })
  }

  /** A packet that an SA did not seal; `last` is the low half of the last sequence number that it has sent. */
  departed(now: Instant, reason: string, sa: SaInstall, child: ChildSaId, last: number | undefined): void {
    const code = codes[reason]
    const suppressed = code === undefined ? undefined : this.#admit(now, code)
    if (code === undefined || suppressed === undefined) return
    this.#records.push({
      code,
      at: now,
      direction: 'out',
      protocol: sa.suite.protocol === protocol.AH ? 'AH' : 'ESP',
      spi: sa.spi,
      sequence: last,
      source: sa.local.address,
      destination: sa.remote.address,
      flowLabel: undefined,
      child,
      packet: undefined,
      selectors: undefined,
      reason,
      suppressed,
    })
  }

  /** A Child SA that a peer wants. */
  offered(now: Instant, offer: Extract<Event, { readonly name: 'unprotected-offer' }>): void {
    const suppressed = this.#admit(now, 'no-protection')
    if (suppressed === undefined) return
    this.#records.push({
      code: 'no-protection',
      at: now,
      direction: 'in',
      protocol: 'ESP',
      spi: undefined,
      sequence: undefined,
      source: offer.remote.address,
      destination: offer.local.address,
      flowLabel: undefined,
      child: undefined,
      packet: undefined,
      selectors: undefined,
      reason: offer.name,
      suppressed,
    })
  }

  /** Hands over what has been written down since. */
  drain(out: Output[]): void {
    if (this.#records.length === 0) return
    for (const record of this.#records) out.push({ kind: 'event', event: { name: 'audit', record } })
    this.#records = []
  }

  /** How many went without a record before this one; `undefined`: so does this one. Allocates nothing for those. */
  #admit(now: Instant, code: AuditCode): number | undefined {
    if (!this.#isOn) return undefined
    let bucket = this.#buckets.get(code)
    if (bucket === undefined) this.#buckets.set(code, (bucket = { level: auditRate.burst, at: now, suppressed: 0 }))
    bucket.level = Math.min(auditRate.burst, bucket.level + ((now - bucket.at) / 1000) * auditRate.perSecond)
    bucket.at = now
    if (bucket.level < 1) {
      bucket.suppressed++
      this.#suppressed++
      return undefined
    }
    bucket.level--
    const { suppressed } = bucket
    bucket.suppressed = 0
    return suppressed
  }
}

interface Bucket {
  level: number
  at: Instant
  suppressed: number
}

/** What is counted under these names is auditable. */
const codes: Readonly<Partial<Record<string, AuditCode>>> = {
  'unknown-spi': 'no-sa',
  fragment: 'fragment',
  'fragment-unmatched': 'fragment',
  'sequence-exhausted': 'sequence-overflow',
  replayed: 'replayed',
  'too-old': 'replayed',
  'integrity-check-failed': 'integrity',
  'selector-mismatch': 'selector-mismatch',
  'policy-mismatch': 'policy-mismatch',
  'came-in-clear': 'came-in-clear',
  'icmp-error-unmatched': 'icmp-error',
  'policy-discard': 'policy-discard',
}

const layout: IpLayout = emptyLayout()

function readSecurity(
  bytes: Uint8Array,
  offset: number,
  length: number,
  channel: Channel,
  sa: SaInstall | undefined,
): Pick<AuditRecord, 'protocol' | 'spi' | 'sequence' | 'flowLabel'> {
  const isWhole = channel === 'ip' && readLayout(bytes, offset, length, layout)
  const isAh = sa === undefined ? isWhole && layout.protocol === ipProtocol.AH : sa.suite.protocol === protocol.AH
  const header = isWhole ? layout.upper : offset
  const spiAt = isAh ? header + ahField.spi : header
  const isThere = spiAt + 8 <= offset + length && (channel !== 'ip' || isWhole)
  const spi = isThere ? u32(bytes, spiAt) : 0
  const isIt = sa === undefined ? isSpi(spi) : spi === sa.spi
  return {
    protocol: isAh ? 'AH' : 'ESP',
    spi: sa?.spi ?? (isSpi(spi) ? spi : undefined),
    sequence: isThere && isIt ? u32(bytes, spiAt + 4) : undefined,
    flowLabel: isWhole && layout.version === 6 ? flowLabelAt(bytes, offset) : undefined,
  }
}

const flowLabelAt = (bytes: Uint8Array, at: number): number => u32(bytes, at) & 0xfffff

function packetOf(bytes: Uint8Array, flow: Flow): AuditedPacket {
  const hasPorts = flow.ports === 'known'
  return {
    source: sourceAddress(bytes, flow),
    destination: destinationAddress(bytes, flow),
    protocol: flow.protocol,
    sourcePort: hasPorts ? flow.sourcePort : undefined,
    destinationPort: hasPorts ? flow.destinationPort : undefined,
  }
}

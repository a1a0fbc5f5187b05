// From the network to the plain side: ESP and AH to their SA by SPI. RFC 4301 §5.2; RFC 4302 §3.4; RFC 4303 §3.4.
import type { SaInstall } from '../contract/install.ts'
import type { Channel, Datagram, Output } from '../contract/machine.ts'
import type { PacketBatch } from '../contract/packets.ts'
import type { ChildSaId, Instant, Spi } from '../contract/units.ts'
import type { CryptoProvider } from '../crypto/provider.ts'
import type { IkeEndpoint } from '../ike/endpoint/endpoint.ts'
import { drop } from '../ipsec/drops.ts'
import type { InboundSa } from '../ipsec/inbound.ts'
import { openPacket } from '../ipsec/packet.ts'
import { Depths, type Reordering, reorderingOf } from '../ipsec/reordering.ts'
import { createInboundSa } from '../ipsec/sa.ts'
import type { Framing } from '../ipsec/framing.ts'
import { isSpi, Sad } from '../ipsec/sad.ts'
import type { Address, Endpoint } from '../net/address.ts'
import { emptyLayout, type IpLayout, readLayout } from '../net/layout.ts'
import { EarlyPackets } from './early-packets.ts'
import { Gathering } from './gathering.ts'
import { type NamedSa, readSpi } from './inbound-spi.ts'
import type { InboundPolicy } from './inbound-policy.ts'
import { showMapped } from './mapped-peers.ts'
import { outcome, outcomeName } from './outcomes.ts'
import type { Tally } from './tally.ts'

export class InboundPath {
  readonly #provider: CryptoProvider
  readonly #policy: InboundPolicy
  readonly #ike: IkeEndpoint
  readonly #tally: Tally
  readonly #sad = new Sad()
  readonly #early = new EarlyPackets()
  readonly #gathering: Gathering
  /** Of SAs that are gone. */
  readonly #late = new Depths()
  readonly #claimed = new Depths()
  /** Filled anew for each packet. */
  readonly #named: NamedSa = { spi: 0, protocol: 0 }

  constructor(provider: CryptoProvider, policy: InboundPolicy, ike: IkeEndpoint, tally: Tally) {
    this.#provider = provider
    this.#policy = policy
    this.#ike = ike
    this.#tally = tally
    this.#gathering = new Gathering(tally)
  }

  add(install: SaInstall): void {
    this.#sad.add(createInboundSa(install, this.#provider))
  }

  /** What came for it before it was there comes now. */
  install(now: Instant, out: Output[], install: SaInstall): void {
    this.add(install)
    for (const datagram of this.#early.take(install.spi)) this.open(now, out, datagram)
  }

  /** Something that was asked for has failed: what waits for it is dropped and counted. */
  sweep(): void {
    this.#tally.count(
      'unknown-spi',
      this.#early.sweep((spi) => this.#ike.isAwaited(spi)),
    )
  }

  /** The SA that is gone, for its keys to be wiped. */
  remove(spi: Spi): SaInstall | undefined {
    const sa = this.#sad.remove(spi)
    sa?.window.countInto(this.#late, this.#claimed)
    return sa?.install
  }

  /** The same for one that its addresses name, too. */
  removeNamed(install: SaInstall): void {
    this.#sad.removeNamed(install)?.window.countInto(this.#late, this.#claimed)
  }

  find(spi: Spi): InboundSa | undefined {
    return this.#sad.find(spi)
  }

  /** Of all SAs, those that are gone included. */
  get reordering(): Reordering {
    const [late, claimed] = [new Depths(), new Depths()]
    late.add(this.#late)
    claimed.add(this.#claimed)
    for (const sa of this.#sad) sa.window.countInto(late, claimed)
    return reorderingOf(late, claimed)
  }

  /** When fragments are let go. */
  get deadline(): Instant | undefined {
    return this.#gathering.deadline
  }

  /** Fragments that have waited for too long. */
  expire(now: Instant): void {
    this.#gathering.expire(now)
  }

  /** One packet of ESP or AH: what is inside is delivered. */
  open(now: Instant, out: Output[], datagram: Datagram): void {
    const { bytes } = datagram
    const nameless = readSpi(bytes, 0, bytes.length, datagram.channel, this.#named)
    if (nameless === drop.fragment) return this.#gather(now, out, datagram)
    if (nameless !== 0) return this.#refuse(now, out, outcomeName(nameless), datagram, undefined)
    const { spi } = this.#named
    const sa = this.#findNamed(datagram)
    if (sa === undefined) {
      if (this.#isEarly(spi) && this.#early.hold(spi, datagram)) return
      return this.#refuse(now, out, 'unknown-spi', datagram, undefined)
    }
    const { child } = sa.install
    const highest = sa.window.highestLow
    const opened = openPacket(sa, bytes, framingOf(datagram.channel), { source: datagram.remote, destination: datagram.local })
    this.#tally.wear(child, sa.state)
    if (!isGenuine(opened.outcome)) return this.#refuse(now, out, outcomeName(opened.outcome), datagram, sa.install)
    const { channel, local, remote } = datagram
    this.#tellOf(now, child, sa.window.highestLow === highest ? undefined : { channel, local, remote })
    // RFC 4303 §2.6: discarded without indicating an error.
    if (opened.outcome !== 0) return this.#tally.count(outcomeName(opened.outcome), 1)
    if (!this.#policy.admits(sa.install, opened.bytes, 0, opened.bytes.length)) {
      return this.#refuse(now, out, 'policy-mismatch', datagram, sa.install)
    }
    this.#tally.opened++
    if (sa.install.mapped !== undefined) showMapped(opened.bytes, 0, opened.bytes.length, sa.install.mapped)
    out.push({ kind: 'deliver', bytes: opened.bytes, child })
  }

  /** Dropped, counted and, where it is auditable, written down. */
  #refuse(now: Instant, out: Output[], reason: string, datagram: Datagram, sa: SaInstall | undefined): void {
    const { bytes } = datagram
    this.#tally.audit.arrived(now, reason, datagram, bytes, 0, bytes.length, sa)
    this.#tally.drop(out, reason, sa?.child)
  }

  /** RFC 4302 §3.4.1, RFC 4303 §3.4.1: fragments are put together before the SA is looked for. */
  #gather(now: Instant, out: Output[], datagram: Datagram): void {
    const { bytes } = datagram
    if (!readLayout(bytes, 0, bytes.length, layout)) return this.#tally.drop(out, 'malformed-packet')
    const gathered = this.#gathering.add(now, out, bytes, layout)
    if (gathered !== undefined) this.open(now, out, { ...datagram, bytes: gathered.packet })
  }

  /** One plain packet that came in without IPsec. */
  plain(now: Instant, out: Output[], bytes: Uint8Array): void {
    const verdict = this.#policy.plain(bytes)
    if (verdict !== 'bypass') {
      this.#tally.audit.plain(now, verdict, 'in', bytes, this.#policy.flow)
      return this.#tally.drop(out, verdict)
    }
    this.#tally.bypassed++
    out.push({ kind: 'admit', bytes })
  }

  /** A burst from one remote endpoint, in place; packets of one SA that follow each other are opened together. */
  openBurst(now: Instant, batch: PacketBatch, from: BurstOrigin, children: (ChildSaId | undefined)[]): void {
    const outer = { source: from.remote, destination: from.local }
    const { channel = 'nat-t' } = from
    // The ports mean nothing without UDP: then nothing is concluded from them.
    const arrival = { channel, local: from.local, remote: from.remote }
    const framing = framingOf(channel)
    let end = 0
    for (let first = 0; first < batch.count; first = end) {
      const nameless = this.#readSlot(batch, first, channel)
      const sa = nameless === 0 ? this.#findNamed(from) : undefined
      const { spi, protocol } = this.#named
      for (end = first + 1; end < batch.count && this.#readSlot(batch, end, channel) === nameless; end++) {
        if (this.#named.spi !== spi || this.#named.protocol !== protocol) break
      }
      if (sa === undefined) for (let i = first; i < end; i++) batch.outcome[i] = this.#withoutSa(batch, i, arrival)
      else {
        const highest = sa.window.highestLow
        sa.open(batch, first, end - first, framing, outer)
        if (hasGenuine(batch, first, end)) this.#tellOf(now, sa.install.child, sa.window.highestLow === highest ? undefined : arrival)
        this.#policy.admitBurst(sa.install, batch, first, end)
        if (sa.install.mapped !== undefined) showAllMapped(batch, first, end, sa.install.mapped)
        this.#tally.wear(sa.install.child, sa.state)
      }
      for (let i = first; i < end; i++) {
        children[i] = sa?.install.child
        const code = batch.outcome[i] ?? 0
        if (code === 0) this.#tally.opened++
        else if (code !== outcome['awaits-sa'] && code !== outcome['left-to-handle']) {
          const reason = outcomeName(code)
          this.#tally.count(reason, 1)
          const at = batch.offset[i] ?? 0
          this.#tally.audit.arrived(now, reason, arrival, batch.arena, at, (i + 1) * batch.slotLength - at, sa?.install)
        }
      }
    }
  }

  #readSlot(batch: PacketBatch, i: number, channel: Channel): number {
    return readSpi(batch.arena, batch.offset[i] ?? 0, batch.length[i] ?? 0, channel, this.#named)
  }

  /** Its SA is asked for, and not there: one of the other protocol would be. */
  #isEarly(spi: number): spi is Spi {
    return isSpi(spi) && this.#sad.find(spi) === undefined && this.#ike.isAwaited(spi)
  }

  /** The SA of `#named`. */
  #findNamed({ local, remote }: { readonly local: Endpoint; readonly remote: Endpoint }): InboundSa | undefined {
    const sa = this.#sad.match(this.#named.spi, local.address, remote.address)
    return sa?.install.suite.protocol === this.#named.protocol ? sa : undefined
  }

  /** What overtook the answer that makes its SA waits for it. */
  #withoutSa(batch: PacketBatch, i: number, arrival: Omit<Datagram, 'bytes'>): number {
    const nameless = this.#readSlot(batch, i, arrival.channel)
    if (nameless !== 0) return nameless === drop.fragment ? outcome['left-to-handle'] : nameless
    const { spi } = this.#named
    const waits = this.#isEarly(spi) && this.#early.hold(spi, { ...arrival, bytes: batch.packet(i) })
    return outcome[waits ? 'awaits-sa' : 'unknown-spi']
  }

  /** Something authentic came through it; `from` where it was newer than all before. */
  #tellOf(now: Instant, child: ChildSaId, from: Omit<Datagram, 'bytes'> | undefined): void {
    const news = this.#ike.packetReceived(now, child, from)
    if (news === 'proof') this.#tally.proven.push(child)
    else if (news === 'moved' && from !== undefined) this.#tally.moved.push({ child, from })
  }
}

/** Where a burst came from. */
export interface BurstOrigin {
  /** `ip`: the slots hold whole IP packets. Otherwise they hold ESP, and it came in UDP where it is left out. */
  readonly channel?: Channel
  readonly local: Endpoint
  readonly remote: Endpoint
}

const layout: IpLayout = emptyLayout()

function showAllMapped(batch: PacketBatch, first: number, end: number, mapped: Address): void {
  for (let i = first; i < end; i++) {
    if (batch.outcome[i] === 0) showMapped(batch.arena, batch.offset[i] ?? 0, batch.length[i] ?? 0, mapped)
  }
}

const framingOf = (channel: Channel): Framing => (channel === 'ip' ? 'ip' : 'esp')

/**
 * Only what is authentic says anything of the peer. RFC 7296 §2.4: a fresh protected message on any Child SA ensures that it lives, and a dummy is one: whoever sends
 * it has the keys, and is there to send it. What we send says nothing, dummies no more than packets: it is a reason to ask.
 */
const isGenuine = (code: number): boolean => code === 0 || code === drop['dummy-packet']

function hasGenuine(batch: PacketBatch, first: number, end: number): boolean {
  for (let i = first; i < end; i++) if (isGenuine(batch.outcome[i] ?? 0)) return true
  return false
}

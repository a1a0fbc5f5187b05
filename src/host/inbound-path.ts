// From the network to the plain side: ESP to its SA by SPI. RFC 4301 §5.2; RFC 4303 §3.4.
import { u32 } from '../bytes/bytes.ts'
import type { SaInstall } from '../contract/install.ts'
import type { Datagram, Output } from '../contract/machine.ts'
import type { PacketBatch } from '../contract/packets.ts'
import type { ChildSaId, Instant, Spi } from '../contract/units.ts'
import type { CryptoProvider } from '../crypto/provider.ts'
import type { IkeEndpoint } from '../ike/endpoint/endpoint.ts'
import type { InboundSa } from '../ipsec/inbound.ts'
import { openPacket } from '../ipsec/packet.ts'
import { createInboundSa } from '../ipsec/sa.ts'
import { isSpi, Sad, spiOf } from '../ipsec/sad.ts'
import type { Endpoint } from '../net/address.ts'
import { EarlyPackets } from './early-packets.ts'
import type { InboundPolicy } from './inbound-policy.ts'
import { outcome, outcomeName } from './outcomes.ts'
import type { Tally } from './tally.ts'

export class InboundPath {
  readonly #provider: CryptoProvider
  readonly #policy: InboundPolicy
  readonly #ike: IkeEndpoint
  readonly #tally: Tally
  readonly #sad = new Sad()
  readonly #early = new EarlyPackets()

  constructor(provider: CryptoProvider, policy: InboundPolicy, ike: IkeEndpoint, tally: Tally) {
    this.#provider = provider
    this.#policy = policy
    this.#ike = ike
    this.#tally = tally
  }

  /** What came for it before it was there comes now. */
  install(now: Instant, out: Output[], install: SaInstall): void {
    this.#sad.add(createInboundSa(install, this.#provider))
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
    return this.#sad.remove(spi)?.install
  }

  find(spi: Spi): InboundSa | undefined {
    return this.#sad.find(spi)
  }

  /** One ESP packet: what is inside is delivered. */
  open(now: Instant, out: Output[], datagram: Datagram): void {
    const spi = spiOf(datagram.bytes)
    const sa = spi === undefined ? undefined : this.#sad.find(spi)
    if (sa === undefined) {
      if (spi !== undefined && this.#ike.isAwaited(spi) && this.#early.hold(spi, datagram)) return
      return this.#tally.drop(out, 'unknown-spi')
    }
    const { child } = sa.install
    const highest = sa.window.highestLow
    const opened = openPacket(sa, datagram.bytes, 'esp', { source: datagram.remote, destination: datagram.local })
    this.#tally.wear(child, sa.state)
    if (opened.outcome !== 0) return this.#tally.drop(out, outcomeName(opened.outcome), child)
    const { channel, local, remote } = datagram
    this.#tellOf(now, child, sa.window.highestLow === highest ? undefined : { channel, local, remote })
    if (!this.#policy.admits(sa.install, opened.bytes, 0, opened.bytes.length)) return this.#tally.drop(out, 'policy-mismatch', child)
    this.#tally.opened++
    out.push({ kind: 'deliver', bytes: opened.bytes, child })
  }

  /** One plain packet that came in without IPsec. */
  plain(out: Output[], bytes: Uint8Array): void {
    const verdict = this.#policy.plain(bytes)
    if (verdict !== 'bypass') return this.#tally.drop(out, verdict)
    this.#tally.bypassed++
    out.push({ kind: 'admit', bytes })
  }

  /** A burst from one remote endpoint, in place; packets of one SA that follow each other are opened together. */
  openBurst(
    now: Instant,
    batch: PacketBatch,
    from: { readonly local: Endpoint; readonly remote: Endpoint },
    children: (ChildSaId | undefined)[],
  ): void {
    const outer = { source: from.remote, destination: from.local }
    // The ports mean nothing without UDP: then nothing is concluded from them.
    const arrival = { channel: 'nat-t', local: from.local, remote: from.remote } as const
    let end = 0
    for (let first = 0; first < batch.count; first = end) {
      const spi = slotSpi(batch, first)
      const sa = this.#sad.find(spi)
      for (end = first + 1; end < batch.count && slotSpi(batch, end) === spi; ) end++
      if (sa === undefined) for (let i = first; i < end; i++) batch.outcome[i] = this.#withoutSa(batch, i, arrival)
      else {
        const highest = sa.window.highestLow
        sa.open(batch, first, end - first, 'esp', outer)
        if (hasOpened(batch, first, end)) this.#tellOf(now, sa.install.child, sa.window.highestLow === highest ? undefined : arrival)
        this.#policy.admitBurst(sa.install, batch, first, end)
        this.#tally.wear(sa.install.child, sa.state)
      }
      for (let i = first; i < end; i++) {
        children[i] = sa?.install.child
        const code = batch.outcome[i] ?? 0
        if (code === 0) this.#tally.opened++
        else if (code !== outcome['awaits-sa']) this.#tally.count(outcomeName(code), 1)
      }
    }
  }

  /** What overtook the answer that makes its SA waits for it. */
  #withoutSa(batch: PacketBatch, i: number, arrival: Omit<Datagram, 'bytes'>): number {
    const spi = slotSpi(batch, i)
    const waits = isSpi(spi) && this.#ike.isAwaited(spi) && this.#early.hold(spi, { ...arrival, bytes: batch.packet(i) })
    return outcome[waits ? 'awaits-sa' : 'unknown-spi']
  }

  /** Something authentic came through it; `from` where it was newer than all before. */
  #tellOf(now: Instant, child: ChildSaId, from: Omit<Datagram, 'bytes'> | undefined): void {
    const news = this.#ike.packetReceived(now, child, from)
    if (news === 'proof') this.#tally.proven.push(child)
    else if (news === 'moved' && from !== undefined) this.#tally.moved.push({ child, from })
  }
}

/** 0, which is no SPI, where the packet is too short to have one. */
function slotSpi(batch: PacketBatch, i: number): number {
  return (batch.length[i] ?? 0) < 4 ? 0 : u32(batch.arena, batch.offset[i] ?? 0)
}

/** Only what is authentic says anything of the peer. */
function hasOpened(batch: PacketBatch, first: number, end: number): boolean {
  for (let i = first; i < end; i++) if (batch.outcome[i] === 0) return true
  return false
}

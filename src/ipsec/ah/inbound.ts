// Opening AH. RFC 4302 §3.4, RFC 4543 §4.
import { u32 } from '../../bytes/bytes.ts'
import { ApiMisuse } from '../../contract/faults.ts'
import type { SaInstall } from '../../contract/install.ts'
import type { PacketBatch } from '../../contract/packets.ts'
import type { CryptoProvider } from '../../crypto/provider.ts'
import { ipProtocol } from '../../iana/ip-protocols.ts'
import { emptyLayout, type IpLayout, readLayout } from '../../net/layout.ts'
import { drop, type DropCode } from '../drops.ts'
import type { Framing } from '../framing.ts'
import { InboundSa } from '../inbound.ts'
import { checkSelectors, type InnerShape, innerShape, releaseInner, releaseTransport } from '../opened.ts'
import { ahField, ahLength, payloadLengthOf } from './header.ts'
import { type AhPacket, beginIcvs, emptyAhPacket, endIcvs, verifyIcv } from './icv.ts'
import { type AhSuite, ahSuite } from './suite.ts'

export class AhInboundSa extends InboundSa {
  #active: Active | undefined

  release(): void {
    this.#active = undefined
  }

  protected begin(_batch: PacketBatch, framing: Framing): DropCode | 0 {
    if (framing !== 'ip') throw new ApiMisuse('AH protects the IP header, too: it needs framing `ip` (RFC 4302 §3.3.3)')
    this.#active ??= activate(this.install, this.provider)
    if (this.#active === undefined) return drop['suite-unavailable']
    beginIcvs(this.#active)
    return 0
  }

  protected admit(batch: PacketBatch, i: number): DropCode | 0 {
    const active = this.#active
    if (active === undefined) return drop['suite-unavailable']
    const refused = this.#find(active, batch, i)
    if (refused !== 0) return refused
    const { arena } = batch
    const { start, ah, end } = found
    const wrong = verifyIcv(arena, found, active)
    const dropped = wrong === 0 ? this.#release(active, batch, i, ah + ahLength(active.mac, found.version)) : wrong
    if (dropped === 0) return 0
    if (dropped === drop['integrity-check-failed']) this.window.claimForged(found.high, u32(arena, ah + ahField.sequence))
    // Nothing that has failed a check is released: neither what the ICV did not vouch for nor what the SA is not for.
    arena.fill(0, start, end)
    batch.length[i] = 0
    return dropped
  }

  protected finish(): void {
    endIcvs()
  }

  /** Everything that can be checked before the ICV; fills `found`. */
  #find({ mac, highLength }: Active, batch: PacketBatch, i: number): DropCode | 0 {
    const { arena } = batch
    const start = batch.offset[i] ?? 0
    if (!readLayout(arena, start, batch.length[i] ?? 0, layout)) return drop['malformed-packet']
    // RFC 4302 §3.4.1: what appears to be a fragment MUST be discarded; reassembly comes before AH.
    if (layout.fragmentation !== 'whole') return drop.fragment
    if (layout.protocol !== ipProtocol.AH) return drop['not-ah']
    const { version, upper: ah, end } = layout
    const length = ahLength(mac, version)
    // RFC 4302 §2.6: padded as far as needed and no further. Reserved is not looked at (§2.3).
    if (end - ah < length || arena[ah + ahField.payloadLength] !== payloadLengthOf(length)) return drop['malformed-ah']
    if (u32(arena, ah + ahField.spi) !== this.install.spi) return drop['wrong-spi']
    if (end + highLength > (i + 1) * batch.slotLength) return drop['packet-too-long']
    const low = u32(arena, ah + ahField.sequence)
    found.version = version
    found.start = start
    found.ah = ah
    found.end = end
    found.high = this.window.highOf(low)
    return this.screen(found.high, low)
  }

  /** The packet of `found`, whose ICV was right. */
  #release(active: Active, batch: PacketBatch, i: number, payload: number): DropCode | 0 {
    const { arena } = batch
    const { start, ah, end, high } = found
    const late = this.accept(high, u32(arena, ah + ahField.sequence), end - start)
    if (late !== 0) return late
    const nextHeader = arena[ah + ahField.nextHeader] ?? 0
    const namedAt = layout.upperNamedAt - start
    const refused =
      this.install.mode === 'tunnel'
        ? releaseInner(active, this.counters, batch, i, 'ip', payload, end, nextHeader)
        : releaseTransport(active, batch, i, arena, start, ah - start, namedAt, payload, end, nextHeader)
    return refused === 0 ? checkSelectors(active, arena) : refused
  }
}

/** What an SA needs only while packets flow. */
interface Active extends InnerShape, AhSuite {}

function activate(install: SaInstall, provider: CryptoProvider): Active | undefined {
  const suite = ahSuite(install, provider)
  return suite === undefined ? undefined : { ...innerShape(install), ...suite }
}

/** The packet at hand. */
const found: AhPacket = emptyAhPacket()
const layout: IpLayout = emptyLayout()

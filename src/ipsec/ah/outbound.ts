// Sealing with AH. RFC 4302 §3.3, RFC 4543 §4.
import { putU32 } from '../../bytes/bytes.ts'
import { ApiMisuse } from '../../contract/faults.ts'
import type { SaInstall } from '../../contract/install.ts'
import type { PacketBatch } from '../../contract/packets.ts'
import type { CryptoProvider } from '../../crypto/provider.ts'
import { ipProtocol } from '../../iana/ip-protocols.ts'
import { drop, type DropCode } from '../drops.ts'
import type { Framing } from '../framing.ts'
import { OutboundSa } from '../outbound.ts'
import { type OuterShape, outerShape, placeHeader, plan, planned, type SlotContent } from '../outbound-plan.ts'
import { finishHeader, fitsLengthField } from '../outer.ts'
import { ahField, ahLength, payloadLengthOf } from './header.ts'
import { type AhPacket, beginIcvs, checkHeader, emptyAhPacket, endIcvs, writeIcv } from './icv.ts'
import { type AhSuite, ahSuite } from './suite.ts'

export class AhOutboundSa extends OutboundSa {
  #active: Active | undefined

  release(): void {
    this.#active = undefined
  }

  protected begin(_batch: PacketBatch, framing: Framing, content: SlotContent): DropCode | 0 {
    if (framing !== 'ip') throw new ApiMisuse('AH protects the IP header, too: it needs framing `ip` (RFC 4302 §3.3.3)')
    if (content === 'dummy') throw new ApiMisuse('AH has no dummy packets')
    this.#active ??= activate(this.install, this.provider)
    if (this.#active === undefined) return drop['suite-unavailable']
    beginIcvs(this.#active)
    return 0
  }

  protected admit(batch: PacketBatch, i: number, framing: Framing, content: SlotContent): DropCode | 0 {
    const active = this.#active
    if (active === undefined) return drop['suite-unavailable']
    const refused = plan(active, batch, i, framing, content)
    if (refused !== 0) return refused
    const { arena, slotLength } = batch
    const { headerLength, payload, payloadEnd } = planned
    const ah = payload - active.length
    const start = ah - headerLength
    if (start < i * slotLength || payloadEnd + active.highLength > (i + 1) * slotLength) return drop['packet-too-long']
    if (!fitsLengthField(active.version, headerLength, payloadEnd - ah)) return drop['packet-too-long']
    if (headerLength !== active.outerHeader.length) {
      const lying = checkHeader(arena, payload - headerLength, headerLength, active.version)
      if (lying !== 0) return lying
    }
    const late = this.take(payloadEnd - start)
    if (late !== 0) return late

    // RFC 4302 §2: what is before AH names it by 51.
    // A raw socket of Linux fills in an Identification of zero (raw(7)), and the ICV would be wrong: that of a tunnel is never zero.
    const protocolAt = placeHeader(active, arena, start, (this.sequenceLow % 0xffff) + 1, content)
    finishHeader(arena, start, headerLength, payloadEnd, protocolAt, ipProtocol.AH)
    this.#writeHeader(active, arena, ah)
    sealed.version = active.version
    sealed.start = start
    sealed.ah = ah
    sealed.end = payloadEnd
    sealed.high = this.sequenceHigh
    writeIcv(arena, sealed, active)
    batch.offset[i] = start
    batch.length[i] = payloadEnd - start
    return 0
  }

  protected finish(): void {
    endIcvs()
  }

  /** All but the ICV. Reserved is zero (RFC 4302 §2.3), and so is the padding of the ICV: that is as the sender likes (RFC 4302 §3.3.3.2.1). */
  #writeHeader({ mac, length }: Active, arena: Uint8Array, ah: number): void {
    for (let i = ah; i < ah + length; i++) arena[i] = 0
    arena[ah + ahField.nextHeader] = planned.nextHeader
    arena[ah + ahField.payloadLength] = payloadLengthOf(length)
    putU32(arena, ah + ahField.spi, this.install.spi)
    putU32(arena, ah + ahField.sequence, this.sequenceLow)
    if (mac.ivSource !== 'counter') return
    // RFC 4543 §3.1: the IV MUST NOT repeat for a key; the sequence number does not.
    putU32(arena, ah + ahField.icv, this.sequenceHigh)
    putU32(arena, ah + ahField.icv + 4, this.sequenceLow)
  }
}

/** What an SA needs only while packets flow. */
interface Active extends OuterShape, AhSuite {
  /** Octets of AH. */
  readonly length: number
}

function activate(install: SaInstall, provider: CryptoProvider): Active | undefined {
  const suite = ahSuite(install, provider)
  if (suite === undefined) return undefined
  const outer = outerShape(install)
  return { ...outer, ...suite, length: ahLength(suite.mac, outer.version) }
}

/** The packet at hand. */
const sealed: AhPacket = emptyAhPacket()

// Sealing with ESP. RFC 4303 §3.3, RFC 4106, RFC 7634, RFC 3948 §3.2, §3.4.
import { putU32 } from '../../bytes/bytes.ts'
import type { SaInstall, TfcPadding } from '../../contract/install.ts'
import type { PacketBatch } from '../../contract/packets.ts'
import type { CryptoProvider, PacketCipher } from '../../crypto/provider.ts'
import { ipProtocol } from '../../iana/ip-protocols.ts'
import { udpHeaderLength } from '../../net/transport.ts'
import { currentJobs, jobsFor, type JobList } from '../cipher-jobs.ts'
import { drop, type DropCode } from '../drops.ts'
import { espHeaderLength, espSequenceOffset, espTrailerLength, type Framing } from '../framing.ts'
import { OutboundSa } from '../outbound.ts'
import { type OuterShape, outerShape, placeHeader, plan, planned, showPayload, type SlotContent } from '../outbound-plan.ts'
import { finishHeader, fitsLengthField, writeIpv6UdpChecksum, writeUdpHeader } from '../outer.ts'
import { paddedLength, writeTrailer } from '../trailer.ts'
import { ownEnd, shapedLength } from './tfc.ts'

export class EspOutboundSa extends OutboundSa {
  #active: Active | undefined

  release(): void {
    this.#active = undefined
  }

  protected begin(batch: PacketBatch): DropCode | 0 {
    this.#active ??= activate(this.install, this.provider)
    jobsFor(batch)
    return this.#active === undefined ? drop['suite-unavailable'] : 0
  }

  protected admit(batch: PacketBatch, i: number, framing: Framing, content: SlotContent): DropCode | 0 {
    const active = this.#active
    if (active === undefined) return drop['suite-unavailable']
    const refused = plan(active, batch, i, framing, content)
    if (refused !== 0) return refused
    const { cipher } = active
    const { payloadEnd } = planned
    const shapedEnd = this.install.tfc === undefined ? payloadEnd : this.#shape(active, this.install.tfc, batch, i, content)
    const textLength = paddedLength(shapedEnd - planned.payload, active.alignment)
    const front = framing === 'ip' ? planned.headerLength + active.udpLength : 0
    // RFC 4303 §2.3: the payload begins at a multiple of 8 octets, as IPv6 wants it, since all IVs are of whole 8 octets, or of none.
    const header = planned.payload - cipher.ivLength - espHeaderLength
    const end = planned.payload + textLength + cipher.icvLength
    if (header - front < i * batch.slotLength || end > (i + 1) * batch.slotLength) return drop['packet-too-long']
    if (!fitsLengthField(active.version, planned.headerLength + active.udpLength, end - header)) return drop['packet-too-long']
    const late = this.take(textLength)
    if (late !== 0) return late

    if (content === 'packet') showPayload(active, batch.arena)
    const at = header - front
    if (framing === 'ip') this.#writeOuter(active, batch.arena, at, header, end, content)
    // RFC 4303 §2.7: of no particular value; what the slot had there before belongs to others.
    if (shapedEnd > payloadEnd) batch.arena.fill(0, payloadEnd, shapedEnd)
    writeTrailer(batch.arena, shapedEnd, planned.payload + textLength, planned.nextHeader)
    this.#writeEspHeader(cipher, batch.arena, header)
    batch.offset[i] = at
    batch.length[i] = end - at
    const jobs = currentJobs()
    const job = jobs.count++
    jobs.packet[job] = i
    jobs.header[job] = header
    jobs.textLength[job] = textLength
    jobs.sequenceHigh[job] = this.sequenceHigh
    return 0
  }

  protected finish(batch: PacketBatch, framing: Framing): void {
    const active = this.#active
    const jobs = currentJobs()
    if (active === undefined || jobs.count === 0) return
    jobs.sequence = this.install.suite.extendedSequence
    active.cipher.seal(jobs)
    if (framing === 'ip' && active.version === 6 && active.udpLength > 0) writeUdpChecksums(batch, jobs)
  }

  /** Where the planned payload ends with its TFC padding: as far as the path and the slot reach. */
  #shape(active: Active, tfc: TfcPadding, batch: PacketBatch, i: number, content: SlotContent): number {
    const { payload, payloadEnd, nextHeader, headerLength } = planned
    const inTransport = active.mode === 'transport'
    // RFC 4303 §2.7: only where the receiver can tell the padding from the payload; what a dummy packet has need not be told.
    if (inTransport && content === 'packet' && ownEnd(batch.arena, nextHeader, payload, payloadEnd) !== payloadEnd) return payloadEnd
    const { cipher, alignment, udpLength } = active
    const around = espHeaderLength + cipher.ivLength + cipher.icvLength
    const inPath = this.pathMtu - headerLength - udpLength - around
    const inSlot = (i + 1) * batch.slotLength - payload - cipher.icvLength
    const most = (Math.min(inPath, inSlot) & -alignment) - espTrailerLength
    // A plain packet has its header outside of the payload in transport mode.
    const before = inTransport ? headerLength : 0
    return payload + shapedLength(tfc, payloadEnd - payload + before, most + before) - before
  }

  #writeEspHeader(cipher: PacketCipher, arena: Uint8Array, header: number): void {
    putU32(arena, header, this.install.spi)
    putU32(arena, header + espSequenceOffset, this.sequenceLow)
    if (cipher.ivSource !== 'counter') return
    // RFC 4106 §3.1, RFC 7634 §2: the IV MUST be unique for the key; the sequence number is.
    putU32(arena, header + espHeaderLength, this.sequenceHigh)
    putU32(arena, header + espHeaderLength + 4, this.sequenceLow)
  }

  /** The outer IP header at `at`, with a UDP header behind it where the SA encapsulates, or naming ESP (RFC 4303 §2); ESP runs from `header` to `end`. */
  #writeOuter(active: Active, arena: Uint8Array, at: number, header: number, end: number, content: SlotContent): void {
    const { headerLength } = planned
    const protocolAt = placeHeader(active, arena, at, this.sequenceLow, content)
    if (active.udpLength > 0) {
      const { local, remote } = this.install
      writeUdpHeader(arena, header - udpHeaderLength, local.port, remote.port, end - header)
    }
    finishHeader(arena, at, headerLength, end, protocolAt, active.udpLength > 0 ? ipProtocol.UDP : ipProtocol.ESP)
  }
}

/** What an SA needs only while packets flow. */
interface Active extends OuterShape {
  readonly cipher: PacketCipher
  readonly alignment: number
  /** 8 where the SA encapsulates in UDP. */
  readonly udpLength: number
}

function activate(install: SaInstall, provider: CryptoProvider): Active | undefined {
  const cipher = provider.packetCipher(install.suite, { encryption: install.encryptionKey, integrity: install.integrityKey })
  if (cipher === undefined) return undefined
  return {
    ...outerShape(install),
    cipher,
    alignment: Math.max(4, cipher.blockLength),
    udpLength: install.encapsulation === 'udp' ? udpHeaderLength : 0,
  }
}

function writeUdpChecksums(batch: PacketBatch, jobs: JobList): void {
  for (let job = 0; job < jobs.count; job++) {
    const at = batch.offset[jobs.packet[job] ?? 0] ?? 0
    writeIpv6UdpChecksum(batch.arena, at, (jobs.header[job] ?? 0) - udpHeaderLength)
  }
}

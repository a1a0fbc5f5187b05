// Sealing: plain IP packets become ESP packets, in place, a burst at a time. RFC 4303 §3.3, RFC 4106, RFC 7634, RFC 3948 §3.2, §3.4.
import { putU32 } from '../bytes/bytes.ts'
import type { SaInstall } from '../contract/install.ts'
import type { PacketBatch } from '../contract/packets.ts'
import type { CryptoProvider, PacketCipher } from '../crypto/provider.ts'
import { addressVersion } from '../net/address.ts'
import { ipv4MinimumHeader } from '../net/ipv4.ts'
import { ipv6HeaderLength } from '../net/ipv6.ts'
import { emptyLayout, type IpLayout, ipPacketLength, readLayout } from '../net/layout.ts'
import { ipProtocol } from '../iana/ip-protocols.ts'
import { udpHeaderLength } from '../net/transport.ts'
import { type JobList, jobsFor } from './cipher-jobs.ts'
import { type LifeState, limitsReached, SaCounters, withinLimits } from './counters.ts'
import { drop, type DropCode } from './drops.ts'
import { espHeaderLength, espSequenceOffset, type Framing } from './framing.ts'
import {
  finishHeader,
  fitsLengthField,
  headerTemplate,
  inheritInner,
  protocolField,
  writeIpv6UdpChecksum,
  writeUdpHeader,
} from './outer.ts'
import type { SequenceNumber } from './replay.ts'
import { paddedLength, writeTrailer } from './trailer.ts'

/** What is in a slot: an IP packet, or any octets to be sent as a dummy packet (RFC 4303 §2.6). */
export type SlotContent = 'packet' | 'dummy'

/** An SA is soft when so many sequence numbers are left: time enough to replace it at millions of packets a second. */
const sequenceReserve = 2 ** 28

export class OutboundSa {
  readonly install: SaInstall
  readonly counters: SaCounters = new SaCounters()
  /** For the host to poll after a burst. */
  state: LifeState = 'fresh'
  /** RFC 4303 §3.3.3: the last sequence number has been used; `state` is `hard`. */
  exhausted = false
  readonly #provider: CryptoProvider
  /** The number of the last packet; 0 before the first (RFC 4303 §3.3.3). */
  #sequenceHigh: number
  #sequenceLow: number
  #active: Active | undefined

  /** `dangerLastSequence` continues after that number. Numbers that the key has been used with must never come again: they are the IV. */
  constructor(install: SaInstall, provider: CryptoProvider, dangerLastSequence: SequenceNumber = { high: 0, low: 0 }) {
    this.install = install
    this.#provider = provider
    this.#sequenceHigh = dangerLastSequence.high
    this.#sequenceLow = dangerLastSequence.low
    if (this.#numbersLeft() <= 0) this.exhausted = true
  }

  /**
   * Seals `count` packets from slot `first` on; slots whose outcome is not 0 are passed over. Offset, length and outcome of the batch
   * say what became of each packet; one that is dropped is left as it was.
   */
  seal(batch: PacketBatch, first: number, count: number, framing: Framing): void {
    this.#seal(batch, first, count, framing, 'packet')
  }

  /** The same with dummy packets, of which the slots hold the payload (RFC 4303 §2.6). */
  sealDummies(batch: PacketBatch, first: number, count: number, framing: Framing): void {
    this.#seal(batch, first, count, framing, 'dummy')
  }

  /** Forgets the cipher; the next burst makes it anew. For SAs that are idle. */
  release(): void {
    this.#active = undefined
  }

  /** The number of the last packet. */
  get lastSequence(): SequenceNumber {
    return { high: this.#sequenceHigh, low: this.#sequenceLow }
  }

  #seal(batch: PacketBatch, first: number, count: number, framing: Framing, content: SlotContent): void {
    this.#active ??= activate(this.install, this.#provider)
    const active = this.#active
    const jobs = jobsFor(batch)
    const end = Math.min(first + count, batch.count)
    for (let i = first; i < end; i++) {
      if (batch.outcome[i] !== 0) continue
      const dropped = active === undefined ? drop['suite-unavailable'] : this.#admit(active, batch, i, framing, content, jobs)
      if (dropped === 0) continue
      batch.outcome[i] = dropped
      this.counters.countDrop(dropped)
    }
    if (active === undefined || jobs.count === 0) return
    jobs.sequence = this.install.suite.extendedSequence
    active.cipher.seal(jobs)
    if (framing === 'ip' && active.version === 6 && active.udpLength > 0) writeUdpChecksums(batch, jobs)
  }

  /** Nothing is written before everything has been checked. */
  #admit(active: Active, batch: PacketBatch, i: number, framing: Framing, content: SlotContent, jobs: JobList): DropCode | 0 {
    const refused = plan(active, batch, i, framing, content)
    if (refused !== 0) return refused
    const { cipher } = active
    const textLength = paddedLength(planned.payloadEnd - planned.payload, active.alignment)
    const front = framing === 'ip' ? planned.headerLength + active.udpLength : 0
    const header = planned.payload - cipher.ivLength - espHeaderLength
    const end = planned.payload + textLength + cipher.icvLength
    if (header - front < i * batch.slotLength || end > (i + 1) * batch.slotLength) return drop['packet-too-long']
    if (!fitsLengthField(active.version, planned.headerLength + active.udpLength, end - header)) return drop['packet-too-long']
    const late = this.#take(textLength)
    if (late !== 0) return late

    const at = header - front
    if (framing === 'ip') this.#writeOuter(active, batch.arena, at, header, end, content)
    writeTrailer(batch.arena, planned.payloadEnd, planned.payload + textLength, planned.nextHeader)
    this.#writeEspHeader(cipher, batch.arena, header)
    batch.offset[i] = at
    batch.length[i] = end - at
    const job = jobs.count++
    jobs.packet[job] = i
    jobs.header[job] = header
    jobs.textLength[job] = textLength
    jobs.sequenceHigh[job] = this.#sequenceHigh
    return 0
  }

  /** Takes the next sequence number for a packet of so many octets, within the limits of the SA. */
  #take(bytes: number): DropCode | 0 {
    const { install, counters } = this
    // RFC 4303 §3.3.3: MUST NOT send a packet if doing so would cause the sequence number to cycle.
    if (this.exhausted) return drop['sequence-exhausted']
    if (this.state === 'hard' || !withinLimits(install.hard, counters, bytes)) {
      this.state = 'hard'
      return drop['limit-reached']
    }
    counters.count(bytes)
    if (this.#sequenceLow === 0xffffffff) {
      this.#sequenceLow = 0
      this.#sequenceHigh++
    } else this.#sequenceLow++
    const left = this.#numbersLeft()
    this.exhausted = left === 0
    if (left === 0 || limitsReached(install.hard, counters)) this.state = 'hard'
    else if (left < sequenceReserve || limitsReached(install.soft, counters)) this.state = 'soft'
    return 0
  }

  /** Exact below 2^53. */
  #numbersLeft(): number {
    const lastHigh = this.install.suite.extendedSequence === 'esn' ? 0xffffffff : 0
    return (lastHigh - this.#sequenceHigh) * 2 ** 32 + (0xffffffff - this.#sequenceLow)
  }

  #writeEspHeader(cipher: PacketCipher, arena: Uint8Array, header: number): void {
    putU32(arena, header, this.install.spi)
    putU32(arena, header + espSequenceOffset, this.#sequenceLow)
    if (cipher.ivSource !== 'counter') return
    // RFC 4106 §3.1, RFC 7634 §2: the IV MUST be unique for the key; the sequence number is.
    putU32(arena, header + espHeaderLength, this.#sequenceHigh)
    putU32(arena, header + espHeaderLength + 4, this.#sequenceLow)
  }

  /** The outer IP header at `at`, with a UDP header behind it where the SA encapsulates; ESP runs from `header` to `end`. */
  #writeOuter(active: Active, arena: Uint8Array, at: number, header: number, end: number, content: SlotContent): void {
    const { headerLength } = planned
    let protocolAt = at + protocolField(active.version)
    if (content === 'packet' && this.install.mode === 'transport') {
      arena.copyWithin(at, layout.start, layout.insertion)
      protocolAt = at + layout.insertionNamedAt - layout.start
    } else {
      arena.set(active.outerHeader, at)
      if (content === 'packet') inheritInner(arena, at, planned.payload, this.#sequenceLow)
    }
    if (active.udpLength > 0) {
      const { local, remote } = this.install
      writeUdpHeader(arena, header - udpHeaderLength, local.port, remote.port, end - header)
    }
    finishHeader(arena, at, headerLength, end, protocolAt, active.udpLength > 0 ? ipProtocol.UDP : ipProtocol.ESP)
  }
}

/** What an SA needs only while packets flow. */
interface Active {
  readonly cipher: PacketCipher
  readonly alignment: number
  readonly mode: SaInstall['mode']
  /** Of the outer addresses. */
  readonly version: 4 | 6
  /** 8 where the SA encapsulates in UDP. */
  readonly udpLength: number
  readonly outerHeader: Uint8Array
}

function activate(install: SaInstall, provider: CryptoProvider): Active | undefined {
  const cipher = provider.packetCipher(install.suite, { encryption: install.encryptionKey, integrity: install.integrityKey })
  if (cipher === undefined) return undefined
  return {
    cipher,
    alignment: Math.max(4, cipher.blockLength),
    mode: install.mode,
    version: addressVersion(install.remote.address),
    udpLength: install.encapsulation === 'udp' ? udpHeaderLength : 0,
    outerHeader: headerTemplate(install.local.address, install.remote.address),
  }
}

/** What becomes of the packet at hand; filled by `plan`, as `layout` is in transport mode, so that the packet path allocates nothing. */
const planned = {
  payload: 0,
  payloadEnd: 0,
  nextHeader: 0,
  /** Of the outer IP header, options and extension headers included. */
  headerLength: 0,
}
const layout: IpLayout = emptyLayout()

function plan(active: Active, batch: PacketBatch, i: number, framing: Framing, content: SlotContent): DropCode | 0 {
  const offset = batch.offset[i] ?? 0
  const length = batch.length[i] ?? 0
  planned.payload = offset
  planned.headerLength = active.outerHeader.length
  if (content === 'dummy') {
    planned.payloadEnd = offset + length
    planned.nextHeader = ipProtocol.NO_NEXT_HEADER
    return 0
  }
  if (active.mode === 'transport') return planTransport(active, batch.arena, offset, length, framing)
  const packetLength = ipPacketLength(batch.arena, offset, length)
  if (packetLength === 0) return drop['malformed-packet']
  planned.payloadEnd = offset + packetLength
  planned.nextHeader = (batch.arena[offset] ?? 0) >>> 4 === 6 ? ipProtocol.IPV6 : ipProtocol.IPV4
  return 0
}

function planTransport(active: Active, arena: Uint8Array, offset: number, length: number, framing: Framing): DropCode | 0 {
  if (!readLayout(arena, offset, length, layout)) return drop['malformed-packet']
  if (layout.version !== active.version) return drop['version-mismatch']
  // RFC 4303 §3.3.4: transport mode is applied only to whole IP datagrams, not to fragments.
  if (layout.fragmentation !== 'whole') return drop.fragment
  planned.headerLength = layout.insertion - layout.start
  // With framing `esp` somebody else makes the IP header: what is in this one beyond the fixed fields must not get lost silently.
  const plainHeader = layout.version === 6 ? ipv6HeaderLength : ipv4MinimumHeader
  if (framing === 'esp' && planned.headerLength !== plainHeader) return drop['header-not-carried']
  planned.payload = layout.insertion
  planned.payloadEnd = layout.end
  planned.nextHeader = arena[layout.insertionNamedAt] ?? 0
  return 0
}

function writeUdpChecksums(batch: PacketBatch, jobs: JobList): void {
  for (let job = 0; job < jobs.count; job++) {
    const at = batch.offset[jobs.packet[job] ?? 0] ?? 0
    writeIpv6UdpChecksum(batch.arena, at, (jobs.header[job] ?? 0) - udpHeaderLength)
  }
}

// Opening: ESP packets become plain IP packets, in place, a burst at a time. RFC 4303 §3.4, RFC 3948 §3.3, §3.5, RFC 4301 §5.2.
import { u16, u32 } from '../bytes/bytes.ts'
import type { SaInstall } from '../contract/install.ts'
import type { PacketBatch } from '../contract/packets.ts'
import type { CryptoProvider, PacketCipher } from '../crypto/provider.ts'
import type { Address, Endpoint } from '../net/address.ts'
import { emptyFlow, type Flow, readFlow } from '../net/flow.ts'
import { emptyLayout, type IpLayout, readLayout } from '../net/layout.ts'
import { ipProtocol } from '../iana/ip-protocols.ts'
import { trafficClass } from '../net/traffic-class.ts'
import { udpField, udpHeaderLength } from '../net/transport.ts'
import { type CompiledSelectors, compileSelectors, matchesFlow } from '../policy/selector-match.ts'
import { originalSum, repairChecksum } from './checksum-repair.ts'
import { type JobList, jobsFor } from './cipher-jobs.ts'
import { type LifeState, limitsReached, SaCounters, withinLimits } from './counters.ts'
import { drop, type DropCode } from './drops.ts'
import { propagateCongestion } from './ecn.ts'
import { espHeaderLength, espSequenceOffset, type Framing } from './framing.ts'
import { finishHeader, fitsLengthField, headerTemplate, protocolField } from './outer.ts'
import { ReplayWindow } from './replay.ts'
import { readTrailer } from './trailer.ts'

/** Where a burst came from and went to, by the IP header that a socket keeps to itself. */
export interface OuterAddresses {
  readonly source: Endpoint
  readonly destination: Endpoint
}

export class InboundSa {
  readonly install: SaInstall
  readonly counters: SaCounters = new SaCounters()
  readonly window: ReplayWindow
  /** For the host to poll after a burst. */
  state: LifeState = 'fresh'
  readonly #provider: CryptoProvider
  #active: Active | undefined

  constructor(install: SaInstall, provider: CryptoProvider, window?: ReplayWindow) {
    this.install = install
    this.#provider = provider
    this.window = window ?? new ReplayWindow(install.replayWindow, install.suite.extendedSequence)
  }

  /**
   * Opens `count` packets from slot `first` on; slots whose outcome is not 0 are passed over. Offset, length and outcome of the batch
   * say what became of each packet: a plain IP packet, or the reason why not. What fails after decryption is overwritten and has length 0.
   *
   * `outer` is read with framing `esp` in transport mode, for the IP header that has to be made; `undefined` stands for the endpoints of
   * the SA. With framing `ip` the packet brings its own. Both bare and UDP-encapsulated ESP are taken (RFC 7296 §2.23).
   */
  open(batch: PacketBatch, first: number, count: number, framing: Framing, outer: OuterAddresses | undefined): void {
    this.#active ??= activate(this.install, this.#provider)
    const active = this.#active
    const jobs = jobsFor(batch)
    const end = Math.min(first + count, batch.count)
    for (let i = first; i < end; i++) {
      if (batch.outcome[i] !== 0) continue
      const dropped = active === undefined ? drop['suite-unavailable'] : this.#admit(active.cipher, batch, i, framing, jobs)
      if (dropped !== 0) this.#drop(batch, i, dropped)
    }
    if (active === undefined || jobs.count === 0) return
    if (framing === 'esp' && this.install.mode === 'transport') {
      const { local, remote } = this.install
      useAddresses(active, outer?.source.address ?? remote.address, outer?.destination.address ?? local.address)
    }
    jobs.sequence = this.install.suite.extendedSequence
    active.cipher.open(jobs)
    for (let job = 0; job < jobs.count; job++) this.#finish(active, batch, framing, jobs, job)
  }

  /** Forgets the cipher; the next burst makes it anew. The replay window stays. For SAs that are idle. */
  release(): void {
    this.#active = undefined
  }

  /** Everything that can be checked before the ICV. */
  #admit(cipher: PacketCipher, batch: PacketBatch, i: number, framing: Framing, jobs: JobList): DropCode | 0 {
    const offset = batch.offset[i] ?? 0
    const refused = findEsp(batch.arena, offset, batch.length[i] ?? 0, framing)
    if (refused !== 0) return refused
    const { header, end } = found
    const textLength = end - header - espHeaderLength - cipher.ivLength - cipher.icvLength
    // RFC 4303 §2.4: text ends on a 4-octet boundary, and on a block of the cipher.
    const alignment = Math.max(4, cipher.blockLength)
    if (textLength < alignment || textLength % alignment !== 0) return drop['malformed-esp']
    if (u32(batch.arena, header) !== this.install.spi) return drop['wrong-spi']
    if (this.state === 'hard') return drop['limit-reached']
    // RFC 4303 §3.4.3: the first check, to reject duplicates quickly; the window does not move before the ICV has been verified.
    const low = u32(batch.arena, header + espSequenceOffset)
    const high = this.window.highOf(low)
    const verdict = this.window.check(high, low)
    if (verdict !== 'fresh') return drop[verdict]
    const job = jobs.count++
    jobs.packet[job] = i
    jobs.header[job] = header
    jobs.textLength[job] = textLength
    jobs.sequenceHigh[job] = high
    jobs.accepted[job] = 0
    jobs.protocolAt[job] = found.protocolAt - offset
    jobs.outerLength[job] = found.outerLength
    return 0
  }

  #finish(active: Active, batch: PacketBatch, framing: Framing, jobs: JobList, job: number): void {
    const i = jobs.packet[job] ?? 0
    const text = (jobs.header[job] ?? 0) + espHeaderLength + active.cipher.ivLength
    const textLength = jobs.textLength[job] ?? 0
    const dropped =
      jobs.accepted[job] === 1 ? this.#release(active, batch, framing, jobs, job, text, textLength) : drop['integrity-check-failed']
    if (dropped === 0) return
    // Nothing that has failed a check is released: neither what the ICV did not vouch for nor what the SA is not for.
    batch.arena.fill(0, text, text + textLength)
    batch.length[i] = 0
    this.#drop(batch, i, dropped)
  }

  #release(
    active: Active,
    batch: PacketBatch,
    framing: Framing,
    jobs: JobList,
    job: number,
    text: number,
    textLength: number,
  ): DropCode | 0 {
    const { arena } = batch
    const verdict = this.window.accept(jobs.sequenceHigh[job] ?? 0, u32(arena, (jobs.header[job] ?? 0) + espSequenceOffset))
    if (verdict !== 'fresh') return drop[verdict]
    if (!this.#countPacket(textLength)) return drop['limit-reached']

    const nextHeader = arena[text + textLength - 1] ?? 0
    // RFC 4303 §2.6: a dummy need not be well-formed; it is discarded without prejudice.
    if (nextHeader === ipProtocol.NO_NEXT_HEADER) return drop['dummy-packet']
    const payloadEnd = readTrailer(arena, text, text + textLength)
    if (payloadEnd < 0) return drop['bad-padding']
    const refused =
      this.install.mode === 'tunnel'
        ? releaseInner(batch, framing, jobs, job, text, payloadEnd, nextHeader)
        : releaseTransport(active, batch, framing, jobs, job, text, payloadEnd, nextHeader)
    if (refused !== 0) return refused
    // RFC 4301 §5.2 step 5: a packet that is not consistent with the selectors of the SA MUST be discarded.
    if (!matchesFlow(active.localSelectors, active.remoteSelectors, 'in', arena, flow)) return drop['selector-mismatch']
    return 0
  }

  #countPacket(bytes: number): boolean {
    const { install, counters } = this
    if (!withinLimits(install.hard, counters, bytes)) {
      this.state = 'hard'
      return false
    }
    counters.count(bytes)
    if (limitsReached(install.hard, counters)) this.state = 'hard'
    else if (limitsReached(install.soft, counters)) this.state = 'soft'
    return true
  }

  #drop(batch: PacketBatch, i: number, code: DropCode): void {
    batch.outcome[i] = code
    this.counters.countDrop(code)
  }
}

/** What an SA needs only while packets flow. */
interface Active {
  readonly cipher: PacketCipher
  readonly localSelectors: CompiledSelectors
  readonly remoteSelectors: CompiledSelectors
  /** Sum of the addresses before the NAT; `undefined` where none is between. Of use in transport mode. */
  readonly originalSum: number | undefined
  /** The header for transport mode with framing `esp`, and the addresses in it. */
  header: Uint8Array
  source: Address | undefined
  destination: Address | undefined
}

function activate(install: SaInstall, provider: CryptoProvider): Active | undefined {
  const cipher = provider.packetCipher(install.suite, { encryption: install.encryptionKey, integrity: install.integrityKey })
  if (cipher === undefined) return undefined
  return {
    cipher,
    localSelectors: compileSelectors(install.localSelectors),
    remoteSelectors: compileSelectors(install.remoteSelectors),
    originalSum: install.original === undefined ? undefined : originalSum(install.original),
    header: new Uint8Array(0),
    source: undefined,
    destination: undefined,
  }
}

/** The addresses seldom change from burst to burst: then nothing is to be done. */
function useAddresses(active: Active, source: Address, destination: Address): void {
  if (active.source === source && active.destination === destination) return
  active.header = headerTemplate(source, destination)
  active.source = source
  active.destination = destination
}

/** Filled by `findEsp` and by the two releases, so that the packet path allocates nothing. */
const found = {
  /** From the SPI to the end of the ICV. */
  header: 0,
  end: 0,
  /** Octets of the outer IP header with its extension headers; 0 with framing `esp`. */
  outerLength: 0,
  /** The octet of the outer header that names ESP or UDP. */
  protocolAt: 0,
}
const layout: IpLayout = emptyLayout()
const flow: Flow = emptyFlow()

function findEsp(arena: Uint8Array, offset: number, length: number, framing: Framing): DropCode | 0 {
  found.header = offset
  found.end = offset + length
  found.outerLength = 0
  found.protocolAt = offset
  if (framing === 'esp') return 0
  if (!readLayout(arena, offset, length, layout)) return drop['malformed-packet']
  // RFC 4303 §3.4.1: what appears to be a fragment MUST be discarded; reassembly comes before ESP.
  if (layout.fragmentation !== 'whole') return drop.fragment
  found.header = layout.upper
  found.end = layout.end
  found.outerLength = layout.upper - offset
  found.protocolAt = layout.upperNamedAt
  if (layout.protocol === ipProtocol.ESP) return 0
  if (layout.protocol !== ipProtocol.UDP || layout.end - layout.upper < udpHeaderLength) return drop['not-esp']
  // RFC 3948 §3.3: the UDP header is removed. Its checksum needs no look: receivers MUST NOT depend on it (§2.1), and the ICV says more.
  const udpLength = u16(arena, layout.upper + udpField.length)
  if (udpLength < udpHeaderLength || udpLength > layout.end - layout.upper) return drop['malformed-packet']
  found.header = layout.upper + udpHeaderLength
  found.end = layout.upper + udpLength
  return 0
}

/** Tunnel mode: the packet inside is the packet. RFC 4303 §3.4.4.1 step 5; TFC padding behind it falls away by its own length. */
function releaseInner(
  batch: PacketBatch,
  framing: Framing,
  jobs: JobList,
  job: number,
  text: number,
  payloadEnd: number,
  nextHeader: number,
): DropCode | 0 {
  const { arena } = batch
  const i = jobs.packet[job] ?? 0
  if (!readFlow(arena, text, payloadEnd - text, flow)) return drop['malformed-inner-packet']
  if (nextHeader !== (flow.version === 4 ? ipProtocol.IPV4 : ipProtocol.IPV6)) return drop['malformed-inner-packet']
  if (framing === 'ip') propagateCongestion(arena, text, trafficClass(arena, batch.offset[i] ?? 0))
  batch.offset[i] = text
  batch.length[i] = flow.end - text
  return 0
}

/** Transport mode: the outer header, or one made for the purpose, goes directly before the payload. RFC 3948 §3.3. */
function releaseTransport(
  active: Active,
  batch: PacketBatch,
  framing: Framing,
  jobs: JobList,
  job: number,
  text: number,
  payloadEnd: number,
  nextHeader: number,
): DropCode | 0 {
  const { arena } = batch
  const i = jobs.packet[job] ?? 0
  const start = batch.offset[i] ?? 0
  const version = ((framing === 'ip' ? arena[start] : active.header[0]) ?? 0) >>> 4
  const headerLength = framing === 'ip' ? (jobs.outerLength[job] ?? 0) : active.header.length
  const at = text - headerLength
  if (at < i * batch.slotLength || !fitsLengthField(version, headerLength, payloadEnd - text)) return drop['packet-too-long']
  const protocolAt = at + (framing === 'ip' ? (jobs.protocolAt[job] ?? 0) : protocolField(version))
  if (framing === 'ip') arena.copyWithin(at, start, start + headerLength)
  else arena.set(active.header, at)
  finishHeader(arena, at, headerLength, payloadEnd, protocolAt, nextHeader)
  if (!readFlow(arena, at, payloadEnd - at, flow)) return drop['malformed-inner-packet']
  // RFC 4303 §3.3.4: only whole packets are sealed in transport mode.
  if (flow.fragmentation !== 'whole') return drop.fragment
  if (active.originalSum !== undefined) repairChecksum(arena, flow, active.originalSum)
  batch.offset[i] = at
  batch.length[i] = payloadEnd - at
  return 0
}

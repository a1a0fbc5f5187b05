// Opening ESP. RFC 4303 §3.4, RFC 3948 §3.3, §3.5.
import { u32 } from '../../bytes/bytes.ts'
import type { SaInstall } from '../../contract/install.ts'
import type { PacketBatch } from '../../contract/packets.ts'
import type { CryptoProvider, PacketCipher } from '../../crypto/provider.ts'
import { ipProtocol } from '../../iana/ip-protocols.ts'
import type { Address } from '../../net/address.ts'
import { currentJobs, type JobList, jobsFor } from '../cipher-jobs.ts'
import { drop, type DropCode } from '../drops.ts'
import { espHeaderLength, espSequenceOffset, type Framing } from '../framing.ts'
import { InboundSa, type OuterAddresses } from '../inbound.ts'
import { checkSelectors, type InnerShape, innerShape, releaseInner, releaseTransport } from '../opened.ts'
import { headerTemplate, protocolField } from '../outer.ts'
import { readTrailer } from '../trailer.ts'
import { findEsp, found } from './find.ts'
import { ownEnd } from './tfc.ts'

export class EspInboundSa extends InboundSa {
  #active: Active | undefined

  release(): void {
    this.#active = undefined
  }

  protected begin(batch: PacketBatch): DropCode | 0 {
    this.#active ??= activate(this.install, this.provider)
    jobsFor(batch)
    return this.#active === undefined ? drop['suite-unavailable'] : 0
  }

  protected admit(batch: PacketBatch, i: number, framing: Framing): DropCode | 0 {
    const cipher = this.#active?.cipher
    if (cipher === undefined) return drop['suite-unavailable']
    const offset = batch.offset[i] ?? 0
    const refused = findEsp(batch.arena, offset, batch.length[i] ?? 0, framing)
    if (refused !== 0) return refused
    const { header, end } = found
    const textLength = end - header - espHeaderLength - cipher.ivLength - cipher.icvLength
    // RFC 4303 §2.4: text ends on a 4-octet boundary, and on a block of the cipher.
    const alignment = Math.max(4, cipher.blockLength)
    if (textLength < alignment || textLength % alignment !== 0) return drop['malformed-esp']
    if (u32(batch.arena, header) !== this.install.spi) return drop['wrong-spi']
    const low = u32(batch.arena, header + espSequenceOffset)
    const high = this.window.highOf(low)
    const late = this.screen(high, low)
    if (late !== 0) return late
    const jobs = currentJobs()
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

  protected finish(batch: PacketBatch, framing: Framing, outer: OuterAddresses | undefined): void {
    const active = this.#active
    const jobs = currentJobs()
    if (active === undefined || jobs.count === 0) return
    if (framing === 'esp' && this.install.mode === 'transport') {
      const { local, remote, original } = this.install
      // Whom a NAT shows at another address now is, for the selectors and for us, who was there when they were agreed on (RFC 7296 §2.23.1).
      const seen = original === undefined ? outer : undefined
      useAddresses(active, seen?.source.address ?? remote.address, seen?.destination.address ?? local.address)
    }
    jobs.sequence = this.install.suite.extendedSequence
    active.cipher.open(jobs)
    for (let job = 0; job < jobs.count; job++) this.#conclude(active, batch, framing, jobs, job)
  }

  #conclude(active: Active, batch: PacketBatch, framing: Framing, jobs: JobList, job: number): void {
    const text = (jobs.header[job] ?? 0) + espHeaderLength + active.cipher.ivLength
    const textEnd = text + (jobs.textLength[job] ?? 0)
    const dropped =
      jobs.accepted[job] === 1 ? this.#release(active, batch, framing, jobs, job, text, textEnd) : drop['integrity-check-failed']
    if (dropped === 0) return
    if (dropped === drop['integrity-check-failed'])
      this.window.claimForged(jobs.sequenceHigh[job] ?? 0, u32(batch.arena, (jobs.header[job] ?? 0) + espSequenceOffset))
    // Nothing that has failed a check is released: neither what the ICV did not vouch for nor what the SA is not for.
    batch.arena.fill(0, text, textEnd)
    const i = jobs.packet[job] ?? 0
    batch.length[i] = 0
    this.drop(batch, i, dropped)
  }

  #release(active: Active, batch: PacketBatch, framing: Framing, jobs: JobList, job: number, text: number, textEnd: number): DropCode | 0 {
    const { arena } = batch
    const late = this.accept(jobs.sequenceHigh[job] ?? 0, u32(arena, (jobs.header[job] ?? 0) + espSequenceOffset), textEnd - text)
    if (late !== 0) return late

    const nextHeader = arena[textEnd - 1] ?? 0
    // RFC 4303 §2.6: a dummy need not be well-formed; it is discarded without prejudice.
    if (nextHeader === ipProtocol.NO_NEXT_HEADER) return drop['dummy-packet']
    const trailer = readTrailer(arena, text, textEnd)
    if (trailer < 0) return drop['bad-padding']
    // RFC 4303 §2.7: what is behind the payload by its own length is TFC padding, and goes. Tunnel mode does so by the packet inside.
    const shorter = this.install.mode === 'transport' ? ownEnd(arena, nextHeader, text, trailer) : -1
    const payloadEnd = shorter < 0 ? trailer : shorter
    const i = jobs.packet[job] ?? 0
    const refused =
      this.install.mode === 'tunnel'
        ? releaseInner(active, this.counters, batch, i, framing, text, payloadEnd, nextHeader)
        : framing === 'ip'
          ? releaseTransport(
              active,
              batch,
              i,
              arena,
              batch.offset[i] ?? 0,
              jobs.outerLength[job] ?? 0,
              jobs.protocolAt[job] ?? 0,
              text,
              payloadEnd,
              nextHeader,
            )
          : releaseTransport(active, batch, i, active.header, 0, active.header.length, active.namedAt, text, payloadEnd, nextHeader)
    return refused === 0 ? checkSelectors(active, arena) : refused
  }
}

/** What an SA needs only while packets flow. */
interface Active extends InnerShape {
  readonly cipher: PacketCipher
  /** The header for transport mode with framing `esp`, where it names its payload, and the addresses in it. */
  header: Uint8Array
  namedAt: number
  source: Address | undefined
  destination: Address | undefined
}

function activate(install: SaInstall, provider: CryptoProvider): Active | undefined {
  const cipher = provider.packetCipher(install.suite, { encryption: install.encryptionKey, integrity: install.integrityKey })
  if (cipher === undefined) return undefined
  return { ...innerShape(install), cipher, header: new Uint8Array(0), namedAt: 0, source: undefined, destination: undefined }
}

/** The addresses seldom change from burst to burst: then nothing is to be done. */
function useAddresses(active: Active, source: Address, destination: Address): void {
  if (active.source === source && active.destination === destination) return
  active.header = headerTemplate(source, destination)
  active.namedAt = protocolField((active.header[0] ?? 0) >>> 4)
  active.source = source
  active.destination = destination
}

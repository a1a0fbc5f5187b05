// Bare ESP and AH on Linux, whole IP packets both ways. Out: raw(7) sockets that take our IP header as it is. In: packet(7) sockets, which see
// what the network card saw, header, extension headers and fragments included, before the kernel or its firewall has looked at it; ICMP errors about
// what went out come the same way.
import type { Datagram, TooBig, Undelivered } from '../../contract/machine.ts'
import { ipProtocol } from '../../iana/ip-protocols.ts'
import { u16 } from '../../bytes/bytes.ts'
import { type Address, addressVersion, type Endpoint } from '../../net/address.ts'
import { onesSum } from '../../net/checksum.ts'
import { ipv4DontFragment, ipv4Field } from '../../net/ipv4.ts'
import { isSkippedExtension } from '../../net/ipv6.ts'
import { fragmentPacket } from '../../net/fragment.ts'
import { readIcmpReport } from '../../net/icmp-report.ts'
import { Identifications } from '../../net/identification.ts'
import { destinationAddress, emptyLayout, type IpLayout, readLayout, sourceAddress } from '../../net/layout.ts'
import type { SendFailure } from '../sockets.ts'
import { type Libc, linux, loadLibc, type Watch } from './libc.ts'
import { ipsecInIpv4, ipsecInIpv6, nothingPasses } from './packet-filter.ts'
import { routeMtu } from './route-mtu.ts'
import { packetSocketAddress, socketAddress } from './socket-address.ts'
import { RawPathUnavailable } from './unavailable.ts'

export interface RawPathOptions {
  /** Ours: what is for other addresses is not taken. */
  readonly local: readonly Address[]
  /** On channel `ip`; the ports are 0. */
  readonly onDatagram: (datagram: Datagram) => void
  readonly onSendFailure: (failure: SendFailure) => void
  /**
   * The route takes shorter packets only: the packet has gone in fragments, where it may be fragmented. Or the network says of a packet of ESP or AH
   * that it was too long, or did not arrive (ICMP). Anybody can say so: only the checksum has been looked at.
   */
  readonly onPathChange?: (change: TooBig | Undelivered) => void
}

export interface RawPath {
  /** A datagram of channel `ip`. It goes where its own header says. */
  send(datagram: Datagram): void
  /** At once; nothing is left of it. */
  close(): void
}

/** For `RuntimeOptions.bare`. Throws RawPathUnavailable, and has opened nothing then. */
export async function openRawPath(options: RawPathOptions): Promise<RawPath> {
  return rawPathOver(await loadLibc(), options)
}

/** The same with these system calls. */
export function rawPathOver(libc: Libc, options: RawPathOptions): RawPath {
  const path = new LinuxRawPath(libc, options)
  try {
    path.open()
  } catch (error) {
    path.close()
    throw error
  }
  return path
}

const longestPacket = 0xffff + 40
/** Packets of one socket between two turns of the event loop. */
const burst = 64
/** Octets that the kernel may keep for us meanwhile. */
const receiveBuffer = 4 * 1024 * 1024
const versions = [
  { version: 4, family: linux.AF_INET, etherType: 0x0800, filter: ipsecInIpv4 },
  { version: 6, family: linux.AF_INET6, etherType: 0x86dd, filter: ipsecInIpv6 },
] as const

class LinuxRawPath implements RawPath {
  readonly #libc: Libc
  readonly #options: RawPathOptions
  readonly #local: ReadonlyMap<Address, Endpoint>
  readonly #descriptors: number[] = []
  readonly #watches: Watch[] = []
  readonly #outlets = new Map<number, number>()
  readonly #buffer = new Uint8Array(longestPacket)
  readonly #identifications = new Identifications(1)
  /** RFC 8200 §4.5: other for each packet that is sent in fragments. */
  #next = 1

  constructor(libc: Libc, options: RawPathOptions) {
    this.#libc = libc
    this.#options = options
    this.#local = new Map(options.local.map((address) => [address, { address, port: 0 }]))
  }

  open(): void {
    for (const { version, family, etherType, filter } of versions) {
      const addresses = [...this.#local.keys()].filter((address) => addressVersion(address) === version)
      if (addresses.length === 0) continue
      this.#silence(family, ipProtocol.ESP)
      this.#silence(family, ipProtocol.AH)
      this.#openInlet(etherType, filter(addresses))
      this.#outlets.set(version, this.#openOutlet(family))
    }
  }

  send(datagram: Datagram): void {
    const { bytes } = datagram
    const version = (bytes[0] ?? 0) >>> 4
    const outlet = this.#outlets.get(version)
    const address = socketAddress(bytes)
    if (outlet === undefined || address === undefined) return this.#options.onSendFailure({ code: 'NO_RAW_SOCKET', datagram })
    if (version === 4 && !this.#isNumbered(bytes)) return this.#options.onSendFailure({ code: 'NO_IDENTIFICATION', datagram })
    const sent = this.#libc.sendTo(outlet, bytes, address)
    if (sent >= 0) return
    const code = this.#libc.errorName(sent)
    if (code === 'EMSGSIZE') this.#sendInFragments(datagram, outlet, address)
    else this.#options.onSendFailure({ code, datagram })
  }

  /**
   * raw(7): an Identification of zero is filled in by the kernel, save where DF is set. So whole ESP packets are numbered here; fragments, which
   * have to have the same, and AH, which protects it (RFC 4302 §3.3.3.1.1), bring their own.
   */
  #isNumbered(bytes: Uint8Array): boolean {
    const flags = u16(bytes, ipv4Field.flagsAndFragment)
    if (u16(bytes, ipv4Field.identification) !== 0 || (flags & ipv4DontFragment) !== 0) return true
    if (bytes[ipv4Field.protocol] === ipProtocol.AH || flags !== 0) return false
    this.#identifications.number(bytes)
    return true
  }

  /** The kernel does not fragment what it is given with its header. RFC 4303 §3.3.4: IP does, once ESP has been applied. */
  #sendInFragments(datagram: Datagram, outlet: number, address: Uint8Array): void {
    const { bytes } = datagram
    const mtu = routeMtu(this.#libc, address)
    const cut = fragmentPacket(bytes, mtu, this.#next++ >>> 0)
    const sent = cut.kind === 'fragments' && cut.fragments.every((fragment) => this.#libc.sendTo(outlet, fragment, address) >= 0)
    if (!sent) this.#options.onSendFailure({ code: 'EMSGSIZE', datagram })
    if (mtu > 0) this.#options.onPathChange?.({ kind: 'too-big', mtu, quoted: bytes })
  }

  close(): void {
    for (const watch of this.#watches.splice(0)) watch.close()
    for (const descriptor of this.#descriptors.splice(0)) this.#libc.close(descriptor)
    this.#outlets.clear()
  }

  /**
   * The kernel answers packets of a protocol that nobody listens for: ICMP protocol unreachable, or a Parameter Problem in ICMPv6. So
   * somebody listens, and hears nothing.
   */
  #silence(family: number, protocol: number): void {
    const descriptor = this.#socket(family, linux.SOCK_RAW, protocol)
    this.#must(this.#libc.attachFilter(descriptor, nothingPasses()))
  }

  #openInlet(etherType: number, filter: Parameters<Libc['attachFilter']>[1]): void {
    // With protocol 0 it hears nothing yet: the filter is there before the first packet is.
    const descriptor = this.#socket(linux.AF_PACKET, linux.SOCK_DGRAM, 0)
    this.#must(this.#libc.attachFilter(descriptor, filter))
    const roomy = this.#libc.setNumber(descriptor, linux.SOL_SOCKET, linux.SO_RCVBUFFORCE, receiveBuffer)
    if (roomy < 0) this.#libc.setNumber(descriptor, linux.SOL_SOCKET, linux.SO_RCVBUF, receiveBuffer)
    this.#must(this.#libc.bind(descriptor, packetSocketAddress(etherType)))
    this.#watches.push(this.#libc.watch(descriptor, () => this.#read(descriptor)))
  }

  #openOutlet(family: number): number {
    const descriptor = this.#socket(family, linux.SOCK_RAW, linux.IPPROTO_RAW)
    // Else a firewall of ours that tracks connections puts fragments together before they leave.
    if (family === linux.AF_INET) this.#libc.setNumber(descriptor, linux.SOL_IP, linux.IP_NODEFRAG, 1)
    return descriptor
  }

  #read(descriptor: number): void {
    for (let i = 0; i < burst; i++) {
      const length = this.#libc.receive(descriptor, this.#buffer)
      // Nothing more, for now.
      if (length < 0) return
      this.#accept(length)
      if (this.#watches.length === 0) return
    }
  }

  #accept(length: number): void {
    if (!readLayout(this.#buffer, 0, length, layout) || !isIntact(this.#buffer, layout)) return
    const source = sourceAddress(this.#buffer, layout)
    const destination = destinationAddress(this.#buffer, layout)
    const local = destination === undefined ? undefined : this.#local.get(destination)
    if (source === undefined || local === undefined) return
    const isReport = layout.protocol === (layout.version === 4 ? ipProtocol.ICMP : ipProtocol.ICMPV6)
    if (!isReport && !isIpsec(layout)) return
    // Without what Ethernet puts behind short packets.
    const bytes = this.#buffer.slice(0, layout.end)
    if (!isReport) return this.#options.onDatagram({ channel: 'ip', local, remote: { address: source, port: 0 }, bytes })
    const change = readIcmpReport(bytes)
    if (change !== undefined) this.#options.onPathChange?.(change)
  }

  #socket(family: number, type: number, protocol: number): number {
    const descriptor = this.#must(this.#libc.socket(family, type, protocol))
    this.#descriptors.push(descriptor)
    return descriptor
  }

  #must(result: number): number {
    if (result >= 0) return result
    const code = this.#libc.errorName(result)
    throw new RawPathUnavailable(code === 'EPERM' || code === 'EACCES' ? 'not-permitted' : 'refused', code)
  }
}

/** Filled anew for each packet. */
const layout: IpLayout = emptyLayout()

/** Of a later fragment only the first header is known, which may be an extension header. */
function isIpsec({ protocol, fragmentation }: IpLayout): boolean {
  return protocol === ipProtocol.ESP || protocol === ipProtocol.AH || (fragmentation === 'later' && isSkippedExtension(protocol))
}

/** RFC 1122 §3.2.1.2: a host MUST verify the IP header checksum and silently discard what fails; the kernel does so behind us. */
const isIntact = (bytes: Uint8Array, { version, insertion }: IpLayout): boolean =>
  version === 6 || onesSum(bytes, 0, insertion, 0) === 0xffff

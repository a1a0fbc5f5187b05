// The least TCP (RFC 9293) that can carry data to and from a real one: segments in order only, a fixed window, go-back-N with a fixed
// timeout, no options. It is for tests of what is under it: every checksum is verified and every wrong one counted.
import { concat } from '../../../src/bytes/bytes.ts'
import { u16, u32 } from '../../../src/bytes/bytes.ts'
import type { Endpoint } from '../../../src/net/address.ts'
import { ipPacket, tcpSegment, upperChecksum } from '../../../src/net/build.ts'
import { destinationAddress, emptyLayout, readLayout, sourceAddress } from '../../../src/net/layout.ts'
import { ipProtocol } from '../../../src/iana/ip-protocols.ts'
import { tcpField } from '../../../src/net/transport.ts'

export interface TinyTcpOptions {
  /** Sends an IP packet. */
  readonly transmit: (packet: Uint8Array) => void
  /** For initial sequence numbers: 32 bits. */
  readonly random: () => number
}

const flag = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16 } as const
const segmentSize = 1200
const segmentsInFlight = 12
const retransmitAfter = 300
const attempts = 20

export class TinyTcp {
  /** Segments that were dropped because their checksum was wrong. */
  badChecksums = 0
  readonly #options: TinyTcpOptions
  readonly #connections = new Map<string, TcpConnection>()
  readonly #listeners = new Map<number, (connection: TcpConnection) => void>()

  constructor(options: TinyTcpOptions) {
    this.#options = options
  }

  /** Calls back with each connection to a port of ours, before its first data. */
  listen(port: number, accept: (connection: TcpConnection) => void): void {
    this.#listeners.set(port, accept)
  }

  connect(local: Endpoint, remote: Endpoint): TcpConnection {
    const connection = this.#open(local, remote)
    connection.begin()
    return connection
  }

  /** Takes an IP packet; false when it is not TCP for us. */
  receive(packet: Uint8Array): boolean {
    const layout = emptyLayout()
    if (!readLayout(packet, 0, packet.length, layout) || layout.protocol !== ipProtocol.TCP) return false
    const source = sourceAddress(packet, layout)
    const destination = destinationAddress(packet, layout)
    if (source === undefined || destination === undefined) return false
    const octets = packet.slice(layout.upper, layout.end)
    // Over a segment with its checksum in place the sum comes out as zero.
    if (upperChecksum(source, destination, ipProtocol.TCP, octets) !== 0) {
      this.badChecksums++
      return true
    }
    const segment = decodeSegment(octets)
    const remote = { address: source, port: segment.sourcePort }
    const local = { address: destination, port: segment.destinationPort }
    const known = this.#connections.get(keyOf(local, remote))
    if (known !== undefined) known.receive(segment)
    else if ((segment.flags & flag.syn) !== 0) this.#accept(local, remote, segment)
    return true
  }

  #accept(local: Endpoint, remote: Endpoint, segment: Segment): void {
    const accept = this.#listeners.get(local.port)
    if (accept === undefined) return
    const connection = this.#open(local, remote)
    accept(connection)
    connection.receive(segment)
    connection.begin()
  }

  #open(local: Endpoint, remote: Endpoint): TcpConnection {
    const key = keyOf(local, remote)
    const connection = new TcpConnection(local, remote, this.#options, () => this.#connections.delete(key))
    this.#connections.set(key, connection)
    return connection
  }
}

export class TcpConnection {
  /** Called with each piece of the peer's data, in order. */
  onData: (data: Uint8Array) => void = () => {}
  /** Called when the peer has nothing more to say. */
  onEnd: () => void = () => {}
  /** Called once both sides have said everything, or with what went wrong. */
  onClose: (fault: string | undefined) => void = () => {}

  readonly #local: Endpoint
  readonly #remote: Endpoint
  readonly #options: TinyTcpOptions
  readonly #forget: () => void
  /** All that we ever want to send. Its octet i has the sequence number #initial + 1 + i; SYN is before, FIN behind it. */
  #data: Uint8Array = new Uint8Array(0)
  #ending = false
  #begun = false
  readonly #initial: number
  /** How many sequence numbers of ours, SYN and FIN among them, the peer has acknowledged; how many are sent. */
  #acknowledged = 0
  #sent = 0
  /** The next sequence number of the peer; `undefined` until its SYN is here. */
  #expected: number | undefined
  #peerEnded = false
  #closed = false
  #timer: ReturnType<typeof setTimeout> | undefined
  #attempt = 0

  constructor(local: Endpoint, remote: Endpoint, options: TinyTcpOptions, forget: () => void) {
    this.#local = local
    this.#remote = remote
    this.#options = options
    this.#forget = forget
    this.#initial = options.random() >>> 0
  }

  begin(): void {
    this.#begun = true
    this.#push()
  }

  send(data: Uint8Array): void {
    this.#data = concat(this.#data, data)
    this.#push()
  }

  /** After all that was sent, says that nothing more comes. */
  end(): void {
    this.#ending = true
    this.#push()
  }

  receive(segment: Segment): void {
    if (this.#closed) return
    if ((segment.flags & flag.rst) !== 0) {
      this.#close('reset by the peer')
      return
    }
    if ((segment.flags & flag.syn) !== 0 && this.#expected === undefined) this.#expected = (segment.sequence + 1) >>> 0
    if ((segment.flags & flag.ack) !== 0) this.#takeAcknowledgement(segment.acknowledgement)
    this.#takeData(segment)
    this.#push()
    if (this.#peerEnded && this.#ending && this.#acknowledged === this.#total()) this.#close(undefined)
  }

  #takeAcknowledgement(acknowledgement: number): void {
    const count = (acknowledgement - this.#initial) >>> 0
    if (count <= this.#acknowledged || count > this.#sent) return
    this.#acknowledged = count
    this.#attempt = 0
    this.#disarm()
  }

  #takeData(segment: Segment): void {
    if (this.#expected === undefined) return
    const occupies = segment.data.length + ((segment.flags & flag.fin) !== 0 ? 1 : 0)
    if (occupies === 0 && (segment.flags & flag.syn) === 0) return
    if (segment.sequence === this.#expected && !this.#peerEnded) {
      this.#expected = (this.#expected + occupies) >>> 0
      this.#peerEnded = (segment.flags & flag.fin) !== 0
      if (segment.data.length > 0) this.onData(segment.data)
      if (this.#peerEnded) this.onEnd()
    }
    // Also for what is out of order: it tells the peer what is missing.
    this.#transmit(this.#sent, new Uint8Array(0), flag.ack)
  }

  /** SYN, data, and FIN if there will be one. */
  #total(): number {
    return 1 + this.#data.length + (this.#ending ? 1 : 0)
  }

  /** Sends what may be sent. */
  #push(): void {
    if (!this.#begun || this.#closed) return
    const limit = this.#acknowledged + segmentsInFlight * segmentSize
    if (this.#sent === 0) {
      this.#transmit(0, new Uint8Array(0), this.#expected === undefined ? flag.syn : flag.syn | flag.ack)
      this.#sent = 1
    }
    // RFC 9293 §3.10.7.3: nothing but the SYN before the peer has acknowledged it.
    while (this.#acknowledged > 0 && this.#sent < this.#total() && this.#sent < limit) {
      const data = this.#data.subarray(this.#sent - 1, this.#sent - 1 + segmentSize)
      const last = this.#ending && this.#sent - 1 + data.length === this.#data.length
      this.#transmit(this.#sent, data, flag.ack | (data.length > 0 ? flag.psh : 0) | (last ? flag.fin : 0))
      this.#sent += data.length + (last ? 1 : 0)
    }
    if (this.#sent > this.#acknowledged) this.#arm()
  }

  #arm(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      this.#attempt++
      if (this.#attempt > attempts) {
        this.#close('the peer acknowledges nothing')
        return
      }
      // Go back to the first octet without acknowledgement.
      this.#sent = this.#acknowledged
      this.#push()
    }, retransmitAfter)
  }

  #disarm(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #close(fault: string | undefined): void {
    this.#closed = true
    this.#disarm()
    // Forgotten a little later, so that the peer's last retransmissions find us silent and not a stranger.
    setTimeout(this.#forget, 1000).unref()
    this.onClose(fault)
  }

  #transmit(count: number, payload: Uint8Array, flags: number): void {
    const segment = tcpSegment({
      source: this.#local,
      destination: this.#remote,
      payload,
      sequence: (this.#initial + count) >>> 0,
      acknowledgement: this.#expected ?? 0,
      flags,
      window: 0xffff,
    })
    this.#options.transmit(ipPacket(this.#local.address, this.#remote.address, ipProtocol.TCP, segment))
  }
}

interface Segment {
  readonly sourcePort: number
  readonly destinationPort: number
  readonly sequence: number
  readonly acknowledgement: number
  readonly flags: number
  readonly data: Uint8Array
}

function decodeSegment(octets: Uint8Array): Segment {
  return {
    sourcePort: u16(octets, tcpField.sourcePort),
    destinationPort: u16(octets, tcpField.destinationPort),
    sequence: u32(octets, tcpField.sequence),
    acknowledgement: u32(octets, tcpField.acknowledgement),
    flags: octets[tcpField.flags] ?? 0,
    data: octets.subarray(((octets[tcpField.dataOffset] ?? 0) >>> 4) * 4),
  }
}

const keyOf = (local: Endpoint, remote: Endpoint): string => `${local.address} ${local.port} ${remote.address} ${remote.port}`

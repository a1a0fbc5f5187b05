// A network address and port translator: what its mappings depend on, how long they last, and its losing them. RFC 4787 §4, §5.
import { carriesIke, type Datagram } from '../contract/machine.ts'
import { type Instant, type Milliseconds, later } from '../contract/units.ts'
import { type Address, type Endpoint, formatEndpoint } from '../net/address.ts'
import { type Stream, stream } from './random.ts'

export interface NatOptions {
  readonly name: string
  readonly outside: Address
  /** What a mapping, and the filter in front of it, depend on beside the inside endpoint (RFC 4787 §4.1, §5). */
  readonly mapping: 'endpoint-independent' | 'address-dependent' | 'address-and-port-dependent'
  /** After so long without a packet from inside a mapping is forgotten (RFC 4787 §4.3); `undefined`: never. */
  readonly timeout: Milliseconds | undefined
  /** An inside host that gets whatever else comes from outside, on the same port. */
  readonly exposed: Address | undefined
  readonly seed: number
}

interface Mapping {
  readonly inside: Endpoint
  readonly port: number
  readonly key: string
  expires: Instant | undefined
}

export class Nat {
  readonly name: string
  readonly outside: Address
  readonly #options: NatOptions
  readonly #ports: Stream
  readonly #byKey = new Map<string, Mapping>()
  readonly #byPort = new Map<number, Mapping>()

  constructor(options: NatOptions) {
    this.name = options.name
    this.outside = options.outside
    this.#options = options
    this.#ports = stream(options.seed, 'nat', options.name)
  }

  /** From inside to outside. Bare ESP and AH have no ports to tell flows apart by: they do not get through. */
  outbound(now: Instant, datagram: Datagram): Datagram | undefined {
    if (!carriesIke(datagram.channel)) return undefined
    const { timeout } = this.#options
    const mapping = this.#mappingFor(now, datagram.local, datagram.remote)
    mapping.expires = timeout === undefined ? undefined : later(now, timeout)
    return { ...datagram, local: { address: this.outside, port: mapping.port } }
  }

  /** From outside to inside; `undefined` where nothing inside has asked for it. */
  inbound(now: Instant, datagram: Datagram): Datagram | undefined {
    const mapping = this.#live(now, this.#byPort.get(datagram.remote.port))
    if (mapping !== undefined && mapping.key === this.#key(mapping.inside, datagram.local)) return { ...datagram, remote: mapping.inside }
    const { exposed } = this.#options
    return exposed === undefined ? undefined : { ...datagram, remote: { address: exposed, port: datagram.remote.port } }
  }

  /** Forgets every mapping, as a restart does: the next packets from inside get other ports. */
  rebind(): void {
    this.#byKey.clear()
    this.#byPort.clear()
  }

  #mappingFor(now: Instant, inside: Endpoint, remote: Endpoint): Mapping {
    const key = this.#key(inside, remote)
    const known = this.#live(now, this.#byKey.get(key))
    if (known !== undefined) return known
    const mapping: Mapping = { inside, port: this.#freePort(inside), key, expires: undefined }
    this.#byKey.set(key, mapping)
    this.#byPort.set(mapping.port, mapping)
    return mapping
  }

  #live(now: Instant, mapping: Mapping | undefined): Mapping | undefined {
    if (mapping?.expires === undefined || now < mapping.expires) return mapping
    this.#byKey.delete(mapping.key)
    this.#byPort.delete(mapping.port)
    return undefined
  }

  #key(inside: Endpoint, remote: Endpoint): string {
    const { mapping } = this.#options
    const more = mapping === 'endpoint-independent' ? '' : mapping === 'address-dependent' ? remote.address : formatEndpoint(remote)
    return `${formatEndpoint(inside)} ${more}`
  }

  /** The exposed host keeps its ports; others get some above the well-known ones. */
  #freePort(inside: Endpoint): number {
    if (inside.address === this.#options.exposed && !this.#byPort.has(inside.port)) return inside.port
    for (;;) {
      const port = 10_000 + (this.#ports.next() % 50_000)
      if (!this.#byPort.has(port)) return port
    }
  }
}

// Which packets claim to be IKE, ESP or AH. By IP protocol (RFC 4303 §2, RFC 4302 §2), by UDP port (RFC 7296 §2: 500 and 4500), by ports
// that the user names, and on any port by an IKE header that fits its datagram exactly. RFC 3948 §2 for what port 4500 carries.
import { u16, u32 } from '../../bytes/bytes.ts'
import { ipProtocol } from '../../iana/ip-protocols.ts'
import { addressLength, type IpLayout } from '../../net/layout.ts'
import { udpField, udpHeaderLength } from '../../net/transport.ts'
import { isSurelyIke, looksLikeIke } from './guess.ts'

/** `ike`: UDP whose payload is an IKE message; `encapsulated`: UDP with IKE behind a Non-ESP Marker, ESP, or a keepalive. */
export type Claim = 'ike' | 'encapsulated' | 'esp' | 'ah'

export class Claims {
  readonly #ports: ReadonlySet<number>
  /** Pairs of endpoints between which IKE was seen behind a marker: what else they send there is ESP. The oldest are forgotten. */
  readonly #encapsulated = new Set<string>()

  /** `ports`: UDP ports beside 500 and 4500. */
  constructor(ports: Iterable<number>) {
    this.#ports = new Set(ports)
  }

  /** `undefined`: something else. A later fragment claims nothing by itself but by its protocol. */
  of(bytes: Uint8Array, layout: IpLayout): Claim | undefined {
    if (layout.protocol === ipProtocol.ESP) return 'esp'
    if (layout.protocol === ipProtocol.AH) return 'ah'
    if (layout.protocol !== ipProtocol.UDP || layout.fragmentation === 'later' || layout.end < layout.upper + udpHeaderLength)
      return undefined
    return this.#ofUdp(bytes, layout)
  }

  #ofUdp(bytes: Uint8Array, layout: IpLayout): Claim | undefined {
    const source = u16(bytes, layout.upper + udpField.sourcePort)
    const destination = u16(bytes, layout.upper + udpField.destinationPort)
    if (source === 4500 || destination === 4500) return 'encapsulated'
    if (source === 500 || destination === 500) return 'ike'
    const start = layout.upper + udpHeaderLength
    if (this.#ports.has(source) || this.#ports.has(destination)) return looksLikeIke(bytes, start) ? 'ike' : 'encapsulated'
    if (isSurelyIke(bytes, start, layout.end)) return 'ike'
    const marked = layout.end > start + 4 && u32(bytes, start) === 0 && isSurelyIke(bytes, start + 4, layout.end)
    if (!marked && this.#encapsulated.size === 0) return undefined
    const flow = flowOf(bytes, layout, source, destination)
    if (marked) this.#remember(flow)
    return marked || this.#encapsulated.has(flow) ? 'encapsulated' : undefined
  }

  #remember(flow: string): void {
    this.#encapsulated.add(flow)
    if (this.#encapsulated.size <= mostFlows) return
    const [oldest] = this.#encapsulated
    if (oldest !== undefined) this.#encapsulated.delete(oldest)
  }
}

const mostFlows = 65_536

/** Both directions have one name. */
function flowOf(bytes: Uint8Array, layout: IpLayout, source: number, destination: number): string {
  const from = endText(bytes, layout.source, layout, source)
  const to = endText(bytes, layout.destination, layout, destination)
  return from < to ? from + to : to + from
}

function endText(bytes: Uint8Array, at: number, layout: IpLayout, port: number): string {
  let text = String.fromCharCode(port)
  for (let i = 0; i < addressLength(layout); i += 2) text += String.fromCharCode(u16(bytes, at + i))
  return text
}

// From captured frames to annotated packets: link layer, fragments, what claims to be IKE, ESP or AH, which message answers which.
// Bounded in everything that it remembers.
/* oxlint-disable consistent-return -- TypeScript sees that the switches are exhaustive */
import { u16, u32 } from '../bytes/bytes.ts'
import { type Instant, instant } from '../contract/units.ts'
import { ipProtocol } from '../iana/ip-protocols.ts'
import type { Address } from '../net/address.ts'
import { destinationAddress, emptyLayout, type IpLayout, readLayout, sourceAddress } from '../net/layout.ts'
import { nonEspMarker } from '../net/non-esp-marker.ts'
import { Reassembly } from '../net/reassembly.ts'
import { udpHeaderLength } from '../net/transport.ts'
import { annotateEsp, annotateIke, annotateIp, annotateUdpPayload } from './annotate.ts'
import type { ClearEsp } from './annotate/ip.ts'
import type { Decryption } from './annotate/keys.ts'
import { IkeFragments } from './annotate/ike-fragments.ts'
import { octetsAround } from './around.ts'
import { type Claim, Claims } from './capture/claims.ts'
import type { CapturedFrame } from './capture/frame.ts'
import type { OctetsKind } from './capture/guess.ts'
import { findIp, linkType, linkTypeName } from './capture/link.ts'
import { captureReassembly, fragmentWords } from './fragment-words.ts'
import { EspFlows, type EspFlowView } from './esp-null/flows.ts'
import { Conversations, type MessagePlace, type OpenRequest } from './conversation.ts'
import type { Annotation, RegionFault } from './span.ts'

export interface FrameDecoderOptions {
  readonly decryption: Decryption | undefined
  /** UDP ports of IKE and ESP beside 500 and 4500. */
  readonly ports: readonly number[]
  /** Packets that claim to be neither IKE nor ESP nor AH are annotated, too. */
  readonly scope: 'ipsec' | 'all'
}

export interface DecodedFrame {
  readonly frame: CapturedFrame
  readonly claim: Claim | undefined
  /** `undefined`: there is no IP packet, or nobody asked for it. */
  readonly annotation: Annotation | undefined
  /** What the frame carries in a word or two where there is no annotation. */
  readonly carries: string
  /** The frames whose fragments make the annotated packet, which this one completes; empty for a packet in one piece. */
  readonly fragments: readonly number[]
  readonly place: MessagePlace | undefined
  /** What is thought of an ESP packet's flow, by the packets alone (RFC 5879). */
  readonly espFlow: SeenFlow | undefined
  /** Of the IKE message, or the ESP or AH packet. */
  readonly octets: number
  /** Most important first. */
  readonly faults: readonly FrameFault[]
}

/** `news`: the state is another one than before this packet. */
export interface SeenFlow {
  readonly flow: EspFlowView
  readonly news: 'news' | 'as-before'
}

export interface FrameFault {
  /** `FRAME_SHORT`: the frame was cut when it was captured, or ends inside its own headers. `FRAME_FRAGMENT`: RFC 791, RFC 8200. */
  readonly code: RegionFault['code'] | 'FRAME_SHORT' | 'FRAME_LINK_UNKNOWN' | 'FRAME_FRAGMENT'
  readonly message: string
  readonly rfc: string | undefined
  /** The octets that `offset` counts in: `IP packet`, `Decrypted content of SK`. */
  readonly region: string
  readonly offset: number
  /** The octets around it, that one in brackets. */
  readonly around: string
}

export class FrameDecoder {
  readonly #options: FrameDecoderOptions
  readonly #claims: Claims
  readonly #reassembly = new Reassembly(captureReassembly)
  readonly #conversations = new Conversations()
  readonly #fragments = new IkeFragments()
  readonly #espFlows = new EspFlows()
  readonly #decryption: Decryption | undefined
  readonly #layout: IpLayout = emptyLayout()

  constructor(options: FrameDecoderOptions) {
    this.#options = options
    this.#decryption = options.decryption === undefined ? undefined : { ...options.decryption, fragments: this.#fragments }
    this.#claims = new Claims(options.ports)
  }

  decode(frame: CapturedFrame): DecodedFrame {
    this.#fragments.frame = frame.number
    const found = findIp(frame.linkType, frame.octets)
    const cut = frame.octets.length < frame.originalLength
    switch (found.kind) {
      case 'ip':
        return this.#packet(frame, frame.octets.subarray(found.at), cut)
      case 'other':
        return { ...nothing(frame), carries: found.carries }
      case 'short':
        return {
          ...nothing(frame),
          carries: `${linkTypeName(frame.linkType)}, cut off`,
          faults: [
            frameFault(
              frame,
              'FRAME_SHORT',
              `the frame has ${frame.octets.length} octets; expected ${found.expected}`,
              frame.octets.length,
            ),
          ],
        }
      case 'unknown-link': {
        const message = `link type ${found.linkType} is not known here; expected Ethernet, Linux cooked, loopback or raw IP`
        return { ...nothing(frame), carries: linkTypeName(found.linkType), faults: [frameFault(frame, 'FRAME_LINK_UNKNOWN', message, 0)] }
      }
    }
  }

  /** Octets without a capture around them. */
  decodeOctets(octets: Uint8Array, kind: OctetsKind): DecodedFrame {
    const link = kind === 'ethernet' ? linkType.ethernet : linkType.raw
    const frame: CapturedFrame = {
      number: 1,
      offset: 0,
      at: undefined,
      linkType: link,
      octets,
      originalLength: octets.length,
      comments: [],
    }
    const decryption = this.#decryption
    this.#fragments.frame = frame.number
    switch (kind) {
      case 'ethernet':
        return this.decode(frame)
      case 'ip':
        return this.#packet(frame, octets, false)
      case 'ike':
        return this.#annotated(frame, 'ike', annotateIke(octets, decryption), octets)
      case 'udp4500': {
        const ike = octets.length > 4 && u32(octets, 0) === 0 ? octets.subarray(4) : octets
        const espFlow = ike === octets ? this.#noteFlow(undefined, undefined, undefined, octets) : undefined
        const annotation = annotateUdpPayload(octets, decryption, undefined, clearOf(espFlow))
        return { ...this.#annotated(frame, 'encapsulated', annotation, ike), espFlow }
      }
      case 'esp': {
        const espFlow = this.#noteFlow(undefined, undefined, undefined, octets)
        return { ...this.#annotated(frame, 'esp', annotateEsp(octets, decryption, undefined, clearOf(espFlow)), octets), espFlow }
      }
    }
  }

  /** Flows of ESP that are remembered (RFC 5879). */
  get espFlows(): readonly EspFlowView[] {
    return this.#espFlows.flows
  }

  /** Requests without response so far. */
  get unanswered(): readonly OpenRequest[] {
    return this.#conversations.unanswered
  }

  /** Packets of which fragments came, and not all. */
  get incomplete(): number {
    const { outOfTime, crowdedOut, waiting } = this.#reassembly
    return outOfTime + crowdedOut + waiting
  }

  #packet(frame: CapturedFrame, packet: Uint8Array, cut: boolean): DecodedFrame {
    const layout = this.#layout
    if (!readLayout(packet, 0, packet.length, layout)) return this.#unreadable(frame, packet, cut)
    if (layout.fragmentation === 'whole') return this.#whole(frame, packet, none)
    const outcome = this.#reassembly.add(instantOf(frame), packet, layout, frame.number)
    if (outcome.kind === 'whole' && readLayout(outcome.packet, 0, outcome.packet.length, layout))
      return this.#whole(frame, outcome.packet, outcome.marks)
    const claim = this.#claims.of(packet, layout)
    const shown = claim !== undefined || this.#options.scope === 'all' || outcome.kind === 'refused'
    const annotation = shown ? annotateIp(packet, this.#decryption, channelOf(claim)) : undefined
    const faults =
      outcome.kind === 'refused'
        ? [
            {
              ...frameFault(frame, 'FRAME_FRAGMENT', fragmentWords[outcome.fault].reason, 0),
              rfc: fragmentWords[outcome.fault].rfc,
              region: 'IP packet',
              around: octetsAround(packet, 0),
            },
          ]
        : []
    return { ...nothing(frame), claim, annotation, carries: 'an IP fragment', faults }
  }

  /** Its headers are cut off or wrong, or the frame holds only a part of the packet. */
  #unreadable(frame: CapturedFrame, packet: Uint8Array, cut: boolean): DecodedFrame {
    const claim = protocolClaim(packet, this.#options.ports)
    if (claim === undefined && this.#options.scope !== 'all') return { ...nothing(frame), carries: 'an IP packet, cut off' }
    const decoded = this.#annotated(frame, claim, annotateIp(packet, this.#decryption, channelOf(claim)), undefined)
    if (!cut) return decoded
    const message = `only ${frame.octets.length} of the frame's ${frame.originalLength} octets are in the file (snapshot length too small?); expected all of them`
    return { ...decoded, faults: [frameFault(frame, 'FRAME_SHORT', message, frame.octets.length), ...decoded.faults] }
  }

  #whole(frame: CapturedFrame, packet: Uint8Array, fragments: readonly number[]): DecodedFrame {
    const layout = this.#layout
    const claim = this.#claims.of(packet, layout)
    if (claim === undefined && this.#options.scope === 'ipsec') return { ...nothing(frame), carries: 'another protocol' }
    const at = layout.upper + (claim === 'ike' || claim === 'encapsulated' ? udpHeaderLength : 0)
    const marked = claim === 'encapsulated' && layout.end >= at + nonEspMarker.length && u32(packet, at) === 0
    const body = packet.subarray(marked ? at + 4 : at, layout.end)
    const espFlow = claim === 'ike' || claim === undefined || marked ? undefined : this.#seenFlow(packet, claim, body)
    const annotation = annotateIp(packet, this.#decryption, channelOf(claim), clearOf(espFlow))
    return { ...this.#annotated(frame, claim, annotation, body), fragments, espFlow }
  }

  #seenFlow(packet: Uint8Array, claim: 'esp' | 'ah' | 'encapsulated', body: Uint8Array): SeenFlow | undefined {
    const layout = this.#layout
    const esp = claim === 'ah' ? espInAh(body) : body
    if (esp === undefined) return undefined
    const ports = { source: u16(packet, layout.upper), destination: u16(packet, layout.upper + 2) }
    return this.#noteFlow(
      sourceAddress(packet, layout),
      destinationAddress(packet, layout),
      claim === 'encapsulated' ? ports : undefined,
      esp,
    )
  }

  /** Keepalives and what is cut off belong to no flow. */
  #noteFlow(
    source: Address | undefined,
    destination: Address | undefined,
    ports: EspFlowView['ports'],
    esp: Uint8Array,
  ): SeenFlow | undefined {
    if (esp.length < shortestEsp) return undefined
    const flow = this.#espFlows.note({ source, destination, ports, esp })
    return { flow, news: flow.packets === 1 || flow.before !== flow.verdict.state ? 'news' : 'as-before' }
  }

  /** `body`: the IKE message, or the ESP or AH packet. */
  #annotated(frame: CapturedFrame, claim: Claim | undefined, annotation: Annotation, body: Uint8Array | undefined): DecodedFrame {
    const { ike } = annotation.summary
    const place = ike === undefined || body === undefined ? undefined : this.#conversations.note(frame.number, ike, body)
    const { fault } = annotation
    const faults =
      fault === undefined
        ? none
        : [
            {
              code: fault.fault.code,
              message: fault.fault.message,
              rfc: fault.fault.rfc,
              region: fault.region.title,
              offset: fault.fault.offset,
              around: octetsAround(fault.region.bytes, fault.fault.offset),
            },
          ]
    return {
      frame,
      claim,
      annotation,
      carries: annotation.summary.text,
      fragments: none,
      place,
      espFlow: undefined,
      octets: body?.length ?? 0,
      faults,
    }
  }
}

const none: readonly never[] = []
/** RFC 4303 §2: SPI, sequence number, and a word with Pad Length and Next Header. */
const shortestEsp = 12

/** RFC 4302 §2.2: its length is in words, less two. ESP behind it is looked at as if it were alone. */
function espInAh(ah: Uint8Array): Uint8Array | undefined {
  return ah[0] === ipProtocol.ESP ? ah.subarray(((ah[1] ?? 0) + 2) * 4) : undefined
}

/** `undefined`: it is encrypted, or nobody knows. */
function clearOf(seen: SeenFlow | undefined): ClearEsp | undefined {
  const verdict = seen?.flow.verdict
  return verdict?.state === 'authenticated-only' ? { ivLength: verdict.ivLength ?? 0, icvLength: verdict.icvLength } : undefined
}

/** Without times, everything is of one moment. */
const instantOf = ({ at }: CapturedFrame): Instant => instant(at === undefined ? 0 : Number(at / 1_000_000n))

const channelOf = (claim: Claim | undefined): 'ike' | 'encapsulated' | undefined =>
  claim === 'ike' || claim === 'encapsulated' ? claim : undefined

function nothing(frame: CapturedFrame): DecodedFrame {
  return {
    frame,
    claim: undefined,
    annotation: undefined,
    carries: '',
    fragments: none,
    place: undefined,
    espFlow: undefined,
    octets: 0,
    faults: none,
  }
}

function frameFault(frame: CapturedFrame, code: FrameFault['code'], message: string, offset: number): FrameFault {
  return { code, message, rfc: undefined, region: 'frame', offset, around: octetsAround(frame.octets, offset) }
}

/** What a packet claims whose layout cannot be read: by the protocol field and the ports, as far as they are there. */
function protocolClaim(packet: Uint8Array, ports: readonly number[]): Claim | undefined {
  const version = (packet[0] ?? 0) >>> 4
  const protocol = version === 6 ? packet[6] : packet[9]
  if (protocol === ipProtocol.ESP) return 'esp'
  if (protocol === ipProtocol.AH) return 'ah'
  const at = version === 6 ? 40 : 4 * ((packet[0] ?? 0) & 15)
  if (protocol !== ipProtocol.UDP || packet.length < at + 4) return undefined
  const both = [((packet[at] ?? 0) << 8) | (packet[at + 1] ?? 0), ((packet[at + 2] ?? 0) << 8) | (packet[at + 3] ?? 0)]
  if (both.includes(4500)) return 'encapsulated'
  return both.includes(500) || both.some((port) => ports.includes(port)) ? 'ike' : undefined
}

// Every octet explained: messages and packets as spans, from the codec's own field tables (`wire/fields.ts`). With keys, what is inside SK
// and ESP too. Total: any octets give an annotation; where they do not decode, `fault` says why and the rest is one span.
import { type ClearEsp, type Walk, walkEsp, walkIp, walkUdpPayload } from './annotate/ip.ts'
import type { Decryption, Path } from './annotate/keys.ts'
import { walkIke } from './annotate/ike.ts'
import { SpanBuilder } from './annotate/span-builder.ts'
import type { Claim } from './capture/claims.ts'
import type { Annotation, Region, Span, Summary } from './span.ts'

/** A whole message from the first octet of the IKE header (RFC 7296 §3.1), IKEv1 included. `decryption` left out: SK stays closed. */
export function annotateIke(bytes: Uint8Array, decryption?: Decryption): Annotation {
  return annotated('IKE message', bytes, (builder) => walkIke(builder, bytes.length, decryption))
}

/**
 * From the IP header on, of either version; octets behind the packet's end are shown as padding of the link. `claim`: what the
 * packet carries, where its ports do not say it. `clear`: what ESP in it is made of, where it is known to be only authenticated (`EspFlows`).
 */
export function annotateIp(bytes: Uint8Array, decryption?: Decryption, claim?: Claim, clear?: ClearEsp): Annotation {
  return annotated('IP packet', bytes, (builder) => walkIp(builder, bytes.length, { ...outside, decryption, claim, clear }, 'link'))
}

/** What a UDP datagram on port 4500 carries: ESP, IKE behind the Non-ESP Marker, or a keepalive (RFC 3948 §2). */
export function annotateUdpPayload(bytes: Uint8Array, decryption?: Decryption, path?: Path, clear?: ClearEsp): Annotation {
  return annotated('UDP payload', bytes, (builder) =>
    walkUdpPayload(builder, bytes.length, { ...outside, decryption, path, clear }, 'encapsulated'),
  )
}

/** From the SPI on (RFC 4303 §2). `path`: addresses, where keys depend on them. */
export function annotateEsp(bytes: Uint8Array, decryption?: Decryption, path?: Path, clear?: ClearEsp): Annotation {
  return annotated('ESP packet', bytes, (builder) => walkEsp(builder, bytes.length, { ...outside, decryption, path, clear }))
}

const outside: Walk = { decryption: undefined, path: undefined, claim: undefined, clear: undefined, depth: 0 }

function annotated(title: string, bytes: Uint8Array, walk: (builder: SpanBuilder) => Summary): Annotation {
  const builder = new SpanBuilder(bytes)
  const summary = walk(builder)
  const region = builder.region(title, 'none')
  // Most regions have no others inside: no need to look for faults there.
  const fault = region.fault === undefined && !builder.hasInner ? undefined : firstFault(region)
  return { region, summary, fault }
}

/** From the outside in. */
function firstFault(region: Region): Annotation['fault'] {
  if (region.fault !== undefined) return { region, fault: region.fault }
  return firstInside(region.spans)
}

function firstInside(spans: readonly Span[]): Annotation['fault'] {
  for (const span of spans) {
    const found = span.inner === undefined ? firstInside(span.children) : firstFault(span.inner)
    if (found !== undefined) return found
  }
  return undefined
}

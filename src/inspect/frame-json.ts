// A decoded frame as JSON: one object a frame. `docs/command.md` describes it.
import { formatSpi } from '../contract/units.ts'
import type { Json, JsonObject } from './describe.ts'
import { escapeOctets } from './escape.ts'
import { verdictJson } from './esp-null/words.ts'
import type { DecodedFrame, FrameFault } from './frame-decoder.ts'
import { formatSeconds } from './frame-words.ts'
import { linkTypeName } from './capture/link.ts'
import type { CaptureFault } from './capture/frame.ts'
import type { IkeSummary, Summary } from './span.ts'
import { annotationJson } from './tree-json.ts'
import { regionJsonText } from './tree-json-text.ts'

export function frameJson(decoded: DecodedFrame): JsonObject {
  const { annotation } = decoded
  return { ...withoutTree(decoded), tree: annotation === undefined ? null : annotationJson(annotation) }
}

/** The same as a line of JSON, made faster. */
export function frameJsonText(decoded: DecodedFrame): string {
  const { annotation } = decoded
  const rest = JSON.stringify(withoutTree(decoded))
  return `${rest.slice(0, -1)},"tree":${annotation === undefined ? 'null' : regionJsonText(annotation.region)}}`
}

function withoutTree(decoded: DecodedFrame): JsonObject {
  const { frame, annotation, place } = decoded
  return {
    kind: 'frame',
    frame: frame.number,
    offset: frame.offset,
    // As text: a number of JSON would lose nanoseconds.
    time: frame.at === undefined ? null : formatSeconds(frame.at),
    link: linkTypeName(frame.linkType),
    octets: frame.originalLength,
    captured: frame.octets.length,
    comments: frame.comments.map(escapeOctets),
    claim: decoded.claim ?? null,
    text: decoded.carries,
    summary: annotation === undefined ? null : summaryJson(annotation.summary),
    fragments: decoded.fragments,
    place:
      place === undefined
        ? null
        : {
            transmission: place.transmission,
            firstFrame: place.firstFrame,
            answers: place.answers ?? null,
            lostResponse: place.lostResponse ?? null,
          },
    espFlow: decoded.espFlow === undefined ? null : verdictJson(decoded.espFlow.flow.verdict),
    faults: decoded.faults.map(frameFaultJson),
  }
}

/** What is wrong with the file, between the frames. */
export function captureFaultJson(fault: CaptureFault): JsonObject {
  const { code, frame, offset, found, expected } = fault
  return { kind: 'capture-fault', code, frame: frame ?? null, offset, found, expected }
}

function frameFaultJson({ code, message, rfc, region, offset, around }: FrameFault): JsonObject {
  return { code, message, rfc: rfc ?? null, region, offset, around }
}

function summaryJson({ addresses, ports, ike, security, inside, text }: Summary): Json {
  return {
    text,
    addresses: addresses === undefined ? null : { source: addresses.source, destination: addresses.destination },
    ports: ports === undefined ? null : { source: ports.source, destination: ports.destination },
    ike: ike === undefined ? null : ikeJson(ike),
    security: security === undefined ? null : { protocol: security.protocol, spi: formatSpi(security.spi), sequence: security.sequence },
    inside: inside === undefined ? null : summaryJson(inside),
  }
}

const ikeJson = (ike: IkeSummary): Json => ({
  initiatorSpi: ike.initiatorSpi,
  responderSpi: ike.responderSpi,
  majorVersion: ike.majorVersion,
  exchangeType: ike.exchangeType,
  exchange: ike.exchange,
  messageId: ike.messageId,
  direction: ike.direction,
  sender: ike.sender,
  payloads: ike.payloads,
  fragment: ike.fragment === undefined ? null : { number: ike.fragment.number, total: ike.fragment.total },
})

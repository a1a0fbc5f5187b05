// The fast renderers say what their readable twins say: of every sample, whole, cut off, and with octets changed.
import { describe, expect, test } from 'vitest'
import { concat } from '../../src/bytes/bytes.ts'
import { annotateIke, annotateIp } from '../../src/inspect/annotate.ts'
import { LeafSpan } from '../../src/inspect/annotate/leaf-span.ts'
import type { Annotation, Span } from '../../src/inspect/span.ts'
import { annotationJson } from '../../src/inspect/tree-json.ts'
import { regionJsonText } from '../../src/inspect/tree-json-text.ts'
import { formatTree, type TreeStyle } from '../../src/inspect/tree-text.ts'
import { ipPacket, udpDatagram } from '../../src/net/build.ts'
import { encodeMessage } from '../../src/wire/codec.ts'
import { messageSamples } from '../wire/samples.ts'
import { endpoint } from './samples.ts'

/** Not `plainTree` itself: takes the way of the colours. */
const colourless: TreeStyle = (_format, text) => text

function expectAgreement(annotation: Annotation): void {
  expect(formatTree(annotation)).toBe(formatTree(annotation, colourless))
  expect(regionJsonText(annotation.region)).toBe(JSON.stringify(annotationJson(annotation)))
}

describe.each(messageSamples.map(({ message }, i): [number, Uint8Array] => [i, encodeMessage(message)]))('of sample %i', (_, octets) => {
  test('alone and in a packet', () => {
    const [source, destination] = [endpoint('192.0.2.1', 500), endpoint('192.0.2.2', 4500)]
    const payload = concat(new Uint8Array(4), octets)
    expectAgreement(annotateIke(octets))
    expectAgreement(annotateIp(ipPacket(source.address, destination.address, 17, udpDatagram({ source, destination, payload }))))
  })

  test('cut off, and with an octet changed', () => {
    for (let at = 0; at < octets.length; at += 7) {
      expectAgreement(annotateIke(octets.subarray(0, at)))
      expectAgreement(annotateIke(Uint8Array.from(octets, (octet, i) => (i === at ? octet ^ 0xff : octet))))
    }
  })
})

test('a number is shown beside its octets even where it has as many digits as they have', () => {
  const source = endpoint('192.0.2.1', 1194)
  const packet = ipPacket(source.address, source.address, 17, udpDatagram({ source, destination: source, payload: new Uint8Array(0) }))
  expect(formatTree(annotateIp(packet))).toContain('04aa                Source Port 1194')
})

test('a leaf is written by JSON.stringify as if its properties were its own', () => {
  const [first] = annotateIke(encodeMessage(messageSamples[0]?.message ?? expect.unreachable())).region.spans
  const leaf: Span = first?.children[0] ?? expect.unreachable()
  expect(leaf).toBeInstanceOf(LeafSpan)
  expect(JSON.parse(JSON.stringify(leaf))).toMatchObject({
    kind: 'field',
    start: 0,
    end: 8,
    name: "IKE SA Initiator's SPI",
    value: leaf.value,
  })
})

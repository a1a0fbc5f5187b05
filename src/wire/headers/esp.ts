// ESP packets as tables: sealed, with the sizes that the suite gives, and the trailer of the opened text. RFC 4303 §2.
// The packet path reads the same fields at fixed offsets (`ipsec/framing.ts`, `ipsec/trailer.ts`); test/ipsec/table.test.ts keeps the two equal.
import { ipProtocols } from '../../iana/ip-protocols.ts'
import { formatSpi } from '../../contract/units.ts'
import type { Struct } from '../fields.ts'
import { fixed, hexadecimal, restWithin, struct, uint } from '../layout.ts'

interface EspStart {
  readonly spi: number
  readonly sequence: number
}
// RFC 4303 §2.4: Pad Length and Next Header end on a 4-octet boundary, so that at least 4 octets follow.
/** Without keys nobody can tell the parts of what follows the sequence number from each other. */
export interface ClosedEsp extends EspStart {
  readonly sealed: Uint8Array
}
export interface SealedEsp extends EspStart {
  readonly iv: Uint8Array
  readonly text: Uint8Array
  readonly icv: Uint8Array
}
export interface EspTrailer {
  readonly padding: Uint8Array
  readonly padLength: number
  readonly nextHeader: number
}

// Fields are made once: what is known of a field is kept with it.
const trailerEnd = [uint('padLength', 1, 'Pad Length'), uint('nextHeader', 1, 'Next Header', ipProtocols)] as const
const start = [hexadecimal('spi', 4, 'Security Parameters Index (SPI)'), uint('sequence', 4, 'Sequence Number')] as const

export const closedEsp: Struct<ClosedEsp> = struct({
  name: 'ESP',
  title: 'ESP Packet',
  rfc: 'RFC 4303 §2',
  fields: [...start, restWithin(4, 65_535, 'sealed', 'Payload Data, Padding, Pad Length, Next Header, ICV')],
  brief: ({ spi }) => formatSpi(spi),
})

/** Sizes in octets; RFC 4303 §2.3: the IV is part of the Payload Data. */
export function sealedEsp(ivLength: number, textLength: number, icvLength: number): Struct<SealedEsp> {
  return openableEsp(ivLength, textLength, icvLength, 'Encrypted Payload Data, Padding, Pad Length, Next Header')
}

/** The same where it is only authenticated (RFC 2410, RFC 4543). */
export function clearEsp(ivLength: number, textLength: number, icvLength: number): Struct<SealedEsp> {
  return openableEsp(ivLength, textLength, icvLength, 'Payload Data, Padding, Pad Length, Next Header')
}

function openableEsp(ivLength: number, textLength: number, icvLength: number, textTitle: string): Struct<SealedEsp> {
  return struct({
    name: 'ESP',
    title: 'ESP Packet',
    rfc: 'RFC 4303 §2',
    fields: [
      ...start,
      fixed('iv', ivLength, 'Initialization Vector (IV)'),
      fixed('text', textLength, textTitle),
      fixed('icv', icvLength, 'Integrity Check Value-ICV'),
    ],
    brief: ({ spi }) => formatSpi(spi),
  })
}

/** `padLength`: what the trailer itself says, in its next to last octet. */
export function espTrailer(padLength: number): Struct<EspTrailer> {
  return struct({
    name: 'ESP',
    title: 'ESP Trailer',
    rfc: 'RFC 4303 §2.4',
    fields: [fixed('padding', padLength, 'Padding'), ...trailerEnd],
    rules: [
      {
        field: 'padding',
        rfc: 'RFC 4303 §2.4',
        says: 'the padding is 1, 2, 3, and so on',
        holds: ({ padding }) => padding.every((octet, i) => octet === i + 1),
      },
    ],
  })
}

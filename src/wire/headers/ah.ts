// The Authentication Header as a table. RFC 4302 §2.
import { formatSpi } from '../../contract/units.ts'
import { ipProtocols } from '../../iana/ip-protocols.ts'
import type { Struct } from '../fields.ts'
import { hexadecimal, reserved, rest, shortExtent, struct, uint } from '../layout.ts'

export interface AuthenticationHeader {
  readonly nextHeader: number
  readonly spi: number
  readonly sequence: number
  /** With its padding, if any. */
  readonly icv: Uint8Array
  readonly reserved?: readonly number[]
}

export const authenticationHeader: Struct<AuthenticationHeader> = struct({
  name: 'AH',
  title: 'Authentication Header',
  rfc: 'RFC 4302 §2',
  fields: [
    uint('nextHeader', 1, 'Next Header', ipProtocols),
    // RFC 4302 §2.2: in 32-bit words, minus 2.
    shortExtent(4, 8, 'Payload Len'),
    reserved(2),
    hexadecimal('spi', 4, 'Security Parameters Index (SPI)'),
    uint('sequence', 4, 'Sequence Number'),
    rest('icv', 'Integrity Check Value (ICV)'),
  ],
  brief: ({ spi }) => formatSpi(spi),
})

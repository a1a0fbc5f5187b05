// Delete payload. RFC 7296 §3.11.
import { protocol, protocols } from '../../iana/protocols.ts'
import type { Struct } from '../fields.ts'
import { countOf, strings, uint } from '../layout.ts'
import type { DeletePayload } from '../message.ts'
import { payload } from './generic-header.ts'

export const deletion: Struct<DeletePayload> = payload(
  'D',
  'RFC 7296 §3.11',
  [
    uint('protocol', 1, 'Protocol ID', protocols),
    uint('spiSize', 1, 'SPI Size'),
    countOf('spis', 2, 'numSpis', 'Num of SPIs'),
    strings('spis', 'spiSize', 'spi', 'spis', 'Security Parameter Index(es) (SPI)'),
  ],
  {
    field: 'spiSize',
    rfc: 'RFC 7296 §3.11',
    says: 'the SPI Size is zero for IKE, four for AH and ESP',
    holds: ({ protocol: id, spiSize }) =>
      id === protocol.IKE ? spiSize === 0 : (id !== protocol.AH && id !== protocol.ESP) || spiSize === 4,
  },
)

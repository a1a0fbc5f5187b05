// Notify payload. RFC 7296 §3.10.
import { notifications } from '../../iana/notify.ts'
import { protocol, protocols } from '../../iana/protocols.ts'
import type { Struct } from '../fields.ts'
import { counted, lengthOf, rest, uint } from '../layout.ts'
import type { NotifyPayload } from '../message.ts'
import { payloadLabel } from '../payload-name.ts'
import { payload } from './generic-header.ts'
import { notificationData } from './notification-data.ts'

const layout: Struct<NotifyPayload> = payload(
  'N',
  'RFC 7296 §3.10',
  [
    uint('protocol', 1, 'Protocol ID', protocols),
    lengthOf('spi', 1, 'spiSize', 'SPI Size'),
    uint('type', 2, 'Notify Message Type', notifications),
    counted('spi', 'Security Parameter Index (SPI)'),
    rest('value', 'Notification Data', (value, { type }) => notificationData(Number(type), value)),
  ],
  {
    field: 'spiSize',
    rfc: 'RFC 7296 §3.10',
    says: 'an SPI has 4 octets for ESP and AH, and there is none for IKE or without a Protocol ID',
    // An empty SPI is right with every protocol: RFC 7296 §3.10 has the Protocol ID ignored then.
    holds: ({ protocol: id, spi }) => {
      if (spi.length === 0) return true
      return id === protocol.AH || id === protocol.ESP ? spi.length === 4 : id !== protocol.IKE && id !== 0
    },
  },
)

export const notification: Struct<NotifyPayload> = { ...layout, brief: payloadLabel }

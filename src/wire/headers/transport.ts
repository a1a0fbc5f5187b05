// The headers of UDP and TCP, as tables. UDP: RFC 768; TCP: RFC 9293 §3.1.
// The packet path reads the same fields at fixed offsets (`net/transport.ts`); test/wire/headers.test.ts keeps the two equal.
import { u16 } from '../../bytes/bytes.ts'
import { tcpOption, tcpOptions } from '../../iana/tcp-options.ts'
import type { Struct, ValuesBefore } from '../fields.ts'
import { bits, extentBits, flag, hexadecimal, list, reservedBits, struct, uint } from '../layout.ts'
import { type Option, optionsWithEnd } from './options.ts'

export interface UdpHeader {
  readonly sourcePort: number
  readonly destinationPort: number
  readonly length: number
  readonly checksum: number
}

export const udpHeader: Struct<UdpHeader> = struct({
  name: 'UDP',
  title: 'UDP Header',
  rfc: 'RFC 768',
  fields: [
    uint('sourcePort', 2, 'Source Port'),
    uint('destinationPort', 2, 'Destination Port'),
    uint('length', 2, 'Length'),
    // RFC 768: zero means that the sender made none.
    hexadecimal('checksum', 2, 'Checksum', (value) => (value === 0 ? 'none' : undefined)),
  ],
  brief: ({ sourcePort, destinationPort }) => `${sourcePort} → ${destinationPort}`,
})

export interface TcpHeader {
  readonly sourcePort: number
  readonly destinationPort: number
  readonly sequence: number
  readonly acknowledgement: number
  readonly cwr: boolean
  readonly ece: boolean
  readonly urg: boolean
  readonly ack: boolean
  readonly psh: boolean
  readonly rst: boolean
  readonly syn: boolean
  readonly fin: boolean
  readonly window: number
  readonly checksum: number
  readonly urgentPointer: number
  readonly options: readonly Option[]
  readonly reserved?: readonly number[]
}

export const tcpHeader: Struct<TcpHeader> = struct({
  name: 'TCP',
  title: 'TCP Header',
  rfc: 'RFC 9293 §3.1',
  fields: [
    uint('sourcePort', 2, 'Source Port'),
    uint('destinationPort', 2, 'Destination Port'),
    uint('sequence', 4, 'Sequence Number'),
    uint('acknowledgement', 4, 'Acknowledgment Number'),
    bits(1, extentBits(4, 4, 'Data Offset'), reservedBits(4)),
    bits(
      1,
      flag('cwr', 'CWR'),
      flag('ece', 'ECE'),
      flag('urg', 'URG'),
      flag('ack', 'ACK'),
      flag('psh', 'PSH'),
      flag('rst', 'RST'),
      flag('syn', 'SYN'),
      flag('fin', 'FIN'),
    ),
    uint('window', 2, 'Window'),
    hexadecimal('checksum', 2, 'Checksum'),
    uint('urgentPointer', 2, 'Urgent Pointer'),
    list('options', {
      title: 'Options',
      each: 'option',
      element: optionsWithEnd(tcpOptions, 'RFC 9293 §3.1', 'Kind', optionMeaning),
      limit: undefined,
      least: 0,
    }),
  ],
  brief: ({ sourcePort, destinationPort }) => `${sourcePort} → ${destinationPort}`,
})

function optionMeaning(data: Uint8Array, { type }: ValuesBefore): string | undefined {
  if (type === tcpOption.MSS && data.length === 2) return `${u16(data, 0)} octets`
  return type === tcpOption.WINDOW_SCALE && data.length === 1 ? `shift of ${data[0]}` : undefined
}

// What scapy 2.5 does otherwise than the RFCs have it, as predicates on cases: each picks those that fail because of it, and no others.
// docs/interoperability.md has the same list in words.
import type { VectorCase } from '../../../src/conformance/vector.ts'

export interface ScapyFault {
  readonly says: string
  readonly rfc: string
  readonly explains: (vector: VectorCase) => boolean
}

const ids =
  (pattern: RegExp) =>
  ({ id }: VectorCase): boolean =>
    pattern.test(id)

export const scapyFaults: readonly ScapyFault[] = [
  {
    says: 'the MAC beside a cipher does not cover the high half of extended sequence numbers',
    rfc: 'RFC 4303 §2.2.1',
    explains: (vector) => {
      const { sequenceNumbers, integrity } = suiteOf(vector)
      // The other way round: made as if there were no high half, which scapy takes.
      return sequenceNumbers === 'ESN' && integrity !== undefined && (vector.result === 'valid' || vector.id.endsWith('-receiver-only'))
    },
  },
  {
    says: 'AES-GCM always has an ICV of 16 octets, whatever length is asked for',
    rfc: 'RFC 4106 §6',
    explains: (vector) => /_GCM_(8|12)$/.test(suiteOf(vector).encryption) && vector.result === 'valid',
  },
  {
    says: 'the padding behind the inner packet in tunnel mode stays there',
    rfc: 'RFC 4303 §2.7',
    explains: ids(/^esp-inner-.*-tfc-/),
  },
  { says: 'a dummy packet is delivered', rfc: 'RFC 4303 §2.6', explains: ids(/^esp-dummy-/) },
  { says: 'a Pad Length of more than there is is believed', rfc: 'RFC 4303 §2.4', explains: ids(/^esp-trailer-.*-too-long$/) },
  { says: 'SPI 0 is used', rfc: 'RFC 4303 §2.1', explains: ids(/^esp-spi-00000000/) },
  { says: 'number 0 is sent', rfc: 'RFC 4303 §3.3.3', explains: ids(/^esp-sender-zero$/) },
  {
    says: 'fragments are sealed in transport mode, and opened',
    rfc: 'RFC 4303 §3.3.4, §3.4.1',
    explains: ids(/^esp-(sender|outer)-(first|later)-fragment$/),
  },
  {
    says: 'ESP goes before the fragment header of a packet that is whole',
    rfc: 'RFC 4303 §3.1.1',
    explains: ids(/^esp-header-ipv6-atomic-fragment-transport-seal$/),
  },
  {
    says: 'ESP goes behind destination options (which is allowed: the case has the flag SenderChoice)',
    rfc: 'RFC 4303 §3.1.1',
    explains: ids(/^esp-header-ipv6-destination-transport-seal$/),
  },
  {
    says: 'behind an IPv6 extension header, what is opened is read as one more of that kind: routing headers make that fail',
    rfc: 'RFC 4303 §3.4.4.1',
    explains: (vector) => isOpened(vector, 'transport') && nextHeader6(vector) === '2b',
  },
  {
    says: 'the UDP header stays before what is opened in transport mode over IPv6',
    rfc: 'RFC 3948 §3.3',
    explains: (vector) => isOpened(vector, 'transport') && nextHeader6(vector) === '11',
  },
  {
    says: 'the UDP length over IPv4 is 8',
    rfc: 'RFC 3948 §2.1',
    explains: ({ inputs }) => inputs['encapsulation'] === 'udp' && packetOf(inputs).startsWith('4'),
  },
  {
    says: 'where not an octet is left, a header is made up',
    rfc: 'RFC 4303 §2.4',
    explains: ids(/^mcgrew-gcm-test-12$|^esp-inner-.*-empty$/),
  },
  {
    says: 'IP and UDP headers, inside and outside, are not checked: version, lengths, whether they are what Next Header says',
    rfc: 'RFC 791 §3.1, RFC 8200 §3, RFC 768, RFC 4303 §3.4.4.1',
    explains: ids(
      /^esp-outer-(version|udp-long)$|^esp-sender-cut$|^esp-inner-.*-(ipv6-as-ipv4|udp|cut-ipv[46]|(short|long)-header|version-0|cut-extension)$/,
    ),
  },
  {
    says: 'a key that is too long for HMAC-SHA2 is taken',
    rfc: 'RFC 4868 §2.1.1',
    explains: ids(/^esp-key-null-hmac-sha2-256-128-length$/),
  },
]

/** What the shim answers with scapy: its suites, and no packet that an anti-replay window would refuse. */
export function isScapys(vector: VectorCase): boolean {
  const { encryption, integrity } = suiteOf(vector)
  return (
    /^ENCR_(NULL|3DES|AES_(CBC|CTR|GCM_\d+|CCM_\d+)|CHACHA20_POLY1305)$/.test(encryption) &&
    (integrity === undefined || /^AUTH_(HMAC_(MD5_96|SHA1_96|SHA2_\d+_\d+)|AES_CMAC_96)$/.test(integrity))
  )
}

interface Suite {
  readonly encryption: string
  readonly integrity: string | undefined
  readonly sequenceNumbers: string
}

function suiteOf({ inputs }: VectorCase): Suite {
  const { encryption, integrity, sequenceNumbers }: Readonly<Record<string, unknown>> = { ...Object(inputs['suite']) }
  return {
    encryption: textOf(encryption),
    integrity: integrity === undefined ? undefined : textOf(integrity),
    sequenceNumbers: textOf(sequenceNumbers),
  }
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')
const packetOf = (inputs: VectorCase['inputs']): string => textOf(inputs['packet'] ?? inputs['protected'])
const isOpened = ({ inputs, result }: VectorCase, mode: string): boolean =>
  result === 'valid' && inputs['operation'] === 'open' && inputs['mode'] === mode

/** Of an IPv6 packet, in hexadecimal. */
function nextHeader6({ inputs }: VectorCase): string | undefined {
  const packet = packetOf(inputs)
  return packet.startsWith('6') ? packet.slice(12, 14) : undefined
}

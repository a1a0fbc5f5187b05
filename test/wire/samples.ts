// One or more samples of every payload, as octets and as value, written by hand from the figures of RFC 7296 §3, and whole messages
// made of them. In the octets every length, size and count stands in [brackets].
import { concat, fromHex, utf8 } from '../../src/bytes/bytes.ts'
import { authMethod } from '../../src/iana/authentication.ts'
import { certificateEncoding } from '../../src/iana/certificates.ts'
import { configurationAttribute, configurationType } from '../../src/iana/configuration.ts'
import { exchange } from '../../src/iana/exchanges.ts'
import { idType } from '../../src/iana/identification.ts'
import { notify } from '../../src/iana/notify.ts'
import { payloadType } from '../../src/iana/payloads.ts'
import { protocol } from '../../src/iana/protocols.ts'
import { transformAttribute } from '../../src/iana/transform-attributes.ts'
import { encryption, integrity, keyExchange, prf, sequenceNumbers, transformType } from '../../src/iana/transforms.ts'
import { parseAddress, type Address } from '../../src/net/address.ts'
import type { IkeSpi } from '../../src/contract/units.ts'
import { headerFlag } from '../../src/wire/flags.ts'
import type { Header, Message, Payload } from '../../src/wire/message.ts'

/* oxlint-disable typescript/no-unsafe-type-assertion -- sixteen digits are an IkeSpi */

/** Where a length, size or count stands. */
export interface LengthField {
  readonly offset: number
  readonly octets: number
}
export interface PayloadSample {
  readonly name: string
  readonly type: number
  readonly bytes: Uint8Array
  readonly lengths: readonly LengthField[]
  readonly payload: Payload
}
export interface MessageSample {
  readonly name: string
  readonly bytes: Uint8Array
  readonly lengths: readonly LengthField[]
  readonly message: Message
}

// ---- payloads -----------------------------------------------------------------------------------------------------------

const sa = sample(
  'SA for IKE',
  `00 00 [0030]
   00 00 [002c] 01 01 [00] [04]
     03 00 [000c] 01 00 000c 800e 0100
     03 00 [0008] 02 00 0005
     03 00 [0008] 03 00 000c
     00 00 [0008] 04 00 001f`,
  {
    kind: 'SA',
    critical: false,
    proposals: [
      {
        number: 1,
        protocol: protocol.IKE,
        spi: new Uint8Array(0),
        transforms: [
          { type: transformType.ENCR, id: encryption.ENCR_AES_CBC, attributes: [{ type: transformAttribute.KEY_LENGTH, value: 256 }] },
          { type: transformType.PRF, id: prf.PRF_HMAC_SHA2_256, attributes: [] },
          { type: transformType.INTEG, id: integrity.AUTH_HMAC_SHA2_256_128, attributes: [] },
          { type: transformType.KE, id: keyExchange.CURVE25519, attributes: [] },
        ],
      },
    ],
  },
)

const saTwoProposals = sample(
  'SA for ESP and AH',
  `00 00 [0040]
   02 00 [0020] 01 03 [04] [02] c0ffee01
     03 00 [000c] 01 00 0014 800e 0080
     00 00 [0008] 05 00 0000
   00 00 [001c] 02 02 [04] [02] c0ffee02
     03 00 [0008] 03 00 000c
     00 00 [0008] 05 00 0001`,
  {
    kind: 'SA',
    critical: false,
    proposals: [
      {
        number: 1,
        protocol: protocol.ESP,
        spi: hex('c0ffee01'),
        transforms: [
          { type: transformType.ENCR, id: encryption.ENCR_AES_GCM_16, attributes: [{ type: transformAttribute.KEY_LENGTH, value: 128 }] },
          { type: transformType.ESN, id: sequenceNumbers.NO_ESN, attributes: [] },
        ],
      },
      {
        number: 2,
        protocol: protocol.AH,
        spi: hex('c0ffee02'),
        transforms: [
          { type: transformType.INTEG, id: integrity.AUTH_HMAC_SHA2_256_128, attributes: [] },
          { type: transformType.ESN, id: sequenceNumbers.ESN, attributes: [] },
        ],
      },
    ],
  },
)

const saRekey = sample(
  'SA that rekeys an IKE SA, accepted as number 3',
  `00 00 [0024]
   00 00 [0020] 03 01 [08] [02] 0102030405060708
     03 00 [0008] 01 00 001c
     00 00 [0008] 02 00 0007`,
  {
    kind: 'SA',
    critical: false,
    proposals: [
      {
        number: 3,
        protocol: protocol.IKE,
        spi: hex('0102030405060708'),
        transforms: [
          { type: transformType.ENCR, id: encryption.ENCR_CHACHA20_POLY1305, attributes: [] },
          { type: transformType.PRF, id: prf.PRF_HMAC_SHA2_512, attributes: [] },
        ],
      },
    ],
  },
)

const saUnknowns = sample(
  'SA of unknown protocol, transforms and attributes, with reserved bits',
  `00 01 [0030]
   00 aa [002c] 07 c8 [03] [02] 010203
     03 bb [0015] c9 cc ffff 4001 [0005] 6f74686572 7fff [0000]
     00 00 [000c] f0 00 0000 ffff 002a`,
  {
    kind: 'SA',
    critical: false,
    reserved: [1],
    proposals: [
      {
        number: 7,
        protocol: 200,
        spi: hex('010203'),
        reserved: [0xaa],
        transforms: [
          {
            type: 201,
            id: 65_535,
            reserved: [0xbb, 0xcc],
            attributes: [
              { type: 0x4001, value: utf8('other') },
              { type: 0x7fff, value: new Uint8Array(0) },
            ],
          },
          { type: 240, id: 0, attributes: [{ type: 0x7fff, value: 42 }] },
        ],
      },
    ],
  },
)

const ke = sample(
  'KE',
  `00 00 [0028] 001f 0000
   00112233445566778899aabbccddeeff 00112233445566778899aabbccddeeff`,
  {
    kind: 'KE',
    critical: false,
    method: keyExchange.CURVE25519,
    publicValue: hex('00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff'),
  },
)

const idInitiator = sample('IDi', '00 00 [0015] 02 000000 612e6578616d706c652e6f7267', {
  kind: 'IDi',
  critical: false,
  identity: { type: idType.ID_FQDN, value: utf8('a.example.org') },
})

const idResponder = sample('IDr, critical, with reserved bits', '00 ff [000c] 01 010203 c0000201', {
  kind: 'IDr',
  critical: true,
  reserved: [0x7f, 0x010203],
  identity: { type: idType.ID_IPV4_ADDR, value: hex('c0000201') },
})

const idUnknown = sample('IDi of unknown type', '00 00 [000b] c9 000000 010203', {
  kind: 'IDi',
  critical: false,
  identity: { type: 201, value: hex('010203') },
})

const certificate = sample('CERT', '00 00 [000a] 04 3082000100', {
  kind: 'CERT',
  critical: false,
  encoding: certificateEncoding.X509_SIGNATURE,
  certificate: hex('3082000100'),
})

const certificateRequest = sample('CERTREQ', '00 00 [0019] 04 000102030405060708090a0b0c0d0e0f10111213', {
  kind: 'CERTREQ',
  critical: false,
  encoding: certificateEncoding.X509_SIGNATURE,
  authority: hex('000102030405060708090a0b0c0d0e0f10111213'),
})

const authentication = sample('AUTH', '00 00 [0010] 02 000000 f0f1f2f3f4f5f6f7', {
  kind: 'AUTH',
  critical: false,
  method: authMethod.SHARED_KEY_MESSAGE_INTEGRITY_CODE,
  value: hex('f0f1f2f3f4f5f6f7'),
})

const nonce = sample('NONCE', '00 00 [0014] 404142434445464748494a4b4c4d4e4f', {
  kind: 'NONCE',
  critical: false,
  nonce: hex('404142434445464748494a4b4c4d4e4f'),
})

const longestNonce = sample('NONCE of 256 octets', `00 00 [0104] ${'a5'.repeat(256)}`, {
  kind: 'NONCE',
  critical: false,
  nonce: new Uint8Array(256).fill(0xa5),
})

const cookie = sample('N(COOKIE)', '00 00 [000e] 00 [00] 4006 636f6f6b6965', {
  kind: 'N',
  critical: false,
  protocol: 0,
  spi: new Uint8Array(0),
  type: notify.COOKIE,
  value: utf8('cookie'),
})

const rekeySa = sample('N(REKEY_SA)', '00 00 [000c] 03 [04] 4009 c0ffee01', {
  kind: 'N',
  critical: false,
  protocol: protocol.ESP,
  spi: hex('c0ffee01'),
  type: notify.REKEY_SA,
  value: new Uint8Array(0),
})

const unknownNotify = sample('N of unknown type and protocol', '00 00 [000e] c9 [02] ffff 0102 03040506', {
  kind: 'N',
  critical: false,
  protocol: 201,
  spi: hex('0102'),
  type: 65_535,
  value: hex('03040506'),
})

const deleteIke = sample('D of the IKE SA', '00 00 [0008] 01 [00] [0000]', {
  kind: 'D',
  critical: false,
  protocol: protocol.IKE,
  spiSize: 0,
  spis: [],
})

const deleteEsp = sample('D of two ESP SAs', '00 00 [0010] 03 [04] [0002] c0ffee01 c0ffee02', {
  kind: 'D',
  critical: false,
  protocol: protocol.ESP,
  spiSize: 4,
  spis: [hex('c0ffee01'), hex('c0ffee02')],
})

const vendorId = sample('V', '00 00 [000b] 696b6562616e61', { kind: 'V', critical: false, vendorId: utf8('ikebana') })

const selectorsIpv4 = sample(
  'TSi, IPv4',
  `00 00 [0028] [02] 000000
     07 11 [0010] 0035 0035 c0000200 c00002ff
     07 00 [0010] ffff 0000 0a000001 0a000001`,
  {
    kind: 'TSi',
    critical: false,
    selectors: [
      { protocol: 17, startPort: 53, endPort: 53, startAddress: ip('192.0.2.0'), endAddress: ip('192.0.2.255') },
      { protocol: 0, startPort: 65_535, endPort: 0, startAddress: ip('10.0.0.1'), endAddress: ip('10.0.0.1') },
    ],
  },
)

const selectorsIpv6 = sample(
  'TSr, IPv6 and an unknown type',
  `00 00 [003d] [02] 000001
     08 3a [0028] 8000 80ff 20010db8000000000000000000000000 20010db8ffffffffffffffffffffffff
     0a 00 [000d] 6c6162656c3a613a62`,
  {
    kind: 'TSr',
    critical: false,
    reserved: [0, 1],
    selectors: [
      {
        protocol: 58,
        startPort: 0x8000,
        endPort: 0x80ff,
        startAddress: ip('2001:db8::'),
        endAddress: ip('2001:db8:ffff:ffff:ffff:ffff:ffff:ffff'),
      },
      { type: 10, protocolOrReserved: 0, body: utf8('label:a:b') },
    ],
  },
)

const encrypted = sample('SK', `23 00 [0024] ${'5a'.repeat(32)}`, {
  kind: 'SK',
  critical: false,
  firstPayload: payloadType.IDi,
  body: new Uint8Array(32).fill(0x5a),
})

const firstFragment = sample('SKF, the first of three', `23 00 [0028] 0001 0003 ${'5b'.repeat(32)}`, {
  kind: 'SKF',
  critical: false,
  firstPayload: payloadType.IDi,
  fragmentNumber: 1,
  totalFragments: 3,
  body: new Uint8Array(32).fill(0x5b),
})

const laterFragment = sample('SKF, the last of three', `00 00 [0009] 0003 0003 5c`, {
  kind: 'SKF',
  critical: false,
  firstPayload: 0,
  fragmentNumber: 3,
  totalFragments: 3,
  body: new Uint8Array(1).fill(0x5c),
})

const configuration = sample(
  'CP',
  `00 00 [001d] 02 000000
     0001 [0004] 0a000002
     8003 [0000]
     7fff [0005] 6f74686572`,
  {
    kind: 'CP',
    critical: false,
    type: configurationType.CFG_REPLY,
    attributes: [
      { type: configurationAttribute.INTERNAL_IP4_ADDRESS, value: hex('0a000002') },
      { type: configurationAttribute.INTERNAL_IP4_DNS, value: new Uint8Array(0), reserved: [1] },
      { type: 0x7fff, value: utf8('other') },
    ],
  },
)

const eapIdentity = sample('EAP Response', '00 00 [000d] 02 01 [0009] 01 75736572', {
  kind: 'EAP',
  critical: false,
  message: hex('020100090175736572'),
})

const eapSuccess = sample('EAP Success', '00 00 [0008] 03 02 [0004]', { kind: 'EAP', critical: false, message: hex('03020004') })

const unknown = sample('unknown, critical', '00 80 [0009] 0102030405', {
  kind: 'unknown',
  critical: true,
  type: 200,
  body: hex('0102030405'),
})

export const payloadSamples: readonly PayloadSample[] = [
  sa,
  saTwoProposals,
  saRekey,
  saUnknowns,
  ke,
  idInitiator,
  idResponder,
  idUnknown,
  certificate,
  certificateRequest,
  authentication,
  nonce,
  longestNonce,
  cookie,
  rekeySa,
  unknownNotify,
  deleteIke,
  deleteEsp,
  vendorId,
  selectorsIpv4,
  selectorsIpv6,
  encrypted,
  firstFragment,
  laterFragment,
  configuration,
  eapIdentity,
  eapSuccess,
  unknown,
]

// ---- messages -----------------------------------------------------------------------------------------------------------

const initiator = '0a0b0c0d0e0f1011'
const responder = '1f1e1d1c1b1a1918'
const nobody = '0000000000000000'

export const messageSamples: readonly MessageSample[] = [
  message('IKE_SA_INIT request', initiator, nobody, exchange.IKE_SA_INIT, headerFlag.INITIATOR, 0, [sa, ke, nonce, vendorId]),
  message('IKE_SA_INIT request with a cookie', initiator, nobody, exchange.IKE_SA_INIT, headerFlag.INITIATOR, 0, [cookie, sa, ke, nonce]),
  message('IKE_SA_INIT response', initiator, responder, exchange.IKE_SA_INIT, headerFlag.RESPONSE, 0, [sa, ke, nonce, certificateRequest]),
  message('IKE_AUTH request', initiator, responder, exchange.IKE_AUTH, headerFlag.INITIATOR, 1, [encrypted]),
  message(
    'INFORMATIONAL response with all flags, a later minor version and an unknown payload',
    initiator,
    responder,
    exchange.INFORMATIONAL,
    0xff,
    0xffffffff,
    [unknown, encrypted],
  ),
  message('IKE_AUTH request, first fragment', initiator, responder, exchange.IKE_AUTH, headerFlag.INITIATOR, 1, [firstFragment]),
  message('IKE_AUTH request, last fragment', initiator, responder, exchange.IKE_AUTH, headerFlag.INITIATOR, 1, [laterFragment]),
]

/** What an Encrypted payload of IKE_AUTH and CREATE_CHILD_SA has inside. */
export const innerSamples: readonly { readonly name: string; readonly samples: readonly PayloadSample[] }[] = [
  { name: 'IKE_AUTH', samples: [idInitiator, certificate, authentication, configuration, saTwoProposals, selectorsIpv4, selectorsIpv6] },
  { name: 'CREATE_CHILD_SA', samples: [rekeySa, saRekey, nonce, ke] },
  { name: 'INFORMATIONAL', samples: [deleteEsp, deleteIke, unknownNotify] },
]

/** Payloads whose Next Payload is about what is in them, and that stand last (RFC 7296 §3.14, RFC 7383 §2.5). */
export function isEnvelope(payload: Payload): boolean {
  return payload.kind === 'SK' || payload.kind === 'SKF'
}

/** The octets of payloads one after another, with each one's Next Payload set. */
export function chain(samples: readonly PayloadSample[]): { readonly bytes: Uint8Array; readonly lengths: readonly LengthField[] } {
  const bytes = concat(...samples.map((one) => one.bytes))
  const lengths: LengthField[] = []
  let start = 0
  for (const [i, one] of samples.entries()) {
    if (!isEnvelope(one.payload)) bytes[start] = samples[i + 1]?.type ?? 0
    for (const field of one.lengths) lengths.push({ ...field, offset: start + field.offset })
    start += one.bytes.length
  }
  return { bytes, lengths }
}

// ---- how samples are made -------------------------------------------------------------------------------------------------

function sample(name: string, annotated: string, payload: Payload): PayloadSample {
  const lengths: LengthField[] = []
  const compact = annotated.replace(/\s+/g, '')
  for (const match of compact.matchAll(/\[([0-9a-f]+)\]/g)) {
    const digitsBefore = compact.slice(0, match.index).replace(/[[\]]/g, '').length
    lengths.push({ offset: digitsBefore / 2, octets: (match[1] ?? '').length / 2 })
  }
  const type = payload.kind === 'unknown' ? payload.type : payloadType[payload.kind]
  return { name, type, bytes: hex(compact.replace(/[[\]]/g, '')), lengths, payload }
}

function message(
  name: string,
  initiatorSpi: string,
  responderSpi: string,
  exchangeType: number,
  flags: number,
  messageId: number,
  samples: readonly PayloadSample[],
): MessageSample {
  const { bytes: payloads, lengths } = chain(samples)
  const number = (value: number, octets: number): string => value.toString(16).padStart(2 * octets, '0')
  const minorVersion = flags === 0xff ? 1 : 0
  const first = samples[0]?.type ?? 0
  const fixed = `${number(first, 1)}2${minorVersion}${number(exchangeType, 1)}${number(flags, 1)}${number(messageId, 4)}`
  const header: Header = {
    initiatorSpi: initiatorSpi as IkeSpi,
    responderSpi: responderSpi as IkeSpi,
    majorVersion: 2,
    minorVersion,
    exchangeType,
    flags,
    messageId,
  }
  return {
    name,
    bytes: concat(hex(`${initiatorSpi}${responderSpi}${fixed}${number(28 + payloads.length, 4)}`), payloads),
    lengths: [{ offset: 24, octets: 4 }, ...lengths.map((field) => ({ ...field, offset: field.offset + 28 }))],
    message: { header, payloads: samples.map((one) => one.payload) },
  }
}

function hex(text: string): Uint8Array {
  const bytes = fromHex(text)
  if (bytes === undefined) throw new Error(`not hexadecimal: ${text}`)
  return bytes
}

function ip(text: string): Address {
  const address = parseAddress(text)
  if (address === undefined) throw new Error(`not an address: ${text}`)
  return address
}

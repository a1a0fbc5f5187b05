// Values that cannot be, in structures whose lengths agree; and unknown payloads with the critical bit. RFC 7296 §2.5, §3, RFC 7383 §2.5.
import { identity, ke, nonce, nonceOf, eap } from './auth-samples.ts'
import { deletion, ipv4, ipv6, notify, rekeySa, selectorText, selectors, sk, skf, tsIpv4 } from './child-samples.ts'
import { type Draft, type DraftFile, malformed } from './draft.ts'
import { sa, saIke, transform } from './sa-samples.ts'
import {
  authRequest,
  chanceHex,
  type Envelope,
  envelope,
  homeOf,
  informational,
  message,
  request,
  type Sample,
  unknownSample,
} from './sample.ts'

export const valuesFile = (): DraftFile => ({
  name: 'messages/values.json',
  title: 'Values that cannot be, where all lengths agree',
  flags: {},
  drafts: [...illegalSas(), ...others()].map(refused),
})

export const criticalFile = (): DraftFile => ({
  name: 'messages/critical.json',
  title: 'Unknown payloads with the critical bit, for which the message is rejected',
  flags: {},
  drafts: criticals(),
})

type Illegal = readonly [sample: Sample, section?: string]

const refused = ([each, section = each.section]: Illegal): Draft =>
  malformed({ id: each.id, title: each.title, document: each.document, section, octets: message(each.id, homeOf(each), [each]) })

const encr = transform(1, 11)
const prf = transform(2, 5)
const esn = transform(5, 0)

function illegalSas(): readonly Illegal[] {
  const sizes: readonly (readonly [number, string, string])[] = [
    [3, 'ESP', ''],
    [3, 'ESP', 'c0ffee'],
    [3, 'ESP', 'c0ffee0100'],
    [3, 'ESP', 'c0ffee0100000000'],
    [2, 'AH', ''],
    [2, 'AH', 'c0'],
    [2, 'AH', 'c0ffee0100000000'],
    [1, 'IKE', '01'],
    [1, 'IKE', '01020304'],
    [1, 'IKE', '01020304050607'],
    [1, 'IKE', '010203040506070809'],
    [1, 'IKE', '0102030405060708090a0b0c0d0e0f10'],
  ]
  const spis = sizes.map(([protocol, name, spi]): Illegal => {
    const length = spi.length / 2
    const id = `sa-rekey-spi-${name.toLowerCase()}-${length}`
    return [sa(id, `SA for ${name} with an SPI of ${length} octets`, { number: 1, protocol, spi, transforms: [encr, esn] }), '3.3.1']
  })
  const numbers: readonly (readonly number[])[] = [
    [0, 1],
    [2, 3],
    [1, 1],
    [1, 3],
    [2, 1],
    [1, 0],
    [255, 0],
    [1, 2, 2],
    [1, 2, 4],
    [1, 3, 2],
  ]
  const order = numbers.map((list): Illegal => {
    const proposals = list.map((number) => ({ number, protocol: 1, transforms: [encr, prf] }))
    return [sa(`sa-ike-numbers-${list.join('-')}`, `SA whose proposals are numbered ${list.join(', ')}`, ...proposals), '3.3.1']
  })
  const none = { number: 1, protocol: 1, transforms: [] }
  return [
    ...spis,
    ...order,
    [sa('sa-ike-no-transforms', 'SA whose proposal has no transforms', none), '3.3.1'],
    [
      sa(
        'sa-ike-second-no-transforms',
        'SA whose second proposal has no transforms',
        { ...none, transforms: [encr, prf] },
        { ...none, number: 2 },
      ),
      '3.3.1',
    ],
  ]
}

function others(): readonly Illegal[] {
  const start = 'c0000200'
  const end = 'c00002ff'
  return [
    ...[0, 1, 15, 257, 1024].map((length): Illegal => [nonceOf(length)]),
    ...[0, 3, 5, 16].map((length): Illegal => [ofLength('IDi', 'ipv4', 'ID_IPV4_ADDR', 1, length)]),
    ...[0, 4, 15, 17, 32].map((length): Illegal => [ofLength('IDr', 'ipv6', 'ID_IPV6_ADDR', 5, length)]),
    ...[1, 4, 8].map(
      (size): Illegal => [notify(`ike-spi-${size}`, `of the IKE SA with an SPI of ${size} octets`, 1, 'a5'.repeat(size), 11, '')],
    ),
    ...[1, 3, 5, 8, 255].map(
      (size): Illegal => [notify(`esp-spi-${size}`, `of ESP with an SPI of ${size} octets`, 3, 'a5'.repeat(size), 44, '')],
    ),
    ...[2, 8].map((size): Illegal => [notify(`ah-spi-${size}`, `of AH with an SPI of ${size} octets`, 2, 'a5'.repeat(size), 44, '')]),
    ...[4, 8].map(
      (size): Illegal => [deletion(`ike-spi-${size}`, `D of the IKE SA with an SPI of ${size} octets`, 1, ['a5'.repeat(size)])],
    ),
    ...[1, 3, 5, 8].map(
      (size): Illegal => [deletion(`esp-spi-${size}`, `D of ESP with SPIs of ${size} octets`, 3, ['a5'.repeat(size), '5a'.repeat(size)])],
    ),
    ...[2, 8].map((size): Illegal => [deletion(`ah-spi-${size}`, `D of AH with an SPI of ${size} octets`, 2, ['a5'.repeat(size)])]),
    [deletion('esp-size-0', 'D of ESP with an SPI Size of zero', 3, [])],
    [deletion('ah-size-0', 'D of AH with an SPI Size of zero', 2, [])],
    [selectors('TSi', 'none', 'no selector', [])],
    [selectors('TSr', 'none', 'no selector', [])],
    [
      selectors('TSi', 'ipv4-long', 'an IPv4 range with IPv6 addresses', [
        selectorText(7, 0, `0000 ffff ${'0'.repeat(32)} ${'f'.repeat(32)}`),
      ]),
      '3.13.1',
    ],
    [selectors('TSi', 'ipv6-short', 'an IPv6 range with IPv4 addresses', [selectorText(8, 0, `0000 ffff ${start} ${end}`)]), '3.13.1'],
    [selectors('TSr', 'ipv4-one', 'an IPv4 range with one address', [selectorText(7, 0, `0000 ffff ${start}`)]), '3.13.1'],
    [
      selectors('TSr', 'ipv4-three', 'an IPv4 range with three addresses', [selectorText(7, 0, `0000 ffff ${start} ${end} ${end}`)]),
      '3.13.1',
    ],
    [selectors('TSi', 'ipv4-ports', 'an IPv4 range of nothing but ports', [selectorText(7, 0, '0000 ffff')]), '3.13.1'],
    [selectors('TSi', 'ipv4-header', 'an IPv4 range of nothing but its header', [selectorText(7, 0, '')]), '3.13.1'],
    [selectors('TSr', 'ipv6-header', 'an IPv6 range of nothing but its header', [selectorText(8, 0, '')]), '3.13.1'],
    [
      selectors('TSr', 'ipv6-second', 'a second selector that is cut', [
        ipv6(0, 0, 65_535, '0'.repeat(32), 'f'.repeat(32)),
        selectorText(7, 0, '0000 ffff c000'),
      ]),
      '3.13.1',
    ],
    ...[0, 1, 3].map(
      (length): Illegal => [
        selectors('TSi', `unknown-${length}`, `a type for private use with a Selector Length of ${length}`, [
          ipv4(0, 0, 65_535, start, end),
          `f1 00 [000${length} Selector Length]`,
        ]),
        '3.13.1',
      ],
    ),
    [fragment('skf-0-of-1', 'fragment 0 of 1', 35, '0000 0001'), '2.6'],
    [fragment('skf-0-of-0', 'fragment 0 of 0', 35, '0000 0000'), '2.6'],
    [fragment('skf-1-of-0', 'fragment 1 of 0', 35, '0001 0000'), '2.6'],
    [fragment('skf-2-of-1', 'fragment 2 of 1', 0, '0002 0001'), '2.6'],
    [fragment('skf-65535-of-65534', 'fragment 65535 of 65534', 0, 'ffff fffe'), '2.6'],
    [eap('request-no-type', 'Request without a Type', '01 01 [0004 EAP Length]')],
    [eap('response-no-type', 'Response without a Type', '02 01 [0004 EAP Length]')],
    [eap('success-type', 'Success with a Type', '03 01 [0005 EAP Length] 01')],
    [eap('failure-octets', 'Failure with eight octets more', '04 01 [000c EAP Length] 0000000000000000')],
  ]
}

function ofLength(kind: 'IDi' | 'IDr', id: string, title: string, type: number, length: number): Sample {
  return identity(kind, `${id}-${length}`, `${title} of ${length} octets`, type, 'c0'.repeat(length))
}

function fragment(id: string, title: string, first: number, numbers: string): Sample {
  return envelope(id, `SKF, ${title}`, 'SKF', first, `${numbers} ${chanceHex(id, 40)}`)
}

function criticals(): readonly Draft[] {
  const response: Envelope = { ...request, flags: 0x20 }
  const critical = (type: number, text: string, bits = 0x80): Sample => {
    const made = unknownSample(`critical-${type}`, '', type, text)
    made.octets[1] = bits
    return made
  }
  const strange = critical(200, '0102030405')
  const harmless = unknownSample('harmless', '', 201, '0102')
  const of = (id: string, title: string, envelopeOf: Envelope, ...samples: readonly Sample[]): Draft =>
    malformed({ id, title, section: '2.5', octets: message(`critical ${id}`, envelopeOf, samples) })
  return [
    ...[1, 32, 128, 200, 255].map((type) =>
      of(`type-${type}`, `An unknown payload of type ${type}, critical, alone`, informational, critical(type, '00')),
    ),
    of('empty', 'An unknown payload of no octets, critical', informational, critical(129, '')),
    of('all-bits', 'An unknown payload, critical, with all reserved bits', informational, critical(200, '00', 0xff)),
    of('first', 'An unknown payload, critical, first', request, strange, saIke, ke, nonce),
    of('middle', 'An unknown payload, critical, in the middle', request, saIke, strange, ke, nonce),
    of('last', 'An unknown payload, critical, last', request, saIke, ke, nonce, strange),
    of('second-unknown', 'Two unknown payloads, the second critical', request, saIke, ke, nonce, harmless, strange),
    of('before-sk', 'An unknown payload, critical, before SK', authRequest, strange, sk),
    of('before-skf', 'An unknown payload, critical, before SKF', authRequest, harmless, strange, skf),
    of('response', 'An unknown payload, critical, in a response', response, saIke, ke, nonce, strange),
    of('inside', 'An unknown payload, critical, among those of CREATE_CHILD_SA', informational, rekeySa, tsIpv4, strange),
  ]
}

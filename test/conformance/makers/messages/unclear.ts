// Messages of which the RFCs do not say that a recipient refuses them: he may. If he does not, there is one way to read them.
import { concat } from '../../../../src/bytes/bytes.ts'
import type { JsonObject } from '../../../../src/inspect/describe.ts'
import { authentication, eap, identity, keyExchange, request as certificateRequest } from './auth-samples.ts'
import { configuration, deletion, ipv4, ipv6, notify, selectors, vendor } from './child-samples.ts'
import { acceptable, type Draft, type DraftFile, readingOf } from './draft.ts'
import { sa, saEspAh, saIke, transform } from './sa-samples.ts'
import { authRequest, envelope, homeOf, informational, message, number, request, sample, type Sample, textHex } from './sample.ts'

export const unclearFile = (): DraftFile => ({
  name: 'messages/unclear.json',
  title: 'Messages that may be refused or read, but not read otherwise',
  flags: {
    LastSubstruc: 'RFC 7296 §3.3.1 and §3.3.2 give values to Last Substruc, and call it unnecessary: the lengths say which is the last.',
    BehindLength: 'RFC 7296 §3.1 has one message per datagram; what stands behind it is not spoken of.',
    SenderOnly: 'The RFC says what a sender does, and not what a recipient does when he has not.',
    Limits: 'The RFC sets no limit; an implementation that holds what it reads has one.',
  },
  drafts: [...lastSubstrucs(), ...behindLength(), ...emptyRanges(), ...noProtocol(), ...senders(), ...laterFragments(), manyPayloads()],
})

function lastSubstrucs(): readonly Draft[] {
  const wrong = (each: Sample, what: string, offset: number, right: number, values: readonly number[]): readonly Draft[] =>
    values.map((value) => {
      const octets = each.octets.slice()
      octets[offset] = value
      const name = `last ${each.id}`
      return acceptable(
        {
          id: `${each.id}-${what.replaceAll(' ', '-')}-${value}`,
          title: `${each.title}: Last Substruc of ${what} is ${value}, not ${right}`,
          section: what.includes('transform') ? '3.3.2' : '3.3.1',
          octets: message(name, homeOf(each), [{ type: each.type, octets }]),
          flags: ['LastSubstruc'],
        },
        readingOf(message(name, homeOf(each), [each])),
      )
    })
  return [
    ...wrong(saEspAh, 'the first proposal', 4, 2, [0, 1, 3, 255]),
    ...wrong(saEspAh, 'the second proposal', 36, 0, [1, 2, 3]),
    ...wrong(saIke, 'the first transform', 12, 3, [0, 2, 255]),
    ...wrong(saIke, 'the last transform', 40, 0, [1, 2, 3]),
  ]
}

const behindLength = (): readonly Draft[] =>
  [1, 4, 28, 100].map((count) => {
    const octets = message('behind', request, [saIke])
    const more = concat(octets, new Uint8Array(count))
    const title = `${count === 1 ? 'One zero octet' : `${count} zero octets`} in the datagram behind Length`
    return acceptable({ id: `behind-length-${count}`, title, section: '3.1', octets: more, flags: ['BehindLength'] }, readingOf(octets))
  })

/** A start behind its end: nothing is selected. */
function emptyRanges(): readonly Draft[] {
  const all4 = ['00000000', 'ffffffff'] as const
  const all6 = ['0'.repeat(32), 'f'.repeat(32)] as const
  const ranges: readonly (readonly [id: string, title: string, wrong: string, right: string, swaps: JsonObject])[] = [
    ['ipv4-ports', 'ports 80 to 79', ipv4(6, 80, 79, ...all4), ipv4(6, 79, 80, ...all4), { startPort: 80, endPort: 79 }],
    ['ipv6-ports', 'ports 65535 to 1', ipv6(6, 65_535, 1, ...all6), ipv6(6, 1, 65_535, ...all6), { startPort: 65_535, endPort: 1 }],
    [
      'ipv4-addresses',
      'addresses that end before they start',
      ipv4(0, 0, 65_535, 'c0000202', 'c0000201'),
      ipv4(0, 0, 65_535, 'c0000201', 'c0000202'),
      { startAddress: '192.0.2.2', endAddress: '192.0.2.1' },
    ],
    [
      'ipv6-addresses',
      'addresses that end before they start',
      ipv6(0, 0, 65_535, `20010db8${'0'.repeat(23)}2`, `20010db8${'0'.repeat(23)}1`),
      ipv6(0, 0, 65_535, `20010db8${'0'.repeat(23)}1`, `20010db8${'0'.repeat(23)}2`),
      { startAddress: '2001:db8::2', endAddress: '2001:db8::1' },
    ],
  ]
  return ranges.map(([id, title, wrong, right, swaps]) => {
    const of = (text: string): Uint8Array => message(`empty ${id}`, authRequest, [selectors('TSi', id, title, [text])])
    const basics = { id: `tsi-${id}`, title: `TSi, ${title}`, section: '3.13.1', octets: of(wrong), flags: ['SenderOnly'] }
    return acceptable(basics, withSelector(readingOf(of(right)), swaps))
  })
}

function withSelector(reading: JsonObject, changes: JsonObject): JsonObject {
  const [payload] = listOf(reading, 'payloads')
  const [selector] = listOf(payload ?? {}, 'selectors')
  return { ...reading, payloads: [{ ...payload, selectors: [{ ...selector, ...changes }] }] }
}

function listOf(object: JsonObject, name: string): readonly JsonObject[] {
  const value = object[name]
  return Array.isArray(value) ? value : []
}

/** RFC 7296 §3.10: an SPI with a Protocol ID of zero is of no kind of SA. */
function noProtocol(): readonly Draft[] {
  return [1, 4, 8].map((size) => {
    const spi = 'a5'.repeat(size)
    const of = (protocol: number): Uint8Array =>
      message(`no protocol ${size}`, informational, [notify('no-protocol', '', protocol, spi, 44, '')])
    const reading = readingOf(of(201))
    const [payload] = listOf(reading, 'payloads')
    return acceptable(
      {
        id: `n-no-protocol-spi-${size}`,
        title: `N with an SPI of ${size} octets and Protocol ID 0`,
        section: '3.10',
        octets: of(0),
        flags: ['SenderOnly'],
      },
      { ...reading, payloads: [{ ...payload, protocol: 0 }] },
    )
  })
}

/** RFC 7383 §2.5: a sender sets Next Payload to zero; §2.6 does not have a recipient check it. */
function laterFragments(): readonly Draft[] {
  const cases: readonly (readonly [id: string, first: number, numbers: string])[] = [
    ['skf-second-with-next', 35, '0002 0002'],
    ['skf-last-with-next', 200, 'ffff ffff'],
  ]
  return cases.map(([id, first, numbers]) =>
    acceptable({
      id,
      title: `SKF that is not the first, with Next Payload ${first}`,
      document: 'RFC 7383',
      section: '2.5',
      octets: message(id, authRequest, [envelope(id, '', 'SKF', first, `${numbers} ${'5b'.repeat(40)}`)]),
      flags: ['SenderOnly'],
    }),
  )
}

/** More than ours takes. */
function manyPayloads(): Draft {
  const count = 129
  const one = vendor('one', '', '5a')
  const of = (times: number): Uint8Array =>
    message(
      'many',
      request,
      Array.from({ length: times }, () => one),
    )
  const reading = readingOf(of(1))
  return acceptable(
    { id: `payloads-${count}`, title: `${count} Vendor IDs`, section: '3.12', octets: of(count), flags: ['Limits'] },
    { ...reading, payloads: Array.from({ length: count }, () => listOf(reading, 'payloads')[0] ?? {}) },
  )
}

function senders(): readonly Draft[] {
  const keyLength = '800e 0080'
  const samples: readonly (readonly [sample: Sample, section?: string])[] = [
    [keyExchange('ke-empty', 'KE of no octets', 14, 0)],
    [keyExchange('ke-modp-2048-short', 'KE of the 2048-bit MODP group, 255 octets', 14, 255)],
    [keyExchange('ke-modp-2048-long', 'KE of the 2048-bit MODP group, 257 octets', 14, 257)],
    [keyExchange('ke-modp-1024-short', 'KE of the 1024-bit MODP group, 127 octets', 2, 127)],
    [identity('IDi', 'fqdn-nul', 'ID_FQDN that ends with NUL', 2, `${textHex('a.example.org')}00`)],
    [identity('IDi', 'fqdn-empty', 'ID_FQDN of no octets', 2, '')],
    [identity('IDr', 'mail-crlf', 'ID_RFC822_ADDR that ends with CR LF', 3, `${textHex('a@example.org')}0d0a`)],
    [identity('IDr', 'key-id-empty', 'ID_KEY_ID of no octets', 11, '')],
    [identity('IDi', 'dn-broken', 'ID_DER_ASN1_DN that is no DER', 9, 'ffffff')],
    [sample('cert-empty', 'CERT of no octets', 'CERT', '04')],
    [certificateRequest('empty', 'no authority', 4, 0)],
    [certificateRequest('19', '19 octets', 4, 19)],
    [certificateRequest('21', '21 octets', 4, 21)],
    [authentication('empty', 'of no octets', 2, 0)],
    [vendor('empty', 'V of no octets', '')],
    [notify('cookie-empty', 'COOKIE of no octets', 0, '', 16_390, ''), '2.6'],
    [notify('cookie-65', 'COOKIE of 65 octets', 0, '', 16_390, 'c0'.repeat(65)), '2.6'],
    [sample('d-esp-none', 'D of no ESP SA', 'D', '03 [04 SPI Size] [0000 Num of SPIs]')],
    [sample('d-protocol-0', 'D of Protocol ID 0 without SPIs', 'D', '00 [00 SPI Size] [0000 Num of SPIs]')],
    [deletion('same-twice', 'D of one ESP SA, twice', 3, ['c0ffee01', 'c0ffee01'])],
    [configuration('ip4-3', 'INTERNAL_IP4_ADDRESS of 3 octets', 2, [['0001', 'c00002']]), '3.15.1'],
    [configuration('ip4-5', 'INTERNAL_IP4_ADDRESS of 5 octets', 2, [['0001', 'c000020100']]), '3.15.1'],
    [configuration('ip6-16', 'INTERNAL_IP6_ADDRESS of 16 octets', 2, [['0008', '20010db8000000000000000000000001']]), '3.15.1'],
    [configuration('subnet-4', 'INTERNAL_IP4_SUBNET of 4 octets', 2, [['000d', 'c0000200']]), '3.15.1'],
    [configuration('supported-3', 'SUPPORTED_ATTRIBUTES of 3 octets', 2, [['000e', '000100']]), '3.15.1'],
    [configuration('type-0', 'CFG Type 0', 0, [])],
    [
      sa('sa-ike-two-key-lengths', 'SA with two Key Lengths in one transform', {
        number: 1,
        protocol: 1,
        transforms: [transform(1, 12, `${keyLength} 800e 0100`)],
      }),
    ],
    [
      sa('sa-ike-tlv-key-length', 'SA with a Key Length in the form TLV', {
        number: 1,
        protocol: 1,
        transforms: [transform(1, 12, '000e [0002 Attribute Length] 0080')],
      }),
      '3.3.5',
    ],
    [
      sa('sa-ike-key-length-of-prf', 'SA with a Key Length of a PRF', { number: 1, protocol: 1, transforms: [transform(2, 5, keyLength)] }),
      '3.3.5',
    ],
    [sa('sa-ike-accepted-0', 'SA with proposal 0 alone', { number: 0, protocol: 1, transforms: [transform(1, 11)] }), '3.3.1'],
    [eap('code-0', 'Code 0', '00 01 [0004 EAP Length]')],
    [eap('code-5', 'Code 5 (RFC 6696)', '05 01 [0008 EAP Length] 01000000')],
    [envelope('sk-no-octets', 'SK of no octets', 'SK', 35, '')],
    [envelope('skf-no-octets', 'SKF of no octets', 'SKF', 35, '0001 0002')],
    [envelope('skf-first-without-next', 'SKF, the first of two, with Next Payload zero', 'SKF', 0, `0001 0002 ${'5a'.repeat(24)}`)],
  ]
  const exchangeTypes = [0, 2, 33].map((exchangeType) =>
    acceptable({
      id: `exchange-type-${exchangeType}`,
      title: `Exchange type ${exchangeType}, which is none of IKEv2`,
      section: '3.1',
      octets: message(`exchange type ${number(exchangeType, 1)}`, { ...informational, exchangeType }, [deletion('ike', '', 1, [])]),
      flags: ['SenderOnly'],
    }),
  )
  return [
    ...exchangeTypes,
    ...samples.map(([each, section = each.section]) =>
      acceptable({
        id: each.id,
        title: each.title,
        document: each.document,
        section,
        octets: message(each.id, homeOf(each), [each]),
        flags: ['SenderOnly'],
      }),
    ),
  ]
}

// Payloads of notifications, deletions, traffic selectors, configuration, and the envelopes, as samples. RFC 7296 §3.10 to §3.15, RFC 7383 §2.5.
import { chanceHex, envelope, number, sample, type Sample, textHex, unknownSample } from './sample.ts'

export const cookie: Sample = notify('cookie', 'COOKIE', 0, '', 16_390, chanceHex('cookie', 20))
export const rekeySa: Sample = notify('rekey-sa', 'REKEY_SA', 3, 'c0ffee01', 16_393, '')
export const notFound: Sample = notify('child-sa-not-found', 'CHILD_SA_NOT_FOUND of AH', 2, 'c0ffee02', 44, '')
export const deleteIke: Sample = deletion('ike', 'D of the IKE SA', 1, [])
export const deleteEsp: Sample = deletion('esp-two', 'D of two ESP SAs', 3, ['c0ffee01', 'c0ffee02'])
export const vendorId: Sample = vendor('16', 'V of 16 octets', chanceHex('vendor', 16))
export const tsIpv4: Sample = selectors('TSi', 'ipv4-two', 'two IPv4 ranges', [
  ipv4(17, 53, 53, 'c0000200', 'c00002ff'),
  ipv4(6, 1024, 65_535, '0a000001', '0a000001'),
])
export const tsIpv6: Sample = selectors('TSr', 'ipv6', 'an IPv6 range', [
  ipv6(0, 0, 65_535, '20010db8000000000000000000000000', '20010db80000ffffffffffffffffffff'),
])
export const sk: Sample = envelope('sk', 'SK', 'SK', 35, chanceHex('SK', 48))
export const skf: Sample = envelope('skf-first', 'SKF, the first of three', 'SKF', 35, `0001 0003 ${chanceHex('SKF', 48)}`)
export const cpReply: Sample = configuration('reply', 'CFG_REPLY', 2, [
  ['0001', 'c0000201'],
  ['0003', 'c0000235'],
])

const anyIpv4 = ipv4(0, 0, 65_535, '00000000', 'ffffffff')
const anyIpv6 = ipv6(0, 0, 65_535, '0'.repeat(32), 'f'.repeat(32))

export const childSamples: readonly Sample[] = [
  cookie,
  rekeySa,
  notFound,
  notify('cookie-1', 'COOKIE of one octet', 0, '', 16_390, '00'),
  notify('cookie-64', 'COOKIE of 64 octets', 0, '', 16_390, chanceHex('longest cookie', 64)),
  notify('invalid-syntax', 'INVALID_SYNTAX', 0, '', 7, ''),
  notify('unsupported-critical', 'UNSUPPORTED_CRITICAL_PAYLOAD', 0, '', 1, 'c8'),
  notify('invalid-ke', 'INVALID_KE_PAYLOAD', 0, '', 17, '0013'),
  notify('invalid-major-version', 'INVALID_MAJOR_VERSION', 0, '', 5, '02'),
  notify('invalid-selectors', 'INVALID_SELECTORS of ESP', 3, '00000100', 39, chanceHex('packet', 40)),
  notify('window', 'SET_WINDOW_SIZE', 0, '', 16_385, '00000005'),
  notify('nat-source', 'NAT_DETECTION_SOURCE_IP', 0, '', 16_388, chanceHex('source', 20)),
  notify('nat-destination', 'NAT_DETECTION_DESTINATION_IP', 0, '', 16_389, chanceHex('destination', 20)),
  notify('ipcomp', 'IPCOMP_SUPPORTED', 0, '', 16_387, '123402'),
  notify('transport', 'USE_TRANSPORT_MODE', 0, '', 16_391, ''),
  notify('fragmentation', 'IKEV2_FRAGMENTATION_SUPPORTED (RFC 7383)', 0, '', 16_430, ''),
  notify('hash-algorithms', 'SIGNATURE_HASH_ALGORITHMS (RFC 7427)', 0, '', 16_431, '000200030004'),
  notify('error-unassigned', 'an error type that is not assigned', 0, '', 2, ''),
  notify('error-private', 'an error type for private use', 0, '', 8192, '01'),
  notify('status-private', 'a status type for private use', 0, '', 65_535, chanceHex('private', 9)),
  notify('private-protocol', 'a Protocol ID for private use, with an SPI of two octets', 201, '0102', 40_960, '03040506'),
  notify('private-protocol-255', 'a Protocol ID for private use, with an SPI of 255 octets', 255, 'a5'.repeat(255), 40_960, ''),
  deleteIke,
  deleteEsp,
  deletion('esp-one', 'D of one ESP SA', 3, ['ffffffff']),
  deletion('ah-three', 'D of three AH SAs', 2, ['00000100', '00000101', '00000102']),
  deletion(
    'esp-300',
    'D of 300 ESP SAs',
    3,
    Array.from({ length: 300 }, (_, i) => number(0x10000 + i, 4)),
  ),
  vendorId,
  vendor('1', 'V of one octet', '00'),
  vendor('text', 'V of text', textHex('strange vendor 1.0')),
  vendor('1000', 'V of 1,000 octets', chanceHex('long vendor', 1000)),
  tsIpv4,
  tsIpv6,
  selectors('TSi', 'any-ipv4', 'all of IPv4', [anyIpv4]),
  selectors('TSr', 'any-ipv6', 'all of IPv6', [anyIpv6]),
  selectors('TSi', 'both', 'all of IPv4 and of IPv6', [anyIpv4, anyIpv6]),
  selectors('TSr', 'one-address', 'one address, one port', [ipv4(6, 443, 443, 'c0000201', 'c0000201')]),
  selectors('TSi', 'opaque', 'OPAQUE ports', [ipv4(17, 65_535, 0, '0a000000', '0affffff')]),
  selectors('TSr', 'icmp', 'ICMP echo requests', [ipv4(1, 0x0800, 0x08ff, '00000000', 'ffffffff')]),
  selectors('TSi', 'icmpv6', 'ICMPv6 destination unreachable', [ipv6(58, 0x0100, 0x01ff, '0'.repeat(32), 'f'.repeat(32))]),
  selectors('TSi', 'mobility', 'binding updates of Mobile IPv6', [ipv6(135, 0x0500, 0x0500, '0'.repeat(32), 'f'.repeat(32))]),
  selectors('TSr', 'label', 'all of IPv4, and a security label (RFC 9478)', [anyIpv4, selectorText(10, 0, textHex('label:a:b'))]),
  selectors('TSi', 'unknown', 'all of IPv4, and a type for private use', [anyIpv4, selectorText(241, 0x5a, '010203')]),
  selectors('TSi', 'unknown-empty', 'a type for private use with no more than its header, and all of IPv6', [
    selectorText(255, 0, ''),
    anyIpv6,
  ]),
  selectors(
    'TSi',
    '255',
    '255 selectors',
    Array.from({ length: 255 }, (_, i) => ipv4(0, 0, 65_535, `0a00${number(i, 1)}00`, `0a00${number(i, 1)}ff`)),
  ),
  sk,
  envelope('sk-empty', 'SK with nothing inside but padding', 'SK', 0, chanceHex('SK empty', 32)),
  envelope('sk-unknown', 'SK whose first payload is of a type for private use', 'SK', 200, chanceHex('SK unknown', 64)),
  envelope('sk-long', 'SK of 2,000 octets', 'SK', 35, chanceHex('SK long', 1996)),
  skf,
  envelope('skf-second', 'SKF, the second of three', 'SKF', 0, `0002 0003 ${chanceHex('SKF 2', 48)}`),
  envelope('skf-last', 'SKF, the last of three', 'SKF', 0, `0003 0003 ${chanceHex('SKF 3', 24)}`),
  envelope('skf-only', 'SKF, one of one', 'SKF', 33, `0001 0001 ${chanceHex('SKF 1', 40)}`),
  envelope('skf-first-of-many', 'SKF, the first of 65,535', 'SKF', 35, `0001 ffff ${chanceHex('SKF many', 40)}`),
  envelope('skf-last-of-many', 'SKF, the last of 65,535', 'SKF', 0, `ffff ffff ${chanceHex('SKF last', 40)}`),
  cpReply,
  configuration('empty', 'no attributes', 4, []),
  configuration('request', 'CFG_REQUEST of empty attributes', 1, [
    ['0001', ''],
    ['0002', ''],
    ['0003', ''],
    ['0008', ''],
    ['000a', ''],
    ['000e', ''],
  ]),
  configuration('ipv6', 'CFG_REPLY for IPv6', 2, [
    ['0008', '20010db800000000000000000000000140'],
    ['000a', '20010db8000000000000000000000035'],
    ['000f', '20010db800000000000000000000000020'],
  ]),
  configuration('ipv4', 'CFG_REPLY for IPv4', 2, [
    ['0001', '0a000002'],
    ['0002', 'ffffff00'],
    ['0004', '0a000003'],
    ['0006', '0a000004'],
    ['000d', '0a000000ff000000'],
  ]),
  configuration('version', 'APPLICATION_VERSION', 2, [['0007', textHex('Strange Gateway 1.0')]]),
  configuration('supported', 'SUPPORTED_ATTRIBUTES', 2, [['000e', '000100020003000d']]),
  configuration('set', 'CFG_SET with an attribute for private use', 3, [['7fff', chanceHex('attribute', 11)]]),
  configuration('unassigned', 'CFG_REQUEST with an attribute that is not assigned', 1, [['0005', '00000000']]),
  configuration('type-private', 'a CFG Type for private use', 255, [['0001', '']]),
  unknownSample('unknown-1', 'a payload of type 1, of IKEv1', 1, chanceHex('type 1', 12)),
  unknownSample('unknown-32', 'a payload of type 32, never to be assigned', 32, ''),
  unknownSample('unknown-128', 'a payload of type 128, for private use', 128, '00'),
  unknownSample('unknown-200', 'a payload of type 200, for private use', 200, chanceHex('type 200', 21)),
  unknownSample('unknown-255', 'a payload of type 255, for private use', 255, chanceHex('type 255', 500)),
]

export function notify(id: string, title: string, protocol: number, spi: string, type: number, value: string): Sample {
  const size = `[${number(spi.length / 2, 1)} SPI Size]`
  return sample(`n-${id}`, `N, ${title}`, 'N', `${number(protocol, 1)} ${size} ${number(type, 2)} ${spi} ${value}`)
}

export function deletion(id: string, title: string, protocol: number, spis: readonly string[]): Sample {
  const size = number((spis[0] ?? '').length / 2, 1)
  return sample(
    `d-${id}`,
    title,
    'D',
    `${number(protocol, 1)} [${size} SPI Size] [${number(spis.length, 2)} Num of SPIs] ${spis.join(' ')}`,
  )
}

export function vendor(id: string, title: string, value: string): Sample {
  return sample(`v-${id}`, title, 'V', value)
}

export function selectors(kind: 'TSi' | 'TSr', id: string, title: string, texts: readonly string[]): Sample {
  const text = `[${number(texts.length, 1)} Number of TSs] {000000} ${texts.join(' ')}`
  return sample(`${kind.toLowerCase()}-${id}`, `${kind}, ${title}`, kind, text)
}

export function ipv4(protocol: number, startPort: number, endPort: number, start: string, end: string): string {
  return selectorText(7, protocol, `${number(startPort, 2)} ${number(endPort, 2)} ${start} ${end}`)
}

export function ipv6(protocol: number, startPort: number, endPort: number, start: string, end: string): string {
  return selectorText(8, protocol, `${number(startPort, 2)} ${number(endPort, 2)} ${start} ${end}`)
}

export function selectorText(type: number, second: number, body: string): string {
  const length = 4 + body.replace(/ /g, '').length / 2
  return `${number(type, 1)} ${number(second, 1)} [${number(length, 2)} Selector Length] ${body}`
}

export function configuration(
  id: string,
  title: string,
  type: number,
  attributes: readonly (readonly [type: string, value: string])[],
): Sample {
  const texts = attributes.map(([attribute, value]) => `${attribute} [${number(value.length / 2, 2)} Attribute Length] ${value}`)
  return sample(`cp-${id}`, `CP, ${title}`, 'CP', `${number(type, 1)} {000000} ${texts.join(' ')}`)
}

// Security Association payloads as samples. RFC 7296 §3.3.
import { number, sample, type Sample } from './sample.ts'

export interface ProposalText {
  readonly number: number
  readonly protocol: number
  readonly spi?: string
  readonly transforms: readonly TransformText[]
}
export interface TransformText {
  readonly type: number
  readonly id: number
  /** Attributes as text: `800e 0100`. */
  readonly attributes?: string
}

export const transform = (type: number, id: number, attributes?: string): TransformText => ({
  type,
  id,
  ...(attributes === undefined ? {} : { attributes }),
})
const keyLength = (bits: number): string => `800e ${number(bits, 2)}`

const [encr, prf, integ, group, esn] = [1, 2, 3, 4, 5]
const aes256 = transform(encr, 12, keyLength(256))
const [sha256, hmac256, x25519] = [transform(prf, 5), transform(integ, 12), transform(group, 31)]
const noEsn = transform(esn, 0)

export const saIke: Sample = sa('sa-ike', 'SA for IKE', { number: 1, protocol: 1, transforms: [aes256, sha256, hmac256, x25519] })

export const saEsp: Sample = sa('sa-esp', 'SA for ESP', {
  number: 1,
  protocol: 3,
  spi: 'c0ffee01',
  transforms: [transform(encr, 20, keyLength(128)), noEsn, transform(esn, 1)],
})

export const saEspAh: Sample = sa(
  'sa-esp-ah',
  'SA for ESP or AH',
  { number: 1, protocol: 3, spi: 'c0ffee01', transforms: [transform(encr, 20, keyLength(128)), noEsn] },
  { number: 2, protocol: 2, spi: 'c0ffee02', transforms: [hmac256, noEsn] },
)

export const saTlv: Sample = sa('sa-tlv', 'SA with an attribute in the form TLV', {
  number: 1,
  protocol: 1,
  transforms: [transform(encr, 12, '4001 [0005 Attribute Length] 6f74686572'), sha256],
})

export const saRekey: Sample = sa('sa-rekey', 'SA that rekeys an IKE SA', {
  number: 1,
  protocol: 1,
  spi: '0102030405060708',
  transforms: [transform(encr, 28), transform(prf, 7), x25519],
})

export const saSamples: readonly Sample[] = [
  saIke,
  saEsp,
  saEspAh,
  saTlv,
  saRekey,
  sa('sa-rekey-accepted', 'SA that rekeys an IKE SA, the third proposal accepted', {
    number: 3,
    protocol: 1,
    spi: 'fffffffffffffffe',
    transforms: [transform(encr, 20, keyLength(256)), transform(prf, 6), transform(group, 20)],
  }),
  sa('sa-esp-one-transform', 'SA with one transform', { number: 1, protocol: 3, spi: '00000100', transforms: [transform(encr, 11)] }),
  sa('sa-esp-accepted', 'SA with proposal 255 accepted', { number: 255, protocol: 2, spi: 'ffffffff', transforms: [hmac256, noEsn] }),
  sa(
    'sa-ike-three',
    'SA with three proposals',
    { number: 1, protocol: 1, transforms: [aes256, sha256, hmac256, x25519] },
    { number: 2, protocol: 1, transforms: [transform(encr, 20, keyLength(128)), sha256, transform(integ, 0), transform(group, 14)] },
    { number: 3, protocol: 1, transforms: [transform(encr, 3), transform(prf, 2), transform(integ, 2), transform(group, 2)] },
  ),
  sa('sa-ike-addke', 'SA with an additional key exchange (RFC 9370)', {
    number: 1,
    protocol: 1,
    transforms: [transform(encr, 20, keyLength(256)), sha256, x25519, transform(6, 36)],
  }),
  sa('sa-esp-255-transforms', 'SA with 255 transforms', {
    number: 1,
    protocol: 3,
    spi: 'c0ffee03',
    transforms: Array.from({ length: 255 }, (_, i) => transform(encr, 1024 + i)),
  }),
  sa('sa-empty-tlv', 'SA with an attribute of no octets', {
    number: 1,
    protocol: 1,
    transforms: [transform(encr, 12, '7fff [0000 Attribute Length]'), sha256],
  }),
  sa('sa-unknown-tv', 'SA with an unknown attribute in the form TV', {
    number: 1,
    protocol: 1,
    transforms: [transform(encr, 12, `${keyLength(256)} ffff 002a`), sha256],
  }),
  sa('sa-unknown-transform-type', 'SA with a Transform Type for private use', {
    number: 1,
    protocol: 1,
    transforms: [aes256, sha256, transform(241, 7)],
  }),
  sa('sa-unassigned-transform-type', 'SA with a Transform Type that is not assigned', {
    number: 1,
    protocol: 1,
    transforms: [aes256, transform(200, 65_535)],
  }),
  sa('sa-private-transform', 'SA with a Transform ID for private use', {
    number: 1,
    protocol: 1,
    transforms: [transform(encr, 65_535, keyLength(65_535)), sha256],
  }),
  sa('sa-private-protocol', 'SA for a Protocol ID for private use, with an SPI of three octets', {
    number: 1,
    protocol: 201,
    spi: '010203',
    transforms: [transform(encr, 12, keyLength(128))],
  }),
  sa('sa-long-spi', 'SA for a Protocol ID for private use, with an SPI of 255 octets', {
    number: 1,
    protocol: 255,
    spi: 'a5'.repeat(255),
    transforms: [noEsn],
  }),
]

export function sa(id: string, title: string, ...proposals: readonly ProposalText[]): Sample {
  return sample(id, title, 'SA', proposals.map((each, i) => proposalText(each, i === proposals.length - 1 ? 0 : 2)).join(' '))
}

function proposalText({ number: position, protocol, spi = '', transforms }: ProposalText, last: 0 | 2): string {
  const texts = transforms.map((each, i) => transformText(each, i === transforms.length - 1 ? 0 : 3))
  const length = 8 + spi.length / 2 + texts.reduce((sum, text) => sum + octetsOf(text), 0)
  const sizes = `[${number(spi.length / 2, 1)} SPI Size] [${number(transforms.length, 1)} Num Transforms]`
  return `${number(last, 1)} {00} [${number(length, 2)} Proposal Length] ${number(position, 1)} ${number(protocol, 1)} ${sizes} ${spi} ${texts.join(' ')}`
}

function transformText({ type, id, attributes = '' }: TransformText, last: 0 | 3): string {
  const length = 8 + octetsOf(attributes)
  return `${number(last, 1)} {00} [${number(length, 2)} Transform Length] ${number(type, 1)} {00} ${number(id, 2)} ${attributes}`
}

/** Labels are words of letters; what is left are digits. */
function octetsOf(text: string): number {
  return text.replace(/ [A-Z][A-Za-z ]*\]/g, '').replace(/[^0-9a-f]/g, '').length / 2
}

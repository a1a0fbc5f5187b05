// Payloads and messages written as text, from the figures of RFC 7296 §3: octets in hexadecimal, every length, size and count as
// `[0030 Proposal Length]`, every reserved octet as `{00}`. What damages them knows by this what stands where.
import { concat, fromHex, putU16, putU32, toHex } from '../../../../src/bytes/bytes.ts'
import { exchange } from '../../../../src/iana/exchanges.ts'
import { payloadType } from '../../../../src/iana/payloads.ts'
import { protocol } from '../../../../src/iana/protocols.ts'
import { seededRandom } from '../../../../src/lab/random.ts'

export type PayloadKind = Exclude<keyof typeof payloadType, 'NO_NEXT_PAYLOAD'>

/** A length, a size or a count, and where it stands. */
export interface Size {
  readonly label: string
  readonly offset: number
  readonly octets: 1 | 2 | 4
  readonly value: number
}

export interface Sample {
  /** `sa-ike` */
  readonly id: string
  readonly title: string
  readonly type: number
  readonly document: string
  readonly section: string
  /** Generic payload header and all; its Next Payload is set where the message is made. */
  readonly octets: Uint8Array
  readonly sizes: readonly Size[]
  /** Octets that are reserved as a whole, from the start of the payload. */
  readonly reserved: readonly number[]
}

const sections: Readonly<Partial<Record<PayloadKind, string>>> = {
  SA: '3.3',
  KE: '3.4',
  IDi: '3.5',
  IDr: '3.5',
  CERT: '3.6',
  CERTREQ: '3.7',
  AUTH: '3.8',
  NONCE: '3.9',
  N: '3.10',
  D: '3.11',
  V: '3.12',
  TSi: '3.13',
  TSr: '3.13',
  SK: '3.14',
  CP: '3.15',
  EAP: '3.16',
  SKF: '2.5',
}

/** `text` is what follows the generic payload header. */
export function sample(id: string, title: string, kind: PayloadKind, text: string): Sample {
  const document = kind === 'SKF' ? 'RFC 7383' : 'RFC 7296'
  return parsed({ id, title, type: payloadType[kind], document, section: sections[kind] ?? '3.2' }, text)
}

/** Of a type that RFC 7296 does not define. */
export function unknownSample(id: string, title: string, type: number, text: string): Sample {
  return parsed({ id, title, type, document: 'RFC 7296', section: '2.5' }, text)
}

/** The first octet of SK and SKF is the type of what is inside. */
export function envelope(id: string, title: string, kind: 'SK' | 'SKF', inside: number, text: string): Sample {
  const made = sample(id, title, kind, text)
  made.octets[0] = inside
  return made
}

const token = /\[([0-9a-f]+) ([^\]]+)\]|\{([0-9a-f]+)\}|([0-9a-f]+)/g

function parsed(about: Pick<Sample, 'id' | 'title' | 'type' | 'document' | 'section'>, text: string): Sample {
  const sizes: Size[] = []
  const reserved: number[] = []
  const seen = new Map<string, number>()
  let digits = ''
  for (const [, size, label = '', ignored, plain] of text.matchAll(token)) {
    const offset = 4 + digits.length / 2
    if (size !== undefined) {
      const nth = (seen.get(label) ?? 0) + 1
      seen.set(label, nth)
      sizes.push({ label: nth === 1 ? label : `${label} ${nth}`, offset, octets: width(size), value: Number.parseInt(size, 16) })
    }
    if (ignored !== undefined) for (let i = 0; i < ignored.length / 2; i++) reserved.push(offset + i)
    digits += size ?? ignored ?? plain ?? ''
  }
  const body = hex(digits)
  const header = Uint8Array.of(0, 0, 0, 0)
  putU16(header, 2, 4 + body.length)
  const length: Size = { label: 'Payload Length', offset: 2, octets: 2, value: 4 + body.length }
  return { ...about, octets: concat(header, body), sizes: [length, ...sizes], reserved }
}

function width(digits: string): 1 | 2 {
  if (digits.length === 2) return 1
  if (digits.length === 4) return 2
  throw new Error(`a size of ${digits.length} digits`)
}

export interface Envelope {
  readonly exchangeType: number
  readonly flags: number
  readonly messageId: number
  readonly version: number
}
export const request: Envelope = { exchangeType: exchange.IKE_SA_INIT, flags: 0x08, messageId: 0, version: 0x20 }
export const childRequest: Envelope = { ...request, exchangeType: exchange.CREATE_CHILD_SA, messageId: 2 }
export const authRequest: Envelope = { ...request, exchangeType: exchange.IKE_AUTH, messageId: 1 }
export const informational: Envelope = { ...request, exchangeType: exchange.INFORMATIONAL, messageId: 3 }

/** Where such a payload is at home. */
export function homeOf({ type, octets }: Sample): Envelope {
  // Protocol ID and SPI Size of the first proposal (RFC 7296 §3.3.1).
  if (type === payloadType.SA) return octets[9] === protocol.IKE && octets[10] === 0 ? request : childRequest
  if (type === payloadType.KE || type === payloadType.NONCE || type === payloadType.V) return request
  return type === payloadType.N || type === payloadType.D ? informational : authRequest
}

export const headerLength = 28

/** `name` decides the SPIs. The payloads' Next Payload fields are set, and the header's Length. */
export function message(name: string, envelopeOf: Envelope, samples: readonly Pick<Sample, 'type' | 'octets'>[]): Uint8Array {
  const spis = chance(`SPIs of ${name}`, 16)
  if (envelopeOf.exchangeType === exchange.IKE_SA_INIT && (envelopeOf.flags & 0x20) === 0) spis.fill(0, 8)
  const payloads = samples.map(({ type, octets }, i) => {
    const copy = octets.slice()
    if (type !== payloadType.SK && type !== payloadType.SKF) copy[0] = samples[i + 1]?.type ?? 0
    return copy
  })
  const rest = Uint8Array.of(samples[0]?.type ?? 0, envelopeOf.version, envelopeOf.exchangeType, envelopeOf.flags, 0, 0, 0, 0, 0, 0, 0, 0)
  putU32(rest, 4, envelopeOf.messageId)
  const whole = concat(spis, rest, ...payloads)
  putU32(whole, 24, whole.length)
  return whole
}

/** Octets of this name: always the same. */
export const chance = (name: string, length: number): Uint8Array => seededRandom(7296, name)(length)
export const chanceHex = (name: string, length: number): string => toHex(chance(name, length))
export const textHex = (text: string): string => toHex(new TextEncoder().encode(text))
export const number = (value: number, octets: number): string => value.toString(16).padStart(2 * octets, '0')

export function hex(text: string): Uint8Array {
  const octets = fromHex(text)
  if (octets === undefined) throw new Error(`not hexadecimal: ${text}`)
  return octets
}

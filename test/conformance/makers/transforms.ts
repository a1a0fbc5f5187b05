// Transforms and proposals in few words, as vectors have them.
import type { JsonObject } from '../../../src/inspect/describe.ts'

export type Transform = JsonObject
export type Protocol = 'IKE' | 'AH' | 'ESP'
export interface Offer extends JsonObject {
  readonly number: number
  readonly protocol: Protocol
  readonly transforms: readonly Transform[]
}
export interface Template extends JsonObject {
  readonly protocol: Protocol
  readonly transforms: readonly Transform[]
}

export const offer = (number: number, protocol: Protocol, ...transforms: readonly Transform[]): Offer => ({ number, protocol, transforms })
export const template = (protocol: Protocol, ...transforms: readonly Transform[]): Template => ({ protocol, transforms })

export const gcm = (bits: number): Transform => ({ encryption: 'ENCR_AES_GCM_16', keyLength: bits })
export const cbc = (bits: number): Transform => ({ encryption: 'ENCR_AES_CBC', keyLength: bits })
export const gcm128: Transform = gcm(128)
export const gcm256: Transform = gcm(256)
export const cbc128: Transform = cbc(128)
export const cbc256: Transform = cbc(256)
export const gmac128: Transform = { encryption: 'ENCR_NULL_AUTH_AES_GMAC', keyLength: 128 }
export const chacha: Transform = { encryption: 'ENCR_CHACHA20_POLY1305' }
export const nullCipher: Transform = { encryption: 'ENCR_NULL' }
export const sha1: Transform = { integrity: 'AUTH_HMAC_SHA1_96' }
export const sha256: Transform = { integrity: 'AUTH_HMAC_SHA2_256_128' }
export const sha512: Transform = { integrity: 'AUTH_HMAC_SHA2_512_256' }
export const noIntegrity: Transform = { integrity: 'NONE' }
export const prf256: Transform = { prf: 'PRF_HMAC_SHA2_256' }
export const prf512: Transform = { prf: 'PRF_HMAC_SHA2_512' }
export const x25519: Transform = { keyExchange: 'CURVE25519' }
export const ecp256: Transform = { keyExchange: 'ECP_256' }
export const modp2048: Transform = { keyExchange: 'MODP_2048' }
export const noGroup: Transform = { keyExchange: 'NONE' }
export const noEsn: Transform = { sequenceNumbers: 'NO_ESN' }
export const esn: Transform = { sequenceNumbers: 'ESN' }

/** The cipher without its key length. */
export const noKeyLength = ({ keyLength: _keyLength, ...rest }: Transform): Transform => rest

export interface Attribute extends JsonObject {
  readonly type: number
  readonly value: number
}

export const numbered = (type: number, id: number, ...attributes: readonly Attribute[]): Transform =>
  attributes.length === 0 ? { type, id } : { type, id, attributes }

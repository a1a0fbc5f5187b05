// X25519 and X448 keys between octets and node:crypto. RFC 7748 §5, RFC 8410 §7 (DER), RFC 8037 §2 (JWK).
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { concat, fromHex } from '../../../bytes/bytes.ts'
import { Bug } from '../../../contract/faults.ts'

/** One of the two functions of RFC 7748. */
export interface MontgomeryCurve {
  readonly name: 'X25519' | 'X448'
  /** Octets of private keys, public values and secrets. */
  readonly length: number
  /** PrivateKeyInfo of RFC 8410 §7 up to the octets of the key: version 0, the OID, two nested octet strings. */
  readonly pkcs8Head: Uint8Array
}

/** OID 1.3.101.110. */
export const curve25519: MontgomeryCurve = { name: 'X25519', length: 32, pkcs8Head: head('302e 0201 00 3005 0603 2b656e 0422 0420') }
/** OID 1.3.101.111. */
export const curve448: MontgomeryCurve = { name: 'X448', length: 56, pkcs8Head: head('3046 0201 00 3005 0603 2b656f 043a 0438') }

export function privateKeyOf(curve: MontgomeryCurve, octets: Uint8Array): KeyObject {
  return privateKeyByJwk(curve, octets) ?? privateKeyByDer(curve, octets)
}

export function publicKeyOf(curve: MontgomeryCurve, octets: Uint8Array): KeyObject {
  return createPublicKey({ key: { kty: 'OKP', crv: curve.name, x: base64Url(octets) }, format: 'jwk' })
}

/** The public value that belongs to a private key. */
export function publicValueOf(key: KeyObject): Uint8Array {
  const { x } = key.export({ format: 'jwk' })
  if (x === undefined) throw new Bug('node:crypto exports a key without its public value')
  return new Uint8Array(Buffer.from(x, 'base64url'))
}

/**
 * Ten times as fast as DER. Node asks for `x`, which we do not know yet, but computes it from `d` all the same. `undefined` from a
 * Node that takes `x` seriously.
 */
export function privateKeyByJwk(curve: MontgomeryCurve, octets: Uint8Array): KeyObject | undefined {
  const unknownX = base64Url(new Uint8Array(curve.length))
  try {
    const key = createPrivateKey({ key: { kty: 'OKP', crv: curve.name, x: unknownX, d: base64Url(octets) }, format: 'jwk' })
    return key.export({ format: 'jwk' }).x === unknownX ? undefined : key
  } catch {
    return undefined
  }
}

export function privateKeyByDer(curve: MontgomeryCurve, octets: Uint8Array): KeyObject {
  const der = concat(curve.pkcs8Head, octets)
  const key = createPrivateKey({ key: Buffer.from(der.buffer), format: 'der', type: 'pkcs8' })
  der.fill(0)
  return key
}

function head(hex: string): Uint8Array {
  return fromHex(hex) ?? new Uint8Array(0)
}

/** No copy is made but the text itself, which cannot be wiped: it lives until the next collection of garbage. */
function base64Url(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString('base64url')
}

// X25519 keys between octets and node:crypto. RFC 7748 §5, RFC 8410 §7 (DER), RFC 8037 §2 (JWK).
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { concat, fromHex } from '../../../bytes/bytes.ts'
import { Bug } from '../../../contract/faults.ts'

export function privateKeyOf(octets: Uint8Array): KeyObject {
  return privateKeyByJwk(octets) ?? privateKeyByDer(octets)
}

export function publicKeyOf(octets: Uint8Array): KeyObject {
  return createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x: base64Url(octets) }, format: 'jwk' })
}

/** The public value that belongs to a private key. */
export function publicValueOf(key: KeyObject): Uint8Array {
  const { x } = key.export({ format: 'jwk' })
  if (x === undefined) throw new Bug('node:crypto exports an X25519 key without its public value')
  return new Uint8Array(Buffer.from(x, 'base64url'))
}

/**
 * Ten times as fast as DER. Node asks for `x`, which we do not know yet, but computes it from `d` all the same. `undefined` from a
 * Node that takes `x` seriously.
 */
export function privateKeyByJwk(octets: Uint8Array): KeyObject | undefined {
  try {
    const key = createPrivateKey({ key: { kty: 'OKP', crv: 'X25519', x: unknownX, d: base64Url(octets) }, format: 'jwk' })
    return key.export({ format: 'jwk' }).x === unknownX ? undefined : key
  } catch {
    return undefined
  }
}

export function privateKeyByDer(octets: Uint8Array): KeyObject {
  const der = concat(pkcs8Head, octets)
  const key = createPrivateKey({ key: Buffer.from(der.buffer), format: 'der', type: 'pkcs8' })
  der.fill(0)
  return key
}

/** PrivateKeyInfo of RFC 8410 §7 up to the octets of an X25519 key: version 0, OID 1.3.101.110, two nested octet strings. */
const pkcs8Head = fromHex('302e 0201 00 3005 0603 2b656e 0422 0420') ?? new Uint8Array(0)

/** No copy is made but the text itself, which cannot be wiped: it lives until the next collection of garbage. */
const base64Url = (octets: Uint8Array): string => Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString('base64url')
const unknownX = base64Url(new Uint8Array(32))

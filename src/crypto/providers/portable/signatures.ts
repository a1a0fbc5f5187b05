// Signatures in JavaScript. RFC 4754 (ECDSA), RFC 8032 (EdDSA). BigInt arithmetic does not run in constant time.
import type { ed25519 } from '@noble/curves/ed25519.js'
import type { p256 } from '@noble/curves/nist.js'
import { dangerReveal } from '../../../bytes/secret.ts'
import { isEddsaPublicKey } from '../../edwards.ts'
import type { SignatureAlgorithm, SignatureVerdict } from '../../provider.ts'
import { type EcdsaScheme, ecdsaLengths, type EddsaScheme, eddsaLengths } from '../../signature-schemes.ts'

/** What noble's curves have in common. */
export type EcdsaCurve = Pick<typeof p256, 'verify'> & { readonly Point: Pick<typeof p256.Point, 'fromBytes'> }
export type EdwardsCurve = Pick<typeof ed25519, 'sign' | 'verify'>

export function portableEcdsa(scheme: EcdsaScheme, curve: EcdsaCurve): SignatureAlgorithm {
  const length = ecdsaLengths[scheme]
  return {
    scheme,
    verify(publicKey, message, signature) {
      if (publicKey.length !== 1 + 2 * length || publicKey[0] !== 4 || !isOnCurve(curve, publicKey)) return 'key-refused'
      // A high s is no fault: the rule against it is one of currencies.
      return verdict(signature.length === 2 * length && curve.verify(signature, message, publicKey, { lowS: false }))
    },
    sign: undefined,
  }
}

export function portableEddsa(scheme: EddsaScheme, curve: EdwardsCurve): SignatureAlgorithm {
  const length = eddsaLengths[scheme]
  return {
    scheme,
    verify(publicKey, message, signature) {
      if (!isEddsaPublicKey(scheme, publicKey)) return 'key-refused'
      // Noble checks [8][S]B = [8]R + [8][k]A', with the cofactor. Only who has the private key can make a signature for which that differs.
      return verdict(signature.length === 2 * length && curve.verify(signature, message, publicKey, { zip215: false }))
    },
    sign: (privateKey, message) => (privateKey.length === length ? curve.sign(message, dangerReveal(privateKey)) : undefined),
  }
}

const verdict = (right: boolean): SignatureVerdict => (right ? 'valid' : 'signature-refused')

function isOnCurve(curve: EcdsaCurve, publicKey: Uint8Array): boolean {
  try {
    curve.Point.fromBytes(publicKey)
    return true
  } catch {
    return false
  }
}

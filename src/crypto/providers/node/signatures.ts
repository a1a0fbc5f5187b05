// Signatures on node:crypto. RFC 4754 (ECDSA), RFC 8032 (EdDSA), RFC 8017 (RSA). Keys go in as DER: RFC 5480 §2, RFC 8410 §4, §7.
import { constants, createPrivateKey, createPublicKey, type KeyObject, sign, verify, type VerifyKeyObjectInput } from 'node:crypto'
import { concat, fromHex } from '../../../bytes/bytes.ts'
import { dangerReveal } from '../../../bytes/secret.ts'
import { isEddsaPublicKey } from '../../edwards.ts'
import type { SignatureAlgorithm, SignatureVerdict } from '../../provider.ts'
import { type EcdsaScheme, ecdsaLengths, type EddsaScheme, eddsaLengths, type RsaScheme } from '../../signature-schemes.ts'
import { plain } from './keys.ts'

export function nodeEcdsa(scheme: EcdsaScheme): SignatureAlgorithm {
  const length = ecdsaLengths[scheme]
  const hash = hashOf(scheme)
  return {
    scheme,
    verify(publicKey, message, signature) {
      if (publicKey.length !== 1 + 2 * length || publicKey[0] !== 4) return 'key-refused'
      const key = spki(concat(ecHeads[scheme], publicKey))
      if (key === undefined) return 'key-refused'
      return verdict(signature.length === 2 * length && verify(hash, message, { key, dsaEncoding: 'ieee-p1363' }, signature))
    },
    sign: undefined,
  }
}

export function nodeEddsa(scheme: EddsaScheme): SignatureAlgorithm {
  const length = eddsaLengths[scheme]
  const heads = edwardsHeads[scheme]
  return {
    scheme,
    verify(publicKey, message, signature) {
      if (!isEddsaPublicKey(scheme, publicKey)) return 'key-refused'
      const key = spki(concat(heads.spki, publicKey))
      if (key === undefined) return 'key-refused'
      // OpenSSL checks [S]B = R + [k]A', without the cofactor, as RFC 8032 §5.1.7 permits.
      return verdict(signature.length === 2 * length && verify(undefined, message, key, signature))
    },
    sign(privateKey, message) {
      if (privateKey.length !== length) return undefined
      const der = concat(heads.pkcs8, dangerReveal(privateKey))
      const key = createPrivateKey({ key: Buffer.from(der.buffer), format: 'der', type: 'pkcs8' })
      der.fill(0)
      return plain(sign(undefined, message, key))
    },
  }
}

export function nodeRsa(scheme: RsaScheme): SignatureAlgorithm {
  const hash = hashOf(scheme)
  const padding: Omit<VerifyKeyObjectInput, 'key'> = scheme.startsWith('rsa-pss')
    ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
    : { padding: constants.RSA_PKCS1_PADDING }
  return {
    scheme,
    verify(publicKey, message, signature) {
      const key = parsed(() => createPublicKey({ key: Buffer.from(publicKey), format: 'der', type: 'pkcs1' }))
      if (key === undefined) return 'key-refused'
      // OpenSSL throws of a modulus that is too short for the padding.
      return verdict(parsed(() => verify(hash, message, { key, ...padding }, signature)) ?? false)
    },
    sign: undefined,
  }
}

/** SubjectPublicKeyInfo up to the point: AlgorithmIdentifier with the curve, the head of the BIT STRING. RFC 5480 §2.1.1. */
const ecHeads: Readonly<Record<EcdsaScheme, Uint8Array>> = {
  'ecdsa-p256-sha256': head('3059 3013 06072a8648ce3d0201 06082a8648ce3d030107 034200'),
  'ecdsa-p384-sha384': head('3076 3010 06072a8648ce3d0201 06052b81040022 036200'),
  'ecdsa-p521-sha512': head('30819b 3010 06072a8648ce3d0201 06052b81040023 03818600'),
}
/** SubjectPublicKeyInfo (RFC 8410 §4) and PrivateKeyInfo (§7) up to the octets of the key. */
const edwardsHeads: Readonly<Record<EddsaScheme, { readonly spki: Uint8Array; readonly pkcs8: Uint8Array }>> = {
  ed25519: { spki: head('302a 3005 06032b6570 032100'), pkcs8: head('302e 020100 3005 06032b6570 0422 0420') },
  ed448: { spki: head('3043 3005 06032b6571 033a00'), pkcs8: head('3047 020100 3005 06032b6571 043b 0439') },
}

function head(hex: string): Uint8Array {
  return fromHex(hex) ?? new Uint8Array(0)
}

const spki = (der: Uint8Array): KeyObject | undefined =>
  parsed(() => createPublicKey({ key: Buffer.from(der.buffer), format: 'der', type: 'spki' }))

/** OpenSSL throws of what it does not take. */
function parsed<T>(attempt: () => T): T | undefined {
  try {
    return attempt()
  } catch {
    return undefined
  }
}

const verdict = (right: boolean): SignatureVerdict => (right ? 'valid' : 'signature-refused')
const hashOf = (scheme: string): string => scheme.slice(scheme.lastIndexOf('-') + 1)

// Signature algorithms, each with its hash. RFC 4754 (ECDSA), RFC 8420 (EdDSA), RFC 7427 and RFC 4055 (RSA).

/** IKE knows no other combinations of curve and hash by number (RFC 4754 §3). */
export type EcdsaScheme = 'ecdsa-p256-sha256' | 'ecdsa-p384-sha384' | 'ecdsa-p521-sha512'
/** Pure, without context: RFC 8420 §2. */
export type EddsaScheme = 'ed25519' | 'ed448'
/** PSS: MGF1 with the same hash, a salt as long as the hash (RFC 8017 §8.1, RFC 7427 §A.4.3). */
export type RsaScheme =
  | 'rsa-pkcs1-sha1'
  | 'rsa-pkcs1-sha256'
  | 'rsa-pkcs1-sha384'
  | 'rsa-pkcs1-sha512'
  | 'rsa-pss-sha256'
  | 'rsa-pss-sha384'
  | 'rsa-pss-sha512'
export type SignatureScheme = EcdsaScheme | EddsaScheme | RsaScheme

export const ecdsaSchemes: readonly EcdsaScheme[] = ['ecdsa-p256-sha256', 'ecdsa-p384-sha384', 'ecdsa-p521-sha512']
export const eddsaSchemes: readonly EddsaScheme[] = ['ed25519', 'ed448']
export const rsaSchemes: readonly RsaScheme[] = [
  'rsa-pkcs1-sha1',
  'rsa-pkcs1-sha256',
  'rsa-pkcs1-sha384',
  'rsa-pkcs1-sha512',
  'rsa-pss-sha256',
  'rsa-pss-sha384',
  'rsa-pss-sha512',
]

/** Octets of one coordinate, and of r and s each. RFC 4754 §7. */
export const ecdsaLengths: Readonly<Record<EcdsaScheme, number>> = {
  'ecdsa-p256-sha256': 32,
  'ecdsa-p384-sha384': 48,
  'ecdsa-p521-sha512': 66,
}

/** Octets of keys; a signature has twice as many. RFC 8032 §5.1, §5.2. */
export const eddsaLengths: Readonly<Record<EddsaScheme, number>> = { ed25519: 32, ed448: 57 }

export const isEcdsa = (scheme: SignatureScheme): scheme is EcdsaScheme => scheme in ecdsaLengths

// AlgorithmIdentifiers in DER, which begin the Authentication Data of method 14, Digital Signature. RFC 7427 §3, appendix A; RFC 8420 appendix A.
// They are compared as octets, as RFC 7427 §3 says that simple implementations may.
import { concat, equal, fromHex } from '../bytes/bytes.ts'
import { Bug } from '../contract/faults.ts'
import type { SignatureScheme } from './signature-schemes.ts'

export interface AlgorithmIdentifier {
  /** As its document calls it. */
  readonly name: string
  /** `undefined`: no provider has it. */
  readonly scheme: SignatureScheme | undefined
  readonly der: Uint8Array
}

const identifier = (name: string, scheme: SignatureScheme | undefined, hex: string): AlgorithmIdentifier => {
  const der = fromHex(hex)
  if (der === undefined) throw new Bug(`the AlgorithmIdentifier ${name} is mistyped`)
  return { name, scheme, der }
}

/** pkcs-1 is 1.2.840.113549.1.1. */
const pkcs1 = '06092a864886f70d0101'
/** RFC 4055 §5: "the parameters MUST be NULL. Implementations MUST accept the parameters being absent as well as present." */
const rsa = (name: string, scheme: SignatureScheme, last: string): readonly AlgorithmIdentifier[] => [
  identifier(name, scheme, `300d ${pkcs1}${last} 0500`),
  identifier(`${name}, without parameters`, scheme, `300b ${pkcs1}${last}`),
]
/** Parameters are absent (RFC 5758 §3.1, §3.2). */
const bare = (name: string, scheme: SignatureScheme | undefined, oid: string): AlgorithmIdentifier =>
  identifier(name, scheme, `30${(oid.length / 2).toString(16).padStart(2, '0')}${oid}`)
/**
 * Hash and MGF1 with the hash of NIST's arc 2.16.840.1.101.3.4.2, the salt as long as the hash. RFC 4055 §3.1: who signs MUST omit the
 * trailerField, who verifies MUST recognize it present and absent. The examples of RFC 7427 §A.4 have it; where the two differ, RFC 4055 holds
 * (RFC 7427, appendix A).
 */
const pss = (name: string, scheme: SignatureScheme, hash: string, salt: string): readonly AlgorithmIdentifier[] => {
  const hashAlgorithm = `300d 0609 6086480165030402${hash} 0500`
  const parameters = `a00f ${hashAlgorithm} a11c 301a ${pkcs1}08 ${hashAlgorithm} a203 0201${salt}`
  return [
    identifier(`${name}, without trailerField`, scheme, `3041 ${pkcs1}0a 3034 ${parameters}`),
    identifier(name, scheme, `3046 ${pkcs1}0a 3039 ${parameters} a303 020101`),
  ]
}

export const algorithmIdentifiers: readonly AlgorithmIdentifier[] = [
  // RFC 3279 §2.2.1: with NULL.
  identifier('sha1WithRSAEncryption', 'rsa-pkcs1-sha1', `300d ${pkcs1}05 0500`),
  ...rsa('sha256WithRSAEncryption', 'rsa-pkcs1-sha256', '0b'),
  ...rsa('sha384WithRSAEncryption', 'rsa-pkcs1-sha384', '0c'),
  ...rsa('sha512WithRSAEncryption', 'rsa-pkcs1-sha512', '0d'),
  bare('dsa-with-sha1', undefined, '06072a8648ce380403'),
  bare('dsa-with-sha256', undefined, '0609608648016503040302'),
  bare('ecdsa-with-sha1', undefined, '06072a8648ce3d0401'),
  // The curve is that of the key: these are the ones that RFC 4754 §3 pairs with the hash.
  bare('ecdsa-with-sha256', 'ecdsa-p256-sha256', '06082a8648ce3d040302'),
  bare('ecdsa-with-sha384', 'ecdsa-p384-sha384', '06082a8648ce3d040303'),
  bare('ecdsa-with-sha512', 'ecdsa-p521-sha512', '06082a8648ce3d040304'),
  // Both mean SHA-1 (RFC 7427 §A.4.1, §A.4.2), for which there is no scheme.
  identifier('RSASSA-PSS with empty parameters', undefined, `300d ${pkcs1}0a 3000`),
  identifier(
    'RSASSA-PSS with default parameters',
    undefined,
    `303e ${pkcs1}0a 3031 a00b 3009 06052b0e03021a 0500 a118 3016 ${pkcs1}08 3009 06052b0e03021a 0500 a203 020114 a303 020101`,
  ),
  ...pss('RSASSA-PSS with sha-256', 'rsa-pss-sha256', '01', '20'),
  ...pss('RSASSA-PSS with sha-384', 'rsa-pss-sha384', '02', '30'),
  ...pss('RSASSA-PSS with sha-512', 'rsa-pss-sha512', '03', '40'),
  // RFC 8410 §3: parameters MUST be absent.
  bare('id-Ed25519', 'ed25519', '06032b6570'),
  bare('id-Ed448', 'ed448', '06032b6571'),
]

/** What goes before our signatures. */
export const algorithmIdentifierOf = (scheme: SignatureScheme): AlgorithmIdentifier | undefined =>
  algorithmIdentifiers.find((each) => each.scheme === scheme)

/** By the whole object: not one octet may differ. */
export const findAlgorithmIdentifier = (der: Uint8Array): AlgorithmIdentifier | undefined =>
  algorithmIdentifiers.find((each) => equal(each.der, der))

/** Authentication Data of method 14: length of the object | object | signature. RFC 7427 §3. */
export const joinDigitalSignature = (algorithm: AlgorithmIdentifier, signature: Uint8Array): Uint8Array =>
  concat(Uint8Array.of(algorithm.der.length), algorithm.der, signature)

/** `undefined` when the data end before the object does. The object may be one that we do not know. */
export function splitDigitalSignature(data: Uint8Array): { readonly der: Uint8Array; readonly signature: Uint8Array } | undefined {
  const end = 1 + (data[0] ?? 0)
  return data.length < end || end === 1 ? undefined : { der: data.subarray(1, end), signature: data.subarray(end) }
}

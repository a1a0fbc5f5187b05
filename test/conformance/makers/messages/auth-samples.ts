// Payloads of keys, nonces, identities, certificates and EAP as samples. RFC 7296 §3.4 to §3.9, §3.16.
import { chanceHex, number, sample, type PayloadKind, type Sample, textHex } from './sample.ts'

export const ke: Sample = keyExchange('ke-curve25519', 'KE of Curve25519', 31, 32)
export const nonce: Sample = nonceOf(32)
export const idFqdn: Sample = identity('IDi', 'fqdn', 'ID_FQDN', 2, textHex('a.example.org'))
export const idIpv4: Sample = identity('IDr', 'ipv4', 'ID_IPV4_ADDR', 1, 'c0000201')
export const idIpv6: Sample = identity('IDi', 'ipv6', 'ID_IPV6_ADDR', 5, '20010db8000000000000000000000001')
export const cert: Sample = certificate('x509', 'an X.509 certificate', 4, selfSigned())
export const certreq: Sample = request('one', 'one authority', 4, 20)
export const auth: Sample = authentication('shared-key', 'a shared key', 2, 32)
export const eapRequest: Sample = eap('request', 'Request', `01 07 [000a EAP Length] 01 ${textHex('who?!')}`)
export const eapSuccess: Sample = eap('success', 'Success', '03 08 [0004 EAP Length]')

/** Self-signed, Ed25519, of a key that is no secret; openssl reads all three. */
function selfSigned(): string {
  return `
  3081fa3081ada003020102020101300506032b657030183116301406035504030c0d612e6578616d706c652e6f7267301e170d323430313031303030
  3030305a170d3434303130313030303030305a30183116301406035504030c0d612e6578616d706c652e6f7267302a300506032b657003210003a107
  bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8a31c301a30180603551d110411300f820d612e6578616d706c652e6f726730
  0506032b65700341008809892c5ccc0e5454678e8407b5f8f94566c1fb389c51bf76431223536a2c4111905f9c78db5cdf042b5ec5d5430274935195
  fadf9728f153e47a3201af8304
`
}
const revocations = `
  30818e3042020101300506032b657030183116301406035504030c0d612e6578616d706c652e6f7267170d3234303130313030303030305a170d3434
  303130313030303030305a300506032b6570034100523c0b13888ec753ca201f646c0a2b4482958febfc32089b6252a48a2dc3d18a555187b8db5615
  3e5e48f6459a836504467e915f64e5b6913e4c26f6b74ebd0e
`
const publicKey = '302a300506032b657003210003a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8'

export const authSamples: readonly Sample[] = [
  ke,
  keyExchange('ke-curve448', 'KE of Curve448', 32, 56),
  keyExchange('ke-ecp-256', 'KE of the 256-bit random ECP group', 19, 64),
  keyExchange('ke-ecp-521', 'KE of the 521-bit random ECP group', 21, 132),
  keyExchange('ke-modp-1024', 'KE of the 1024-bit MODP group', 2, 128),
  keyExchange('ke-modp-2048', 'KE of the 2048-bit MODP group', 14, 256),
  keyExchange('ke-modp-8192', 'KE of the 8192-bit MODP group', 18, 1024),
  keyExchange('ke-ml-kem-768', 'KE of ML-KEM-768', 36, 1184),
  keyExchange('ke-private-use', 'KE of a group for private use', 65_535, 7),
  ...[16, 17, 32, 64, 255, 256].map(nonceOf),
  idFqdn,
  idIpv4,
  idIpv6,
  identity('IDr', 'fqdn', 'ID_FQDN', 2, textHex('xn--tmonesimerkki-bfbb.example.net')),
  identity('IDi', 'ipv4', 'ID_IPV4_ADDR', 1, '00000000'),
  identity('IDr', 'ipv6', 'ID_IPV6_ADDR', 5, 'f'.repeat(32)),
  identity('IDi', 'mail', 'ID_RFC822_ADDR', 3, textHex('jsmith@example.com')),
  identity('IDr', 'mail-utf8', 'ID_RFC822_ADDR in UTF-8', 3, textHex('jörg@müller.example')),
  identity('IDi', 'dn', 'ID_DER_ASN1_DN', 9, '300f310d300b06035504030c0474657374'),
  identity('IDr', 'gn', 'ID_DER_ASN1_GN', 10, `820b${textHex('example.org')}`),
  identity('IDi', 'key-id', 'ID_KEY_ID', 11, '00ff0a0d00'),
  identity('IDi', 'key-id-octet', 'ID_KEY_ID of one octet', 11, '00'),
  identity('IDr', 'key-id-1000', 'ID_KEY_ID of 1,000 octets', 11, chanceHex('key ID', 1000)),
  identity('IDi', 'null', 'ID_NULL (RFC 7619)', 13, ''),
  identity('IDi', 'private-use', 'a type for private use', 201, '010203'),
  identity('IDr', 'unassigned', 'a type that is not assigned', 4, 'c0000200ffffff00'),
  cert,
  certificate('crl', 'a certificate revocation list', 7, revocations),
  certificate('hash-and-url', 'hash and URL', 12, chanceHex('SHA-1', 20) + textHex('http://example.org/cert')),
  certificate('hash-and-url-bundle', 'hash and URL of a bundle', 13, chanceHex('SHA-1', 20) + textHex('http://example.org/bundle')),
  certificate('raw-public-key', 'a raw public key (RFC 7670)', 15, publicKey),
  certificate('private-use', 'an encoding for private use', 255, '00'),
  certificate('long', 'hash and a URL of 1,980 octets', 12, chanceHex('SHA-1', 20) + textHex(`http://example.org/${'x'.repeat(1961)}`)),
  certreq,
  request('three', 'three authorities', 4, 60),
  request('hash-and-url', 'one authority, hash and URL', 12, 20),
  request('bundle', 'one authority, bundles', 13, 20),
  request('private-use', 'an encoding for private use', 201, 3),
  auth,
  authentication('rsa', 'an RSA signature', 1, 256),
  authentication('dss', 'a DSS signature', 3, 40),
  authentication('ecdsa-256', 'an ECDSA signature (RFC 4754)', 9, 64),
  authentication('signature', 'a digital signature (RFC 7427)', 14, 80),
  authentication('private-use', 'a method for private use', 255, 5),
  eapRequest,
  eapSuccess,
  eap('failure', 'Failure', '04 ff [0004 EAP Length]'),
  eap('response-nak', 'Response, Nak', '02 07 [0006 EAP Length] 03 1a'),
  eap('request-shortest', 'Request of a Type alone', '01 00 [0005 EAP Length] 04'),
  eap('response-expanded', 'Response of an expanded Type', '02 01 [000c EAP Length] fe 000137 00000001'),
  eap('request-long', 'Request of 1,020 octets', `01 01 [03fc EAP Length] 0d ${chanceHex('EAP', 1015)}`),
]

export function keyExchange(id: string, title: string, method: number, length: number): Sample {
  return sample(id, title, 'KE', `${number(method, 2)} {0000} ${chanceHex(id, length)}`)
}

export function nonceOf(length: number): Sample {
  return sample(`nonce-${length}`, `Nonce of ${length} octets`, 'NONCE', chanceHex(`nonce ${length}`, length))
}

export function identity(kind: PayloadKind & ('IDi' | 'IDr'), id: string, title: string, type: number, value: string): Sample {
  return sample(`${kind.toLowerCase()}-${id}`, `${kind}, ${title}`, kind, `${number(type, 1)} {000000} ${value}`)
}

function certificate(id: string, title: string, encoding: number, octets: string): Sample {
  return sample(`cert-${id}`, `CERT, ${title}`, 'CERT', `${number(encoding, 1)} ${octets}`)
}

export function request(id: string, title: string, encoding: number, length: number): Sample {
  return sample(`certreq-${id}`, `CERTREQ, ${title}`, 'CERTREQ', `${number(encoding, 1)} ${chanceHex(`certreq ${id}`, length)}`)
}

export function authentication(id: string, title: string, method: number, length: number): Sample {
  return sample(`auth-${id}`, `AUTH, ${title}`, 'AUTH', `${number(method, 1)} {000000} ${chanceHex(`auth ${id}`, length)}`)
}

export function eap(id: string, title: string, text: string): Sample {
  return sample(`eap-${id}`, `EAP ${title}`, 'EAP', text)
}

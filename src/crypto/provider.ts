// What the house asks of cryptography. Two providers fulfil it: `providers/portable.ts` (any JavaScript) and `providers/node.ts`.
// A provider is a plain object of algorithm objects that is passed explicitly. Keys are opaque `Secret` handles.
// An algorithm that a provider does not have is `undefined`: there is no central switch over algorithms.
import type { Secret } from '../bytes/secret.ts'
import type { ChildSuite } from '../contract/transforms.ts'
import type { RandomSource } from '../contract/random.ts'
import type { SignatureScheme } from './signature-schemes.ts'

export interface CryptoProvider {
  readonly name: string
  /** By IANA number of Transform Type 2. */
  prf(id: number): Prf | undefined
  /** For IKE messages and ESP packets. By IANA number of Transform Type 3. GMAC is `undefined`: it is for AH alone (RFC 4543 §5.3). */
  integrity(id: number): Integrity | undefined
  /** For AH packets: every integrity algorithm, GMAC too. By IANA number of Transform Type 3. */
  packetMac(id: number): PacketMac | undefined
  /**
   * For IKE messages. By IANA number of Transform Type 1, with the key length in bits of ciphers that have several (RFC 7296 §3.3.5).
   * What is for ESP only is `undefined`: NULL (RFC 7296 §5), GMAC (RFC 4543 §3), implicit IVs (RFC 8750 §7).
   */
  encryption(id: number, keyLength: number | undefined): Encryption | undefined
  /** By IANA number of Transform Type 4. ML-KEM is `undefined`: see `kem`. */
  keyExchange(id: number): KeyExchange | undefined
  /** By IANA number of Transform Type 4. Diffie-Hellman is `undefined`: see `keyExchange`. */
  kem(id: number): Kem | undefined
  /** Of RSA `portable` has nothing. */
  signature(scheme: SignatureScheme): SignatureAlgorithm | undefined
  /** SHA-1, for NAT detection only (RFC 7296 §2.23). */
  sha1(octets: Uint8Array): Uint8Array
  /** The keying material of one direction of an ESP or AH SA. `undefined` when the suite is not to be had. */
  packetKeyLengths(suite: ChildSuite): PacketKeyLengths | undefined
  /** Ties the ciphers of one ESP SA in one direction to their keys. `undefined` when the suite is not to be had. */
  packetCipher(suite: ChildSuite, keys: PacketKeys): PacketCipher | undefined
}

/** A pseudorandom function with its preferred key length and its output length, both in octets. RFC 7296 §2.13. */
export interface Prf {
  readonly id: number
  readonly keyLength: number
  readonly outputLength: number
  /** RFC 7296 §2.14: so many octets of each nonce make the key of SKEYSEED; `undefined`: all of them. */
  readonly nonceLength: number | undefined
  /** The PRF of the concatenation of `parts`. */
  compute(key: Secret, ...parts: readonly Uint8Array[]): Uint8Array
}

export interface Integrity {
  readonly id: number
  /** In octets. */
  readonly keyLength: number
  /** Length of the truncated ICV in octets. */
  readonly icvLength: number
  compute(key: Secret, ...parts: readonly Uint8Array[]): Uint8Array
}

/**
 * An integrity algorithm as AH uses it (RFC 4302 §3.3.3). AH's Integrity Check Value field is IV | ICV (RFC 4543 §4), the IV empty but with GMAC.
 *
 * Why it is not `Integrity`: GMAC takes a nonce that MUST NOT repeat for a key (RFC 4543 §2), an IKE message and an ESP packet have nowhere
 * to carry the IV of it, and it MUST NOT be used with ESP (§5.3). With a contract of its own, reached by `packetMac` only, nobody can hand
 * it to them; and AH has one shape for HMAC and GMAC alike.
 */
export interface PacketMac {
  readonly id: number
  /** Octets of keying material; the last four are the salt of GMAC (RFC 4543 §5.4). */
  readonly keyLength: number
  readonly ivLength: number
  /** `counter`: the caller's counter of the SA, which must never repeat for a key (RFC 4543 §3.1). `none`: `ivLength` is 0. */
  readonly ivSource: 'counter' | 'none'
  readonly icvLength: number
  /** The ICV of the concatenation of `parts`, under the nonce salt | `iv`. `ApiMisuse` when the IV has another length than `ivLength`. */
  compute(key: Secret, iv: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array
  /** For the packet path: ready for a burst of packets under this key, which has `keyLength` octets. */
  prepare(key: Secret): ArenaMac
}

/** A MAC that has its key, over octets where they are. */
export interface ArenaMac {
  /**
   * The ICV of the arena from `start` to `end`, in the first `icvLength` octets of what is returned; valid until the next call.
   * `iv` has `ivLength` octets.
   */
  mac(arena: Uint8Array, start: number, end: number, iv: Uint8Array): Uint8Array
}

/** An AEAD, or a cipher that needs an Integrity beside it. */
export type Encryption = Aead | Cipher

/** RFC 5282 §4, RFC 7634 §2: nonce = salt (the last octets of the keying material) | explicit IV. */
export interface Aead {
  readonly kind: 'aead'
  readonly id: number
  /** Octets of keying material, salt included. */
  readonly keyLength: number
  readonly saltLength: number
  /** Octets of the explicit IV on the wire. */
  readonly ivLength: number
  readonly icvLength: number
  /** Ciphertext | ICV. */
  seal(key: Secret, iv: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Uint8Array
  /** `undefined` when the ICV is wrong; no plaintext is released then. */
  open(key: Secret, iv: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Uint8Array | undefined
}

export interface Cipher {
  readonly kind: 'cipher'
  readonly id: number
  /** Octets of keying material, with the nonce of AES-CTR (RFC 3686 §5.1). */
  readonly keyLength: number
  readonly ivLength: number
  /** `counter`: must never repeat for a key (RFC 3686 §3.1, RFC 5930 §2). `random`: must not be predictable (RFC 7296 §3.14). */
  readonly ivSource: 'counter' | 'random'
  /** Plaintext must be a multiple of this. */
  readonly blockLength: number
  encrypt(key: Secret, iv: Uint8Array, plaintext: Uint8Array): Uint8Array
  decrypt(key: Secret, iv: Uint8Array, ciphertext: Uint8Array): Uint8Array
}

/** One Diffie-Hellman group or curve. RFC 7296 §2.7, §3.4; checks of public values: RFC 6989 §2, RFC 8031 §3.2. */
export interface KeyExchange {
  readonly id: number
  /** Octets of the KE payload's data: other lengths are refused. */
  readonly publicLength: number
  /** The same randomness gives the same key pair with every provider. */
  generate(random: RandomSource): KeyPair
  /** What belongs to a private key; `undefined` when it is none of this group. */
  publicValueOf(privateKey: Secret): Uint8Array | undefined
  /** `undefined` when the peer's public value fails its checks, or the secret is zero (RFC 7748 §6.1). */
  agree(privateKey: Secret, peerPublic: Uint8Array): Secret | undefined
}
export interface KeyPair {
  readonly privateKey: Secret
  readonly publicValue: Uint8Array
}

/**
 * A key encapsulation mechanism: ML-KEM. FIPS 203 §7; draft-ietf-ipsecme-ikev2-mlkem §2. It is no `KeyExchange`, since the two sides
 * do different things: the initiator generates and sends its encapsulation key, the responder encapsulates a secret to that and answers with
 * the ciphertext, which the initiator decapsulates. The secret has 32 octets and is used without padding.
 */
export interface Kem {
  readonly id: number
  /** Octets of the initiator's KE payload's data, the encapsulation key: other lengths are refused. */
  readonly publicLength: number
  /** Octets of the responder's KE payload's data: other lengths are refused. */
  readonly ciphertextLength: number
  /** The same randomness gives the same key pair with every provider. For one exchange: keys MUST NOT be used again (draft §3). */
  generate(random: RandomSource): KeyPair
  /** The responder's part. `undefined` when the encapsulation key fails the checks of FIPS 203 §7.2. The same randomness gives the same result. */
  encapsulate(peerPublic: Uint8Array, random: RandomSource): Encapsulation | undefined
  /**
   * The initiator's part. `undefined` when the input fails the checks of FIPS 203 §7.3. A ciphertext of the right length that was changed on its
   * way is not refused: it gives a secret that nobody else has (implicit rejection), and the exchange fails at its AUTH.
   */
  decapsulate(privateKey: Secret, ciphertext: Uint8Array): Secret | undefined
}
export interface Encapsulation {
  readonly ciphertext: Uint8Array
  readonly sharedSecret: Secret
}

/**
 * A signature algorithm with its hash. A public key is what SubjectPublicKeyInfo has in `subjectPublicKey`: an uncompressed point behind the
 * octet 4 (RFC 5480 §2.2), the octets of an EdDSA key (RFC 8410 §4), an RSAPublicKey in DER (RFC 3279 §2.3.1). An ECDSA signature is r | s
 * (RFC 4754 §7); `ecdsa-encoding.ts` has the way from and to DER.
 */
export interface SignatureAlgorithm {
  readonly scheme: SignatureScheme
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): SignatureVerdict
  /**
   * Where a signature depends on nothing but key and message: EdDSA, with the private key of RFC 8032 §5.1.5. `undefined` when the key has
   * another length. Other algorithms sign where the key is, behind the operation of an IKE SA.
   */
  readonly sign: ((privateKey: Secret, message: Uint8Array) => Uint8Array | undefined) | undefined
}
/** `key-refused`: it has not the form of a public key of this algorithm, or is off its curve and that shows without a signature. */
export type SignatureVerdict = 'valid' | 'signature-refused' | 'key-refused'

export interface PacketKeys {
  /** SK of the cipher, salt included; absent for NULL without AEAD. */
  readonly encryption: Secret | undefined
  readonly integrity: Secret | undefined
}

/** Octets: 0 where there is no such key. Salts are part of the encryption key. */
export interface PacketKeyLengths {
  readonly encryption: number
  readonly integrity: number
}

/**
 * The packet path: whole bursts, in place, without an allocation of ours.
 * Layout of each packet in the arena: `iv` (ivLength octets) directly before the text, the ICV directly after it;
 * for suites with a MAC, the MAC covers `header` (8 octets SPI | sequence number, directly before the IV) to the end of the text.
 */
export interface PacketCipher {
  readonly ivLength: number
  readonly icvLength: number
  /** Text length must be a multiple of this (and of 4: RFC 4303 §2.4). */
  readonly blockLength: number
  /**
   * `counter`: the caller writes the SA's 64-bit counter as IV. `random`: the provider fills the IV from its CSPRNG (RFC 3602 §3).
   * `none`: there is no IV on the wire.
   */
  readonly ivSource: 'counter' | 'random' | 'none'
  /** Encrypts in place and writes ICVs. */
  seal(jobs: CipherJobs): void
  /** Verifies, then decrypts in place; sets `accepted`. Where it is 0 the text holds no plaintext. */
  open(jobs: CipherJobs): void
}

/** A burst of packets of one SA: parallel arrays that the caller reuses. */
export interface CipherJobs {
  readonly arena: Uint8Array
  count: number
  /** Where each ESP header (SPI) starts in the arena; the IV follows at +8. */
  readonly header: Int32Array
  /** Octets of the text between IV and ICV. */
  readonly textLength: Int32Array
  /** `esn`: the high half of the sequence number is authenticated though not sent (RFC 4303 §2.2.1). */
  sequence: 'esn' | 'no-esn'
  /** High 32 bits for each packet; read when `sequence` is `esn`. */
  readonly sequenceHigh: Uint32Array
  /** Written by `open`: 1 when the ICV was right. */
  readonly accepted: Uint8Array
}

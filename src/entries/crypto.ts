// `ikebana/crypto`: what the house asks of cryptography, and the key schedule. Providers: `ikebana/crypto/node`, `ikebana/crypto/portable`.
export {
  type ChildKeyInputs,
  type ChildKeys,
  childKeys,
  expandIkeKeys,
  type IkeKeyInputs,
  type IkeKeys,
  ikeKeys,
  type IkeKeyLengths,
  type IkeKeyUsers,
  prfPlus,
  rekeySkeyseed,
  skeyseed,
} from '../crypto/key-schedule.ts'
export type {
  Aead,
  ArenaMac,
  Cipher,
  CipherJobs,
  CryptoProvider,
  Encryption,
  Encapsulation,
  Integrity,
  Kem,
  KeyExchange,
  KeyPair,
  PacketCipher,
  PacketKeyLengths,
  PacketKeys,
  PacketMac,
  Prf,
  SignatureAlgorithm,
  SignatureVerdict,
} from '../crypto/provider.ts'
export { findKeySlip } from '../crypto/key-slips.ts'
export { type IkeAlgorithms, ikeAlgorithms, sharedKeyMac } from '../crypto/suites.ts'
export {
  type AlgorithmIdentifier,
  algorithmIdentifierOf,
  algorithmIdentifiers,
  findAlgorithmIdentifier,
  joinDigitalSignature,
  splitDigitalSignature,
} from '../crypto/algorithm-identifiers.ts'
export { derOfFixed, fixedOfDer } from '../crypto/ecdsa-encoding.ts'
export type { EcdsaScheme, EddsaScheme, RsaScheme, SignatureScheme } from '../crypto/signature-schemes.ts'

// From negotiated suites to algorithms and key lengths, and the MAC of a shared secret. RFC 7296 §2.15, §2.17, §3.3.2; RFC 5282 §8.
import { utf8 } from '../bytes/bytes.ts'
import { Secret } from '../bytes/secret.ts'
import { ApiMisuse } from '../contract/faults.ts'
import type { IkeSuite } from '../contract/transforms.ts'
import { integrity as integrityId } from '../iana/transforms.ts'
import type { IkeKeyUsers } from './key-schedule.ts'
import type { CryptoProvider, Encryption, Integrity, KeyExchange } from './provider.ts'

export interface IkeAlgorithms extends IkeKeyUsers {
  readonly keyExchange: KeyExchange
}

/** `undefined` when the provider lacks one of the algorithms, or they do not go together. */
export function ikeAlgorithms(provider: CryptoProvider, suite: IkeSuite): IkeAlgorithms | undefined {
  const users = ikeKeyUsers(provider, suite)
  const keyExchange = provider.keyExchange(suite.keyExchange.id)
  if (users === undefined || keyExchange === undefined) return undefined
  return { prf: users.prf, encryption: users.encryption, integrity: users.integrity, keyExchange }
}

/** The same without the key exchange, for who has its secret already. */
export function ikeKeyUsers(provider: CryptoProvider, suite: Omit<IkeSuite, 'keyExchange'>): IkeKeyUsers | undefined {
  const message = messageAlgorithms(provider, suite)
  const prf = provider.prf(suite.prf.id)
  return message === undefined || prf === undefined ? undefined : { prf, encryption: message.encryption, integrity: message.integrity }
}

/** What protects messages. */
export function messageAlgorithms(
  provider: CryptoProvider,
  suite: Pick<IkeSuite, 'encryption' | 'integrity'>,
): Pick<IkeKeyUsers, 'encryption' | 'integrity'> | undefined {
  const encryption = provider.encryption(suite.encryption.id, suite.encryption.keyLength)
  const integrity = integrityBeside(provider, encryption?.kind, suite.integrity?.id)
  return encryption === undefined || integrity === 'unfit' ? undefined : { encryption, integrity }
}

/**
 * RFC 7296 §2.15: prf( prf(Shared Secret, "Key Pad for IKEv2"), octets ), the AUTH value of shared-key authentication.
 * `prfId` is one that the provider has.
 */
export function sharedKeyMac(provider: CryptoProvider, prfId: number, sharedSecret: Secret, octets: Uint8Array): Uint8Array {
  const prf = provider.prf(prfId)
  if (prf === undefined) throw new ApiMisuse(`the provider "${provider.name}" has no PRF ${prfId}`)
  const padded = new Secret(prf.compute(sharedSecret, keyPad))
  const mac = prf.compute(padded, octets)
  padded.wipe()
  return mac
}

/** RFC 7296 §2.15: 17 ASCII characters without null termination. */
const keyPad = utf8('Key Pad for IKEv2')

/** RFC 5282 §8, RFC 7634 §4: none beside an AEAD (NONE, 0, may be spelled out); RFC 7296 §3.3.3: one beside any other cipher. */
function integrityBeside(
  provider: CryptoProvider,
  kind: Encryption['kind'] | undefined,
  id: number | undefined,
): Integrity | undefined | 'unfit' {
  const absent = id === undefined || id === integrityId.NONE
  if (kind === 'aead') return absent ? undefined : 'unfit'
  return absent ? 'unfit' : (provider.integrity(id) ?? 'unfit')
}

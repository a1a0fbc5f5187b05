// What AH makes of an SA's suite and key. RFC 4302 §3.2, §3.3.3.2.2.
import type { Secret } from '../../bytes/secret.ts'
import type { SaInstall } from '../../contract/install.ts'
import type { CryptoProvider, PacketMac } from '../../crypto/provider.ts'

export interface AhSuite {
  readonly mac: PacketMac
  readonly key: Secret
  /** Octets of the sequence number that the ICV covers behind the packet: 4 with ESN. */
  readonly highLength: 0 | 4
}

/** `undefined` when the provider does not have the suite, or the key is none for it. AH encrypts nothing. */
export function ahSuite({ suite, integrityKey }: SaInstall, provider: CryptoProvider): AhSuite | undefined {
  const mac = suite.integrity === undefined ? undefined : provider.packetMac(suite.integrity.id)
  if (mac === undefined || suite.encryption !== undefined || integrityKey?.length !== mac.keyLength) return undefined
  return { mac, key: integrityKey, highLength: suite.extendedSequence === 'esn' ? 4 : 0 }
}

// Suites that authenticate and do not encrypt.
import type { ChildSuite } from '../../../src/contract/transforms.ts'
import { integrity as integrityNumbers } from '../../../src/iana/transforms.ts'
import { type NamedSuite, provider } from '../../ipsec/fixtures.ts'

function named(name: string, suite: ChildSuite): NamedSuite {
  const lengths = provider.packetKeyLengths(suite)
  if (lengths === undefined) throw new Error(`no such suite: ${name}`)
  return { name, suite, encryptionKeyLength: lengths.encryption, integrityKeyLength: lengths.integrity }
}

export const nullWith = (mac: keyof typeof integrityNumbers): NamedSuite =>
  named(`NULL with ${mac}`, {
    protocol: 3,
    encryption: { type: 1, id: 11, keyLength: undefined },
    integrity: { type: 3, id: integrityNumbers[mac], keyLength: undefined },
    extendedSequence: 'no-esn',
  })

/** RFC 4543 §5: ENCR_NULL_AUTH_AES_GMAC. */
export const gmac: NamedSuite = named('AES-GMAC-128', {
  protocol: 3,
  encryption: { type: 1, id: 21, keyLength: 128 },
  integrity: undefined,
  extendedSequence: 'no-esn',
})

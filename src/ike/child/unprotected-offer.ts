// An offer of ESP without encryption and without integrity, perhaps among other choices: nobody may choose it, and it is worth a record. Ours are
// none: a host with such a configuration is not made. RFC 4301 §4.2.
import { protocol } from '../../iana/protocols.ts'
import { encryption, integrity, transformType } from '../../iana/transforms.ts'
import type { Proposal } from '../../wire/message.ts'

/** RFC 7296 §3.3.3: integrity that is not spoken of is none. */
export function isUnprotected({ protocol: protocolId, transforms }: Proposal): boolean {
  if (protocolId !== protocol.ESP) return false
  const integrities = transforms.filter(({ type }) => type === transformType.INTEG)
  const isWithoutIntegrity = integrities.length === 0 || integrities.some(({ id }) => id === integrity.NONE)
  return isWithoutIntegrity && transforms.some(({ type, id }) => type === transformType.ENCR && id === encryption.ENCR_NULL)
}

// What a connection asks for and the provider does not have: not every provider has every transform, and a host that offered such a one would
// be refused in the end, or refuse, without a reason that anybody could see.
import { ApiMisuse } from '../contract/faults.ts'
import type { ProposalTemplate, TransformChoice } from '../contract/transforms.ts'
import type { CryptoProvider } from '../crypto/provider.ts'
import { protocol } from '../iana/protocols.ts'
import { transformType } from '../iana/transforms.ts'
import { formatTransform } from '../policy/algorithm-words.ts'
import type { Connection } from '../policy/connection.ts'

/** Throws ApiMisuse that names the connection, the transform and the provider. */
export function checkAlgorithms(provider: CryptoProvider, connections: readonly Connection[]): void {
  for (const { name, proposals, children } of connections) {
    const templates = [...proposals, ...children.flatMap((child) => child.proposals)]
    for (const template of templates) {
      // Ciphers last: without an integrity algorithm that is there, a cipher of ESP is not to be had either.
      const ordered = [...template.transforms].sort((a, b) => b.type - a.type)
      const lacking = ordered.find((choice) => !has(provider, template, choice))
      if (lacking === undefined) continue
      throw new ApiMisuse(`connection ${name} names ${formatTransform(lacking)}, which the provider "${provider.name}" does not have`)
    }
  }
}

function has(provider: CryptoProvider, template: ProposalTemplate, { type, id, keyLength }: TransformChoice): boolean {
  const { ENCR, PRF, INTEG, KE } = transformType
  if (id === none) return true
  if (type === PRF) return provider.prf(id) !== undefined
  if (type === INTEG) return (template.protocol === protocol.AH ? provider.packetMac(id) : provider.integrity(id)) !== undefined
  // A Child SA that is made in IKE_AUTH has no key exchange of its own (RFC 7296 §1.2).
  if (type === KE) return template.protocol !== protocol.IKE || provider.keyExchange(id) !== undefined
  if (type !== ENCR) return true
  if (template.protocol === protocol.IKE) return provider.encryption(id, keyLength) !== undefined
  const macs = [undefined, ...template.transforms.filter((choice) => choice.type === INTEG)]
  const encryption = { type, id, keyLength }
  return macs.some((integrity) => {
    const suite = { protocol: protocol.ESP, encryption, integrity, extendedSequence: 'no-esn' } as const
    return provider.packetKeyLengths(suite) !== undefined
  })
}

/** RFC 7296 §3.3.3: NONE, of a type that is optional. */
const none = 0

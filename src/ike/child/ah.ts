// Whether AH can be used between two peers. It is known once IKE_SA_INIT has looked for NATs. RFC 3715 §2.1; RFC 3948 §1; RFC 4302 §3.3.3.
import type { PolicyFault } from '../../contract/faults.ts'
import type { ProtocolRefusal } from '../../contract/refusal.ts'
import type { ProposalTemplate } from '../../contract/transforms.ts'
import { protocol } from '../../iana/protocols.ts'
import type { SaPath } from '../sa/ike-sa.ts'

/** Why not; `undefined`: it can. */
export function refusalOfAh({ bare, nat }: Pick<SaPath, 'bare' | 'nat'>): ProtocolRefusal | undefined {
  const refused = { kind: 'protocol', protocol: protocol.AH, behindNat: { local: nat.local, remote: nat.remote } } as const
  // RFC 3715 §2.1: the addresses are authenticated, and a NAT changes them: no packet would verify.
  if (nat.local === 'behind-nat' || nat.remote === 'behind-nat') return { ...refused, reason: 'nat' }
  // RFC 3948 §1: there is no AH in UDP.
  if (nat.encapsulation === 'udp') return { ...refused, reason: 'forced-encapsulation' }
  return bare === 'ip' ? undefined : { ...refused, reason: 'driver' }
}

/** In their order, without those for AH where it cannot be used. */
export const usableProposals = (templates: readonly ProposalTemplate[], path: Pick<SaPath, 'bare' | 'nat'>): readonly ProposalTemplate[] =>
  templates.some(isAh) && refusalOfAh(path) !== undefined ? templates.filter((template) => !isAh(template)) : templates

const isAh = (template: ProposalTemplate): boolean => template.protocol === protocol.AH

export const unusableAh: PolicyFault = {
  family: 'policy',
  code: 'POLICY_PROTOCOL_UNUSABLE',
  message: 'AH is all that there is for this Child SA, and it cannot be used here',
}

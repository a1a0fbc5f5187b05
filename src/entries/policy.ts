// `ikebana/policy`: what may be negotiated with whom, and which packets are protected. RFC 4301 §4.4.
export type {
  AddressRange,
  ChildConfig,
  ChildTerms,
  Connection,
  ConnectionTerms,
  Overlap,
  IdentityMatch,
  IkeLifetime,
  LifetimeLimits,
  RemoteAddress,
  SelectorTemplate,
} from '../policy/connection.ts'
export { childDefaults, connectionDefaults, endlessChild, endlessConnection, unlimited, unlimitedIke } from '../policy/defaults.ts'
export { mayBeDefault, rateAlgorithm, type Rating, type Verdict } from '../policy/algorithm-rating.ts'
export { formatIdentity, identityFlaw, matchIdentity, parseIdentity, sameIdentity } from '../policy/identity.ts'
export type { LintCode, LintFinding, LintReport, LintSeverity } from '../policy/lint-findings.ts'
export { lintProposal } from '../policy/lint-proposal.ts'
export { connectionForIdentities, connectionsForAddress } from '../policy/pad.ts'
export {
  checkAnswer,
  childSuite,
  chooseChildProposal,
  chooseProposal,
  type ChosenProposal,
  firstKeyExchange,
  ikeSuite,
  soleProposal,
  toChildProposals,
  toWireProposals,
  withoutKeyExchange,
} from '../policy/proposal-choice.ts'
export { defaultEspProposals, defaultIkeProposals, formatProposal, parseProposal, parseProposals } from '../policy/proposal-words.ts'
export { formatSelector, formatSelectorTemplate, parseSelector } from '../policy/selector-words.ts'
export { contains, firstUncovered, intersect, narrow, selectorLimit, selectorTemplateToSelector } from '../policy/selectors.ts'
export {
  createSpd,
  type PacketSelector,
  type Spd,
  type SpdAction,
  type SpdEntry,
  type SpdExplanation,
  type SpdMismatch,
  type SpdPart,
  spdPart,
} from '../policy/spd.ts'
export { nearestWord, type WordFault } from '../policy/words.ts'
export { type PeerPolicy, type PeerToProtect, protectPeer } from '../policy/protect-peer.ts'
export type { Direction, Mismatch } from '../policy/selector-match.ts'

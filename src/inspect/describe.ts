// Suites, transforms, selectors and identities as text for people, and as plain JSON values with names in the place of numbers.
import { toHex } from '../bytes/bytes.ts'
import type { ChildSaEstablished, IkeSaEstablished } from '../contract/events.ts'
import type { Identity } from '../contract/identity.ts'
import type { TrafficSelector } from '../contract/selectors.ts'
import type { ChildSuite, IkeSuite, ProposalTemplate, TransformChoice } from '../contract/transforms.ts'
import { formatSpi } from '../contract/units.ts'
import { idTypes } from '../iana/identification.ts'
import { protocolName } from '../iana/protocols.ts'
import { transformIds, transformType } from '../iana/transforms.ts'
import { formatEndpoint } from '../net/address.ts'
import { encrypts } from '../policy/algorithms.ts'
import { formatIdentity } from '../policy/identity.ts'
import { formatSelector } from '../policy/selector-words.ts'
import { escapeText } from './escape.ts'

export type Json = string | number | boolean | null | readonly Json[] | JsonObject
export interface JsonObject {
  readonly [key: string]: Json
}

/** `encryption`, `key exchange`: what a Transform Type is for, in words. RFC 7296 §3.3.2. */
export function transformTypeWords(type: number): string {
  switch (type) {
    case transformType.ENCR:
      return 'encryption'
    case transformType.PRF:
      return 'pseudorandom function'
    case transformType.INTEG:
      return 'integrity'
    case transformType.KE:
      return 'key exchange'
    case transformType.ESN:
      return 'sequence numbers'
    default:
      return `transform type ${type}`
  }
}

/** `AES_GCM_16_256`: the registry's word without `ENCR_`, and the key length where there is one. */
export function formatTransform(transform: TransformChoice): string {
  const word = (transformIds(transform.type)?.notation(transform.id) ?? `unknown (${transform.id})`).replace(/^(ENCR|AUTH)_/, '')
  return transform.keyLength === undefined ? word : `${word}_${transform.keyLength}`
}

/** `AES_CBC_128, AES_CBC_256` or `nothing`. */
export const formatTransforms = (transforms: readonly TransformChoice[]): string =>
  transforms.length === 0 ? 'nothing' : transforms.map(formatTransform).join(', ')

/** `AES_CBC_256 / PRF_HMAC_SHA2_256 / HMAC_SHA2_256_128 / CURVE25519` */
export const formatIkeSuite = (suite: IkeSuite): string => present([suite.encryption, suite.prf, suite.integrity, suite.keyExchange])

/** `AES_GCM_16_256, no ESN` */
export const formatChildSuite = (suite: ChildSuite): string =>
  `${present([suite.encryption, suite.integrity])}, ${suite.extendedSequence === 'esn' ? 'ESN' : 'no ESN'}`

/** What there is to say of a suite that does not encrypt. */
export const authenticatedOnly = 'authenticated only, not encrypted'

/** One line for each Transform Type of a proposal: `encryption: AES_GCM_16_256, AES_CBC_128`. */
export function formatProposalLines(proposal: ProposalTemplate): readonly string[] {
  const types = [...new Set(proposal.transforms.map((transform) => transform.type))].sort((a, b) => a - b)
  return types.map((type) => `${transformTypeWords(type)}: ${formatTransforms(proposal.transforms.filter((t) => t.type === type))}`)
}

export const formatSelectors = (selectors: readonly TrafficSelector[]): string =>
  selectors.length === 0 ? 'nothing' : selectors.map(formatSelector).join(', ')

/** As the command's options write it, made safe to print. */
export const describeIdentity = (identity: Identity): string => escapeText(formatIdentity(identity))

/** Who, with what, under which SPIs. */
export function describeIkeSa(sa: IkeSaEstablished): readonly string[] {
  const encapsulation = sa.encapsulation === 'udp' ? ', ESP in UDP' : ''
  return [
    `IKE SA ${sa.initiatorSpi} ${sa.responderSpi} (${sa.role})`,
    `  ${describeIdentity(sa.localIdentity)} at ${formatEndpoint(sa.local)} with ${describeIdentity(sa.remoteIdentity)} at ${formatEndpoint(sa.remote)}${encapsulation}`,
    `  ${formatIkeSuite(sa.suite)}`,
  ]
}

export function describeChildSa(sa: ChildSaEstablished): readonly string[] {
  return [
    `Child SA in ${formatSpi(sa.inbound)} out ${formatSpi(sa.outbound)}, ${sa.mode} mode${sa.encapsulation === 'udp' ? ' in UDP' : ''}`,
    `  ${protocolName(sa.suite.protocol)} ${formatChildSuite(sa.suite)}${encrypts(sa.suite) ? '' : `: ${authenticatedOnly}`}`,
    `  ${formatSelectors(sa.localSelectors)} ↔ ${formatSelectors(sa.remoteSelectors)}`,
    ...(sa.mapped === undefined ? [] : [`  known here as ${sa.mapped}, since another peer has its address, too`]),
  ]
}

export const ikeSuiteJson = (suite: IkeSuite): Json => ({
  encryption: formatTransform(suite.encryption),
  prf: formatTransform(suite.prf),
  integrity: suite.integrity === undefined ? null : formatTransform(suite.integrity),
  keyExchange: formatTransform(suite.keyExchange),
})

export const childSuiteJson = (suite: ChildSuite): Json => ({
  protocol: protocolName(suite.protocol),
  encryption: suite.encryption === undefined ? null : formatTransform(suite.encryption),
  integrity: suite.integrity === undefined ? null : formatTransform(suite.integrity),
  esn: suite.extendedSequence === 'esn',
  encrypted: encrypts(suite),
})

export const identityJson = (identity: Identity): Json => ({
  type: idTypes.notation(identity.type),
  text: describeIdentity(identity),
  octets: toHex(identity.value),
})

export const selectorsJson = (selectors: readonly TrafficSelector[]): Json => selectors.map(formatSelector)

export const ikeSaJson = (sa: IkeSaEstablished): JsonObject => ({
  role: sa.role,
  initiatorSpi: sa.initiatorSpi,
  responderSpi: sa.responderSpi,
  local: formatEndpoint(sa.local),
  remote: formatEndpoint(sa.remote),
  localIdentity: identityJson(sa.localIdentity),
  remoteIdentity: identityJson(sa.remoteIdentity),
  suite: ikeSuiteJson(sa.suite),
  encapsulation: sa.encapsulation,
})

export const childSaJson = (sa: ChildSaEstablished): JsonObject => ({
  inbound: formatSpi(sa.inbound),
  outbound: formatSpi(sa.outbound),
  mode: sa.mode,
  suite: childSuiteJson(sa.suite),
  localSelectors: selectorsJson(sa.localSelectors),
  remoteSelectors: selectorsJson(sa.remoteSelectors),
  encapsulation: sa.encapsulation,
})

function present(transforms: readonly (TransformChoice | undefined)[]): string {
  return transforms.flatMap((transform) => (transform === undefined ? [] : [formatTransform(transform)])).join(' / ')
}

// `ikebana/inspect`: what happened, for people: octets explained, refusals, ladders, captures, key tables for Wireshark.
export { annotateEsp, annotateIke, annotateIp, annotateUdpPayload } from '../inspect/annotate.ts'
export type { Decryption, KeySource, Path } from '../inspect/annotate/keys.ts'
export type { Claim } from '../inspect/capture/claims.ts'
export {
  childSaJson,
  childSuiteJson,
  describeChildSa,
  describeIdentity,
  describeIkeSa,
  formatChildSuite,
  formatIkeSuite,
  formatProposalLines,
  formatSelectors,
  formatTransform,
  formatTransforms,
  identityJson,
  ikeSaJson,
  ikeSuiteJson,
  type Json,
  type JsonObject,
  selectorsJson,
  transformTypeWords,
} from '../inspect/describe.ts'
export { escapeOctets, escapeText } from '../inspect/escape.ts'
export { describeDatagram, framePacket } from '../inspect/frame.ts'
export { keySource } from '../inspect/key-rows.ts'
export { formatLadder, formatMessage, formatPayloads, type LadderRow, type LadderShape } from '../inspect/ladder.ts'
export { escapeMermaid, formatMermaid, type SequenceDiagram, type SequenceRow } from '../inspect/mermaid.ts'
export { type CapturedPacket, pcapngFile, pcapngPacket, pcapngStart } from '../inspect/pcapng.ts'
export { failureJson, refusalJson } from '../inspect/refusal-json.ts'
export { formatFailure, formatRefusal } from '../inspect/refusal.ts'
export type {
  Annotation,
  Authentication,
  BitSpan,
  IkeSummary,
  Region,
  RegionFault,
  SecuritySummary,
  Span,
  SpanKind,
  Summary,
} from '../inspect/span.ts'
export { annotationJson } from '../inspect/tree-json.ts'
export { formatTree, type TreeStyle } from '../inspect/tree-text.ts'
export { dangerChildKeyRow, type DangerChildKeys, dangerIkeKeyRow, type DangerIkeKeys, dangerKeyFiles } from '../inspect/wireshark-keys.ts'
export {
  type EspKeys,
  formatTableFault,
  type IkeKeys,
  type KeyedEncryption,
  type KeyedIntegrity,
  readEspTable,
  readIkeTable,
  type Table,
  type TableFault,
} from '../inspect/wireshark-tables.ts'

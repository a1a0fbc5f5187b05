// `ikebana/inspect`: what happened, for people: refusals, ladders, captures, key tables for Wireshark.
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
export { formatLadder, formatMessage, formatPayloads, type LadderRow, type LadderShape } from '../inspect/ladder.ts'
export { escapeMermaid, formatMermaid, type SequenceDiagram, type SequenceRow } from '../inspect/mermaid.ts'
export { type CapturedPacket, pcapngFile, pcapngPacket, pcapngStart } from '../inspect/pcapng.ts'
export { failureJson, refusalJson } from '../inspect/refusal-json.ts'
export { formatFailure, formatRefusal } from '../inspect/refusal.ts'
export { dangerChildKeyRow, type DangerChildKeys, dangerIkeKeyRow, type DangerIkeKeys, dangerKeyFiles } from '../inspect/wireshark-keys.ts'

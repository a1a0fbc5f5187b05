// `ikebana/inspect`: what happened, for people: octets explained, refusals, ladders, captures, key tables for Wireshark.
export { annotateEsp, annotateIke, annotateIp, annotateUdpPayload } from '../inspect/annotate.ts'
export type { ClearEsp } from '../inspect/annotate/ip.ts'
export type { Decryption, KeySource, Path } from '../inspect/annotate/keys.ts'
export { CaptureLadder, type LadderFrame } from '../inspect/capture-ladder.ts'
export type { Claim } from '../inspect/capture/claims.ts'
export {
  type CaptureFault,
  type CaptureFaultCode,
  type CapturedFrame,
  type CaptureItem,
  formatCaptureFault,
} from '../inspect/capture/frame.ts'
export { guessKind, type OctetsKind } from '../inspect/capture/guess.ts'
export { type HexFault, type HexForm, type HexInput, parseHexInput } from '../inspect/capture/hex-input.ts'
export { CaptureReader } from '../inspect/capture/reader.ts'
export type { MessagePlace, OpenRequest } from '../inspect/conversation.ts'
export {
  childSaJson,
  authenticatedOnly,
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
export type { EspVerdict, Evidence, Impossible, Suspicion } from '../inspect/esp-null/flow.ts'
export { type EspFlowId, type EspFlowPacket, EspFlows, type EspFlowsOptions, type EspFlowView } from '../inspect/esp-null/flows.ts'
export { type Check, checkWords } from '../inspect/esp-null/look.ts'
export { espFlowJson, espFlowLines, verdictJson, verdictWords } from '../inspect/esp-null/words.ts'
export { escapeOctets, escapeText } from '../inspect/escape.ts'
export { describeDatagram, framePacket } from '../inspect/frame.ts'
export { type DecodedFrame, FrameDecoder, type FrameDecoderOptions, type FrameFault, type SeenFlow } from '../inspect/frame-decoder.ts'
export {
  everyFrame,
  type FrameFilter,
  parseAddressWord,
  parseExchangeWord,
  parseSpiWord,
  passes,
  type SpiWord,
} from '../inspect/frame-filter.ts'
export { captureFaultJson, frameJson } from '../inspect/frame-json.ts'
export { frameFaultLines, frameHeading, frameRemarks } from '../inspect/frame-words.ts'
export { escapeHtml, htmlEnd, type HtmlSection, htmlSection, htmlStart } from '../inspect/html.ts'
export { keySource } from '../inspect/key-rows.ts'
export { formatLadder, formatMessage, formatPayloads, type LadderRow, type LadderShape } from '../inspect/ladder.ts'
export { escapeMermaid, formatMermaid, type SequenceDiagram, type SequenceRow } from '../inspect/mermaid.ts'
export { type CapturedPacket, pcapngFile, pcapngPacket, pcapngStart } from '../inspect/pcapng.ts'
export { reorderingJson, reorderingLines } from '../inspect/reordering-words.ts'
export { failureJson, refusalJson } from '../inspect/refusal-json.ts'
export { formatFailure, formatRefusal } from '../inspect/refusal.ts'
export { failureHtml, type FailureSection, failureSection } from '../inspect/refusal-html.ts'
export { IkeFragments, type JoinedFragments, type OpenedFragment } from '../inspect/annotate/ike-fragments.ts'
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

// `ikebana/contract`: all that crosses the edge of the machine that does no I/O.
export type {
  AfterFailedRekey,
  ChildSaEstablished,
  Event,
  IkeSaEstablished,
  MessageDrop,
  MessageEvent,
  NatFinding,
  Role,
} from '../contract/events.ts'
export type { AuditCode, AuditedPacket, AuditRecord } from '../contract/audit.ts'
export {
  ApiMisuse,
  Bug,
  type Fault,
  type FaultCode,
  type OperationFault,
  type OperationFaultCode,
  type PeerFault,
  type PeerFaultCode,
  type PolicyFault,
  type PolicyFaultCode,
  type WireFault,
  type WireFaultCode,
} from '../contract/faults.ts'
export type { Identity } from '../contract/identity.ts'
export type { DummyTerms, Limits, OriginalAddresses, SaInstall, SaMode, TfcPadding } from '../contract/install.ts'
export type { PathTerms } from '../contract/path-terms.ts'
export type {
  Channel,
  Command,
  Completion,
  Datagram,
  HostPorts,
  IkeChannel,
  Input,
  Machine,
  Operation,
  OperationKind,
  OperationTable,
  Outcome,
  Output,
  Path,
  PathChange,
  SharedKeyMacRequest,
  TooBig,
  Undelivered,
  UnreachableReason,
} from '../contract/machine.ts'
export { headroom, PacketBatch, tailroom } from '../contract/packets.ts'
export type { RandomSource } from '../contract/random.ts'
export type {
  AhObstacle,
  AuthenticationRefusal,
  IdentityRefusal,
  KeyEvidence,
  KeyExchangeRefusal,
  KeySlip,
  ModeRefusal,
  NotifyRefusal,
  OtherAuthenticationRefusal,
  OverlapRefusal,
  ProposalComparison,
  ProposalRefusal,
  ProtocolRefusal,
  Refusal,
  SelectorRefusal,
  SilenceHint,
  SilenceRefusal,
  TransformVerdict,
  WrongKeyRefusal,
} from '../contract/refusal.ts'
export type { TrafficSelector } from '../contract/selectors.ts'
export type { ChildSuite, IkeSuite, ProposalTemplate, TransformChoice } from '../contract/transforms.ts'
export {
  type Brand,
  type ChildSaId,
  childSaId,
  earliest,
  espSpi,
  formatSpi,
  type IkeSaId,
  ikeSaId,
  type IkeSpi,
  ikeSpi,
  type Instant,
  instant,
  later,
  type Milliseconds,
  type OperationId,
  operationId,
  type Spi,
} from '../contract/units.ts'

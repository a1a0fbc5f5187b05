// `ikebana/host`: IKE, ESP and policy as one machine.
export { createHost, type Host, type HostOptions, type HostView } from '../host/host.ts'
export type { BurstOrigin } from '../host/inbound-path.ts'
export type { HostCounters } from '../host/tally.ts'
export { type HostOutcome, outcome, outcomeName } from '../host/outcomes.ts'
export type { Route } from '../host/children.ts'

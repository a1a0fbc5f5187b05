// `ikebana/ike`: IKEv2 without packets, for those who install its SAs elsewhere; its states, timers and limits.
export { type EndpointOptions, IkeEndpoint, type Initiated, type Initiation } from '../ike/endpoint/endpoint.ts'
export { limits } from '../ike/limits.ts'
export type { IkeSaView, OverIkeSaView } from '../ike/sa/view.ts'
export { transitions } from '../ike/sa/transitions.ts'
export { retransmitDelay, type TimerName, timers } from '../ike/timers.ts'
export type { Arrival } from '../ike/sa/exchange.ts'
export type { Phase } from '../ike/sa/states.ts'
export type { PacketSelectors } from '../ike/child/child-request.ts'

// What both implementations negotiate.

/** Words of swanctl.conf and of ours. */
export const suite = { ike: 'aes128gcm16-prfsha256-x25519', esp: 'aes128gcm16' } as const
/**
 * `child-sa`: IKE_SA_INIT, IKE_AUTH with a Child SA at both ends, Delete and its answer. `childless`: the same without the Child SA
 * (RFC 6023).
 */
export type Subject = 'child-sa' | 'childless'

export const sharedKey = 'a key for benchmarks only'

/** An end of the cable; `inner` is what its tunnel mode Child SA protects, since charon in userspace knows no transport mode. */
export interface End {
  readonly outer: string
  readonly inner: string
  readonly identity: string
}
export const initiator: End = { outer: '10.55.0.1', inner: '172.31.1.1', identity: 'initiator.example' }
export const responder: End = { outer: '10.55.0.2', inner: '172.31.2.1', identity: 'responder.example' }

// The one connection that a strongSwan peer has in these tests. Names are those of swanctl.conf.
import type { Section } from './strongswan.ts'

export interface PeerConfig {
  readonly local: string
  /** `%any` by default. */
  readonly remote?: string
  readonly id?: string
  readonly remoteId?: string
  readonly secret?: string
  readonly ike?: string
  readonly esp?: string
  /** Instead of ESP; both are offered where `esp` is said, too, ESP first. */
  readonly ah?: string
  readonly mode?: 'tunnel' | 'transport'
  readonly localSelector?: string
  readonly remoteSelector?: string
  /** More of the connection, and of its child. */
  readonly connection?: Section
  readonly child?: Section
}

export const secret = 'no secret, only for tests'

/** A connection `c` with a child `k`. */
export function peerConfig(peer: PeerConfig): Section {
  return {
    connections: {
      c: {
        version: 2,
        local_addrs: peer.local,
        remote_addrs: peer.remote ?? '%any',
        proposals: peer.ike ?? 'aes128gcm16-prfsha256-ecp256',
        encap: 'yes',
        local: { auth: 'psk', id: peer.id ?? 'peer.example' },
        remote: { auth: 'psk', ...(peer.remoteId === undefined ? {} : { id: peer.remoteId }) },
        children: {
          k: {
            mode: peer.mode ?? 'tunnel',
            ...(peer.localSelector === undefined ? {} : { local_ts: peer.localSelector }),
            ...(peer.remoteSelector === undefined ? {} : { remote_ts: peer.remoteSelector }),
            ...(peer.ah !== undefined && peer.esp === undefined ? {} : { esp_proposals: peer.esp ?? 'aes128gcm16' }),
            ...(peer.ah === undefined ? {} : { ah_proposals: peer.ah }),
            ...peer.child,
          },
        },
        ...peer.connection,
      },
    },
    secrets: { ike: { secret: `"${peer.secret ?? secret}"` } },
  }
}

// The two ends of a tunnel over the plainest network: a program that embeds us, and a charon that seals in userspace.
import { peerConfig, type PeerConfig, secret } from './config.ts'
import { Embedded, type Scenario } from './embedded.ts'
import type { Lab } from './lab.ts'
import { namespaceMachine } from './machine.ts'
import type { Wire } from './pings.ts'
import { type Charon, type Section, startCharon } from './strongswan.ts'
import { peerTunnel, sides, type TwoHosts } from './two-hosts.ts'

export const ike = 'aes128gcm16-prfsha256-ecp256'
const { us: ourSide, peer: peerSide } = sides.IPv4

export async function startPeer(hosts: TwoHosts, config: Partial<PeerConfig> = {}, settings: Section = {}): Promise<Charon> {
  return await startCharon(hosts.peerMachine, { seals: 'charon', config: peerConfig({ ...peerTunnel('IPv4'), ike, ...config }), settings })
}

export function startUs(hosts: TwoHosts, scenario: Pick<Scenario, 'role'> & Partial<Scenario>): Embedded {
  return new Embedded(hosts.us, {
    local: ourSide.outer,
    remote: peerSide.outer,
    tunnel: { local: ourSide.inner, remote: peerSide.inner },
    key: secret,
    localIdentity: 'us.example',
    remoteIdentity: 'peer.example',
    ike,
    esp: 'aes128gcm16',
    encapsulation: 'force',
    ...scenario,
  })
}

/** For pings through the tunnel. */
export const tunnelWire = (lab: Lab, hosts: TwoHosts): Wire => ({
  ourMachine: namespaceMachine(lab, hosts.us),
  peerMachine: hosts.peerMachine,
  from: peerSide.inner,
  to: ourSide.inner,
})

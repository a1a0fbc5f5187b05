// The plainest network: us on the left, the peer on the right, one cable, and inner addresses for tunnels.
import { cable, type Lab, type Namespace } from './lab.ts'
import { type Machine, namespaceMachine } from './machine.ts'

export interface TwoHosts {
  readonly us: Namespace
  readonly peer: Namespace
  readonly peerMachine: Machine
}

export interface Side {
  /** On the cable. */
  readonly outer: string
  /** Inside a tunnel: the peer has it on its loopback, ours exists in our userspace only. */
  readonly inner: string
}
export type Family = 'IPv4' | 'IPv6'
export const sides: Readonly<Record<Family, { readonly us: Side; readonly peer: Side }>> = {
  IPv4: { us: { outer: '10.55.0.1', inner: '172.31.1.1' }, peer: { outer: '10.55.0.2', inner: '172.31.2.1' } },
  IPv6: { us: { outer: 'fd55::1', inner: 'fd31:1::1' }, peer: { outer: 'fd55::2', inner: 'fd31:2::1' } },
}

export async function twoHosts(lab: Lab): Promise<TwoHosts> {
  const us = await lab.namespace('us')
  const peer = await lab.namespace('peer')
  await cable(us, 'cable0', peer, 'cable0')
  await us.address('cable0', `${sides.IPv4.us.outer}/24`, `${sides.IPv6.us.outer}/64`)
  await peer.address('cable0', `${sides.IPv4.peer.outer}/24`, `${sides.IPv6.peer.outer}/64`)
  await peer.address('lo', `${sides.IPv4.peer.inner}/32`, `${sides.IPv6.peer.inner}/128`)
  return { us, peer, peerMachine: namespaceMachine(lab, peer) }
}

/** What `swanctl.conf` of the peer says of the tunnel, without algorithms. `inside` is of the same family unless it is given. */
export const peerTunnel = (outside: Family, inside: Family = outside): Tunnel => ({
  local: sides[outside].peer.outer,
  remote: sides[outside].us.outer,
  localSelector: sides[inside].peer.inner,
  remoteSelector: sides[inside].us.inner,
})
export interface Tunnel {
  readonly local: string
  readonly remote: string
  readonly localSelector: string
  readonly remoteSelector: string
}

/** The options of our command for the same tunnel. */
export const ourTunnel = (inside: Family): readonly string[] => [
  '--mode',
  'tunnel',
  '--ts-local',
  sides[inside].us.inner,
  '--ts-remote',
  sides[inside].peer.inner,
  '--id',
  'us.example',
  '--peer-id',
  'peer.example',
]

// Whether the network says that a UDP port is closed. An unconnected socket is never told; a connected one is (ICMP port unreachable).
import { createSocket } from 'node:dgram'
import { keepaliveOctet } from '../ipsec/encapsulation.ts'
import type { Milliseconds } from '../contract/units.ts'
import { type Address, addressVersion, type Endpoint } from '../net/address.ts'

/**
 * Sends one octet, a NAT keepalive, which every IKE daemon ignores (RFC 3948 §2.3), and listens for the refusal.
 * It waits for `patience` at most. It proves nothing, in either case (RFC 7296 §2.4): it is for the one who reads why nobody answers.
 */
export function isPortRefused(local: Address, remote: Endpoint, patience: Milliseconds = 1_000): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket(addressVersion(remote.address) === 6 ? 'udp6' : 'udp4')
    const end = (refused: boolean): void => {
      clearTimeout(timer)
      socket.removeAllListeners('error')
      socket.on('error', () => {})
      socket.close(() => resolve(refused))
    }
    const timer = setTimeout(() => end(false), patience)
    timer.unref()
    socket.unref()
    socket.once('error', (error) => end('code' in error && error.code === 'ECONNREFUSED'))
    socket.bind({ address: local }, () => {
      socket.connect(remote.port, remote.address, () => socket.send(Uint8Array.of(keepaliveOctet)))
    })
  })
}

// Drives a host over UDP sockets of Node. (types first)
import type { Event } from '../contract/events.ts'
import type { SharedKeyMacRequest, Command, Datagram, HostPorts } from '../contract/machine.ts'
import type { ChildSaId } from '../contract/units.ts'
import type { Host } from '../host/host.ts'

export interface RuntimeOptions {
  /** Called once the sockets are bound, with their real ports. */
  readonly makeHost: (local: readonly HostPorts[]) => Host
  readonly bind: readonly BindAddress[]
  /** Answers the operation `shared-key-mac`. */
  readonly sharedKeyMac: (request: SharedKeyMacRequest) => Uint8Array
  readonly onEvent?: (event: Event) => void
  readonly onDeliver?: (packet: Uint8Array, child: ChildSaId) => void
  /** Every datagram as it is on the wire, for captures. */
  readonly onDatagram?: (direction: 'sent' | 'received', datagram: Datagram) => void
}
/** 0 is any free port; `undefined` opens no such socket. */
export interface BindAddress {
  readonly address: string
  readonly ikePort: number | undefined
  readonly natPort: number | undefined
}

export interface Runtime {
  readonly host: Host
  readonly local: readonly HostPorts[]
  command(command: Command): void
  /** A plain IP packet that wants out. */
  send(packet: Uint8Array): void
  /** Deletes all SAs, waits for the peers' answers for at most `patience` ms, closes the sockets. */
  close(patience: number): Promise<void>
}

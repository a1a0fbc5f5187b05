// UDP sockets of a host: one for each local address and channel, so that the local address of a datagram is always known.
import { createSocket, type Socket, type SocketOptions } from 'node:dgram'
import { networkInterfaces } from 'node:os'
import { carriesIke, type Datagram, type HostPorts } from '../contract/machine.ts'
import { type Address, addressVersion, formatEndpoint, parseAddress } from '../net/address.ts'

/** 0 is any free port; `undefined` opens no such socket. `0.0.0.0` and `::` stand for every address of this machine but link-local ones. */
export interface BindAddress {
  readonly address: string
  readonly ikePort: number | undefined
  readonly natPort: number | undefined
}

/** Why the sockets could not be had. `code` is the system's: EADDRINUSE, EACCES, EADDRNOTAVAIL… */
export class BindFailure extends Error {
  override readonly name: string = 'BindFailure'
  readonly code: string
  readonly address: string
  readonly port: number

  constructor(code: string, address: string, port: number) {
    super(`cannot bind UDP ${address} port ${port}: ${code}`)
    this.code = code
    this.address = address
    this.port = port
  }
}

export interface SendFailure {
  readonly code: string
  readonly datagram: Datagram
}

export interface SocketSet {
  readonly local: readonly HostPorts[]
  send(datagram: Datagram): void
  close(): Promise<void>
}

/** Octets that the system may keep for us between two turns of the event loop. */
const receiveBuffer = 4 * 1024 * 1024

/** Binds all or nothing. Throws BindFailure. */
export async function bindSockets(
  bind: readonly BindAddress[],
  onDatagram: (datagram: Datagram) => void,
  onSendFailure: (failure: SendFailure) => void,
): Promise<SocketSet> {
  const sockets = new Map<string, Socket>()
  const local: HostPorts[] = []
  const close = async (): Promise<void> => {
    await Promise.all([...sockets.values()].map((socket) => new Promise<void>((resolve) => void socket.close(() => resolve()))))
    sockets.clear()
  }
  try {
    for (const { address, ikePort, natPort } of bind.flatMap(expand)) {
      const ports = {
        address,
        ikePort: ikePort === undefined ? undefined : await open(sockets, 'ike', address, ikePort, onDatagram),
        natPort: natPort === undefined ? undefined : await open(sockets, 'nat-t', address, natPort, onDatagram),
      }
      local.push(ports)
    }
  } catch (error) {
    await close()
    throw error
  }
  return {
    local,
    close,
    send(datagram) {
      const socket = sockets.get(keyOf(datagram.channel, datagram.local.address, datagram.local.port))
      if (socket === undefined) return onSendFailure({ code: carriesIke(datagram.channel) ? 'NO_SOCKET' : 'NO_RAW_SOCKET', datagram })
      socket.send(datagram.bytes, datagram.remote.port, datagram.remote.address, (error) => {
        if (error !== null) onSendFailure({ code: errorCode(error), datagram })
      })
    },
  }
}

async function open(
  sockets: Map<string, Socket>,
  channel: 'ike' | 'nat-t',
  address: Address,
  port: number,
  onDatagram: (datagram: Datagram) => void,
): Promise<number> {
  const type = addressVersion(address) === 6 ? 'udp6' : 'udp4'
  const socket = createSocket({ type, ipv6Only: type === 'udp6', recvBufferSize: receiveBuffer, lookup: asItIs })
  await new Promise<void>((resolve, reject) => {
    socket.once('error', (error) => {
      socket.close()
      reject(new BindFailure(errorCode(error), address, port))
    })
    socket.bind({ address, port, exclusive: true }, () => resolve())
  })
  const bound = socket.address().port
  sockets.set(keyOf(channel, address, bound), socket)
  const local = { address, port: bound }
  socket.removeAllListeners('error')
  // What the system reports later (an ICMP error, say) concerns one datagram, never the socket.
  socket.on('error', () => {})
  socket.on('message', (bytes, from) => {
    const remote = parseAddress(from.address)
    // No Buffer goes further: its `slice` would share what is to be kept.
    const octets = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
    if (remote !== undefined) onDatagram({ channel, local, remote: { address: remote, port: from.port }, bytes: octets })
  })
  return bound
}

/** Addresses are all that is ever sent to: a resolver would cost a turn of the event loop for each datagram, and know nothing better. */
const asItIs: NonNullable<SocketOptions['lookup']> = (address, _options, done) => done(null, address, address.includes(':') ? 6 : 4)

function expand(
  bind: BindAddress,
): readonly { readonly address: Address; readonly ikePort: number | undefined; readonly natPort: number | undefined }[] {
  const { ikePort, natPort } = bind
  const own = parseAddress(bind.address)
  if (own === undefined) throw new BindFailure('EINVAL', bind.address, natPort ?? ikePort ?? 0)
  if (own !== '0.0.0.0' && own !== '::') return [{ address: own, ikePort, natPort }]
  const version = addressVersion(own)
  return Object.values(networkInterfaces())
    .flatMap((interfaces) => interfaces ?? [])
    .map(({ address }) => parseAddress(address))
    .filter((address): address is Address => address !== undefined && addressVersion(address) === version && !address.startsWith('fe80:'))
    .map((address) => ({ address, ikePort, natPort }))
}

const keyOf = (channel: Datagram['channel'], address: Address, port: number): string => `${channel} ${formatEndpoint({ address, port })}`

function errorCode(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message
}

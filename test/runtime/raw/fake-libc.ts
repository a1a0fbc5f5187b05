// System calls that remember what they were asked for, over sockets that hold whatever a test puts into them.
import { type Libc, linux } from '../../../src/runtime/raw/libc.ts'
import type { FilterProgram } from '../../../src/runtime/raw/packet-filter.ts'

export interface FakeSocket {
  readonly family: number
  readonly type: number
  readonly protocol: number
  filter: FilterProgram | undefined
  bound: Uint8Array | undefined
  onReadable: (() => void) | undefined
  readonly queue: Uint8Array[]
}
const errnos: Readonly<Record<string, number>> = { EPERM: 1, EAGAIN: 11, EAFNOSUPPORT: 97, EMSGSIZE: 90 }

export class FakeLibc implements Libc {
  readonly open: Map<number, FakeSocket> = new Map()
  readonly sent: { readonly bytes: Uint8Array; readonly address: Uint8Array }[] = []
  /** Longer packets are refused. */
  mtu: number = 1500
  /** What the next calls fail with. */
  refusal: { readonly call: 'socket' | 'bind' | 'connect' | 'sendTo'; readonly family?: number; readonly code: string } | undefined
  #next = 3

  socket(family: number, type: number, protocol: number): number {
    const refused = this.#refused('socket', family)
    if (refused < 0) return refused
    this.open.set(this.#next, { family, type, protocol, filter: undefined, bound: undefined, onReadable: undefined, queue: [] })
    return this.#next++
  }
  bind(descriptor: number, address: Uint8Array): number {
    const socket = this.#socket(descriptor)
    socket.bound = address
    return this.#refused('bind', socket.family)
  }
  connect(descriptor: number): number {
    return this.#refused('connect', this.#socket(descriptor).family)
  }
  setNumber(): number {
    return 0
  }
  getNumber(): number {
    return this.mtu
  }
  attachFilter(descriptor: number, program: FilterProgram): number {
    this.#socket(descriptor).filter = program
    return 0
  }
  receive(descriptor: number, into: Uint8Array): number {
    const bytes = this.#socket(descriptor).queue.shift()
    if (bytes === undefined) return -11
    into.set(bytes)
    return bytes.length
  }
  sendTo(descriptor: number, bytes: Uint8Array, address: Uint8Array): number {
    const refused = this.#refused('sendTo', this.#socket(descriptor).family)
    if (refused < 0 || bytes.length > this.mtu) return refused < 0 ? refused : -90
    this.sent.push({ bytes, address: address.slice() })
    return bytes.length
  }
  close(descriptor: number): number {
    return this.open.delete(descriptor) ? 0 : -9
  }
  watch(descriptor: number, onReadable: () => void): { close(): void } {
    const socket = this.#socket(descriptor)
    socket.onReadable = onReadable
    return {
      close() {
        socket.onReadable = undefined
      },
    }
  }
  errorName(result: number): string {
    return Object.entries(errnos).find(([, number]) => number === -result)?.[0] ?? `errno ${-result}`
  }

  /** Comes in by the packet socket of the version that it has. */
  arrive(...packets: readonly Uint8Array[]): void {
    for (const packet of packets) {
      const etherType = (packet[0] ?? 0) >>> 4 === 6 ? [0x86, 0xdd] : [0x08, 0x00]
      const socket = [...this.open.values()].find(({ bound }) => bound?.[2] === etherType[0] && bound?.[3] === etherType[1])
      socket?.queue.push(packet)
    }
    for (const socket of this.open.values()) {
      while (socket.family === linux.AF_PACKET && socket.onReadable !== undefined && socket.queue.length > 0) socket.onReadable()
    }
  }

  #socket(descriptor: number): FakeSocket {
    const socket = this.open.get(descriptor)
    if (socket === undefined) throw new Error(`descriptor ${descriptor} is not open`)
    return socket
  }
  #refused(call: string, family: number): number {
    const { refusal } = this
    if (refusal?.call !== call || (refusal.family !== undefined && refusal.family !== family)) return 0
    return -(errnos[refusal.code] ?? 5)
  }
}

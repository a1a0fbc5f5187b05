// The system calls of the raw path, by koffi. They give what the system gives: a negative number is an errno.
import type { FilterProgram } from './packet-filter.ts'
import { RawPathUnavailable } from './unavailable.ts'

export interface Libc {
  /** A descriptor that never blocks, and that no program we start inherits. */
  socket(domain: number, type: number, protocol: number): number
  bind(descriptor: number, address: Uint8Array): number
  connect(descriptor: number, address: Uint8Array): number
  setNumber(descriptor: number, level: number, option: number, value: number): number
  /** What the option is. */
  getNumber(descriptor: number, level: number, option: number): number
  attachFilter(descriptor: number, program: FilterProgram): number
  /** One packet; octets that do not fit are cut off. */
  receive(descriptor: number, into: Uint8Array): number
  sendTo(descriptor: number, bytes: Uint8Array, address: Uint8Array): number
  close(descriptor: number): number
  /** Calls back, in a turn of the event loop of its own, when something can be read, again and again until it has been read. */
  watch(descriptor: number, onReadable: () => void): Watch
  /** `EPERM` for -1. */
  errorName(result: number): string
}

export interface Watch {
  close(): void
}

/** Numbers of Linux, the same on all machines that koffi knows. */
export const linux = {
  AF_INET: 2,
  AF_INET6: 10,
  AF_PACKET: 17,
  SOCK_DGRAM: 2,
  SOCK_RAW: 3,
  SOCK_NONBLOCK: 0o4000,
  SOCK_CLOEXEC: 0o2000000,
  IPPROTO_RAW: 255,
  SOL_IP: 0,
  SOL_SOCKET: 1,
  SOL_IPV6: 41,
  IP_MTU: 14,
  IP_NODEFRAG: 22,
  IPV6_MTU: 24,
  SO_RCVBUF: 8,
  SO_ATTACH_FILTER: 26,
  SO_RCVBUFFORCE: 33,
} as const

/** Throws RawPathUnavailable. */
export async function loadLibc(): Promise<Libc> {
  if (process.platform !== 'linux') throw new RawPathUnavailable('not-linux')
  try {
    return bindLibc(await import('koffi'))
  } catch (thrown) {
    throw new RawPathUnavailable('no-koffi', thrown instanceof Error && 'code' in thrown ? String(thrown.code) : undefined)
  }
}

function bindLibc(koffi: typeof import('koffi')): Libc {
  const library = koffi.load(null)
  const program = koffi.struct({ length: 'uint16_t', instructions: 'const void *' })
  const socket = library.func('int socket(int, int, int)')
  const bind = library.func('int bind(int, const void *, uint32_t)')
  const connect = library.func('int connect(int, const void *, uint32_t)')
  const getInteger = library.func('int getsockopt(int, int, int, void *, void *)')
  const setInteger = library.func('int setsockopt(int, int, int, const void *, uint32_t)')
  const setProgram = library.func('setsockopt', 'int', ['int', 'int', 'int', koffi.pointer(program), 'uint32_t'])
  const receive = library.func('intptr_t recv(int, void *, size_t, int)')
  const sendTo = library.func('intptr_t sendto(int, const void *, size_t, int, const void *, uint32_t)')
  const close = library.func('int close(int)')
  const names = new Map(Object.entries(koffi.os.errno).map(([name, number]) => [number, name]))
  const orErrno = (result: number): number => (result < 0 ? -koffi.errno() : result)
  const value = new Int32Array(1)
  const valueOctets = new Uint8Array(value.buffer)
  const length = new Uint32Array(1)
  const lengthOctets = new Uint8Array(length.buffer)

  return {
    socket: (domain, type, protocol) => orErrno(socket(domain, type | linux.SOCK_NONBLOCK | linux.SOCK_CLOEXEC, protocol)),
    bind: (descriptor, address) => orErrno(bind(descriptor, address, address.length)),
    setNumber(descriptor, level, option, number) {
      value[0] = number
      return orErrno(setInteger(descriptor, level, option, valueOctets, valueOctets.length))
    },
    connect: (descriptor, address) => orErrno(connect(descriptor, address, address.length)),
    getNumber(descriptor, level, option) {
      length[0] = valueOctets.length
      const result = orErrno(getInteger(descriptor, level, option, valueOctets, lengthOctets))
      return result < 0 ? result : (value[0] ?? 0)
    },
    attachFilter: (descriptor, filter) =>
      orErrno(setProgram(descriptor, linux.SOL_SOCKET, linux.SO_ATTACH_FILTER, { ...filter }, koffi.sizeof(program))),
    receive: (descriptor, into) => orErrno(receive(descriptor, into, into.length, 0)),
    sendTo: (descriptor, bytes, address) => orErrno(sendTo(descriptor, bytes, bytes.length, 0, address, address.length)),
    close: (descriptor) => orErrno(close(descriptor)),
    watch(descriptor, onReadable) {
      let turn: ReturnType<typeof setImmediate> | undefined
      // koffi calls from outside of Node's turns: what is thrown there goes nowhere, and what is promised is not kept until another turn.
      const handle = koffi.node.poll(descriptor, () => {
        turn ??= setImmediate(() => {
          turn = undefined
          onReadable()
        })
      })
      return {
        close() {
          clearImmediate(turn)
          handle.close()
        },
      }
    },
    errorName: (result) => names.get(-result) ?? `errno ${-result}`,
  }
}

// Errors of the operating system in plain words: which address and port, and what to do about it.
import { formatEndpoint } from '../net/address.ts'
import type { RawPathUnavailable } from '../runtime/raw/unavailable.ts'
import type { SendFailure } from '../runtime/sockets.ts'
import { CommandFailure, configurationFailure, exitCodes } from './exit-codes.ts'

/** As Node reports them. */
export interface SystemError {
  readonly code: string
  readonly syscall: string | undefined
  readonly address: string | undefined
  readonly port: number | undefined
}

/** `undefined` when it is not an error of the operating system. */
export function systemError(thrown: unknown): SystemError | undefined {
  if (!(thrown instanceof Error) || !('code' in thrown) || typeof thrown.code !== 'string') return undefined
  return {
    code: thrown.code,
    syscall:
      thrown.name === 'BindFailure' ? 'bind' : 'syscall' in thrown && typeof thrown.syscall === 'string' ? thrown.syscall : undefined,
    address: 'address' in thrown && typeof thrown.address === 'string' ? thrown.address : undefined,
    port: 'port' in thrown && typeof thrown.port === 'number' ? thrown.port : undefined,
  }
}

/** What to say of an error of a socket; `undefined` for one that is unknown here. */
export function explainSocketError(error: SystemError): CommandFailure | undefined {
  const where = place(error)
  switch (error.code) {
    case 'EADDRINUSE':
      return configurationFailure(
        `${where} is in use by another program (another IKE daemon?): stop it, or choose other ports with --local ADDR:PORT:NATPORT`,
      )
    case 'EACCES':
    case 'EPERM':
      return error.syscall === 'bind'
        ? configurationFailure(
            `no permission to bind ${where}: ports below 1024 need root or CAP_NET_BIND_SERVICE; choose higher ones with --local ADDR:PORT:NATPORT`,
          )
        : new CommandFailure(exitCodes.failed, `no permission to send to ${where}: a firewall of this machine refuses it (${error.code})`)
    case 'EADDRNOTAVAIL':
      return configurationFailure(`${where} is not an address of this machine: see "ip address", and name another one with --local`)
    case 'ENETUNREACH':
    case 'EHOSTUNREACH':
    case 'ENETDOWN':
      return new CommandFailure(
        exitCodes.failed,
        `no route to ${error.address ?? where}: see "ip route get", or name a local address with --local`,
      )
    case 'EAFNOSUPPORT':
      return configurationFailure(`this machine has no network of the IP version of ${where}`)
    case 'EINVAL':
      return error.syscall === 'bind' ? configurationFailure(`cannot bind ${where}: a link-local address needs its interface`) : undefined
    default:
      return undefined
  }
}

/** What to say where there is no raw path. */
export const explainRawPath = ({ message }: RawPathUnavailable): CommandFailure =>
  configurationFailure(`${message}; ESP in UDP needs none of this: leave out --bare and AH`)

/** What to say of a datagram that could not be sent; one line. */
export function sendFailureWords({ code, datagram }: SendFailure): string {
  const words: Readonly<Record<string, string>> = {
    ECONNREFUSED: 'nothing listens there (ICMP port unreachable)',
    ENETUNREACH: 'there is no route: see "ip route get", or name a local address with --local',
    EHOSTUNREACH: 'there is no route to that host: see "ip route get" and "ip neighbour"',
    EACCES: 'a firewall of this machine refuses it',
    EPERM: 'a firewall of this machine refuses it',
    EINVAL: 'it cannot be reached from the local address: see --local',
    EMSGSIZE: 'the datagram is longer than the path allows',
    NO_RAW_SOCKET: 'ESP and AH without UDP need raw sockets: --bare, or leave out --no-force-encap',
    NO_IDENTIFICATION: 'the kernel would give the packet a number, and AH protects it',
  }
  return `cannot send to ${formatEndpoint(datagram.remote)}: ${words[code] ?? code}`
}

/** Whether the machine itself refuses to send there, so that trying again is in vain. */
export const isLocalRefusal = ({ code }: SendFailure): boolean =>
  ['ENETUNREACH', 'EHOSTUNREACH', 'EACCES', 'EPERM', 'EINVAL'].includes(code)

/** What to say of an error at a file; `purpose` names it: `the pre-shared key`. */
export function explainFileError(error: SystemError, purpose: string, path: string): CommandFailure {
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: 'there is no such file or directory',
    EACCES: 'no permission',
    EPERM: 'no permission',
    EISDIR: 'it is a directory',
    ENOTDIR: 'a part of the path is not a directory',
    EROFS: 'the file system is read-only',
    ENOSPC: 'no space is left on the device',
    EEXIST: 'it exists and is not a directory',
  }
  return configurationFailure(`${purpose}: ${path}: ${reasons[error.code] ?? error.code}`)
}

/** What `work` gives; an error of the operating system at the file becomes a `CommandFailure`. */
export function fileGuarded<T>(purpose: string, path: string, work: () => T): T {
  try {
    return work()
  } catch (thrown) {
    const error = systemError(thrown)
    if (error === undefined) throw thrown
    throw explainFileError(error, purpose, path)
  }
}

function place(error: SystemError): string {
  if (error.address === undefined) return 'the address'
  const address = error.address.includes(':') ? `[${error.address}]` : error.address
  return error.port === undefined ? address : `${address}:${error.port} (UDP)`
}

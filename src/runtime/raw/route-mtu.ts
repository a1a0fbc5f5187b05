// What the kernel knows of the route to an address: ip(7), IP_MTU; ipv6(7), IPV6_MTU. It asks no one, and sends nothing.
import { type Libc, linux } from './libc.ts'

/** Octets of the longest packet that goes there in one piece; 0 where there is no route. `address` is a socket address. */
export function routeMtu(libc: Libc, address: Uint8Array): number {
  const family = address[0] ?? 0
  const descriptor = libc.socket(family, linux.SOCK_DGRAM, 0)
  if (descriptor < 0) return 0
  // Only a connected socket has a route; a port has to be named, and none is spoken to.
  const to = address.slice()
  to[3] = discardPort
  const connected = libc.connect(descriptor, to)
  const [level, option] = family === linux.AF_INET ? [linux.SOL_IP, linux.IP_MTU] : [linux.SOL_IPV6, linux.IPV6_MTU]
  const mtu = connected < 0 ? 0 : Math.max(0, libc.getNumber(descriptor, level, option))
  libc.close(descriptor)
  return mtu
}

const discardPort = 9

// What the system knows of addresses: that of a name, and the one that we would send from.
import { createSocket } from 'node:dgram'
import { lookup } from 'node:dns/promises'
import { type Address, addressVersion, parseAddress } from '../net/address.ts'
import { configurationFailure } from './exit-codes.ts'

/** Of a name or an address in text; of the version of `local` where that is given. */
export async function resolveHost(host: string, local: Address | undefined): Promise<Address> {
  const literal = parseAddress(/^\[(.*)\]$/.exec(host)?.[1] ?? host)
  if (literal !== undefined) {
    if (local !== undefined && addressVersion(local) !== addressVersion(literal)) {
      throw configurationFailure(`${literal} cannot be reached from ${local}: one is IPv4, the other IPv6`)
    }
    return literal
  }
  try {
    const found = await lookup(host, { family: local === undefined ? 0 : addressVersion(local) })
    const address = parseAddress(found.address)
    if (address !== undefined) return address
  } catch {
    // Said below.
  }
  throw configurationFailure(`${host} has no address: it is neither one nor a name that this machine can resolve`)
}

/** RFC 863; any port would do. */
const discard = 9

/** The address that the system would send from: a connected UDP socket tells it without sending anything. */
export async function addressTowards(remote: Address): Promise<Address> {
  const socket = createSocket(addressVersion(remote) === 4 ? 'udp4' : 'udp6')
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject)
      socket.once('connect', resolve)
      socket.connect(discard, remote)
    })
    const own = parseAddress(socket.address().address)
    if (own === undefined) throw configurationFailure(`${remote}: name the local address to use with --local`)
    return own
  } finally {
    socket.close()
  }
}

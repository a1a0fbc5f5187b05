// The shortest way to a configuration. RFC 4301 §4.4.
import { describe, expect, it } from 'vitest'
import { ApiMisuse } from '../../src/contract/faults.ts'
import { parseAddress } from '../../src/net/address.ts'
import { formatIdentity } from '../../src/policy/identity.ts'
import { protectPeer } from '../../src/policy/protect-peer.ts'

const address = parseAddress('192.0.2.2')
if (address === undefined) throw new Error('not an address')
const names = { us: 'alice.example', peer: 'bob@example.org' }

describe('protectPeer', () => {
  it('names who we are and who the peer has to be', () => {
    const [connection] = protectPeer(names).connections
    expect(formatIdentity(connection.localIdentity)).toBe('alice.example')
    const remote = connection.remoteIdentity
    expect(remote.kind === 'exactly' ? formatIdentity(remote.identity) : remote.kind).toBe('bob@example.org')
  })

  it('protects by the connection and the child that it makes', () => {
    const { connections, policies } = protectPeer(names)
    expect(policies[0].action).toEqual({ kind: 'PROTECT', connection: connections[0].name, child: connections[0].children[0]?.name })
  })

  it('starts on the port for IKE where there is one, else on that for NAT traversal', () => {
    const place = (ikePort: number | undefined) =>
      protectPeer({ ...names, remote: { address, ikePort, natPort: 4500 } }).connections[0].remote
    expect(place(500)).toMatchObject({ kind: 'exactly', start: 'ike' })
    expect(place(undefined)).toMatchObject({ kind: 'exactly', start: 'nat-t' })
  })

  it('waits for a peer of unknown place', () => {
    expect(protectPeer(names).connections[0].remote).toEqual({ kind: 'any' })
  })

  it('is in transport mode unless told otherwise, and in UDP', () => {
    expect(protectPeer(names).connections[0]).toMatchObject({ encapsulation: 'force', children: [{ mode: 'transport' }] })
    expect(protectPeer({ ...names, mode: 'tunnel' }).connections[0].children[0]?.mode).toBe('tunnel')
  })

  it('throws at words that are no identity', () => {
    expect(() => protectPeer({ ...names, us: '' })).toThrow(ApiMisuse)
  })
})

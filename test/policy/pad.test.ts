import { describe, expect, test } from 'vitest'
import type { Identity } from '../../src/contract/identity.ts'
import { type Address, parseAddress } from '../../src/net/address.ts'
import { endlessConnection } from '../../src/policy/defaults.ts'
import type { Connection, RemoteAddress } from '../../src/policy/connection.ts'
import { parseIdentity } from '../../src/policy/identity.ts'
import { connectionForIdentities, connectionsForAddress } from '../../src/policy/pad.ts'

function identity(text: string): Identity {
  const parsed = parseIdentity(text)
  if (!parsed.ok) throw new Error(parsed.fault.message)
  return parsed.value
}

function address(text: string): Address {
  const parsed = parseAddress(text)
  if (parsed === undefined) throw new Error(`not an address: ${text}`)
  return parsed
}

function connection(
  name: string,
  remoteIdentity: string,
  localIdentity = 'us.example',
  remote: RemoteAddress = { kind: 'any' },
): Connection {
  return {
    name,
    localIdentity: identity(localIdentity),
    remoteIdentity: remoteIdentity === 'any' ? { kind: 'any' } : { kind: 'exactly', identity: identity(remoteIdentity) },
    authentication: 'shared-key',
    proposals: [],
    remote,
    encapsulation: 'when-needed',
    ...endlessConnection,
    children: [],
  }
}

const at = (text: string): RemoteAddress => ({
  kind: 'exactly',
  start: 'ike',
  host: { address: address(text), ikePort: 500, natPort: 4500 },
})
const ofAnyPacket: RemoteAddress = { kind: 'packet', start: 'ike', ikePort: 500, natPort: 4500 }

describe('an IKE_SA_INIT', () => {
  const connections = [
    connection('moon', 'moon.example', 'us.example', at('192.0.2.1')),
    connection('hosts', 'any', 'us.example', ofAnyPacket),
    connection('sun', 'sun.example', 'us.example', at('2001:db8::2')),
    connection('road', 'any'),
  ]
  const namesFor = (text: string): string[] => {
    const result = connectionsForAddress(connections, address(text))
    return result.ok ? result.value.map(({ name }) => name) : []
  }

  test('may be for several connections, in their order (RFC 4301 §4.4.3.1)', () => {
    expect(namesFor('192.0.2.1')).toEqual(['moon', 'hosts', 'road'])
    expect(namesFor('2001:db8::2')).toEqual(['hosts', 'sun', 'road'])
    expect(namesFor('198.51.100.1')).toEqual(['hosts', 'road'])
  })

  test('may be for none, and then we can tell why', () => {
    const result = connectionsForAddress(connections.slice(0, 1), address('192.0.2.9'))
    expect(!result.ok && result.fault.message).toBe('no connection serves 192.0.2.9: moon is for 192.0.2.1')
    const none = connectionsForAddress([], address('192.0.2.9'))
    expect(!none.ok && none.fault.message).toBe('no connection serves 192.0.2.9: none is configured')
  })
})

describe('once identities are known', () => {
  const connections = [
    connection('alice at one', 'alice.example', 'one.example'),
    connection('alice at two', 'alice.example', 'two.example'),
    connection('bob', 'bob.example', 'one.example'),
  ]
  const nameFor = (remote: string, local?: string): string => {
    const result = connectionForIdentities(connections, identity(remote), local === undefined ? undefined : identity(local))
    return result.ok ? result.value.name : result.fault.reason
  }

  test('the first connection for the peer serves it', () => {
    expect(nameFor('alice.example')).toBe('alice at one')
    expect(nameFor('bob.example')).toBe('bob')
  })

  test('the IDr that the initiator sent chooses among them (RFC 7296 §1.2)', () => {
    expect(nameFor('alice.example', 'two.example')).toBe('alice at two')
  })

  test('an IDr that is not ours leaves it to us to answer with another (RFC 7296 §1.2)', () => {
    expect(nameFor('alice.example', 'three.example')).toBe('alice at one')
  })

  test('order decides between anyone and someone (RFC 4301 §4.4.3.1)', () => {
    const anyone = connection('anyone', 'any')
    const alice = connection('alice', 'alice.example')
    const first = (list: readonly Connection[]): string => {
      const result = connectionForIdentities(list, identity('alice.example'), undefined)
      return result.ok ? result.value.name : 'none'
    }
    expect(first([anyone, alice])).toBe('anyone')
    expect(first([alice, anyone])).toBe('alice')
  })

  test('a stranger is refused beside all who were expected', () => {
    const result = connectionForIdentities(connections, identity('eve.example'), undefined)
    expect(!result.ok && result.fault).toEqual({
      kind: 'identity',
      got: identity('eve.example'),
      expected: [identity('alice.example'), identity('alice.example'), identity('bob.example')],
      reason: 'unknown',
    })
  })

  test('where only one was expected, the refusal says whether type or value differ', () => {
    const only = connections.slice(2)
    const wrongType = connectionForIdentities(only, identity('192.0.2.1'), undefined)
    expect(!wrongType.ok && wrongType.fault.reason).toBe('type')
    const wrongValue = connectionForIdentities(only, identity('eve.example'), undefined)
    expect(!wrongValue.ok && wrongValue.fault.reason).toBe('value')
  })
})

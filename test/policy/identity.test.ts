import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toHex, utf8 } from '../../src/bytes/bytes.ts'
import type { Identity } from '../../src/contract/identity.ts'
import { formatIdentity, identityFlaw, matchIdentity, parseIdentity, sameIdentity } from '../../src/policy/identity.ts'

const [ipv4, fqdn, email, ipv6, keyId] = [1, 2, 3, 5, 11]

function identity(text: string): Identity {
  const parsed = parseIdentity(text)
  if (!parsed.ok) throw new Error(parsed.fault.message)
  return parsed.value
}

function faultOf(text: string): string {
  const parsed = parseIdentity(text)
  return parsed.ok ? 'none' : parsed.fault.message
}

const octets = (text: string): string => toHex(utf8(text))

describe('an identity as text', () => {
  test.each([
    ['host.example.org', fqdn, octets('host.example.org')],
    ['@host.example.org', fqdn, octets('host.example.org')],
    ['moon', fqdn, octets('moon')],
    ['fqdn:192.0.2.1', fqdn, octets('192.0.2.1')],
    ['user@example.org', email, octets('user@example.org')],
    ['@@user@example.org', email, octets('user@example.org')],
    ['email:user', email, octets('user')],
    ['192.0.2.1', ipv4, 'c0000201'],
    ['ipv4:192.0.2.1', ipv4, 'c0000201'],
    ['2001:db8::1', ipv6, '20010db8000000000000000000000001'],
    ['ipv6:#20010db8000000000000000000000001', ipv6, '20010db8000000000000000000000001'],
    ['keyid:my key', keyId, octets('my key')],
    ['KeyID:#00ff', keyId, '00ff'],
    ['@#00ff', keyId, '00ff'],
    ['{200}:#0a', 200, '0a'],
  ])('%s', (text, type, value) => {
    const parsed = identity(text)
    expect([parsed.type, toHex(parsed.value)]).toEqual([type, value])
  })

  test.each([
    ['', 'it is empty'],
    ['keyd:abc', 'did you mean "keyid"?'],
    ['fd00::xyz', 'is no identity'],
    ['10.0.0.0/8', 'is no identity'],
    ['C=US, CN=host', 'is no identity'],
    ['bücher.example', 'printable ASCII'],
    ['two words', 'without blanks'],
    ['a'.repeat(256), '255 octets'],
    ['@#0', 'is no identity'],
    ['ipv4:2001:db8::1', 'is no identity'],
    ['ipv4:#0a', '4 octets'],
    ['{256}:x', 'is no identity'],
  ])('%s is none', (text, message) => {
    expect(faultOf(text)).toContain(message)
  })

  test.each([
    'host.example.org',
    'user@example.org',
    '192.0.2.1',
    '2001:db8::1',
    'keyid:my key',
    'keyid:#00ff',
    'fqdn:192.0.2.1',
    '{200}:#00',
  ])('%s is written as it was read', (text) => {
    expect(formatIdentity(identity(text))).toBe(text)
  })

  test('whatever is well formed can be written and read again', () => {
    const value = fc.oneof(fc.uint8Array({ minLength: 1, maxLength: 20 }), fc.string({ minLength: 1 }).map(utf8))
    fc.assert(
      fc.property(fc.oneof(fc.constantFrom(ipv4, fqdn, email, ipv6, keyId), fc.nat(255)), value, (type, octets) => {
        const given = { type: type ?? 0, value: octets }
        if (identityFlaw(given) !== undefined) return
        expect(identity(formatIdentity(given))).toEqual(given)
      }),
      { seed: 35, numRuns: 1000 },
    )
  })

  test('whatever a peer sends can be written, in printable characters', () => {
    fc.assert(
      fc.property(fc.nat(255), fc.uint8Array({ maxLength: 40 }), (type, value) => {
        expect(formatIdentity({ type, value })).toMatch(/^[ -~]*$/)
      }),
      { seed: 36 },
    )
  })
})

describe('two identities are the same', () => {
  test('without regard to case in names (RFC 4343)', () => {
    expect(sameIdentity(identity('Host.Example.ORG'), identity('host.example.org'))).toBe(true)
    expect(sameIdentity(identity('host.example.org'), identity('host.example.net'))).toBe(false)
  })

  test('without regard to case in the domain of an e-mail address, and with it before (RFC 5321 §2.4)', () => {
    expect(sameIdentity(identity('user@EXAMPLE.org'), identity('user@example.org'))).toBe(true)
    expect(sameIdentity(identity('User@example.org'), identity('user@example.org'))).toBe(false)
  })

  test('only octet by octet otherwise, and never across types', () => {
    expect(sameIdentity(identity('keyid:A'), identity('keyid:a'))).toBe(false)
    expect(sameIdentity(identity('keyid:a'), identity('a'))).toBe(false)
  })
})

describe('a peer', () => {
  const expected = identity('host.example.org')

  test('is who is expected', () => {
    expect(matchIdentity({ kind: 'exactly', identity: expected }, identity('HOST.example.org'))).toBeUndefined()
  })

  test.each([
    ['other.example.org', 'value'],
    ['192.0.2.1', 'type'],
    ['keyid:host.example.org', 'type'],
  ])('is refused as %s because of its %s', (text, reason) => {
    const got = identity(text)
    expect(matchIdentity({ kind: 'exactly', identity: expected }, got)).toEqual({ kind: 'identity', got, expected: [expected], reason })
  })

  test('may be anyone where anyone is expected', () => {
    expect(matchIdentity({ kind: 'any' }, identity('192.0.2.1'))).toBeUndefined()
    expect(matchIdentity({ kind: 'any' }, { type: 201, value: Uint8Array.of(0) })).toBeUndefined()
  })

  test.each([
    ['a name with a terminator', fqdn, [0x61, 0]],
    ['a name that is not ASCII', fqdn, [0xc3, 0xbc]],
    ['an e-mail address with a line end', email, [0x61, 0x40, 0x62, 0x0d]],
    ['an IPv4 address of five octets', ipv4, [1, 2, 3, 4, 5]],
    ['an IPv6 address of four', ipv6, [1, 2, 3, 4]],
    ['nothing', keyId, []],
  ])('is never %s (RFC 7296 §3.5)', (_, type, value) => {
    const got = { type: type ?? 0, value: Uint8Array.from(value) }
    expect(matchIdentity({ kind: 'any' }, got)?.reason).toBe('value')
    expect(matchIdentity({ kind: 'exactly', identity: got }, got)?.reason).toBe('value')
  })

  test('may have an e-mail address in UTF-8 (RFC 7296 §3.5)', () => {
    expect(matchIdentity({ kind: 'any' }, { type: email ?? 0, value: utf8('bücher@example.org') })).toBeUndefined()
  })
})

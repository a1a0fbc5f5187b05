// A wrong key is refused; why it is wrong is found out afterwards, where it can be.
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../src/bytes/bytes.ts'
import { Secret } from '../../src/bytes/secret.ts'
import { findKeySlip } from '../../src/crypto/key-slips.ts'
import { nodeProvider } from '../../src/crypto/providers/node.ts'
import { sharedKeyMac } from '../../src/crypto/suites.ts'
import { prf } from '../../src/iana/transforms.ts'

const provider = nodeProvider()
const request = {
  prf: prf.PRF_HMAC_SHA2_256,
  local: { type: 2, value: utf8('b.example') },
  remote: { type: 2, value: utf8('a.example') },
  octets: Uint8Array.of(1, 2, 3),
}

function slip(ours: string, theirs: string | Uint8Array): ReturnType<typeof findKeySlip> {
  const key = typeof theirs === 'string' ? utf8(theirs) : theirs
  const authentication = sharedKeyMac(provider, request.prf, new Secret(key.slice()), request.octets)
  return findKeySlip(provider, new Secret(utf8(ours)), { request, authentication })
}

describe('the slip between two copies of a key', () => {
  it.each([
    ['same key', 'same key\n', 'final-newline'],
    ['same key\n', 'same key', 'final-newline'],
    ['same key', 'same key\r\n', 'final-crlf'],
    ['same key\r\n', 'same key', 'final-crlf'],
    ['same key', '"same key"', 'quotes'],
    ['"same key"', 'same key', 'quotes'],
    ['same key', 'same key ', 'surrounding-space'],
    ['\t same key', 'same key', 'surrounding-space'],
    ['ab', '6162', 'hexadecimal'],
    ['0x6162', 'ab', 'no-hexadecimal'],
    ['same key', 'another key', undefined],
    ['same key', 'same key', undefined],
  ])('%j against %j: %s', (ours, theirs, expected) => {
    expect(slip(ours, theirs)).toBe(expected)
  })

  it('leaves our copy as it was', () => {
    const key = new Secret(utf8('same key\n'))
    findKeySlip(provider, key, { request, authentication: new Uint8Array(32) })
    expect(key.wiped).toBe(false)
    expect(sharedKeyMac(provider, request.prf, key, request.octets)).toEqual(
      sharedKeyMac(provider, request.prf, new Secret(utf8('same key\n')), request.octets),
    )
  })
})

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toHex } from '../../../src/bytes/bytes.ts'
import { guessKind } from '../../../src/inspect/capture/guess.ts'
import { parseHexInput } from '../../../src/inspect/capture/hex-input.ts'

const octets = '4500001c00000000401166cfc0000201c000020201f401f40008000041424344454647'
const parsed = (text: string): string => {
  const result = parseHexInput(text)
  return result.ok
    ? toHex(result.value.octets)
    : `line ${result.fault.line}, column ${result.fault.column}: ${result.fault.found}; expected ${result.fault.expected}`
}

describe('the usual forms of hexadecimal', () => {
  test.each([
    ['plain', octets],
    ['in capitals', octets.toUpperCase()],
    ['with 0x before all of it', `0x${octets}`],
    ['with colons', octets.replace(/(..)(?=.)/g, '$1:')],
    ['with spaces and line breaks', octets.replace(/(..)/g, '$1 ').replace(/(.{30})/g, '$1\n')],
    ['with 0x before each octet', octets.replace(/(..)/g, '0x$1, ')],
    ['as a string of C', octets.replace(/(..)/g, '\\x$1')],
    [
      'as an array of C',
      `/* Frame (35 bytes) */\nstatic const unsigned char pkt1[35] = {\n${octets.replace(/(..)/g, '0x$1, ')} /* E...0x99 */\n};\n`,
    ],
    [
      'xxd',
      '00000000: 4500 001c 0000 0000 4011 66cf c000 0201  E.......@.f.....\n00000010: c000 0202 01f4 01f4 0008 0000 4142 4344  ............ABCD\n00000020: 4546 47                                  EFG\n',
    ],
    [
      'hexdump -C',
      '00000000  45 00 00 1c 00 00 00 00  40 11 66 cf c0 00 02 01  |E.......@.f.....|\n00000010  c0 00 02 02 01 f4 01 f4  00 08 00 00 41 42 43 44  |............ABCD|\n00000020  45 46 47                                          |EFG|\n00000023\n',
    ],
    [
      'tcpdump -x',
      '12:00:00.000001 IP 192.0.2.1.500 > 192.0.2.2.500: isakmp: [|isakmp]\n\t0x0000:  4500 001c 0000 0000 4011 66cf c000 0201\n\t0x0010:  c000 0202 01f4 01f4 0008 0000 4142 4344\n\t0x0020:  4546 47\n',
    ],
    [
      'tcpdump -X',
      '\t0x0000:  4500 001c 0000 0000 4011 66cf c000 0201  E.......@.f.....\n\t0x0010:  c000 0202 01f4 01f4 0008 0000 4142 4344  ............ABCD\n\t0x0020:  4546 47                                  EFG\n',
    ],
    [
      'Wireshark',
      '0000   45 00 00 1c 00 00 00 00 40 11 66 cf c0 00 02 01   E.......@.f.....\n0010   c0 00 02 02 01 f4 01 f4 00 08 00 00 41 42 43 44   ............ABCD\n0020   45 46 47                                          EFG\n',
    ],
  ])('%s', (_, text) => {
    expect(parsed(text)).toBe(octets)
  })

  test('text beside a dump that looks like octets is not taken for octets', () => {
    expect(parsed('0000   6d 65 20 64   me de ad be ef\n')).toBe('6d652064')
    expect(parsed('0000002c: 4500 0102\n00000030: 0304\n')).toBe('450001020304')
    expect(parsed('00000000: 4142 4320 4445 4620                      ABC DEF \n')).toBe('4142432044454620')
  })
})

describe('what is no hexadecimal is said with its place', () => {
  test.each([
    ['', 'line 1, column 1: nothing; expected octets in hexadecimal'],
    ['45 00\n4g 00', 'line 2, column 2: the character "g"; expected a hexadecimal digit'],
    ['450', 'line 1, column 3: an odd number of digits; expected two hexadecimal digits an octet'],
    ['0x45, 0x123', 'line 1, column 7: 0x123; expected one octet, 0x00 to 0xff'],
    [
      '0000   45 00\n0010   45',
      'line 2, column 1: the offset 10; expected 0002, where the line before ends (use hexdump -v; give one packet)',
    ],
    ['0000: 4500 001\n', 'line 1, column 12: half an octet; expected two hexadecimal digits an octet'],
    ['00'.repeat(65_537), 'line 1, column 1: more than 65536 octets; expected one packet'],
  ])('%#', (text, says) => {
    expect(parsed(text)).toBe(says)
  })

  test('any text is read or refused', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'0123456789abcdefx: \n\\|.{},*/g'.split('')) }), (text) => {
        expect(typeof parsed(text)).toBe('string')
      }),
      { numRuns: 2000, seed: 9 },
    )
  })
})

describe('what octets without a frame are', () => {
  const ike = '0102030405060708000000000000000021202208000000000000001c'
  test.each([
    ['ike', ike],
    ['ike', '01020304050607080000000000000000 01100200 00000000 0000001c'.replaceAll(' ', '')],
    ['udp4500', `00000000${ike}`],
    ['ip', octets],
    ['ethernet', `0200000000010200000000020800${octets}`],
    ['esp', '0badcafe00000001000102030405060708090a0b'],
    [undefined, '00000001000000010001020304050607'],
    [undefined, '0badcafe'],
  ])('%s', (kind, text) => {
    const result = parseHexInput(text)
    expect(result.ok ? guessKind(result.value.octets) : 'no').toBe(kind)
  })
})

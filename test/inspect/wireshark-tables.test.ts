import { describe, expect, test } from 'vitest'
import { toHex } from '../../src/bytes/bytes.ts'
import { dangerReveal, Secret } from '../../src/bytes/secret.ts'
import { childSaId, espSpi, ikeSaId, ikeSpi } from '../../src/contract/units.ts'
import { parseAddress } from '../../src/net/address.ts'
import { dangerChildKeyRow, dangerIkeKeyRow } from '../../src/inspect/wireshark-keys.ts'
import { type EspKeys, formatTableFault, readEspTable, readIkeTable } from '../../src/inspect/wireshark-tables.ts'
import { encr, endpoint, integ, ke, prf } from './samples.ts'

const address = (text: string): ReturnType<typeof parseAddress> & string => parseAddress(text) ?? expect.unreachable(text)
const key = (octets: number, octet: number): string => toHex(new Uint8Array(octets).fill(octet))
const ikeLine = (fields: Partial<Record<number, string>> = {}): string =>
  [
    '0102030405060708',
    '1112131415161718',
    key(16, 1),
    key(16, 2),
    '"AES-CBC-128 [RFC3602]"',
    key(32, 3),
    key(32, 4),
    '"HMAC_SHA2_256_128 [RFC4868]"',
  ]
    .map((field, i) => fields[i] ?? field)
    .join(',')
const espLine = (fields: Partial<Record<number, string>> = {}): string =>
  ['IPv4', '192.0.2.1', '192.0.2.2', '0x0badcafe', 'AES-CBC [RFC3602]', `0x${key(32, 1)}`, 'HMAC-SHA-256-128 [RFC4868]', `0x${key(32, 2)}`]
    .map((field, i) => `"${fields[i] ?? field}"`)
    .join(',')
const onlyRow = (line: string): EspKeys => {
  const { rows, faults } = readEspTable(line)
  expect(faults).toEqual([])
  return rows[0] ?? expect.unreachable('no row')
}

describe('what we write is what we read', () => {
  test('of an IKE SA', () => {
    const line = dangerIkeKeyRow({
      name: 'danger-ike-keys',
      ikeSa: ikeSaId(1),
      initiatorSpi: ikeSpi('0102030405060708'),
      responderSpi: ikeSpi('1112131415161718'),
      suite: { encryption: encr(20, 256), prf: prf(5), integrity: undefined, keyExchange: ke(31) },
      skEi: new Secret(new Uint8Array(36).fill(1)),
      skEr: new Secret(new Uint8Array(36).fill(2)),
      skAi: undefined,
      skAr: undefined,
    })
    const { rows, faults } = readIkeTable(`# comment\n${line}\n`)
    expect(faults).toEqual([])
    expect(rows).toMatchObject([
      {
        initiatorSpi: '0102030405060708',
        responderSpi: '1112131415161718',
        initiator: { encryption: { id: 20, keyBits: 256 }, integrity: { kind: 'none' } },
        responder: { encryption: { id: 20, keyBits: 256 } },
      },
    ])
    expect(
      rows.map(({ initiator, responder }) => [initiator, responder].map(({ encryption }) => toHex(dangerReveal(encryption.key)))),
    ).toEqual([[key(36, 1), key(36, 2)]])
  })

  test('of a Child SA with extended sequence numbers', () => {
    const line = dangerChildKeyRow({
      name: 'danger-child-keys',
      child: childSaId(1),
      spi: espSpi(0x0badcafe),
      source: endpoint('2001:db8::1', 0),
      destination: endpoint('2001:db8::2', 0),
      suite: { protocol: 3, encryption: encr(12, 256), integrity: integ(14), extendedSequence: 'esn' },
      encryption: new Secret(new Uint8Array(32).fill(1)),
      integrity: new Secret(new Uint8Array(64).fill(2)),
    })
    const row = onlyRow(line ?? '')
    expect(row).toMatchObject({
      encryption: { id: 12, keyBits: 256 },
      integrity: { kind: 'checked', id: 14, icvLength: 32 },
      sequenceHigh: 0,
    })
    expect(row.matches(address('2001:db8::1'), address('2001:db8::2'), 0x0badcafe)).toBe(true)
    expect(row.matches(address('2001:db8::2'), address('2001:db8::1'), 0x0badcafe)).toBe(false)
  })
})

describe('rows that were written by hand', () => {
  test.each([
    [{ 1: '*' }, '10.9.8.7', '192.0.2.2', 0x0badcafe, true],
    [{ 1: '192.0.2.*' }, '192.0.2.77', '192.0.2.2', 0x0badcafe, true],
    [{ 1: '192.0.2.*' }, '192.0.3.77', '192.0.2.2', 0x0badcafe, false],
    [{ 3: '*' }, '192.0.2.1', '192.0.2.2', 1, true],
    [{ 3: '0x*' }, '192.0.2.1', '192.0.2.2', 1, true],
    [{ 3: '0x0bad****' }, '192.0.2.1', '192.0.2.2', 0x0bad1234, true],
    [{ 3: '0x0bad****' }, '192.0.2.1', '192.0.2.2', 0x0bae1234, false],
    [{ 3: '195939070' }, '192.0.2.1', '192.0.2.2', 195_939_070, true],
    [{ 0: 'IPv6', 1: '*', 2: '2001:db8:0:0:0:0:0:*' }, '2001:db8::1', '2001:db8::9', 0x0badcafe, true],
    [{ 0: 'IPv6', 1: '*', 2: '*' }, '192.0.2.1', '192.0.2.2', 0x0badcafe, false],
  ])('%j matches or does not', (fields, from, to, spi, matches) => {
    expect(onlyRow(espLine(fields)).matches(address(from), address(to), spi)).toBe(matches)
  })

  test('may ask that the ICV is not checked', () => {
    const unchecked = onlyRow(espLine({ 6: 'ANY 96 bit authentication [no checking]', 7: '' }))
    expect(unchecked.integrity).toEqual({ kind: 'unchecked', icvLength: 12 })
    expect(onlyRow(espLine({ 6: 'NULL', 7: '' })).integrity).toEqual({ kind: 'none' })
    expect(onlyRow(espLine({ 7: '' })).integrity).toEqual({ kind: 'unchecked', icvLength: 16 })
  })

  test('may have comments, spaces, escapes, empty lines and line ends of Windows', () => {
    const { rows, faults } = readEspTable(`# esp_sa\r\n\r\n ${espLine().replace('IPv4', 'IPv\\x34').replaceAll('","', '" , "')} \r\n`)
    expect(faults).toEqual([])
    expect(rows).toHaveLength(1)
  })
})

describe('what is wrong with a row is said by line and column, without the key', () => {
  const says = (table: {
    readonly faults: Parameters<typeof formatTableFault>[1][] | readonly Parameters<typeof formatTableFault>[1][]
  }): readonly string[] => table.faults.map((fault) => formatTableFault('keys', fault))

  test.each([
    [ikeLine({ 0: '01020304' }), 'keys:1:1: "01020304"; expected an IKE SPI of 16 hexadecimal digits'],
    [
      ikeLine({ 2: key(16, 1).slice(1) }),
      'keys:1:35: an odd number of hexadecimal digits (31); expected a key in hexadecimal of 16 octets for AES-CBC-128 [RFC3602]',
    ],
    [ikeLine({ 3: key(15, 1) }), 'keys:1:68: a key of 15 octets; expected a key in hexadecimal of 16 octets for AES-CBC-128 [RFC3602]'],
    [
      ikeLine({ 3: `zz${key(15, 1)}` }),
      'keys:1:68: a character that is not a hexadecimal digit; expected a key in hexadecimal of 16 octets for AES-CBC-128 [RFC3602]',
    ],
    [
      ikeLine({ 4: '"AES-CBC-129 [RFC3602]"' }),
      'keys:1:101: unknown encryption algorithm "AES-CBC-129 [RFC3602]"; expected a name like "AES-CBC-128 [RFC3602]"',
    ],
    [ikeLine({ 0: key(16, 1) }), 'keys:1:1: a long hexadecimal number; expected an IKE SPI of 16 hexadecimal digits'],
    [ikeLine({ 4: key(16, 1) }), /^keys:1:101: unknown encryption algorithm a long hexadecimal number; expected/],
    [ikeLine({ 7: '"what"' }), /^keys:1:255: unknown integrity algorithm "what"; expected one of "HMAC_MD5_96/],
    ['0102030405060708,1112131415161718', /^keys:1:34: 2 columns; expected 8: Initiator's SPI, Responder's SPI, SK_ei, SK_er/],
    [`${ikeLine()},x`, /^keys:1:285: 9 columns; expected 8/],
    ['"0102030405060708', 'keys:1:1: the line cannot be read; expected a closing quotation mark'],
    ['"0102030405060708"x', 'keys:1:19: the line cannot be read; expected a comma between two fields'],
  ])('ikev2_decryption_table: %s', (line, expected) => {
    const said = says(readIkeTable(line)).join('\n')
    if (typeof expected === 'string') expect(said).toBe(expected)
    else expect(said).toMatch(expected)
    expect(said).not.toContain(key(6, 1))
  })

  test.each([
    [espLine({ 0: 'IPv5' }), 'keys:1:1: unknown protocol; expected IPv4 or IPv6'],
    [espLine({ 1: '2001:db8::1' }), 'keys:1:8: "2001:db8::1"; expected an IPv4 address, or *'],
    [espLine({ 2: '192.0.2' }), 'keys:1:20: "192.0.2"; expected an IPv4 address, or *'],
    [espLine({ 3: '0xbadcafeee' }), 'keys:1:32: "0xbadcafeee"; expected an SPI like 0x12345678, or *'],
    [espLine({ 4: 'AES-GCM' }), /^keys:1:45: unknown encryption algorithm "AES-GCM"; expected a name like "AES-CBC \[RFC3602\]"|"AES-GCM/],
    [espLine({ 5: `0x${key(17, 1)}` }), /^keys:1:65: a key of 17 octets; expected a key in hexadecimal of 16, 24, 32 octets for AES-CBC/],
    [espLine({ 6: 'HMAC-SHA-256' }), /^keys:1:134: unknown authentication algorithm "HMAC-SHA-256"; expected a name like "HMAC-SHA-256-/],
    [`${espLine()},"16-bit",""`, /"16-bit"; expected 32-bit or 64-bit/],
    [`${espLine()},"64-bit","x"`, /"x"; expected the upper 32 bits of the sequence number, like 0x00000000/],
    [`${espLine()},"64-bit"`, /9 columns; expected 8 or 10/],
  ])('esp_sa: %s', (line, expected) => {
    const said = says(readEspTable(line)).join('\n')
    if (typeof expected === 'string') expect(said).toBe(expected)
    else expect(said).toMatch(expected)
    expect(said).not.toContain(key(6, 1))
  })

  test('the rows around a bad one count', () => {
    const { rows, faults } = readEspTable([espLine(), 'nonsense', espLine()].join('\n'))
    expect(rows).toHaveLength(2)
    expect(faults.map(({ line }) => line)).toEqual([2])
  })
})

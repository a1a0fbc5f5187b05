// rekey_time and its kin: what they mean, alone and together. The defaults are those of `man swanctl.conf` (strongSwan 5.9.8).
import { describe, expect, test } from 'vitest'
import { childTerms, connectionTerms } from '../../src/config/lifetimes.ts'
import { formatTime } from '../../src/documents/times.ts'
import { parseOctets, parseTime } from '../../src/config/quantities.ts'
import type { ChildShape, ConnectionShape } from '../../src/config/shape.ts'
import { readConnections } from '../../src/config/connection-file.ts'
import { childDefaults, connectionDefaults, pathDefaults } from '../../src/policy/defaults.ts'
import { changed } from './samples.ts'

const hour = 3_600_000
const minute = 60_000

const connection = (words: Partial<ConnectionShape>): ReturnType<typeof connectionTerms> =>
  connectionTerms({ local: { auth: 'psk' }, remote: { auth: 'psk' }, children: {}, ...words })

describe('an IKE SA', () => {
  test('of which nothing is said has the defaults', () => {
    expect(connection({})).toEqual({ terms: connectionDefaults, faults: [] })
  })
  test.each<[string, Partial<ConnectionShape>, object]>([
    ['rekeyed every hour', { rekey_time: '1h' }, { rekey: hour, reauthenticate: undefined, hard: 66 * minute, jitter: 6 * minute }],
    ['never rekeyed', { rekey_time: '0' }, { rekey: undefined, reauthenticate: undefined, hard: undefined, jitter: 0 }],
    // "If a reauth_time is configured, rekey_time defaults to zero".
    [
      'reauthenticated, and not rekeyed',
      { reauth_time: '10h' },
      { rekey: undefined, reauthenticate: 10 * hour, hard: 11 * hour, jitter: hour },
    ],
    // "The default is 10% of the longer of rekey_time and reauth_time."
    [
      'rekeyed and reauthenticated',
      { rekey_time: '4h', reauth_time: '10h' },
      { rekey: 4 * hour, reauthenticate: 10 * hour, hard: 5 * hour, jitter: hour },
    ],
    ['without an end', { over_time: '0' }, { rekey: 4 * hour, reauthenticate: undefined, hard: undefined, jitter: 0 }],
    ['with chance of its own', { rand_time: '90s' }, { rekey: 4 * hour, reauthenticate: undefined, hard: 264 * minute, jitter: 90_000 }],
    ['not rekeyed at once', { over_time: '9h' }, { rekey: 4 * hour, reauthenticate: undefined, hard: 13 * hour, jitter: 2 * hour }],
  ])('%s', (_, words, lifetime) => {
    expect(connection(words)).toMatchObject({ terms: { lifetime }, faults: [] })
  })
  test('may ask after its peer, or not', () => {
    expect(connection({ dpd_delay: '30' }).terms.livenessDelay).toBe(30_000)
    expect(connection({ dpd_delay: '0s' }).terms.livenessDelay).toBeUndefined()
  })
})

describe('a Child SA', () => {
  test('of which nothing is said has the defaults', () => {
    expect(childTerms({})).toEqual({ terms: childDefaults, faults: [] })
  })
  const nothing = { time: undefined, bytes: undefined, packets: undefined }
  test.each<[string, ChildShape, object]>([
    ['endless', { rekey_time: '0' }, { soft: nothing, hard: nothing }],
    ['with an end alone', { rekey_time: '0', life_time: '2h' }, { soft: nothing, hard: { ...nothing, time: 2 * hour } }],
    ['rekeyed without an end', { life_time: '0' }, { soft: { time: hour }, hard: nothing, jitter: { time: 6 * minute } }],
    ['not rekeyed at once', { life_time: '9h' }, { soft: { time: hour }, hard: { time: 9 * hour }, jitter: { time: 30 * minute } }],
    ['rekeyed by octets', { rekey_bytes: '10K' }, { soft: { bytes: 10_240 }, hard: { bytes: 11_264 }, jitter: { bytes: 1024 } }],
    [
      'rekeyed by packets',
      { rekey_packets: '1000', life_packets: '2000', rand_packets: '0' },
      { soft: { packets: 1000 }, hard: { packets: 2000 }, jitter: { packets: 0 } },
    ],
    ['rekeyed by a handful', { rekey_packets: '5' }, { soft: { packets: 5 }, hard: { packets: 6 }, jitter: { packets: 1 } }],
    ['without a window', { replay_window: '0' }, { replayWindow: 0 }],
    ['with the widest window', { replay_window: '8192' }, { replayWindow: 8192 }],
    ['of a link', { mtu: '1400' }, { path: { ...pathDefaults, mtu: 1400 } }],
    ['of a link that is not known', { mtu: '0', pmtu_discovery: 'no' }, { path: { ...pathDefaults, tooBig: 'ignore' } }],
    ['that nobody is asked about', { heed_unreachable: 'no' }, { path: { ...pathDefaults, undelivered: 'ignore' } }],
    [
      'in tunnels that copy nothing',
      { copy_df: 'no', copy_ecn: 'no', copy_dscp: 'no', outer_dscp: '46' },
      { path: { ...pathDefaults, dontFragment: 'clear', ecn: 'compatibility', outerDscp: 46 } },
    ],
    [
      'in tunnels that copy all',
      { copy_df: 'set', copy_dscp: 'yes' },
      { path: { ...pathDefaults, dontFragment: 'set', innerDscp: 'copy' } },
    ],
    [
      'in fragments as we want them',
      { fragment_after: 'yes', later_fragments: 'no', icmp_errors: 'selectors' },
      { path: { ...pathDefaults, fragmentation: 'after-sealing', laterFragments: 'never', icmpErrors: 'by-selectors' } },
    ],
    ['as long as it is', { tfc_padding: '0' }, { tfc: undefined }],
    ['made to look longer', { tfc_padding: '512' }, { tfc: { to: 'size', octets: 512 } }],
    ['made to look like others', { tfc_padding: 'multiple of 128' }, { tfc: { to: 'multiple', octets: 128 } }],
    ['without dummies', { dummies: '0' }, { dummies: undefined }],
    ['with ten dummies a second', { dummies: '10/s' }, { dummies: { interval: 100, octets: undefined } }],
    ['with one in two seconds', { dummies: '30/m', dummy_size: '512' }, { dummies: { interval: 2000, octets: { least: 512, most: 512 } } }],
    ['with six an hour', { dummies: '6/h', dummy_size: '64-1400' }, { dummies: { interval: 600_000, octets: { least: 64, most: 1400 } } }],
    ['with long ones', { dummies: '3/s', dummy_size: 'mtu' }, { dummies: { interval: 1000 / 3, octets: { least: 65_535, most: 65_535 } } }],
    ['made to look as long as can be', { tfc_padding: 'mtu' }, { tfc: { to: 'mtu' } }],
  ])('%s', (_, words, terms) => {
    expect(childTerms(words)).toMatchObject({ terms, faults: [] })
  })
})

test('a file with several children has several', () => {
  const { connections, diagnostics } = readConnections(changed('secrets:', '      more: { mode: tunnel, rekey_time: 2h }\nsecrets:'))
  expect(diagnostics).toEqual([])
  expect(connections[0]?.children.map(({ name, soft }) => [name, soft.time])).toEqual([
    ['data', hour],
    ['more', 2 * hour],
  ])
})

test('new keys every few moments are warned of, and obeyed', () => {
  const { connections, diagnostics } = readConnections(changed('encap: yes', 'rekey_time: 2s'))
  expect(connections[0]?.lifetime.rekey).toBe(2000)
  expect(diagnostics).toMatchObject([{ severity: 'warning', line: 6, column: 17, message: expect.stringContaining('rekey_time of 2s: ') }])
})

describe('dummies', () => {
  const said = (text: string) =>
    readConnections(text).diagnostics.map(({ severity, line, column, message }) => [severity, line, column, message])

  test('want to know whether the peer lives (RFC 7296 §2.4): that is a warning, and they are obeyed', () => {
    const text = changed('mode: transport', 'dummies: 10/s')
    expect(readConnections(text).connections[0]?.children[0]?.dummies).toEqual({ interval: 100, octets: undefined })
    expect(said(text)).toEqual([
      [
        'warning',
        10,
        24,
        expect.stringContaining('add dpd_delay: 30s to the connection, and it is asked whether it lives (RFC 7296 §2.4)'),
      ],
    ])
    expect(said(text.replace('encap: yes', 'dpd_delay: 0'))).toHaveLength(1)
    expect(said(text.replace('encap: yes', 'dpd_delay: 30s'))).toEqual([])
  })

  test('there are none: their length is of no use', () => {
    const why = 'dummy_size has no effect without dummies: add dummies: 10/s, or leave it out'
    expect(said(changed('mode: transport', 'dummy_size: 512'))).toEqual([['warning', 10, 27, why]])
    expect(said(changed('mode: transport', 'dummy_size: 512, dummies: 0'))).toEqual([['warning', 10, 27, why]])
  })
})

test.each<[string, number]>([
  ['0', 0],
  ['90', 90_000],
  ['90s', 90_000],
  ['30m', 30 * minute],
  ['4h', 4 * hour],
  ['7d', 168 * hour],
])('the time %s', (text, time) => {
  expect(parseTime(text)).toEqual({ ok: true, value: time })
})
test.each(['', '-1', '1.5h', '4 h', '1e3', '4w', '1h30m', '1234567890'])('"%s" is no time', (text) => {
  expect(parseTime(text).ok).toBe(false)
})
test.each<[string, number]>([
  ['1000000', 1_000_000],
  ['1k', 1024],
  ['500M', 524_288_000],
  ['4G', 4_294_967_296],
])('%s is a number of octets', (text, octets) => {
  expect(parseOctets(text)).toEqual({ ok: true, value: octets })
})
test.each(['4T', '5 M', '999999999999G'])('"%s" is no number of octets', (text) => {
  expect(parseOctets(text).ok).toBe(false)
})
test.each<[number, string]>([
  [14_400_000, '4h'],
  [5_400_000, '90m'],
  [90_000, '90s'],
  [1500, '1500ms'],
  [0, '0ms'],
])('%d ms is %s', (time, text) => {
  expect(formatTime(time)).toBe(text)
})

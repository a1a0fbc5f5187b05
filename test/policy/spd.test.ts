import { describe, expect, test } from 'vitest'
import type { SelectorTemplate } from '../../src/policy/connection.ts'
import { parseSelector } from '../../src/policy/selector-words.ts'
import { createSpd, type SpdAction, type SpdEntry } from '../../src/policy/spd.ts'
import { laterFragment, type Seen, tcp, withPorts } from './packets.ts'

function template(text: string): SelectorTemplate {
  const parsed = parseSelector(text)
  if (!parsed.ok) throw new Error(parsed.fault.message)
  return parsed.value
}

const entry = (name: string, local: string, remote: string, action: SpdAction, direction: SpdEntry['direction'] = 'both'): SpdEntry => ({
  name,
  direction,
  local: template(local),
  remote: template(remote),
  action,
})

const protect: SpdAction = { kind: 'PROTECT', connection: 'hosts', child: 'all' }
const bypass: SpdAction = { kind: 'BYPASS' }
const discard: SpdAction = { kind: 'DISCARD' }

const spd = createSpd([
  entry('dns', 'dynamic', '10.0.0.53[udp/53]', bypass),
  entry('no telnet', 'dynamic', 'dynamic[tcp/23]', discard, 'out'),
  entry('hosts', 'dynamic', '10.0.0.0/8', protect),
  entry('hosts of six', 'dynamic', '2001:db8::/32', protect),
])

const us = '192.0.2.1'
const nameFor = (direction: 'in' | 'out', { bytes, flow }: Seen): string | undefined => spd.lookup(direction, bytes, flow)?.name

describe('an ordered SPD (RFC 4301 §4.4.1)', () => {
  test('lets the first entry that matches decide', () => {
    expect(nameFor('out', tcp(us, 40000, '10.1.2.3', 443))).toBe('hosts')
    expect(nameFor('out', tcp(us, 40000, '10.1.2.3', 23))).toBe('no telnet')
    expect(nameFor('out', withPorts(17, us, 40000, '10.0.0.53', 53))).toBe('dns')
    expect(nameFor('out', withPorts(17, us, 40000, '10.0.0.54', 53))).toBe('hosts')
    expect(nameFor('out', tcp('2001:db8::1', 1, '2001:db8::2', 2))).toBe('hosts of six')
  })

  test('lets no entry decide for the other direction', () => {
    expect(nameFor('in', tcp('10.1.2.3', 23, us, 40000))).toBe('hosts')
  })

  test('swaps local and remote for what comes in', () => {
    expect(nameFor('in', withPorts(17, '10.0.0.53', 53, us, 40000))).toBe('dns')
    expect(nameFor('out', withPorts(17, '10.0.0.53', 53, us, 40000))).toBeUndefined()
  })

  test('has nothing for what no entry matches, which is DISCARD', () => {
    const { bytes, flow } = tcp(us, 40000, '198.51.100.1', 443)
    expect(spd.lookup('out', bytes, flow)).toBeUndefined()
    expect(spd.explain('out', bytes, flow).action).toEqual(discard)
    expect(createSpd([]).lookup('out', bytes, flow)).toBeUndefined()
  })

  test('does not let a fragment without ports through an entry that names ports', () => {
    expect(nameFor('out', laterFragment(us, '10.0.0.53', 17))).toBe('hosts')
  })

  test('is not changed by what becomes of the array it was made from', () => {
    const entries = [entry('all', 'dynamic', 'dynamic', bypass)]
    const own = createSpd(entries)
    entries.pop()
    const { bytes, flow } = tcp(us, 1, '10.0.0.1', 2)
    expect(own.lookup('out', bytes, flow)?.name).toBe('all')
  })
})

describe('an explanation', () => {
  const told = (direction: 'in' | 'out', { bytes, flow }: Seen): string[] => {
    const { entry, passedOver } = spd.explain(direction, bytes, flow)
    return [...passedOver.map((p) => `${p.entry.name}: ${p.failed} ${p.because}`), `${entry?.name ?? 'none'} decides`]
  }

  test('names the selector that kept each earlier entry from deciding', () => {
    expect(told('out', tcp(us, 40000, '10.0.0.53', 443))).toEqual(['dns: remote protocol', 'no telnet: remote ports', 'hosts decides'])
    expect(told('in', withPorts(17, '10.0.0.54', 53, us, 40000))).toEqual([
      'dns: remote addresses',
      'no telnet: direction direction',
      'hosts decides',
    ])
    expect(told('out', withPorts(17, '2001:db8::1', 1, '2001:db9::1', 53))).toEqual([
      'dns: remote version',
      'no telnet: remote protocol',
      'hosts: remote version',
      'hosts of six: remote addresses',
      'none decides',
    ])
  })

  test('agrees with the look-up', () => {
    for (const packet of [tcp(us, 1, '10.0.0.1', 23), tcp(us, 1, '10.0.0.1', 24), tcp(us, 1, '198.51.100.1', 24)]) {
      for (const direction of ['in', 'out'] as const) {
        const { bytes, flow } = packet
        expect(spd.explain(direction, bytes, flow).entry).toBe(spd.lookup(direction, bytes, flow))
      }
    }
  })
})

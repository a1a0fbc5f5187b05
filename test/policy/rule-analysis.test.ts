// What is said of a list of rules, against every packet that could make a difference, decided by the SPD itself.
import { describe, expect, test } from 'vitest'
import { stream } from '../../src/lab/random.ts'
import { concat } from '../../src/bytes/bytes.ts'
import { type Address, addressBytes } from '../../src/net/address.ts'
import { emptyFlow } from '../../src/net/flow.ts'
import { hasPorts } from '../../src/net/transport.ts'
import { addressOf, numberOf } from '../../src/policy/boxes.ts'
import type { SelectorTemplate } from '../../src/policy/connection.ts'
import { analyseRules, type RuleFinding } from '../../src/policy/rule-analysis.ts'
import { parseSelector } from '../../src/policy/selector-words.ts'
import { createSpd, type SpdAction, type SpdEntry } from '../../src/policy/spd.ts'

function template(text: string): SelectorTemplate {
  const parsed = parseSelector(text)
  if (!parsed.ok) throw new Error(`${text}: ${parsed.fault.message}`)
  return parsed.value
}

const protect: SpdAction = { kind: 'PROTECT', connection: 'a', child: 'x' }
const bypass: SpdAction = { kind: 'BYPASS' }
const discard: SpdAction = { kind: 'DISCARD' }
const rule = (action: SpdAction, local: string, remote: string, direction: SpdEntry['direction'] = 'both'): SpdEntry => ({
  name: `${action.kind} ${local} ${remote}`,
  direction,
  local: template(local),
  remote: template(remote),
  action,
})
const findings = (...entries: readonly SpdEntry[]): readonly RuleFinding[] => analyseRules(entries.map((entry) => [entry]))

describe('a rule that can never match', () => {
  test.each([
    ['10.0.0.0/8', '2001:db8::/32'],
    ['dynamic[tcp]', 'dynamic[udp]'],
    ['dynamic[gre/80]', 'dynamic'],
    ['dynamic[tcp/80]', 'dynamic[tcp/opaque]'],
  ])('%s to %s', (local, remote) => {
    expect(findings(rule(bypass, local, remote))).toEqual([{ kind: 'never-matches', rule: 0 }])
  })

  test.each([
    ['dynamic[icmp/8]', 'dynamic'],
    ['dynamic', 'dynamic[icmp/opaque]'],
    ['dynamic[47]', 'dynamic[any/opaque]'],
    ['dynamic[any/80]', 'dynamic'],
  ])('is not this one: %s to %s', (local, remote) => {
    expect(findings(rule(bypass, local, remote))).toEqual([])
  })
})

describe('a rule that earlier ones leave nothing to', () => {
  test('is told with the one that shadows it', () => {
    const rules = [rule(protect, 'dynamic', '10.0.0.0/8'), rule(bypass, 'dynamic[udp/53]', '10.0.0.53[udp]')]
    expect(findings(...rules)).toEqual([{ kind: 'shadowed', rule: 1, by: [0] }])
  })

  test('is told where it takes several together', () => {
    const halves = [rule(protect, 'dynamic', '0.0.0.0/1'), rule(discard, 'dynamic', '128.0.0.0/1'), rule(bypass, 'dynamic', '::/0')]
    expect(findings(...halves, rule(bypass, 'dynamic', 'dynamic'))).toContainEqual({ kind: 'shadowed', rule: 3, by: [0, 1, 2] })
    expect(findings(...halves.slice(1), rule(bypass, 'dynamic', 'dynamic')).filter(({ kind }) => kind === 'shadowed')).toEqual([])
  })

  test('is one of ICMP where only the selector of the other side is narrower: it is not about what we send (§4.4.1.3)', () => {
    const narrow = rule(bypass, 'dynamic', 'dynamic[icmp/8]', 'out')
    expect(findings(narrow, rule(discard, 'dynamic[icmp/0]', 'dynamic', 'out'))).toEqual([{ kind: 'shadowed', rule: 1, by: [0] }])
  })

  test('is not one that is left a fragment without ports, or one direction', () => {
    const ports = [rule(protect, 'dynamic', '10.0.0.1[tcp/0-65534]'), rule(protect, 'dynamic', '10.0.0.1[tcp/65535]')]
    expect(findings(...ports, rule(discard, 'dynamic', '10.0.0.1[tcp]'))).toEqual([])
    expect(findings(rule(bypass, 'dynamic', '10.0.0.1', 'out'), rule(discard, 'dynamic', '10.0.0.1'))).toEqual([])
  })
})

describe('IPv6 in clear where IPv4 is protected', () => {
  const office = rule(protect, 'dynamic', '10.0.0.0/8')

  test('is told with both rules', () => {
    expect(findings(office, rule(bypass, 'dynamic', 'dynamic'))).toEqual([{ kind: 'ipv6-open', protects: 0, opens: 1 }])
    expect(findings(rule(bypass, 'dynamic', '::/0'), office)).toEqual([{ kind: 'ipv6-open', protects: 1, opens: 0 }])
    expect(findings(rule(protect, 'dynamic', '0.0.0.0/0[tcp/443]'), rule(bypass, 'dynamic', '2001:db8::/32[tcp]'))).toHaveLength(1)
  })

  test('is nothing where IPv6 is protected, discarded, of another kind, or for the link', () => {
    expect(findings(office, rule(protect, 'dynamic', '2001:db8::/32'), rule(bypass, 'dynamic', 'dynamic'))).toEqual([])
    expect(findings(office, rule(discard, 'dynamic', '::/0'), rule(bypass, 'dynamic', 'dynamic'))).toEqual([])
    expect(findings(rule(protect, 'dynamic', '10.0.0.0/8[tcp/443]'), rule(bypass, 'dynamic', '::/0[tcp/80]'))).toEqual([])
    expect(findings(office, rule(bypass, 'dynamic', 'fe80::/10'), rule(bypass, 'dynamic', 'ff02::/16'))).toEqual([])
    expect(findings(office, rule(bypass, 'dynamic[ipv6-icmp]', 'dynamic[ipv6-icmp]'))).toEqual([])
    expect(findings(office)).toEqual([])
  })

  test('counts what is left: ports that IPv6 protects, too, are not open', () => {
    const web = rule(protect, 'dynamic', '2001:db8::/32[tcp/443]')
    expect(findings(office, web, rule(bypass, 'dynamic', '::/0[tcp/443]'))).toEqual([])
    expect(findings(office, web, rule(bypass, 'dynamic', '::/0[tcp]'))).toEqual([{ kind: 'ipv6-open', protects: 0, opens: 2 }])
  })
})

// ---- by every packet that could make a difference ----------------------------------------------------------------------

const addresses = [
  'dynamic',
  '0.0.0.0/0',
  '0.0.0.0/1',
  '128.0.0.0/1',
  '10.0.0.0/8',
  '10.0.0.0-10.127.255.255',
  '10.128.0.0/9',
  '10.0.0.1',
  '::/0',
  '::/1',
  '8000::/1',
  '2001:db8::1',
]
const layers = [
  '',
  '',
  '[tcp]',
  '[tcp/80]',
  '[tcp/0-79]',
  '[tcp/81-65535]',
  '[tcp/opaque]',
  '[icmp]',
  '[icmp/8]',
  '[any/80]',
  '[gre]',
  '[gre/80]',
]

function randomRules(seed: number): readonly SpdEntry[] {
  const numbers = stream(seed, 'rules')
  const pick = <T>(list: readonly T[]): T => list[numbers.next() % list.length] as T
  return Array.from({ length: 2 + (numbers.next() % 6) }, () => {
    const layer = pick(layers)
    const direction = pick(['both', 'both', 'out', 'in'] as const)
    return rule(pick([protect, bypass, discard]), pick(addresses) + layer, pick(addresses) + pick(['', layer]), direction)
  })
}

/** Where a rule begins or ends is where decisions change: the packets between two such places fare alike. */
function corners(rules: readonly SpdEntry[], side: 'local' | 'remote', version: 4 | 6): readonly Address[] {
  const whole = 1n << (version === 4 ? 32n : 128n)
  const named = rules.flatMap(({ [side]: { addresses: range } }) =>
    range === 'dynamic' || range.start.includes(':') !== (version === 6) ? [] : [numberOf(range.start), numberOf(range.end) + 1n],
  )
  return [...new Set([0n, ...named])].filter((at) => at < whole).map((at) => addressOf(at, version))
}

function decidedBySome(rules: readonly SpdEntry[]): ReadonlySet<SpdEntry> {
  const spd = createSpd(rules, 4)
  const decided = new Set<SpdEntry>()
  for (const version of [4, 6] as const) {
    for (const protocol of [6, 17, 1, 58, 47, 99]) {
      const known = hasPorts(protocol) ? [0, 79, 80, 81] : protocol === 1 || protocol === 58 ? [0, 8 * 256, 9 * 256] : []
      for (const local of corners(rules, 'local', version)) {
        for (const remote of corners(rules, 'remote', version)) {
          const bytes = concat(addressBytes(local), addressBytes(remote))
          for (const direction of ['out', 'in'] as const) {
            const ends = direction === 'out' ? { source: 0, destination: bytes.length / 2 } : { source: bytes.length / 2, destination: 0 }
            const flow = { ...emptyFlow(), version, protocol, ...ends }
            const ask = (): void => {
              const entry = spd.lookup(direction, bytes, flow)
              if (entry !== undefined) decided.add(entry)
            }
            ask()
            flow.ports = 'known'
            for (flow.sourcePort of known) {
              for (flow.destinationPort of hasPorts(protocol) ? known : [flow.sourcePort]) ask()
            }
          }
        }
      }
    }
  }
  return decided
}

test('a rule is told to be without effect if and only if no packet is decided by it, for 25 random lists', () => {
  for (let seed = 1; seed <= 25; seed++) {
    const rules = randomRules(seed)
    const decided = decidedBySome(rules)
    const useless = analyseRules(rules.map((entry) => [entry])).flatMap((finding) => (finding.kind === 'ipv6-open' ? [] : [finding.rule]))
    expect({ seed, useless }).toEqual({ seed, useless: rules.flatMap((entry, i) => (decided.has(entry) ? [] : [i])) })
  }
})

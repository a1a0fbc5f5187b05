// The policies of a connection file: an ordered list, what is wrong with it, and what is without effect in it. RFC 4301 §4.4.1.
import { didYouMean, error, type Finding, type Span } from '../documents/diagnostic.ts'
import type { Placed, PlacedMap } from '../documents/document.ts'
import { keySpan, valueSpan } from '../documents/entry-places.ts'
import type { Visibility } from '../documents/visibility.ts'
import { anyDynamic, type SelectorTemplate } from '../policy/connection.ts'
import { analyseRules, type RuleFinding } from '../policy/rule-analysis.ts'
import type { SpdAction, SpdEntry } from '../policy/spd.ts'
import { nearestWord } from '../policy/words.ts'
import { beyondChildren, type ReachOwner } from './reach.ts'
import type { PolicyShape } from './shape.ts'
import { populatedBy, selectorsIn } from './values.ts'

/** One policy of the list. */
export interface ConfiguredPolicy {
  readonly name: string
  /** Where it is in the file, from 1. */
  readonly line: number
  /** One for each pair of its selectors. */
  readonly entries: readonly SpdEntry[]
}

type Owner = ReachOwner

/** Values have been looked at before: none is wrong by itself. `root`: the file; `list`: the policies in it; `lineOf`: of a place in the text. */
export function buildPolicies(
  shapes: readonly PolicyShape[],
  list: Placed,
  root: Placed,
  connections: readonly Owner[],
  see: Visibility,
  lineOf: (at: number) => number,
): { readonly policies: readonly ConfiguredPolicy[]; readonly findings: readonly Finding[] } {
  const places = list.kind === 'list' ? list.items : []
  const findings: Finding[] = []
  const policies = shapes.flatMap((shape, i): ConfiguredPolicy[] => {
    const place = places[i]
    if (place?.kind !== 'map') return []
    const twin = shapes.findIndex(({ name }) => name === shape.name)
    if (twin < i) {
      const line = lineOf(places[twin]?.span.start ?? 0)
      findings.push(error('duplicate', valueSpan(place, 'name'), `the policy of line ${line} has this name, too`))
    }
    const action = actionOf(shape, place, connections, see)
    findings.push(...action.findings)
    if (action.value === undefined) return []
    return [{ name: shape.name, line: lineOf(place.span.start), entries: entriesOf(shape, action.value, connections) }]
  })
  // What a broken list amounts to is not worth telling.
  if (findings.length === 0) findings.push(...analysed(policies, places), ...beyondChildren(policies, places, connections, root, lineOf))
  return { policies, findings }
}

/** The list for a host that runs only some of the connections: what it cannot protect is discarded, not passed over. */
export function policiesFor(
  policies: readonly ConfiguredPolicy[],
  isRun: (connection: string, child: string) => boolean,
): readonly SpdEntry[] {
  return policies.flatMap(({ entries }) =>
    entries.map((entry) =>
      entry.action.kind !== 'PROTECT' || isRun(entry.action.connection, entry.action.child)
        ? entry
        : { ...entry, action: { kind: 'DISCARD' as const } },
    ),
  )
}

interface FoundAction {
  readonly value: SpdAction | undefined
  readonly findings: readonly Finding[]
}

function actionOf(shape: PolicyShape, place: PlacedMap, connections: readonly Owner[], see: Visibility): FoundAction {
  const { action, direction } = shape
  if (action !== 'protect') {
    const misplaced = (['connection', 'child', 'pfp'] as const).filter((word) => shape[word] !== undefined)
    const findings = misplaced.map((word) =>
      error('wrong-value', keySpan(place, word), `"${word}" belongs to a policy with action: protect`),
    )
    return { value: { kind: action === 'bypass' ? 'BYPASS' : 'DISCARD' }, findings }
  }
  if (direction !== undefined && direction !== 'both') {
    // RFC 4301 §4.4.1: separate entries for each direction are for what is bypassed or discarded.
    const message = 'what is protected is protected both ways: leave direction out'
    return { value: undefined, findings: [error('wrong-value', valueSpan(place, 'direction'), message, 'both')] }
  }
  const connection = named(shape.connection, 'connection', connections, place, see)
  if (!('name' in connection)) return { value: undefined, findings: [connection.finding] }
  const child = named(shape.child, 'child', connection.children, place, see)
  if (!('name' in child)) return { value: undefined, findings: [child.finding] }
  const populate = populatedBy(shape.pfp)
  const pfp = populate.length === 0 ? {} : { populate }
  return { value: { kind: 'PROTECT', connection: connection.name, child: child.name, ...pfp }, findings: [] }
}

/** The only one where none is named. */
function named<T extends { readonly name: string }>(
  wanted: string | undefined,
  what: 'connection' | 'child',
  all: readonly T[],
  place: PlacedMap,
  see: Visibility,
): T | { readonly finding: Finding } {
  const [first, second] = all
  if (wanted === undefined && first !== undefined && second === undefined) return first
  const names = all.map(({ name }) => name)
  if (wanted === undefined) {
    return { finding: error('missing', valueSpan(place, 'action'), `"${what}" is missing: which one protects? ${names.join(', ')}`, what) }
  }
  const found = all.find(({ name }) => name === wanted)
  if (found !== undefined) return found
  const nearest = nearestWord(wanted, names)
  const quoted = see.quoted(valueSpan(place, what)) ?? 'this'
  const advice = nearest === undefined ? `; there is ${names.join(', ')}` : didYouMean(nearest)
  return { finding: error('wrong-value', valueSpan(place, what), `${quoted} is no ${what} of this file${advice}`, nearest) }
}

function entriesOf(shape: PolicyShape, action: SpdAction, connections: readonly Owner[]): readonly SpdEntry[] {
  const { name, direction = 'both' } = shape
  const child =
    action.kind === 'PROTECT'
      ? connections.find((each) => each.name === action.connection)?.children.find((each) => each.name === action.child)
      : undefined
  const side = (written: readonly SelectorTemplate[] | undefined, ofChild: readonly SelectorTemplate[] | undefined) =>
    written ?? ofChild ?? [anyDynamic]
  const locals = side(selectorsIn(shape.local_ts), child?.localSelectors)
  const remotes = side(selectorsIn(shape.remote_ts), child?.remoteSelectors)
  return locals.flatMap((local) => remotes.map((remote) => ({ name, direction, local, remote, action })))
}

// ---- what the list amounts to ------------------------------------------------------------------------------------------

function analysed(policies: readonly ConfiguredPolicy[], places: readonly Placed[]): readonly Finding[] {
  const told = (rule: number): string => `"${policies[rule]?.name ?? ''}" (line ${policies[rule]?.line ?? 0})`
  const spanAt = (rule: number): Span => valueSpan(places[rule], 'name')
  return analyseRules(policies.map(({ entries }) => entries)).map((finding): Finding => {
    const span = spanAt(finding.kind === 'ipv6-open' ? finding.opens : finding.rule)
    const severity = finding.kind === 'never-matches' ? 'error' : 'warning'
    return { severity, code: finding.kind, span, message: messageOf(finding, told), nearest: undefined }
  })
}

function messageOf(finding: RuleFinding, told: (rule: number) => string): string {
  if (finding.kind === 'never-matches') return 'this policy can never match: no packet is like that'
  if (finding.kind === 'shadowed') return shadowMessage(finding, told)
  return `this policy leaves IPv6 open where ${told(finding.protects)} protects IPv4, and no policy protects IPv6`
}

const mostNamed = 4
function shadowMessage({ by }: Extract<RuleFinding, { kind: 'shadowed' }>, told: (rule: number) => string): string {
  const more = by.length > mostNamed ? ` and ${by.length - mostNamed} more` : ''
  const names = `${by.slice(0, mostNamed).map(told).join(', ')}${more}`
  return `this policy decides nothing: all of its packets are ${by.length === 1 ? 'decided by' : 'decided before it, by'} ${names}`
}

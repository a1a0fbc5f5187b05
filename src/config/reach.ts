// Policies that reach beyond the selectors of the child that they name: what is beyond is to be protected, and no SA of the child carries it.
// RFC 4301 §4.4.1, RFC 7296 §2.9.
import type { TrafficSelector } from '../contract/selectors.ts'
import type { Finding, Span } from '../documents/diagnostic.ts'
import type { Placed } from '../documents/document.ts'
import { entryAt, valueSpan } from '../documents/entry-places.ts'
import { type Address, parseAddress } from '../net/address.ts'
import { anyDynamic, type SelectorTemplate } from '../policy/connection.ts'
import { firstUncovered } from '../policy/selectors.ts'
import { formatSelectorTemplate } from '../policy/selector-words.ts'
import type { ConfiguredConnection } from './connection-file.ts'
import type { ConfiguredPolicy } from './policies.ts'

/** Of a connection that policies name. */
export type ReachOwner = Pick<ConfiguredConnection, 'name' | 'children' | 'localAddress' | 'remoteHost'>

/** A warning for each side of each policy that goes too far. `places`: of the policies; `root`: the file; `lineOf`: of a place in the text. */
export function beyondChildren(
  policies: readonly ConfiguredPolicy[],
  places: readonly Placed[],
  connections: readonly ReachOwner[],
  root: Placed,
  lineOf: (at: number) => number,
): readonly Finding[] {
  return policies.flatMap(({ entries }, i) => {
    const action = entries[0]?.action
    if (action?.kind !== 'PROTECT') return []
    const connection = connections.find(({ name }) => name === action.connection)
    const child = connection?.children.find(({ name }) => name === action.child)
    if (connection === undefined || child === undefined) return []
    const outer = { local: connection.localAddress, remote: parseAddress(connection.remoteHost ?? '') }
    return (['local', 'remote'] as const).flatMap((side): Finding[] => {
      const ofChild = (side === 'local' ? child.localSelectors : child.remoteSelectors) ?? [anyDynamic]
      const beyond = entries.map((entry) => entry[side]).find((template) => isBeyond(template, ofChild, outer[side]))
      if (beyond === undefined) return []
      const word = `${side}_ts`
      const childPlace = entryAt(root, ['connections', connection.name, 'children', child.name])
      const at = entryAt(childPlace?.value, [word])?.key.span ?? childPlace?.key.span
      const line = at === undefined ? '' : ` (line ${lineOf(at.start)})`
      const message = `${formatSelectorTemplate(beyond)} reaches beyond ${word} of "${connection.name}/${child.name}"${line}: no SA of it carries the rest, which is dropped`
      return [{ severity: 'warning', code: 'beyond-child', span: spanIn(places[i], word), message, nearest: undefined }]
    })
  })
}

/** `outer`: what `dynamic` is, where the file says it. */
function isBeyond(template: SelectorTemplate, ofChild: readonly SelectorTemplate[], outer: Address | undefined): boolean {
  // `dynamic` is any address in a policy, and where the child has it, too, the SA knows which one.
  const isBoth = template.addresses === 'dynamic' && ofChild.some(({ addresses }) => addresses === 'dynamic')
  const within = isBoth ? ofChild.filter(({ addresses }) => addresses === 'dynamic') : ofChild
  const allowed = within.flatMap((each) => concrete(each, outer))
  return firstUncovered(concrete(template, isBoth ? outer : undefined), allowed) !== undefined
}

function concrete({ addresses, protocol, startPort, endPort }: SelectorTemplate, outer: Address | undefined): readonly TrafficSelector[] {
  const rest = { protocol, startPort, endPort }
  if (addresses !== 'dynamic') return [{ ...rest, startAddress: addresses.start, endAddress: addresses.end }]
  if (outer !== undefined) return [{ ...rest, startAddress: outer, endAddress: outer }]
  return everywhere.map((range) => ({ ...rest, ...range }))
}

const everywhere = [
  ['0.0.0.0', '255.255.255.255'],
  ['::', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
].flatMap(([first = '', last = '']) => {
  const [startAddress, endAddress] = [parseAddress(first), parseAddress(last)]
  return startAddress === undefined || endAddress === undefined ? [] : [{ startAddress, endAddress }]
})

/** The word, else the name of the policy. */
const spanIn = (place: Placed | undefined, word: string): Span => valueSpan(place, entryAt(place, [word]) === undefined ? 'name' : word)

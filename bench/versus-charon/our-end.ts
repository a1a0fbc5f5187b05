// One end of ours: what a user would write who embeds it. It runs as a process of its own, on what has been built: nothing is imported
// from here but types. Asked for `negotiate`, it brings so many IKE SAs up and down; asked for `count`, it says how many there were.
import type { Connection } from '../../src/policy/connection.ts'
import type { Event } from '../../src/contract/events.ts'
import type { Result } from '../../src/bytes/result.ts'
import type { End, Subject } from './suite.ts'

export interface EndOptions {
  /** Address of the folder `entries` of a build. */
  readonly entries: string
  readonly role: 'initiator' | 'responder'
  readonly own: End
  readonly other: End
  /** Words of proposals. */
  readonly ike: string
  readonly esp: string
  readonly sharedKey: string
  readonly subject: Subject
}
export type Request = { readonly ask: 'negotiate'; readonly count: number } | { readonly ask: 'count' }
export interface Answer {
  /** Child SAs that were installed, or IKE SAs where there are none, and IKE SAs that ended by a Delete, so far. */
  readonly established: number
  readonly deleted: number
  readonly failure: string | undefined
}

/* oxlint-disable typescript/no-unsafe-type-assertion -- the built entries have the types of their sources */
const { entries, role, own, other, ike, esp, sharedKey, subject } = JSON.parse(process.argv[2] ?? '') as EndOptions
const root = (await import(`${entries}root.js`)) as typeof import('../../src/entries/root.ts')
const { nodeProvider } = (await import(`${entries}crypto/node.js`)) as typeof import('../../src/entries/crypto/node.ts')
const { startRuntime, systemRandom } = (await import(`${entries}runtime.js`)) as typeof import('../../src/entries/runtime.ts')
/* oxlint-enable typescript/no-unsafe-type-assertion */
const { createHost, parseAddress, parseIdentity, parseProposals, parseSelector, protectPeer, Secret, sharedKeyMac, utf8 } = root

const remoteAddress = parseAddress(other.outer)
if (remoteAddress === undefined) throw new RangeError(other.outer)
const remote = { address: remoteAddress, ikePort: 500, natPort: 4500 }
const { connections, policies } = protectPeer({ us: own.identity, peer: other.identity, remote, mode: 'tunnel' })
const [protection] = connections
const connection: Connection = {
  ...protection,
  // As charon is told: no notifications that are not needed.
  childless: subject === 'childless' ? 'force' : 'never',
  uniqueness: 'never',
  localIdentity: parsed(parseIdentity(own.identity)),
  proposals: parsed(parseProposals(ike, 1)),
  children: protection.children.map((child) => ({
    ...child,
    proposals: parsed(parseProposals(esp, 3)),
    localSelectors: [parsed(parseSelector(own.inner))],
    remoteSelectors: [parsed(parseSelector(other.inner))],
  })),
}

const provider = nodeProvider()
const key = new Secret(utf8(sharedKey))
let established = 0
let deleted = 0
let left = 0

const runtime = await startRuntime({
  bind: [{ address: own.outer, ikePort: 500, natPort: 4500 }],
  makeHost: (local) => createHost({ provider, random: systemRandom, connections: [connection], policies, local, dangerKeyLog: 'off' }),
  sharedKeyMac: ({ prf, octets }) => sharedKeyMac(provider, prf, key, octets),
  onEvent,
})
process.on('message', (request: Request) => {
  if (request.ask === 'count') return answer(undefined)
  left = request.count
  initiate()
})
process.on('disconnect', () => process.exit())
process.send?.('listening')

function onEvent(event: Event): void {
  if (event.name === (subject === 'childless' ? 'ike-sa-established' : 'child-sa-established')) {
    established++
    // Not at once: the step that tells of it has more outputs to come.
    if (role === 'initiator') queueMicrotask(() => runtime.command({ kind: 'close-ike-sa', ikeSa: event.ikeSa }))
  } else if (event.name === 'ike-sa-closed') {
    if (event.by !== 'failure') deleted++
    if (role === 'initiator') queueMicrotask(--left > 0 ? initiate : () => answer(undefined))
  } else if (event.name === 'ike-sa-failed' || event.name === 'child-sa-failed') answer(event.fault.message)
}

function initiate(): void {
  const [local] = runtime.local
  const child = subject === 'childless' ? undefined : 'child'
  if (local !== undefined) runtime.command({ kind: 'initiate', connection: 'peer', child, path: { start: 'ike', local, remote } })
}

function answer(failure: string | undefined): void {
  const said: Answer = { established, deleted, failure }
  process.send?.(said)
}

function parsed<T>(result: Result<T, { readonly message: string }>): T {
  if (!result.ok) throw new RangeError(result.fault.message)
  return result.value
}

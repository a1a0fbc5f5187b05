// Every order, loss and duplication of messages and every order of timers, within bounds: rekeys and Deletes of Child SAs and IKE SAs by both
// ends at once. RFC 7296 §1.4.1, §2.8.1, §2.8.2, §2.25.
import { describe, expect, it, vi } from 'vitest'
import { Explorer } from '../../../src/lab/explore/explore.ts'
import { act, type Action, actionsIn, type Bound, stepNumberOf } from '../../../src/lab/explore/world.ts'
import { stream } from '../../../src/lab/random.ts'
import { byEffort } from '../effort.ts'
import { explored, type StartKind, startsOf } from './collisions.ts'
import { type Memories, observedRegistry, observedSchedule } from './memories.ts'
import { optionsFor } from './subjects.ts'

const memories: Memories = vi.hoisted(() => ({
  latest: { registry: undefined, schedules: [], numbers: 0, drawing: 'chance' as const },
  acting: 'alice' as const,
}))

vi.mock('../../../src/ike/endpoint/registry.ts', async (original) =>
  observedRegistry(await original<typeof import('../../../src/ike/endpoint/registry.ts')>(), memories),
)
vi.mock('../../../src/ike/endpoint/schedule.ts', async (original) =>
  observedSchedule(await original<typeof import('../../../src/ike/endpoint/schedule.ts')>(), memories),
)

const one: Bound = { starts: 1, losses: 1, duplicates: 1, haste: 1 }
const oneLoss: Bound = { ...one, duplicates: 0, haste: 0 }
const two: Bound = { starts: 2, losses: 2, duplicates: 2, haste: 2 }
const rekeys: readonly StartKind[] = ['rekey-child-sa', 'rekey-ike-sa']
const everything: readonly StartKind[] = [...rekeys, 'reauthenticate', 'close-child-sa', 'close-ike-sa']

function run(name: string, kinds: readonly StartKind[], bound: Bound, limit: number, protects: 'esp' | 'ah' = 'esp') {
  const { found, told } = explored(name, optionsFor(memories, startsOf(kinds), { bound, limit, protects }))
  expect(told).toBe('')
  return found
}

describe('one exchange of each: the whole bound', () => {
  const limit = byEffort({ short: 100, lab: 1_000_000, nightly: 10_000_000 })
  it.each([
    ['Child SAs', ['rekey-child-sa', 'close-child-sa'], one],
    ['IKE SAs', ['rekey-ike-sa', 'close-ike-sa'], one],
    ['Child SAs and IKE SAs', rekeys, one],
    ['reauthentication', ['reauthenticate'], byEffort({ short: oneLoss, lab: oneLoss, nightly: one })],
  ] as const)('%s', (name, kinds, bound) => {
    const found = run(name, kinds, bound, limit)
    if (limit > 300) expect(found.end).toBe('exhausted')
  })
})

it('one exchange of each, Child SAs of AH: as many states as with ESP', () => {
  const limit = byEffort({ short: 100, lab: 1_000_000, nightly: 10_000_000 })
  const kinds = ['rekey-child-sa', 'close-child-sa'] as const
  const [ah, esp] = [run('Child SAs of AH', kinds, oneLoss, limit, 'ah'), run('of ESP', kinds, oneLoss, limit)]
  expect([ah.states, ah.transitions, ah.depth]).toEqual([esp.states, esp.transitions, esp.depth])
  if (limit > 300) expect(ah.end).toBe('exhausted')
})

describe('two exchanges of each, two losses, two duplicates', () => {
  it('as far as it goes', () => {
    const limit = byEffort({ short: 100, lab: 120_000, nightly: 1_200_000 })
    expect(run('everything', everything, two, limit).states).toBeGreaterThanOrEqual(limit)
  })
})

describe('two exchanges of each, in calm weather: the whole bound', () => {
  const limit = byEffort({ short: 100, lab: 10_000, nightly: 10_000_000 })
  it.each([
    ['Child SAs, twice', ['rekey-child-sa']],
    ['IKE SAs, twice', ['rekey-ike-sa']],
    ['Deletes, twice', ['close-child-sa', 'close-ike-sa', 'check-liveness']],
  ] as const)('%s', (name, kinds) => {
    run(name, kinds, { ...two, losses: 0, duplicates: 0, haste: 0 }, limit)
  })
})

describe('a state of a host', () => {
  it('is the same on whatever way it is reached: a host that goes the same way remembers the same, but for distances of times', () => {
    const explorer = new Explorer(optionsFor(memories, startsOf(rekeys), { bound: two, limit: 0 }))
    const steps = Array.from({ length: byEffort({ short: 3, lab: 60, nightly: 600 }) }, (_, seed) => walk(explorer, seed))
    // Of those that differ in the order of times, the whole way could not be compared.
    expect(Math.max(...steps)).toBeGreaterThan(20)
  })
})

/** Any way through the states, and two hosts that go it step by step; how many steps they could be compared for. */
function walk(explorer: Explorer, seed: number): number {
  const chance = stream(seed, 'walk')
  const lives = explorer.graphs.map((graph) => graph.born())
  const { world: first, actions: before } = explorer.playPrologue()
  const follow = (action: Action): void => {
    if (action.kind === 'lose') return
    const graph = explorer.graphs[action.side]
    lives[action.side]?.take(graph.step(stepNumberOf(graph, action)))
  }
  for (const action of before) follow(action)
  let world = first
  for (let steps = 0; ; steps++) {
    const actions = actionsIn(explorer.graphs, world)
    const action = actions[chance.next() % Math.max(1, actions.length)]
    const outcome = action === undefined ? undefined : act(explorer.graphs, world, action)
    if (action === undefined || outcome?.kind !== 'leads') return steps
    follow(action)
    world = outcome.to
    const [real, known] = [lives[action.side]?.read(explorer.lexicon), world.hosts[action.side].reading]
    const [remembered, expected] = [real, known].map((reading) => (reading === undefined ? '' : explorer.lexicon.describe(reading)))
    // Two timers that run out within a millisecond or two run out together.
    if (action.kind === 'timer' && remembered !== expected) return steps
    expect(withoutTimes(remembered), `seed ${seed}, step ${steps}`).toBe(withoutTimes(expected))
    if (remembered !== expected) return steps
    expect(real?.atoms, `seed ${seed}, step ${steps}`).toEqual(known.atoms)
  }
}

const withoutTimes = (text: string | undefined): string => (text ?? '').replaceAll(/\bt\d+\b/g, 't')

// The explorer finds what is wrong: each planted error is found, and the shortest ladder to it is told. RFC 7296 §2.8.1, §2.8.2, §2.25.
import { afterEach, describe, expect, it, vi } from 'vitest'
import { taken } from '../effort.ts'
import { explored, startsOf } from './collisions.ts'
import { type Memories, observedRegistry, observedSchedule } from './memories.ts'
import {
  type Hunt,
  hunts,
  inChildSa,
  inClose,
  inCollisions,
  inExchange,
  inInformational,
  inIntend,
  inSuccession,
  type Planted,
  type PlantedError,
} from './planted.ts'
import { optionsFor } from './subjects.ts'

const memories: Memories = vi.hoisted(() => ({
  latest: { registry: undefined, schedules: [], numbers: 0, drawing: 'chance' as const },
  acting: 'alice' as const,
}))
const planted: Planted = vi.hoisted(() => ({ error: undefined }))

vi.mock('../../../src/ike/endpoint/registry.ts', async (original) =>
  observedRegistry(await original<typeof import('../../../src/ike/endpoint/registry.ts')>(), memories),
)
vi.mock('../../../src/ike/endpoint/schedule.ts', async (original) =>
  observedSchedule(await original<typeof import('../../../src/ike/endpoint/schedule.ts')>(), memories),
)
vi.mock('../../../src/ike/sa/exchange.ts', async (original) =>
  inExchange(await original<typeof import('../../../src/ike/sa/exchange.ts')>(), planted),
)
vi.mock('../../../src/ike/exchanges/informational.ts', async (original) =>
  inInformational(await original<typeof import('../../../src/ike/exchanges/informational.ts')>(), planted),
)
vi.mock('../../../src/ike/child/child-sa.ts', async (original) =>
  inChildSa(await original<typeof import('../../../src/ike/child/child-sa.ts')>(), planted),
)
vi.mock('../../../src/ike/sa/close.ts', async (original) =>
  inClose(await original<typeof import('../../../src/ike/sa/close.ts')>(), planted),
)
vi.mock('../../../src/ike/sa/intend.ts', async (original) =>
  inIntend(await original<typeof import('../../../src/ike/sa/intend.ts')>(), planted),
)
vi.mock('../../../src/ike/sa/succession.ts', async (original) =>
  inSuccession(await original<typeof import('../../../src/ike/sa/succession.ts')>(), planted),
)
vi.mock('../../../src/ike/sa/collisions.ts', async (original) =>
  inCollisions(await original<typeof import('../../../src/ike/sa/collisions.ts')>(), planted, () => memories.acting === 'alice'),
)

afterEach(() => {
  planted.error = undefined
})

const all = Object.entries(hunts) as (readonly [PlantedError, Hunt])[]

describe('what is wrong is found', () => {
  it.each(taken(all, 5))('%s', (error, { kinds, starts, mishaps = 0, symptom }) => {
    planted.error = error
    const bound = { starts, losses: mishaps, duplicates: 0, haste: mishaps }
    const { found, told } = explored(error, optionsFor(memories, startsOf(kinds), { bound, limit: 100_000 }))
    expect(found.end).toBe('violation')
    expect(told).toMatch(symptom)
    // As a ladder, from the first thing that either was told.
    expect(told).toMatch(/│· (?:alice|bob)\.example is told: /)
  })
})

// The seam through which tests see what a host remembers: for `vi.mock` of `src/ike/endpoint/registry.ts` and `schedule.ts`, which hold
// all that an endpoint keeps.
import type { RandomSource } from '../../../src/contract/random.ts'
import type { ChildSaId, IkeSaId, Instant, OperationId, Spi } from '../../../src/contract/units.ts'
import type * as registryModule from '../../../src/ike/endpoint/registry.ts'
import type * as scheduleModule from '../../../src/ike/endpoint/schedule.ts'
import type { IkeSa } from '../../../src/ike/sa/ike-sa.ts'

/** What one host keeps, and how many numbers of its own it has given. */
export interface Memory {
  registry: registryModule.Registry | undefined
  readonly schedules: Map<unknown, Instant>[]
  numbers: number
  /** What is drawn now: an SPI, or else chance. */
  drawing: 'spi' | 'chance'
}

/** Whoever makes a host puts a fresh one here before, and finds it filled. */
export interface Memories {
  latest: Memory
  /** Whose step it is. */
  acting: 'alice' | 'bob'
}

export const freshMemory = (): Memory => ({ registry: undefined, schedules: [], numbers: 0, drawing: 'chance' })

/** The same module; each registry tells of itself. */
export function observedRegistry(real: typeof registryModule, memories: Memories): typeof registryModule {
  class ObservedRegistry extends real.Registry {
    readonly #memory: Memory

    constructor(random: RandomSource) {
      super(random)
      this.#memory = memories.latest
      this.#memory.registry = this
    }

    override newSpi(): Spi {
      this.#memory.drawing = 'spi'
      const spi = super.newSpi()
      this.#memory.drawing = 'chance'
      return spi
    }

    override newIkeSaId(): IkeSaId {
      this.#memory.numbers++
      return super.newIkeSaId()
    }

    override newChildId(): ChildSaId {
      this.#memory.numbers++
      return super.newChildId()
    }

    override newOperationId(sa: IkeSa): OperationId {
      this.#memory.numbers++
      return super.newOperationId(sa)
    }
  }
  return { ...real, Registry: ObservedRegistry }
}

/** The same module; what a schedule holds is also found in the memory. */
export function observedSchedule(real: typeof scheduleModule, memories: Memories): typeof scheduleModule {
  class ObservedSchedule<T> extends real.Schedule<T> {
    readonly #due = new Map<unknown, Instant>()

    constructor() {
      super()
      memories.latest.schedules.push(this.#due)
    }

    override set(what: T, at: Instant | undefined): void {
      if (at === undefined) this.#due.delete(what)
      else this.#due.set(what, at)
      super.set(what, at)
    }

    override take(now: Instant): T | undefined {
      const taken = super.take(now)
      this.#due.delete(taken)
      return taken
    }
  }
  return { ...real, Schedule: ObservedSchedule }
}

// A scenario step by step, forwards and back. Going back plays it again from the start, which gives the very same state.
import { instant } from '../contract/units.ts'
import { perform } from './perform.ts'
import type { Scenario } from './scenario.ts'
import { setStage, type Stage, type World } from './stage.ts'

export class Walk {
  readonly #scenario: Scenario
  readonly #world: World
  #stage: Stage
  #position = 0

  constructor(scenario: Scenario, world: World) {
    this.#scenario = scenario
    this.#world = world
    this.#stage = this.#start()
  }

  /** Everything as it is now; another one after each `back` and `goTo`. */
  get stage(): Stage {
    return this.#stage
  }

  /** Happenings so far. */
  get position(): number {
    return this.#position
  }

  /** The next happening; false when there is none. */
  forward(): boolean {
    const happened = this.#stage.network.step()
    if (happened) this.#position++
    return happened
  }

  /** As it was one happening ago; false at the beginning. */
  back(): boolean {
    if (this.#position === 0) return false
    this.goTo(this.#position - 1)
    return true
  }

  goTo(position: number): void {
    if (position < this.#position) {
      this.#stage = this.#start()
      this.#position = 0
    }
    while (this.#position < position && this.forward());
  }

  #start(): Stage {
    const stage = setStage(this.#scenario, this.#world)
    for (const { at, ...action } of this.#scenario.steps) {
      stage.network.plan(instant(at), () => {
        perform(this.#scenario, this.#world, stage, action)
      })
    }
    return stage
  }
}

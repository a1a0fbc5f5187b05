// One host, one state, some recipes one after the other: what it did, and what was wrong. Nothing else goes in, so that the same
// episode can be had again.
import type { Input, Output } from '../../src/contract/machine.ts'
import { aftermath } from './aftermath.ts'
import { behavioursOf } from './behaviours.ts'
import type { Recipe } from './recipe.ts'
import { seedsOf } from './seeds.ts'
import { lossless } from './lossless.ts'
import { render } from './render.ts'
import { Stage, type StageOptions, withholds } from './stage.ts'

export class Episode {
  readonly stage: Stage
  readonly options: StageOptions
  /** The datagrams that were given to the host, for who wants to see them. */
  readonly given: Input[] = []
  #seeds: (Pick<Stage, 'attacked' | 'child'> & { readonly recipes: readonly Recipe[] }) | undefined

  constructor(options: StageOptions) {
    this.options = options
    this.stage = new Stage(options)
  }

  /** State and behaviour, for each thing that the recipe made the host do; the first sentence about what was wrong, if anything was. */
  play(recipe: Recipe): { readonly reached: readonly string[]; readonly wrong: string | undefined } {
    const state = this.#state()
    const outputs: Output[] = []
    const wrong = this.#guarded(() => {
      outputs.push(...this.#give(recipe))
      // What is due at once is done at once: a deadline that stays in the past would keep a driver busy for ever.
      outputs.push(...this.stage.wait(0, 64))
      this.stage.wrong.push(...lossless(recipe))
    })
    return { reached: behavioursOf(outputs).map((behaviour) => `${state}: ${behaviour}`), wrong }
  }

  /** Whether honest peers can go on. */
  end(): string | undefined {
    let sentences: readonly string[] = []
    const wrong = this.#guarded(() => {
      sentences = aftermath(this.stage)
    })
    return wrong ?? sentences[0]
  }

  /** What mutation may start from now. */
  seeds(): readonly Recipe[] {
    const { attacked, child } = this.stage
    // Opening what was said takes time, and only new keys make a difference.
    if (this.#seeds?.attacked !== attacked || this.#seeds?.child !== child || this.#seeds === undefined)
      this.#seeds = { attacked, child, recipes: seedsOf(this.stage) }
    return this.#seeds.recipes
  }

  #give(recipe: Recipe): readonly Output[] {
    if (recipe.form === 'wait') return this.stage.wait(recipe.milliseconds)
    if (recipe.form === 'again') {
      this.stage.again()
      return []
    }
    const outputs: Output[] = []
    for (const input of render(this.stage, recipe)) {
      const isBurst = recipe.form === 'esp' && recipe.company === 'burst' && input.kind === 'datagram'
      outputs.push(...(isBurst ? this.stage.burst(burstOf(input.datagram.bytes), input.datagram) : this.#poke(input)))
    }
    return outputs
  }

  #poke(input: Input): readonly Output[] {
    this.given.push(input)
    const outputs = [...this.stage.poke(input)]
    this.stage.pass(outputs)
    if (withholds(this.options.state)) return outputs
    for (let operation = this.stage.operations.shift(); operation !== undefined; operation = this.stage.operations.shift())
      outputs.push(...this.#poke({ kind: 'completion', completion: this.stage.completionOf(operation) }))
    return outputs
  }

  #guarded(act: () => void): string | undefined {
    try {
      act()
    } catch (error) {
      return `threw ${error instanceof Error ? `${error.name}: ${error.message} ${placeOf(error)}` : String(error)}`
    }
    return this.stage.wrong.shift()
  }

  #state(): string {
    const { state } = this.options
    const { attacked } = this.stage
    return attacked === undefined || attacked.life === 'alive'
      ? `${state}${this.stage.child === undefined ? '' : '+child'}`
      : `${state}, over`
  }
}

/** Twice, and something of the same SPI that is nothing, and something of none. */
const burstOf = (bytes: Uint8Array): readonly Uint8Array[] => [
  bytes,
  bytes.subarray(0, 11),
  bytes,
  new Uint8Array(40),
  bytes.subarray(0, 3),
]

/** The innermost lines of ours in a stack. */
function placeOf(error: Error): string {
  const lines = (error.stack ?? '').split('\n').filter((line) => line.includes('/src/'))
  return lines
    .slice(0, 3)
    .map((line) => line.replace(/^.*\/src\//, 'src/').replace(/[()]/g, ''))
    .join(' < ')
}

/** What is wrong when these recipes are played in this order; `undefined` when nothing is. */
export function replay(options: StageOptions, recipes: readonly Recipe[]): string | undefined {
  const episode = new Episode(options)
  for (const recipe of recipes) {
    const { wrong } = episode.play(recipe)
    if (wrong !== undefined) return wrong
  }
  return episode.end()
}

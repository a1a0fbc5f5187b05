// Plays episodes from a seed, keeps what reached something new, and makes what went wrong as short as it can be.
import type { CryptoProvider } from '../../src/crypto/provider.ts'
import { provider } from '../host/two-hosts.ts'
import { Chance } from './chance.ts'
import { Episode, replay } from './episode.ts'
import { mutate, stir } from './mutate.ts'
import type { Recipe } from './recipe.ts'
import type { StageOptions } from './stage.ts'
import { type StateName, stateNames } from './states.ts'
import { type World, worlds } from './worlds.ts'

export interface FuzzerOptions {
  readonly seed: number
  readonly states: readonly StateName[]
  readonly worlds: readonly World[]
  /** Of the attacked host. */
  readonly provider: CryptoProvider
  /** Recipes in one episode. */
  readonly length: number
  /** Told before each input. */
  readonly onInput: (options: StageOptions, played: readonly Recipe[]) => void
}

export interface Finding {
  readonly wrong: string
  readonly world: World
  readonly state: StateName
  /** Of the hosts in it. */
  readonly seed: number
  /** As few as still make it go wrong. */
  readonly recipes: readonly Recipe[]
  /** Of inputs, before it was found. */
  readonly after: number
}

export interface Kept {
  readonly state: StateName
  readonly recipe: Recipe
}

export class Fuzzer {
  readonly #options: FuzzerOptions
  readonly behaviours: Map<string, number> = new Map()
  readonly corpus: Kept[] = []
  readonly findings: Finding[] = []
  inputs = 0
  episodes = 0
  readonly #donors: Recipe[] = []
  readonly #byState = new Map<StateName, Recipe[]>()

  constructor(options: Partial<FuzzerOptions> & Pick<FuzzerOptions, 'seed'>) {
    this.#options = { states: stateNames, worlds, provider, length: 64, onInput: () => undefined, ...options }
  }

  /** One episode: states and worlds take turns, so that none is left out of a short run. */
  episode(): void {
    const { seed, states, worlds, length } = this.#options
    const number = this.episodes++
    const state = states[number % states.length]
    const world = worlds[Math.floor(number / states.length) % worlds.length]
    if (state === undefined || world === undefined) return
    const chance = new Chance(seed, number)
    const episode = new Episode({ world, state, seed: seed + number, provider: this.#options.provider })
    const played: Recipe[] = []
    let over = 0
    for (let i = 0; i < length; i++) {
      // A little is done to what is over, then Mallory begins again.
      over = episode.stage.attacked?.life === 'over' ? over + 1 : 0
      const isOver = over > (state.endsWith('over') ? 12 : 3)
      const recipe: Recipe = isOver ? { form: 'again' } : this.#next(chance, episode)
      if (isOver) over = 0
      played.push(recipe)
      if (this.#play(episode, recipe, played)) return
    }
    const wrong = episode.end()
    if (wrong !== undefined) this.#found(episode, wrong, played)
  }

  /** One very long episode: `inputs` on one host, `each` told now and then. */
  siege(state: StateName, inputs: number, each: (episode: Episode) => void): string | undefined {
    const { seed, worlds } = this.#options
    const chance = new Chance(seed, 'siege', state)
    const [world] = worlds
    if (world === undefined) return undefined
    const episode = new Episode({ world, state, seed, provider: this.#options.provider })
    for (let i = 1; i <= inputs; i++) {
      const isOver = episode.stage.attacked?.life === 'over' || (state === 'listening' && i % 8 === 0)
      const { wrong } = episode.play(isOver ? { form: 'again' } : this.#next(chance, episode))
      if (wrong !== undefined) return wrong
      if (i % 500 === 0) each(episode)
    }
    return undefined
  }

  /** One input in an episode of the caller's; whether something was wrong. */
  #play(episode: Episode, recipe: Recipe, played: readonly Recipe[]): boolean {
    this.inputs++
    this.#options.onInput(episode.options, played)
    const { reached, wrong } = episode.play(recipe)
    let news = false
    for (const behaviour of reached) {
      const times = this.behaviours.get(behaviour) ?? 0
      this.behaviours.set(behaviour, times + 1)
      news ||= times === 0
    }
    if (news) this.#keep(episode.options.state, recipe)
    if (wrong !== undefined) this.#found(episode, wrong, played)
    return wrong !== undefined
  }

  #keep(state: StateName, recipe: Recipe): void {
    this.corpus.push({ state, recipe })
    this.#donors.push(recipe)
    const kept = this.#byState.get(state)
    if (kept === undefined) this.#byState.set(state, [recipe])
    else kept.push(recipe)
  }

  #next(chance: Chance, episode: Episode): Recipe {
    const seeds = episode.seeds()
    const kept = this.#byState.get(episode.options.state) ?? seeds
    const donors = this.#donors.length === 0 ? seeds : this.#donors
    return chance.weighted<() => Recipe>([
      [1, () => chance.pick(seeds)],
      [5, () => mutate(chance, chance.pick(seeds), donors)],
      [4, () => mutate(chance, chance.pick(kept), donors)],
      [1, () => mutate(chance, chance.pick(donors), donors)],
      [2, () => stir(chance)],
    ])()
  }

  /** The same thing going wrong again is no news. */
  #found(episode: Episode, wrong: string, played: readonly Recipe[]): void {
    if (this.findings.some((finding) => kindOf(finding.wrong) === kindOf(wrong))) return
    const { world, state, seed } = episode.options
    const recipes = shortest(played, (some) => {
      const again = replay(episode.options, some)
      return again !== undefined && kindOf(again) === kindOf(wrong)
    })
    this.findings.push({ wrong, world, state, seed, recipes, after: this.inputs })
  }
}

const kindOf = (wrong: string): string => wrong.replace(/\d+/g, '')

/** Leaves out one after the other for as long as it still goes wrong. */
function shortest(recipes: readonly Recipe[], goesWrong: (some: readonly Recipe[]) => boolean): readonly Recipe[] {
  let kept = recipes
  // The last one mostly does it all by itself.
  const last = recipes.slice(-1)
  if (goesWrong(last)) return last
  for (let i = recipes.length - 1; i >= 0; i--) {
    const some = kept.filter((_, at) => at !== i)
    if (goesWrong(some)) kept = some
  }
  return kept
}

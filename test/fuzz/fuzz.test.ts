// What `npm run fuzz` does for minutes and hours, for a moment and from a fixed seed: every sample of the wire room mutated many times,
// as octets for the codec and protected by the right keys for a host; and every state of both roles attacked two hundred times.
import { describe, expect, it } from 'vitest'
import { decodePayloads } from '../../src/wire/codec.ts'
import { provider } from '../host/two-hosts.ts'
import { byEffort } from '../lab/effort.ts'
import { Chance } from './chance.ts'
import { Episode } from './episode.ts'
import { lossless } from './lossless.ts'
import { mutate } from './mutate.ts'
import type { Recipe } from './recipe.ts'
import { sampleRecipes } from './seeds.ts'
import { worlds } from './worlds.ts'
import { Fuzzer } from './fuzzer.ts'
import { stateNames } from './states.ts'

const seed = 7296
const mutations = byEffort({ short: 50, lab: 200, nightly: 1_000 })
const donors = sampleRecipes.map(({ recipe }) => recipe)
const [world] = worlds

describe.each(sampleRecipes)('$name, mutated', ({ name, recipe }) => {
  it(`${mutations} times, harms neither codec nor host`, () => {
    if (world === undefined) throw new Error('no world')
    const chance = new Chance(seed, name)
    const episode = new Episode({ world, state: 'responder-established', seed, provider })
    let faults = 0
    for (let i = 0; i < mutations; i++) {
      const mutated = mutate(chance, recipe, donors)
      expect(lossless(mutated)).toEqual([])
      // What does not decode ends an IKE SA, and a new one takes time: some are enough.
      if (isFault(mutated) && ++faults % 32 !== 1) continue
      if (episode.stage.attacked?.life === 'over') episode.play({ form: 'again' })
      expect(episode.play(mutated).wrong).toBeUndefined()
    }
    expect(episode.end()).toBeUndefined()
  })
})

const isFault = (recipe: Recipe): boolean => recipe.form === 'sealed' && !decodePayloads(recipe.firstPayload, recipe.inside).ok

describe.each(stateNames)('a host in %s', (state) => {
  it('stays one that honest peers can go on with, whatever comes', () => {
    const fuzzer = new Fuzzer({ seed, states: [state], length: 67 })
    for (let world = 0; world < 3; world++) fuzzer.episode()
    expect(fuzzer.findings).toEqual([])
    expect(fuzzer.inputs).toBeGreaterThanOrEqual(200)
    // Attacks that say nothing to the host would find nothing either.
    // Of an IKE SA that is over only its last answers are kept: it has the fewest ways to behave.
    expect(fuzzer.behaviours.size).toBeGreaterThan(10)
  })
})

describe('the same seed', () => {
  it('does the same', () => {
    const [one, other] = [1, 2].map(() => {
      const fuzzer = new Fuzzer({ seed: 1, states: ['init-sent', 'responder-established'], length: 20 })
      for (let episode = 0; episode < 4; episode++) fuzzer.episode()
      return [...fuzzer.behaviours]
    })
    expect(one).toEqual(other)
  })
})

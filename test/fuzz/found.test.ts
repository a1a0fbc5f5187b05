// What the fuzzer has found, so that it is not to be found again.
import { describe, expect, it } from 'vitest'
import { exchange } from '../../src/iana/exchanges.ts'
import { provider } from '../host/two-hosts.ts'
import { Episode } from './episode.ts'
import { type Recipe, sealedRequest } from './recipe.ts'
import type { StateName } from './states.ts'
import { worlds } from './worlds.ts'

const wrongs = (state: StateName, recipes: readonly Recipe[]): readonly (string | undefined)[] =>
  worlds.flatMap((world) => {
    const episode = new Episode({ world, state, seed: 1, provider })
    return [...recipes.map((recipe) => episode.play(recipe).wrong), episode.end()]
  })

const nothing = (wrong: string | undefined): boolean => wrong === undefined

describe('an operation', () => {
  it.each(['auth-signing', 'auth-verifying', 'peer-verifying', 'own-signing'] as const)(
    'that fails in %s is not cancelled, too',
    (state) => {
      expect(wrongs(state, [{ form: 'completion', outcome: 'failed' }]).every(nothing)).toBe(true)
    },
  )

  it.each(['peer-verifying', 'own-signing'] as const)(
    'that is under way in %s outlives no IKE SA, since the next request waits its turn (RFC 7296 §2.3)',
    (state) => {
      for (const exchangeType of [exchange.IKE_AUTH, exchange.INFORMATIONAL])
        expect(wrongs(state, [{ ...sealedRequest, exchangeType }]).every(nothing)).toBe(true)
    },
  )
})

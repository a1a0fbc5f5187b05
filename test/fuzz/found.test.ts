// What the fuzzer has found, so that it is not to be found again.
import { describe, expect, it } from 'vitest'
import { exchange } from '../../src/iana/exchanges.ts'
import { limits } from '../../src/ike/limits.ts'
import { timers } from '../../src/ike/timers.ts'
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

describe('a request for an IKE SA', () => {
  it.each(['peer-verifying', 'own-signing'] as const)('that comes again late, in %s, makes no other one (RFC 7296 §2.1)', (state) => {
    for (const world of worlds) {
      const episode = new Episode({ world, state, seed: 1, provider })
      const octets = episode.stage.spoken[0]?.bytes ?? new Uint8Array(0)
      const { ikeSaCount } = episode.stage.target.host
      expect(episode.play({ form: 'clear', octets, channel: 'ike', spis: 'as-they-are', from: 'peer' }).wrong).toBeUndefined()
      expect(episode.stage.target.host.ikeSaCount).toBe(ikeSaCount)
    }
  })
})

describe('IKE SAs whose peer is still being verified', () => {
  it('count as half-open: with many of them cookies are demanded (RFC 7296 §2.6)', () => {
    const [world] = worlds
    if (world === undefined) throw new Error('no world')
    const { stage } = new Episode({ world, state: 'peer-verifying', seed: 1, provider })
    expect(stage.target.host.ikeSaCount).toBe(2)
    // As many as there may be before the first of them has waited for too long.
    while (stage.operations.length < limits.halfOpenBeforeCookies && stage.now < timers.operationPatience) stage.again()
    expect(stage.operations).toHaveLength(limits.halfOpenBeforeCookies)
    expect(stage.welcome().named('cookie-demanded')).toHaveLength(1)
    // Those that nobody answers are half-open no more.
    stage.wait(timers.operationPatience)
    expect(stage.operations).toEqual([])
    expect(stage.welcome().named('cookie-demanded')).toEqual([])
  })
})

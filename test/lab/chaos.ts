// Anything, at any time, in a storm: both sides begin, send, ask, close; links break, NATs forget. Then it clears up, all is closed, and
// the two begin anew: whatever has been, honest peers can go on.
import { stream } from '../../src/lab/random.ts'
import type { Action, Scenario, Step } from '../../src/lab/scenario.ts'
import { storm, stormOf } from './storm.ts'

export function chaosOf(seed: number): Scenario {
  const scenario = stormOf(seed)
  const chance = stream(seed, 'chaos')
  const hasNat = (scenario.nats?.length ?? 0) > 0
  // Who is behind a NAT cannot be begun with from outside.
  const starters = scenario.hosts[0]?.behind === undefined ? ['alice', 'bob'] : ['alice']
  const one = <T>(list: readonly [T, ...T[]] | readonly T[], fallback: T): T => list[chance.next() % list.length] ?? fallback
  const action = (): Action => {
    const host = one(['alice', 'bob'], 'alice')
    const starter = one(starters, 'alice')
    const other = (name: string): string => (name === 'alice' ? 'bob' : 'alice')
    const actions: readonly Action[] = [
      { do: 'initiate', host: starter, peer: other(starter) },
      { do: 'initiate', host: starter, peer: other(starter) },
      { do: 'send', host: starter, peer: other(starter), packets: 2 },
      { do: 'send', host, peer: other(host), packets: 2 },
      { do: 'check-liveness', host },
      { do: 'close', host },
      hasNat ? { do: 'rebind', nat: 'home' } : { do: 'check-liveness', host },
      { do: 'cut', between: [hasNat ? 'home' : 'alice', scenario.nats?.[1]?.name ?? 'bob'] },
      { do: 'heal' },
    ]
    return one(actions, { do: 'heal' })
  }
  // Most of it early: that is when there are most states to be in.
  const moment = (): number => Math.floor(chance.fraction() ** 4 * 120_000)
  const steps: Step[] = Array.from({ length: 14 }, () => ({ at: moment(), ...action() }))
  return {
    ...scenario,
    name: `chaos in a ${scenario.name}`,
    weather: storm,
    steps: [
      ...scenario.steps,
      ...steps.sort((a, b) => a.at - b.at),
      { at: 200_000, do: 'heal' },
      { at: 200_000, do: 'weather', weather: {} },
      // Twice: what was still beginning is up by then.
      { at: 201_000, do: 'close', host: 'alice' },
      { at: 201_000, do: 'close', host: 'bob' },
      { at: 500_000, do: 'close', host: 'alice' },
      { at: 500_000, do: 'close', host: 'bob' },
      { at: 900_000, do: 'initiate', host: 'alice', peer: 'bob' },
    ],
    expect: [{ that: 'agreed', between: ['alice', 'bob'] }],
    within: 1_200_000,
  }
}

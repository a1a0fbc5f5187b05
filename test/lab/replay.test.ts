// Step, rewind, replay: the same inputs and the same seed give the same octets and the same state.
import { describe, expect, it } from 'vitest'
import { toHex } from '../../src/bytes/bytes.ts'
import { dangerReveal, Secret } from '../../src/bytes/secret.ts'
import { portableProvider } from '../../src/crypto/providers/portable.ts'
import { formatRecording, parseRecording, type Recording, replay } from '../../src/lab/replay.ts'
import { runScenario } from '../../src/lab/run.ts'
import { formatTranscript } from '../../src/lab/transcript.ts'
import { Walk } from '../../src/lab/walk.ts'
import { lives } from './lives.ts'
import { stormOf, worldOf } from './storm.ts'

/** Everything in it, keys too, as text. */
function canonical(value: unknown): string {
  const plain = (each: unknown): unknown => {
    if (each instanceof Uint8Array) return toHex(each)
    if (each instanceof Secret) return toHex(dangerReveal(each))
    if (Array.isArray(each)) return each.map(plain)
    if (typeof each !== 'object' || each === null) return each
    return Object.fromEntries(Object.entries(each).map(([key, field]) => [key, plain(field)]))
  }
  return JSON.stringify(plain(value))
}

describe('a recording', () => {
  it.each([...lives, stormOf(30), stormOf(33)])('of "$name" replayed gives the same octets and the same keys', (scenario) => {
    const { stage } = runScenario(scenario, worldOf(4))
    for (const { host } of stage.cast.values()) {
      const { outputs, host: again } = replay({ host: host.name, seed: 4, inputs: host.inputs }, host.make)
      expect(canonical(outputs)).toBe(canonical(host.inputs.map((recorded) => recorded.outputs)))
      expect(again.view).toEqual(host.host.view)
    }
  })

  it('up to a point gives the state of that moment, to go on from', () => {
    const { stage } = runScenario(stormOf(33), worldOf(33))
    const host = stage.cast.get('alice')?.host
    if (host === undefined) throw new Error('no Alice')
    const recording: Recording = { host: host.name, seed: 33, inputs: host.inputs }
    for (let upTo = 0; upTo < host.inputs.length; upTo++) {
      const next = host.inputs[upTo]
      if (next === undefined) break
      const outputs = replay(recording, host.make, upTo).host.handle(next.at, next.input)
      // Without keys: those of the original have been wiped since.
      expect(JSON.stringify(outputs)).toBe(JSON.stringify(next.outputs))
    }
  })

  it('can be written down and read again', () => {
    const { stage } = runScenario(stormOf(30), worldOf(30))
    for (const { host } of stage.cast.values()) {
      const recording: Recording = { host: host.name, seed: 30, inputs: host.inputs.map(({ at, input }) => ({ at, input })) }
      const read = parseRecording(formatRecording(recording))
      expect(read).toEqual(recording)
      expect(replay(read, host.make).host.view).toEqual(host.host.view)
    }
  })

  it('that is none is refused', () => {
    expect(() => parseRecording('{"host": "alice"}')).toThrow(/no recording/)
  })
})

describe('a run', () => {
  it('is the same each time, line for line', () => {
    const text = () => formatTranscript(runScenario(stormOf(30), worldOf(30)).transcript)
    expect(text()).toBe(text())
  })

  it('is the same with another provider of cryptography', () => {
    const scenario = stormOf(3)
    const octets = (provider: typeof portableProvider) =>
      runScenario(scenario, { seed: 3, provider }).stage.network.sent.map(({ bytes }) => toHex(bytes))
    expect(octets(portableProvider)).toEqual(octets(worldOf(3).provider))
  })
})

describe('a walk', () => {
  it('goes forwards and back, through the same states', () => {
    const walk = new Walk(stormOf(3), worldOf(3))
    const now = (): string => {
      const states = [...walk.stage.cast.values()].map(({ host }) => host.host.view)
      return JSON.stringify([walk.position, walk.stage.network.now, states])
    }
    const seen = [now()]
    for (let i = 0; i < 25; i++) {
      expect(walk.forward()).toBe(true)
      seen.push(now())
    }
    for (let i = 24; i >= 20; i--) {
      expect(walk.back()).toBe(true)
      expect(now()).toBe(seen[i])
    }
    walk.goTo(0)
    expect(now()).toBe(seen[0])
    expect(walk.back()).toBe(false)
    walk.goTo(25)
    expect(now()).toBe(seen[25])
    expect(new Set(seen).size).toBe(26)
  })
})

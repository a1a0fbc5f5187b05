// Honest peers can go on: whatever was done to a host, it still answers who was connected, takes who is new, and forgets who is gone.
import type { Input } from '../../src/contract/machine.ts'
import type { LabHost } from '../../src/lab/host.ts'
import type { Stage } from './stage.ts'
import { addresses, udpPacket } from './worlds.ts'

/** Long enough for every timer of an IKE SA whose peer has fallen silent. */
const forgetting = 600_000

/** What is not as it should be, by its sentences. */
export function aftermath(stage: Stage): readonly string[] {
  const wrong: string[] = []
  wrong.push(...steadyGoesOn(stage, 'right after the attack'))
  const newcomer = stage.welcome()
  if (newcomer.named('child-sa-established').length !== 1) wrong.push('a newcomer cannot set up a Child SA')
  // Some of what is under way is answered, and the rest never.
  const answered = stage.operations.filter(({ id }) => id % 2 === 0)
  for (const operation of answered) {
    const at = stage.operations.indexOf(operation)
    if (at < 0) continue
    stage.operations.splice(at, 1)
    stage.pass(stage.poke({ kind: 'completion', completion: stage.completionOf(operation) }))
  }
  stage.wait(forgetting)
  const { target } = stage
  if (target.host.ikeSaCount !== 2) wrong.push(`there are ${target.host.ikeSaCount} IKE SAs with two honest peers`)
  if (stage.invariants.installed !== 4) wrong.push(`there are ${stage.invariants.installed} halves of Child SAs with two honest peers`)
  if (stage.operations.length > 0) wrong.push(`${stage.operations.length} operations are under way for nobody`)
  if (target.host.counters.waiting !== 0) wrong.push(`${target.host.counters.waiting} packets wait for nothing`)
  wrong.push(...steadyGoesOn(stage, 'when all is over'))
  return wrong
}

function steadyGoesOn(stage: Stage, when: string): readonly string[] {
  const { target, steady } = stage
  const wrong: string[] = []
  const lived = steady.named('peer-alive').length
  const ikeSa = steady.named('ike-sa-established')[0]?.ikeSa
  if (ikeSa === undefined) return ['the honest peer was never connected']
  stage.settle(steady, { kind: 'command', command: { kind: 'check-liveness', ikeSa } })
  if (steady.named('peer-alive').length !== lived + 1) wrong.push(`${when} liveness is not answered`)
  if (!passes(stage, steady, target)) wrong.push(`${when} no packet gets to the host`)
  if (!passes(stage, target, steady)) wrong.push(`${when} no packet gets from the host`)
  return wrong
}

function passes(stage: Stage, from: LabHost, to: LabHost): boolean {
  const [source, destination] = from === stage.target ? [addresses.target, addresses.steady] : [addresses.steady, addresses.target]
  const bytes = udpPacket(source, destination)
  const packet: Input = { kind: 'packet', bytes }
  const before = to.delivered.length
  if (from === stage.target) stage.pass(stage.poke(packet))
  else stage.settle(from, packet)
  return to.delivered.length === before + 1
}

// Hours of virtual time in a moment: a scenario of the lab, from a seed; the same seed gives the same octets.
import { nodeProvider } from 'ikebana/crypto/node'
import { explainFailure, ladderOf, runScenario } from 'ikebana/lab'
import { cutAndHealed } from './scenarios/cut-and-healed.ts'

const world = { seed: 7, provider: nodeProvider }
const outcome = runScenario(cutAndHealed, world)
console.log(ladderOf(outcome))
console.log(`${cutAndHealed.name}: ${outcome.verdict}, decided after ${Math.round(outcome.decided / 1000)} s of virtual time`)
if (outcome.verdict === 'failed') console.log(explainFailure(outcome, world, 'npx tsx examples/run-scenario.ts'))

// Playing what a scenario file says, and writing down what was played.
import { type Outcome, runScenario } from '../run.ts'
import type { World } from '../stage.ts'
import { scriptedSky } from '../weather.ts'
import type { ScenarioFile } from './read.ts'

/** The same octets each time, whoever provides the cryptography. */
export function playScenario({ scenario, seed, mishaps }: ScenarioFile, provider: World['provider']): Outcome {
  return runScenario(scenario, { seed, provider }, mishaps === undefined ? undefined : scriptedSky(mishaps))
}

/** What happened, with all that befell its datagrams: played again, the same happens. */
export const scenarioFileOf = ({ scenario, seed, mishaps }: Outcome): ScenarioFile => ({ scenario, seed, mishaps })

// A scenario file, read, played and drawn: `npx tsx examples/play-scenario-file.ts FILE`. What is wrong with the file is said with its place.
import { readFileSync } from 'node:fs'
import { nodeProvider } from 'ikebana/crypto/node'
import { diagnosticLines, formatSchedule, ladderOf, playScenario, readScenario } from 'ikebana/lab'

const path = process.argv[2] ?? 'examples/scenarios/lost-answer.yaml'
const { file, diagnostics } = readScenario(readFileSync(path, 'utf8'))
for (const line of diagnostics.flatMap((diagnostic) => diagnosticLines(path, diagnostic))) console.error(line)

const outcome = file && playScenario(file, nodeProvider)
if (outcome !== undefined) {
  for (const line of [...formatSchedule(outcome), '', ladderOf(outcome), '']) console.log(line)
  for (const failure of outcome.failures) console.log(`  ${failure}`)
  console.log(`${outcome.scenario.name}: ${outcome.verdict}`)
}
process.exitCode = outcome?.verdict === 'held' ? 0 : 1

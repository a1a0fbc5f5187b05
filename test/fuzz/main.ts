// `npm run fuzz -- --seconds N [--seed S] [--out DIR] [--replay FILE]`: attacks hosts for as long as asked. The last line says how many
// inputs there were, how many behaviours they reached, and how many findings; a finding is printed with all that it takes to have it
// again, and the exit code is 1. The same seed does the same things in the same order, for however long.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { toHex } from '../../src/bytes/bytes.ts'
import { provider } from '../host/two-hosts.ts'
import { Episode, replay } from './episode.ts'
import { type Finding, Fuzzer } from './fuzzer.ts'
import { formatRecipe, parseRecipe } from './recipe.ts'
import { siege } from './siege.ts'
import { type StateName, stateNames } from './states.ts'
import { Watch } from './watch.ts'
import { worlds } from './worlds.ts'

/** Milliseconds after which an input is taken for one that never ends, shrinking of findings included. */
const hanging = 60_000

const { values } = parseArgs({
  options: { seconds: { type: 'string' }, seed: { type: 'string' }, out: { type: 'string' }, replay: { type: 'string' } },
})

async function fuzz(): Promise<number> {
  const seconds = Number(values.seconds ?? '10')
  const seed = Number(values.seed ?? '1')
  if (!(seconds > 0) || !Number.isSafeInteger(seed)) {
    console.error('usage: npm run fuzz -- --seconds N [--seed S] [--out DIR] [--replay FILE]')
    return 2
  }
  const watch = new Watch(hanging)
  const fuzzer = new Fuzzer({ seed, onInput: (options, played) => watch.note(options, played) })
  const began = performance.now()
  let told = 0
  for (let passed = 0; passed < seconds; passed = (performance.now() - began) / 1_000) {
    const before = fuzzer.findings.length
    fuzzer.episode()
    for (const finding of fuzzer.findings.slice(before)) console.log(describe(finding, seed))
    if (passed - told < 10) continue
    told = passed
    console.error(`${Math.round(passed)} s: ${summary(fuzzer)}`)
  }
  await watch.end()
  const swollen = besiege(seed)
  if (values.out !== undefined) save(values.out, fuzzer)
  const findings = fuzzer.findings.length + swollen
  console.log(
    `seed ${seed}: ${fuzzer.inputs + besieged.length * siegeLength} inputs, ${fuzzer.behaviours.size} behaviours reached, ${findings} findings`,
  )
  return findings > 0 ? 1 : 0
}

/** States in which a stranger, a peer and an authenticated peer can make a host keep something. */
const besieged: readonly StateName[] = ['listening', 'init-answered', 'responder-established']
const siegeLength = 4_000
/** Octets for each input, when all is over: well above what the garbage collector and the compiler are good for, below a forgotten IKE SA. */
const growthLimit = 400

/** Long sieges of one host: how many of them left it heavier. */
function besiege(seed: number): number {
  const swollen = besieged.filter((state) => {
    const { perInput, wrong } = siege(seed, state, siegeLength)
    const isWrong = wrong !== undefined || perInput > growthLimit
    if (isWrong) console.log(`FINDING ${wrong ?? `${Math.round(perInput)} octets stay for each input`}\n  seed ${seed}, siege in ${state}`)
    return isWrong
  })
  return swollen.length
}

const summary = ({ inputs, behaviours, findings }: Fuzzer): string =>
  `${inputs} inputs, ${behaviours.size} behaviours reached, ${findings.length} findings`

/** What went wrong, in which state, by which octets, and as lines for `--replay`. */
function describe(finding: Finding, seed: number): string {
  return [
    `FINDING ${finding.wrong}`,
    `  seed ${seed}, after ${finding.after} inputs; state ${finding.state}, hosts ${finding.world.name} from seed ${finding.seed}`,
    ...octetsOf(finding).map((octets) => `  octets ${octets}`),
    '  to have it again, put what follows into a file for --replay:',
    ...linesOf(finding),
  ].join('\n')
}

const linesOf = ({ world, state, seed, recipes }: Finding): readonly string[] => [
  JSON.stringify({ world: world.name, state, seed }),
  ...recipes.map(formatRecipe),
]

/** As the host got them. */
function octetsOf({ world, state, seed, recipes }: Finding): readonly string[] {
  const episode = new Episode({ world, state, seed, provider })
  for (const recipe of recipes) episode.play(recipe)
  return episode.given.map((input) => (input.kind === 'datagram' ? `${input.datagram.channel} ${toHex(input.datagram.bytes)}` : input.kind))
}

function playAgain(file: string): number {
  const [head = '', ...rest] = readFileSync(file, 'utf8').trim().split('\n')
  const { world: name, state, seed } = JSON.parse(head) as { readonly world: string; readonly state: StateName; readonly seed: number }
  const world = worlds.find((one) => one.name === name)
  if (world === undefined || !stateNames.includes(state)) {
    console.error(`${file}: no such world or state`)
    return 2
  }
  const wrong = replay({ world, state, seed, provider }, rest.map(parseRecipe))
  console.log(wrong === undefined ? 'nothing goes wrong' : `FINDING ${wrong}`)
  return wrong === undefined ? 0 : 1
}

/** `corpus.jsonl`: what reached something new. `behaviours.txt`: how often each was reached. `finding-N.jsonl`: for `--replay`. */
function save(directory: string, { corpus, behaviours, findings }: Fuzzer): void {
  mkdirSync(directory, { recursive: true })
  writeFileSync(join(directory, 'corpus.jsonl'), corpus.map(({ state, recipe }) => `${state} ${formatRecipe(recipe)}\n`).join(''))
  writeFileSync(
    join(directory, 'behaviours.txt'),
    [...behaviours]
      .map(([behaviour, times]) => `${times}\t${behaviour}\n`)
      .sort()
      .join(''),
  )
  for (const [i, finding] of findings.entries())
    writeFileSync(join(directory, `finding-${i + 1}.jsonl`), `${linesOf(finding).join('\n')}\n`)
}

process.exitCode = values.replay === undefined ? await fuzz() : playAgain(values.replay)

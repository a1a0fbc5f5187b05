// `npm run bench:charon [-- --json] [-- --smoke]`: what a negotiation costs, both ends, beside strongSwan's charon with itself: the same
// suites, real UDP between two namespaces, new keys each time, Delete. Two races: with a Child SA installed at each end, and charon without a
// log; then childless, and charon with a log, its own threads and many plugins. As root, after `.ci/install-peers`.
// Text on stdout, or one JSON object: {"machine":{…},"negotiations","warmUp","rounds":[{"subject","contender","cpuMs","perSecond"}],
// "results":[{"subject","contender","warmUpCpuMs","cpuMs","cpuRatio","perSecond","rateRatio"}]}; ratios are medians of those of each round.
// `--build DIR`, which may come several times, stands for `dist`; `--alone` leaves charon out; `--profile DIR` writes V8's profiles.
import { cpus } from 'node:os'
import { basename, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { Lab } from '../../test/interop/harness/lab.ts'
import { median } from '../measure.ts'
import { type Manner, startCharons } from './charon.ts'
import { type Contender, cpuTimeOf } from './contender.ts'
import { startOurs } from './ours.ts'
import type { Subject } from './suite.ts'

interface Race {
  readonly subject: Subject
  /** charon's. */
  readonly manner: Manner
}
const races: readonly Race[] = [
  { subject: 'child-sa', manner: 'lean' },
  { subject: 'childless', manner: 'usual' },
]

interface Round {
  readonly subject: Subject
  readonly contender: string
  /** For one negotiation: both ends, user and system. */
  readonly cpuMs: number
  /** One after another, by the clock. */
  readonly perSecond: number
}

const values = options(process.argv.slice(2))
const rounds = values.smoke ? 1 : Number(values.rounds)
const negotiations = values.smoke ? 20 : Number(values.negotiations)
/** For the compiler of ours; charon gets as many. */
const warmUp = values.smoke ? 20 : Number(values['warm-up'])
const builds = values.build ?? ['dist']

const lab = new Lab()
try {
  const warming: Round[] = []
  const done: Round[] = []
  for (const race of races) {
    const contenders = await started(race)
    warming.push(...(await raced(race, contenders, 1, warmUp)))
    done.push(...(await raced(race, contenders, rounds, negotiations)))
    for (const contender of contenders) await contender.stop()
  }
  report(warming, done)
} finally {
  lab.close()
}

async function started({ subject, manner }: Race): Promise<readonly Contender[]> {
  const contenders: Contender[] = []
  // Names of namespaces are made of these.
  const suffix = subject === 'childless' ? '-c' : ''
  for (const build of builds) {
    const name = builds.length === 1 ? 'ikebana' : basename(build)
    contenders.push(await startOurs(lab, `${name}${suffix}`, subject, resolve(build), values.profile))
  }
  return values.alone ? contenders : [...contenders, await startCharons(lab, `charon${suffix}`, subject, manner)]
}

/** Each in each round: whatever disturbs the machine disturbs all of them. */
async function raced({ subject }: Race, contenders: readonly Contender[], times: number, count: number): Promise<readonly Round[]> {
  const done: Round[] = []
  for (let round = 0; round < times; round++) for (const contender of contenders) done.push(await measured(subject, contender, count))
  return done
}

async function measured(subject: Subject, contender: Contender, count: number): Promise<Round> {
  const cpuTime = (): number => contender.pids.reduce((sum, pid) => sum + cpuTimeOf(pid), 0)
  const [cpuStart, start] = [cpuTime(), performance.now()]
  await contender.negotiate(count)
  const [cpu, elapsed] = [cpuTime() - cpuStart, performance.now() - start]
  return { subject, contender: contender.name, cpuMs: cpu / count, perSecond: (count * 1000) / elapsed }
}

function report(warming: readonly Round[], done: readonly Round[]): void {
  const of = (contender: string | undefined, what: 'cpuMs' | 'perSecond'): readonly number[] =>
    done.filter((round) => round.contender === contender).map((round) => round[what])
  const charonOf = (subject: Subject): string | undefined => warming.findLast((round) => round.subject === subject)?.contender
  const beside = ({ subject, contender }: Round, what: 'cpuMs' | 'perSecond'): number | undefined =>
    values.alone ? undefined : median(of(contender, what).map((value, i) => value / (of(charonOf(subject), what)[i] ?? Number.NaN)))
  const results = warming.map((round) => ({
    subject: round.subject,
    contender: round.contender,
    warmUpCpuMs: round.cpuMs,
    cpuMs: median(of(round.contender, 'cpuMs')),
    cpuRatio: beside(round, 'cpuMs'),
    perSecond: median(of(round.contender, 'perSecond')),
    rateRatio: beside(round, 'perSecond'),
  }))
  if (values.json) {
    const machine = { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, node: process.versions.node }
    console.log(JSON.stringify({ machine, negotiations, warmUp, rounds: done, results }))
    return
  }
  for (const { subject, contender, warmUpCpuMs, cpuMs, cpuRatio, perSecond, rateRatio } of results) {
    const spread = of(contender, 'cpuMs').map((value) => value.toFixed(2))
    console.log(
      `${subject}: ${contender}: ${cpuMs.toFixed(2)} ms CPU a negotiation (${spread.join(' ')}; warming up ${warmUpCpuMs.toFixed(2)})${times(cpuRatio)}; ` +
        `${perSecond.toFixed(0)} a second${times(rateRatio)}`,
    )
  }
}

function times(ratio: number | undefined): string {
  return ratio === undefined ? '' : `, ${ratio.toFixed(2)} x`
}

function options(words: readonly string[]) {
  const flag = { type: 'boolean', default: false } as const
  const number = (value: string) => ({ type: 'string', default: value }) as const
  try {
    return parseArgs({
      args: [...words],
      options: {
        json: flag,
        smoke: flag,
        alone: flag,
        build: { type: 'string', multiple: true },
        profile: { type: 'string' },
        rounds: number('5'),
        negotiations: number('500'),
        'warm-up': number('3000'),
      },
    }).values
  } catch (error) {
    console.error(`bench:charon: ${error instanceof Error ? error.message : String(error)}`)
    return process.exit(2)
  }
}

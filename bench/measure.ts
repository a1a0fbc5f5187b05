// Time, side by side: everything that is compared runs in the same rounds, burst by burst, and medians speak.
// It is CPU time of the process, so that others on the machine do not count.

/** Nanoseconds of CPU time since the process began; to the microsecond. */
export function cpuTime(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) * 1e3
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >>> 1
  const [low, high] = [sorted[middle - 1] ?? 0, sorted[middle] ?? 0]
  return sorted.length % 2 === 1 ? high : (low + high) / 2
}

/** What so many of a hundred stay at or below. */
export function percentile(values: readonly number[], percent: number): number {
  return values.toSorted((a, b) => a - b)[Math.ceil((values.length * percent) / 100) - 1] ?? Number.NaN
}

/** What the fastest quarter takes at most: where there is no ratio of neighbours to hold on to, a busy machine and a compiler at work tell less. */
export function quartile(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >>> 2] ?? Number.NaN
}

/** How long to measure what is compared. */
export interface Effort {
  /** Bursts of each contender: at least five for a median that means something. */
  readonly leastBursts: number
  /** Milliseconds of CPU time, together. */
  readonly time: number
  /** Milliseconds before that, for the compiler. */
  readonly warmUp: number
}
export const fullEffort: Effort = { leastBursts: 9, time: 350, warmUp: 150 }
/** Where much is measured that matters less than the packet path. */
export const briefEffort: Effort = { leastBursts: 5, time: 90, warmUp: 40 }
/** Where figures are kept. */
export const patientEffort: Effort = { leastBursts: 9, time: 300, warmUp: 300 }
/** Shows that everything runs; its numbers mean little. */
export const smokeEffort: Effort = { leastBursts: 1, time: 1, warmUp: 0 }

/** One thing to be timed: `burst` does `count` units of it and returns the nanoseconds that they took, without preparation. */
export interface Contender {
  readonly count: number
  burst(): number
}

/**
 * Nanoseconds a unit of each contender, burst by burst; contenders of one team keep their order. Otherwise they take turns at random,
 * so that whatever disturbs the machine disturbs them all alike. That goes for the collection of garbage too: as each burst makes
 * about as much of it as the next one, it would always strike the same contender if the turns had a rhythm.
 */
export function race(effort: Effort, ...teams: readonly (readonly Contender[])[]): readonly (readonly number[])[] {
  run(teams, 0, effort.warmUp)
  return run(teams, effort.leastBursts, effort.time)
}

function run(teams: readonly (readonly Contender[])[], leastBursts: number, time: number): readonly (readonly number[])[] {
  const samples = new Map(teams.flat().map((contender): [Contender, number[]] => [contender, []]))
  const end = cpuTime() + time * 1e6
  for (let bursts = 0; bursts < leastBursts || cpuTime() < end; bursts++)
    for (const contender of shuffled(teams)) samples.get(contender)?.push(contender.burst() / contender.count)
  return [...samples.values()]
}

/** Every contender once. */
function shuffled(teams: readonly (readonly Contender[])[]): readonly Contender[] {
  const waiting = teams.map((team) => [...team])
  const turns: Contender[] = []
  for (let left = teams.flat().length; left > 0; left--) {
    let pick = Math.floor(Math.random() * left)
    const team = waiting.find((each) => (pick -= each.length) < 0)
    const next = team?.shift()
    if (next !== undefined) turns.push(next)
  }
  return turns
}

/** Nanoseconds of one call of `work`, called `count` times. */
export function timed(count: number, work: (i: number) => void): number {
  const start = cpuTime()
  for (let i = 0; i < count; i++) work(i)
  return cpuTime() - start
}

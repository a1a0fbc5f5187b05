// `npm test` takes a short cut through what `npm run test:lab` goes through whole, and `.ci/nightly` goes on for much longer.

const seeds = process.env['IKEBANA_LAB_SEEDS']
const whole = seeds !== undefined

/** All of them, or every n-th where time is short; always the first. */
export function taken<T>(all: readonly T[], every: number): readonly T[] {
  return whole ? all : all.filter((_, i) => i % every === 0)
}

/** For `npm test`, `npm run test:lab` and `.ci/nightly`. */
export function byEffort<T>({ short, lab, nightly }: { readonly short: T; readonly lab: T; readonly nightly: T }): T {
  if (seeds === undefined) return short
  return Number(seeds) > 1_000 ? nightly : lab
}

// Fuzzing until something is found: for planted bugs.
import { type Finding, Fuzzer, type FuzzerOptions } from './fuzzer.ts'

/** The first finding; `undefined` when there is none in so many milliseconds of the wall clock. */
export function hunt(options: Partial<FuzzerOptions> & Pick<FuzzerOptions, 'seed'>, patience: number): Finding | undefined {
  const fuzzer = new Fuzzer(options)
  const began = performance.now()
  while (fuzzer.findings.length === 0 && performance.now() - began < patience) fuzzer.episode()
  return fuzzer.findings[0]
}

// What the options of `check` mean. Pure: the proposals stay as they are written.
import type { AlgorithmUse } from '../iana/algorithm-requirements.ts'
import { usageFailure } from './exit-codes.ts'

export interface CheckOptions {
  /** As they were written, in the order IKE, ESP, AH: the verb itself says what is wrong with them. */
  readonly proposals: readonly WrittenProposal[]
  readonly output: 'text' | 'json'
}

export interface WrittenProposal {
  readonly use: AlgorithmUse
  readonly option: '--proposal' | '--esp' | '--ah'
  readonly text: string
}

/** As commander hands them over. */
export interface RawCheckOptions {
  readonly proposal?: string
  readonly esp?: string
  readonly ah?: string
  readonly json?: boolean
}

/** Throws a `CommandFailure` when there is nothing to check. */
export function checkOptions(raw: RawCheckOptions): CheckOptions {
  const proposals: WrittenProposal[] = []
  if (raw.proposal !== undefined) proposals.push({ use: 'IKE', option: '--proposal', text: raw.proposal })
  if (raw.esp !== undefined) proposals.push({ use: 'ESP', option: '--esp', text: raw.esp })
  if (raw.ah !== undefined) proposals.push({ use: 'AH', option: '--ah', text: raw.ah })
  if (proposals.length === 0) throw usageFailure('there is nothing to check: name a FILE, --proposal, --esp or --ah')
  return { proposals, output: raw.json === true ? 'json' : 'text' }
}

// What the standards say of transforms (RFC 8247 for IKE; RFC 8221 for ESP and AH), for the column `status` of docs/transforms.md. There is no
// such column as long as there is no such function.
import type { TransformChoice } from '../src/contract/transforms.ts'

export type Use = 'IKE' | 'ESP' | 'AH'

/** `MUST`, `SHOULD NOT`, … */
export type StatusOf = (use: Use, choice: TransformChoice) => string

export const statusOf: StatusOf | undefined = undefined

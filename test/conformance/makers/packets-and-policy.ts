// The vector files of the packet path and of policy that this project makes.
import { ahFiles } from './ah.ts'
import { checksumFiles } from './checksum.ts'
import { numberFiles } from './esp-numbers.ts'
import { integrityFiles } from './esp-integrity.ts'
import { malformedFiles } from './esp-malformed.ts'
import { rfc3602Files } from './esp-rfc3602.ts'
import { shapeFiles } from './esp-shapes.ts'
import { suiteFiles } from './esp-suites.ts'
import type { MadeFile } from './files.ts'
import { narrowingFiles } from './narrowing.ts'
import { proposalFiles } from './proposals.ts'
import { sequenceFiles } from './sequence.ts'

export const packetAndPolicyFiles = (): readonly MadeFile[] => [
  ...suiteFiles(),
  ...shapeFiles(),
  ...numberFiles(),
  ...integrityFiles(),
  ...malformedFiles(),
  ...rfc3602Files(),
  ...ahFiles(),
  ...sequenceFiles(),
  ...checksumFiles(),
  ...narrowingFiles(),
  ...proposalFiles(),
]

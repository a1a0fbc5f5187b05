// All files of `vectors/messages/`.
import type { DraftFile } from './draft.ts'
import { chainFile, headerFile } from './headers.ts'
import { ignoredFile } from './ignored.ts'
import { cutFile, sizesFile } from './lengths.ts'
import { payloadsFile, wholeFile } from './sound.ts'
import { unclearFile } from './unclear.ts'
import { criticalFile, valuesFile } from './values.ts'

export const messageFiles = (): readonly DraftFile[] => [
  payloadsFile(),
  wholeFile(),
  ignoredFile(),
  headerFile(),
  chainFile(),
  sizesFile(),
  cutFile(),
  valuesFile(),
  criticalFile(),
  unclearFile(),
]

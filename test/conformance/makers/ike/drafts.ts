// All files of `vectors/ike/`.
import { auth } from './auth.ts'
import { childKeys } from './child-keys.ts'
import type { DraftFile } from './draft.ts'
import { ikeKeys } from './ike-keys.ts'
import { prfPlus } from './prf-plus.ts'
import { skPayload } from './sk-payload.ts'
import { skPayloadRefused } from './sk-payload-refused.ts'
import { transcript, transcriptRefused } from './transcript.ts'

export const drafts = (): readonly DraftFile[] => [
  prfPlus(),
  ikeKeys(),
  childKeys(),
  auth(),
  skPayload(),
  skPayloadRefused(),
  transcript(),
  transcriptRefused(),
]

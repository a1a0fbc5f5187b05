// A connection file: text in, connections and diagnostics out. No I/O: where a key is from is said, and it is read by whoever asked.
import { Secret } from '../bytes/secret.ts'
import { utf8 } from '../bytes/bytes.ts'
import type { Identity } from '../contract/identity.ts'
import type { SaMode } from '../contract/install.ts'
import type { ProposalTemplate } from '../contract/transforms.ts'
import type { Address } from '../net/address.ts'
import type { ChildTerms, ConnectionTerms, SelectorTemplate } from '../policy/connection.ts'
import { build } from './build.ts'
import type { Diagnostic, Finding } from '../documents/diagnostic.ts'
import { readDocument } from '../documents/document.ts'
import { entryAt } from '../documents/entry-places.ts'
import { fit } from '../documents/misfits.ts'
import { isError, lineAt, placed } from '../documents/placing.ts'
import { buildPolicies, type ConfiguredPolicy } from './policies.ts'
import { readFileShape } from './shape.ts'
import { survey } from './survey.ts'
import { visibilityOf } from './visibility.ts'
import { whyUnsupportedValue } from './vocabulary.ts'

/** What a file says of one connection. What it leaves out is `undefined`, and whoever uses it has a default; terms have theirs already. */
export interface ConfiguredConnection extends ConnectionTerms {
  readonly name: string
  /** `undefined`: whatever the system would send from. */
  readonly localAddress: Address | undefined
  /** An address or a name; `undefined`: anyone. */
  readonly remoteHost: string | undefined
  readonly localIdentity: Identity | undefined
  /** `undefined`: whoever has the key. */
  readonly remoteIdentity: Identity | undefined
  readonly proposals: readonly ProposalTemplate[] | undefined
  readonly encapsulation: 'force' | 'when-needed'
  /** One at least. */
  readonly children: readonly ConfiguredChild[]
  readonly key: KeySource
}
export interface ConfiguredChild extends ChildTerms {
  readonly name: string
  readonly mode: SaMode
  readonly proposals: readonly ProposalTemplate[] | undefined
  readonly localSelectors: readonly SelectorTemplate[] | undefined
  readonly remoteSelectors: readonly SelectorTemplate[] | undefined
}
export type KeySource =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'environment'; readonly variable: string }
  | { readonly kind: 'inline'; readonly secret: Secret }

export interface ReadConnections {
  /** None when there is an error among the diagnostics. */
  readonly connections: readonly ConfiguredConnection[]
  /** In order; `undefined` where the file has no such list. */
  readonly policies: readonly ConfiguredPolicy[] | undefined
  /** Errors, then warnings, then notes, each in the order of the text. */
  readonly diagnostics: readonly Diagnostic[]
}

/** Total: any text gives connections or diagnostics. No diagnostic repeats what may be a secret. */
export function readConnections(text: string): ReadConnections {
  const { root, findings: ofSyntax } = readDocument(text)
  const see = visibilityOf(text, root, ofSyntax.length > 0 ? 'broken' : 'whole')
  if (root === undefined) return nothing(placed(text, ofSyntax.length > 0 ? ofSyntax : [empty], see))
  // What follows from wrong YAML is not worth reading.
  if (ofSyntax.length > 0) return nothing(placed(text, ofSyntax, see))
  const { value: file, findings: ofShape } = fit(root, see, { read: readFileShape, whyUnsupported: whyUnsupportedValue })
  const found = [...survey(root, see), ...ofShape]
  if (file === undefined || found.some(isError)) return nothing(placed(text, found, see))
  const { connections, findings } = build(file, root, see, (key) => new Secret(utf8(key)))
  const list = entryAt(root, ['policies'])?.value
  const { policies, findings: ofPolicies } =
    file.policies === undefined || list === undefined
      ? { policies: undefined, findings: [] }
      : buildPolicies(file.policies, list, root, connections, see, (at) => lineAt(text, at))
  const all = [...found, ...findings, ...ofPolicies]
  if (all.some(isError)) return nothing(placed(text, all, see))
  return { connections, policies, diagnostics: placed(text, all, see) }
}

const nothing = (diagnostics: readonly Diagnostic[]): ReadConnections => ({ connections: [], policies: undefined, diagnostics })

const empty: Finding = {
  severity: 'error',
  code: 'missing',
  span: { start: 0, end: 0 },
  message: '"connections" is missing in the file',
  nearest: 'connections',
}

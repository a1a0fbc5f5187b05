// The Security Policy Database: ordered, first match decides. RFC 4301 §4.4.1.
import type { SelectorTemplate } from './connection.ts'

export interface SpdEntry {
  readonly name: string
  readonly direction: 'out' | 'in' | 'both'
  readonly local: SelectorTemplate
  readonly remote: SelectorTemplate
  readonly action: SpdAction
}
export type SpdAction =
  | { readonly kind: 'PROTECT'; readonly connection: string; readonly child: string }
  | { readonly kind: 'BYPASS' }
  | { readonly kind: 'DISCARD' }

// Selectors as people may write them: with ports only where there are some. RFC 4301 §7.1, §7.2, appendix D.2; RFC 7296 §3.13.1.
import { failed, type Result } from '../bytes/result.ts'
import { hasPorts } from '../net/transport.ts'
import type { SelectorTemplate } from './connection.ts'
import { isOneField } from './selector-match.ts'
import { parseSelector, protocolName } from './selector-words.ts'
import type { WordFault } from './words.ts'

/**
 * As `parseSelector`, without what no peer has to understand. RFC 4301 §7.1, appendix D.2: for any protocol, or for one that has no ports, they MUST be
 * ANY. OPAQUE MUST have a protocol beside it (RFC 4301 §7.2), and that may be one without ports (RFC 4301 §4.4.1.3).
 */
export function parseSoundSelector(text: string): Result<SelectorTemplate, WordFault> {
  const parsed = parseSelector(text)
  if (!parsed.ok || isSound(parsed.value)) return parsed
  const { protocol } = parsed.value
  const offset = text.indexOf('/', text.indexOf('[')) + 1
  const word = text.slice(offset, text.indexOf(']', offset))
  const why =
    protocol === 0 ? 'is for a protocol, such as tcp or udp: "any" has no ports' : `is no port of ${protocolName(protocol)}, which has none`
  return failed({ word, offset, nearest: undefined, message: `"${word}" ${why}` })
}

function isSound({ protocol, startPort, endPort }: SelectorTemplate): boolean {
  if (startPort === 0 && endPort === 0xffff) return true
  const isOpaque = startPort === 0xffff && endPort === 0
  return protocol !== 0 && (isOpaque || hasPorts(protocol) || isOneField(protocol))
}

// Summaries of a packet, layer by layer.
import type { Summary } from '../span.ts'

/** `text` is all that can be said. */
export const told = (text: string): Summary => ({ ...nothingKnown, text })

export const nothingKnown: Omit<Summary, 'text'> = {
  addresses: undefined,
  ports: undefined,
  ike: undefined,
  security: undefined,
  inside: undefined,
}

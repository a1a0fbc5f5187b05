// The life of an IKE SA as the pages draw it: the edges from src/ike/sa/transitions.ts, and what src/ike/sa/states.ts says of each phase.
import { readFileSync } from 'node:fs'
import { transitions } from '../src/ike/sa/transitions.ts'

export interface StateTable {
  readonly title: string
  /** Where its edges are. */
  readonly source: string
  readonly states: readonly State[]
}

export interface State {
  readonly name: string
  /** Who can be in it. */
  readonly role: StateRole
  /** One sentence. */
  readonly says: string
  readonly next: readonly string[]
}
export type StateRole = 'initiator' | 'responder' | 'both'

const variants = readFileSync(new URL('../src/ike/sa/states.ts', import.meta.url), 'utf8')

export const stateTables: readonly StateTable[] = [tableOf('IKE SA', 'src/ike/sa/transitions.ts', transitions, variants)]

/** `text` is the source of the union: each variant begins with its phase, and has its sentence above it. */
export function tableOf(title: string, source: string, edges: Readonly<Record<string, readonly string[]>>, text: string): StateTable {
  const sentences = sentencesIn(text)
  return {
    title,
    source,
    states: Object.entries(edges).map(([name, next]) => {
      const sentence = sentences.get(name)
      if (sentence === undefined) throw new Error(`${title}: nothing is said of the phase ${name}`)
      const [, role, says] = /^(Initiator|Responder): (.*)$/.exec(sentence) ?? []
      return { name, role: role === 'Initiator' ? 'initiator' : role === 'Responder' ? 'responder' : 'both', says: says ?? sentence, next }
    }),
  }
}

function sentencesIn(text: string): ReadonlyMap<string, string> {
  const variant = /\/\*\*((?:(?!\*\/)[^])*)\*\/\s*\|\s*\{\s*readonly phase: '([^']+)'/g
  return new Map([...text.matchAll(variant)].map(([, comment = '', phase = '']) => [phase, comment.replace(/\s+\*?\s*/g, ' ').trim()]))
}

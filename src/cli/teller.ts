// Tells a person, or a program, what happens while it happens.
import type { Event } from '../contract/events.ts'
import { printJson, talk } from './console.ts'
import { eventJson, eventLines } from './event-lines.ts'

/** `text` talks on stderr; `json` prints one object a line on stdout. */
export function tellerOf(output: 'text' | 'json'): (event: Event) => void {
  let sentAgain = false
  let refused = ''
  return (event) => {
    if (output === 'json') {
      const json = eventJson(event)
      if (json !== undefined) printJson(json)
      return
    }
    // A retransmission is told in one line: the message itself has been told before.
    const repeated = sentAgain && event.name === 'message' && event.direction === 'sent'
    sentAgain = event.name === 'retransmit'
    if (repeated) return
    const said = eventLines(event)
    // So is the refusal of a request that the peer retransmits.
    if (event.name === 'request-refused') {
      const lines = said?.lines.join('\n') ?? ''
      if (lines === refused) return
      refused = lines
    }
    for (const line of said?.lines ?? []) talk(line, said?.accent)
  }
}

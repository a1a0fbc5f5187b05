// What a host did, as short names that do not depend on numbers or octets: new ones make an input worth keeping.
import type { Event } from '../../src/contract/events.ts'
import type { Fault } from '../../src/contract/faults.ts'
import type { Output } from '../../src/contract/machine.ts'
import { exchanges } from '../../src/iana/exchanges.ts'
import type { Refusal } from '../../src/contract/refusal.ts'

/** One line for each kind of thing that happened: fault codes, field paths, reasons, what was said. */
export function behavioursOf(outputs: readonly Output[]): readonly string[] {
  return outputs.flatMap(outputBehaviour)
}

function outputBehaviour(output: Output): readonly string[] {
  if (output.kind === 'event') return eventBehaviour(output.event)
  if (output.kind === 'operation') return [`operation ${output.operation.kind}`]
  // The event `message` says what was sent.
  return output.kind === 'send' ? [] : [output.kind]
}

function eventBehaviour(event: Event): readonly string[] {
  switch (event.name) {
    case 'message':
      return event.direction === 'sent'
        ? [`sent ${exchangeOf(event.exchangeType)} ${event.role} ${event.payloads.map(withoutNumbers).join(' ')}`]
        : []
    case 'message-dropped':
      return [`${event.name} ${event.reason} ${faultBehaviour(event.fault)}`]
    case 'packet-dropped':
      return [`${event.name} ${event.reason}`]
    case 'ike-sa-failed':
    case 'child-sa-failed':
    case 'request-refused':
      return [`${event.name} ${faultBehaviour(event.fault)} ${refusalBehaviour(event.refusal)}`]
    case 'ike-sa-closed':
    case 'child-sa-closed':
      return [`${event.name} ${event.by}`]
    case 'danger-ike-keys':
    case 'danger-child-keys':
      return []
    default:
      return [event.name]
  }
}

/** `WIRE_TRUNCATED SA.proposal[].spi` */
export function faultBehaviour(fault: Fault | undefined): string {
  if (fault === undefined) return ''
  return fault.family === 'wire' ? `${fault.code} ${withoutNumbers(fault.field)}` : fault.code
}

const refusalBehaviour = (refusal: Refusal | undefined): string =>
  refusal === undefined ? '' : 'reason' in refusal ? `${refusal.kind} ${refusal.reason}` : refusal.kind

const exchangeOf = (type: number): string => exchanges.entry(type)?.notation ?? 'unknown'

const withoutNumbers = (text: string): string => text.replace(/\d+/g, '')

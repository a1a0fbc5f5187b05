// Faults of the codec: where in the octets, where in the structure, against which RFC.
import type { WireFault, WireFaultCode } from '../contract/faults.ts'

/** From the outside in: names of structures and fields, and numbers of elements. */
export type FieldPath = readonly (string | number)[]

export function wireFault(code: WireFaultCode, offset: number, path: FieldPath, rfc: string, says: string): WireFault {
  const field = formatPath(path)
  return { family: 'wire', code, offset, field, rfc, message: `${field}: ${says}` }
}

/** `SA.proposal[0].transform[1].length` */
export function formatPath(path: FieldPath): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`
    return text === '' ? part : `${text}.${part}`
  }, '')
}

/** `1 octet`, `2 octets` */
export const octets = (count: number): string => `${count} octet${count === 1 ? '' : 's'}`

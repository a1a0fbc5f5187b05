// The form of NIST's CAVP files: comments, `[name = value]` for all that follows, `name = value` of one case.

export interface RspCase {
  /** Line of its first field, from 1. */
  readonly line: number
  /** Without white space around them. A flag such as `[SHA-1]` is a name whose value is empty. */
  readonly section: ReadonlyMap<string, string>
  readonly fields: ReadonlyMap<string, string>
}

export interface Rsp {
  /** The lines that begin with `#`. */
  readonly comments: readonly string[]
  readonly cases: readonly RspCase[]
}

/**
 * Every COUNT begins a case. Fields before one, such as a key for all that follows, belong to the section: they hold until they are set again.
 * Lines of other forms are left out.
 */
export function parseRsp(text: string): Rsp {
  const comments: string[] = []
  const cases: RspCase[] = []
  /** What stands before any heading holds for the whole file. */
  const whole = new Map<string, string>()
  let section: Map<string, string> = whole
  let fields: Map<string, string> | undefined
  let inHeading = false
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim()
    if (line.startsWith('#')) comments.push(line)
    if (line.startsWith('#') || line === '') {
      inHeading = false
      // A field after an empty line is no longer one of the case before.
      if (line === '') fields = undefined
      continue
    }
    const heading = /^\[(.*)\]$/.exec(line)?.[1]
    if (heading !== undefined) {
      // The first of a group of headings begins a new section.
      if (!inHeading) section = new Map(whole)
      inHeading = true
      fields = undefined
      for (const part of heading.split(',')) section.set(...pair(part))
      continue
    }
    inHeading = false
    if (!line.includes('=')) continue
    const [name, value] = pair(line)
    if (name.toUpperCase() === 'COUNT') {
      fields = new Map()
      cases.push({ line: index + 1, section, fields })
    }
    if (fields === undefined) {
      if (section !== whole) section = new Map(section)
      section.set(name, value)
    } else fields.set(name, value)
  }
  return { comments, cases }
}

function pair(text: string): [name: string, value: string] {
  const at = text.indexOf('=')
  return at < 0 ? [text.trim(), ''] : [text.slice(0, at).trim(), text.slice(at + 1).trim()]
}

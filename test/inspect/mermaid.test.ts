// Sequence diagrams: what is drawn, and that no text can draw anything else.
import { describe, expect, it } from 'vitest'
import * as fc from 'fast-check'
import { escapeMermaid, formatMermaid } from '../../src/inspect/mermaid.ts'

describe('a sequence diagram', () => {
  it('has arrows for what arrives, crosses for what is lost, and notes', () => {
    const text = formatMermaid({
      participants: ['alice', 'bob'],
      rows: [
        { kind: 'arrow', from: 'alice', to: 'bob', text: 'IKE_SA_INIT request 0: SA, KE, NONCE', end: 'arrives' },
        { kind: 'arrow', from: 'bob', to: 'alice', text: 'IKE_SA_INIT response 0', end: 'lost' },
        { kind: 'note', over: 'bob', text: 'waits' },
        { kind: 'note', over: undefined, text: 'the link is cut' },
      ],
    })
    expect(text).toBe(
      [
        'sequenceDiagram',
        '  participant p0 as alice',
        '  participant p1 as bob',
        '  p0->>p1: IKE_SA_INIT request 0: SA, KE, NONCE',
        '  p1-xp0: IKE_SA_INIT response 0',
        '  Note over p1: waits',
        '  Note over p0,p1: the link is cut',
      ].join('\n'),
    )
  })

  it('adds those that only rows name', () => {
    const text = formatMermaid({
      participants: [],
      rows: [{ kind: 'arrow', from: 'mallory', to: 'end', text: 'hello', end: 'arrives' }],
    })
    expect(text.split('\n').slice(1)).toEqual(['  participant p0 as mallory', '  participant p1 as end', '  p0->>p1: hello'])
  })
})

describe('hostile text', () => {
  it.each([
    ['a\nparticipant x', 'a#92;x0aparticipant x'],
    ['a; b', 'a#59; b'],
    ['%%{init: {"theme": "dark"}}%%', '#37;#37;{init: {#34;theme#34;: #34;dark#34;}}#37;#37;'],
    ['<img src=x onerror=alert(1)>', '#60;img src=x onerror=alert(1)#62;'],
    ['#quot;', '#35;quot#59;'],
    ['`**bold**`', '#96;#42;#42;bold#42;#42;#96;'],
    ['\u202egnp.exe', '#92;u{202e}gnp.exe'],
    ['wrap: x', 'wrap#58; x'],
    [' NoWrap:x', ' NoWrap#58;x'],
    ['', '#8203;'],
  ])('%j is shown, not obeyed', (text, safe) => {
    expect(escapeMermaid(text)).toBe(safe)
  })

  it('never makes a line, a statement or markup, in a name or in a message', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), fc.string({ unit: 'binary', maxLength: 60 }), (name, said) => {
        const text = formatMermaid({
          participants: ['a', name],
          rows: [
            { kind: 'arrow', from: 'a', to: name, text: said, end: 'arrives' },
            { kind: 'note', over: name, text: said },
          ],
        })
        const lines = text.split(/[\n\r\u0085\u2028\u2029]/)
        expect(lines).toHaveLength(name === 'a' ? 4 : 5)
        for (const line of lines.slice(1)) {
          expect(line.replace('->>', '')).not.toMatch(/[<>%@$"'`*\\&|~[\]]/)
          expect(line.replace(/#[0-9]+;/g, '')).not.toMatch(/[#;]/)
        }
      }),
      { seed: 5, numRuns: 200 },
    )
  })
})

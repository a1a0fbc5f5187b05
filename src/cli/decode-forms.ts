// The forms that `decode` writes: a tree of text, JSON lines, a page, a ladder. Each takes frames as they come and gives text to write.
/* oxlint-disable consistent-return -- TypeScript sees that the switches are exhaustive */
import { styleText } from 'node:util'
import { CaptureLadder } from '../inspect/capture-ladder.ts'
import { type CaptureFault, formatCaptureFault } from '../inspect/capture/frame.ts'
import type { OpenRequest } from '../inspect/conversation.ts'
import { escapeText } from '../inspect/escape.ts'
import type { DecodedFrame } from '../inspect/frame-decoder.ts'
import { captureFaultJson, frameJsonText } from '../inspect/frame-json.ts'
import { frameFaultLines, frameHeading, frameRemarks } from '../inspect/frame-words.ts'
import type { EspFlowView } from '../inspect/esp-null/flows.ts'
import { espFlowJson, espFlowLines } from '../inspect/esp-null/words.ts'
import { htmlEnd, htmlSection, htmlStart } from '../inspect/html.ts'
import { formatTree, plainTree, type TreeStyle } from '../inspect/tree-text.ts'
import type { DecodeOptions } from './decode-options.ts'

export interface Form {
  begin(): string
  frame(decoded: DecodedFrame): string
  captureFault(fault: CaptureFault): string
  /** `open`: requests without a response. `flows`: of ESP. */
  end(open: readonly OpenRequest[], flows: readonly EspFlowView[]): string
}

/** `name` of what is decoded is shown as it is: it may be hostile. */
export function formOf(form: DecodeOptions['form'], name: string): Form {
  switch (form) {
    case 'text':
      return textForm()
    case 'json':
      return jsonForm()
    case 'html':
      return htmlForm(name)
    case 'ladder':
      return ladderForm(name)
  }
}

function textForm(): Form {
  let start: bigint | undefined
  const style = treeStyle()
  return {
    begin: () => '',
    frame(decoded) {
      start ??= decoded.frame.at
      // Put together, not joined: who writes it makes one string of many frames.
      let text = style('bold', frameHeading(decoded, start))
      for (const remark of frameRemarks(decoded)) text += `\n${style('gray', `  ${remark}`)}`
      if (decoded.annotation !== undefined) text += `\n${formatTree(decoded.annotation, style)}`
      for (const fault of decoded.faults) for (const line of frameFaultLines(fault)) text += `\n${style('red', `  ${line}`)}`
      return `${text}\n\n`
    },
    captureFault: () => '',
    end: (_open, flows) =>
      flowLines(flows)
        .map((line) => `${line}\n`)
        .join(''),
  }
}

/** More than these are a scan, or an attack. */
const mostFlowsTold = 200

/** What `EspFlows` makes of them. */
function flowLines(flows: readonly EspFlowView[]): readonly string[] {
  if (flows.length === 0) return []
  const left = flows.length - mostFlowsTold
  const told = flows.slice(0, mostFlowsTold).flatMap((flow) => espFlowLines(flow).map((line) => `  ${line}`))
  return [
    'flows of ESP, by their packets alone (RFC 5879):',
    ...told,
    ...(left > 0 ? [`  and ${left} more: narrow them down with a filter`] : []),
  ]
}

/** Asked once: a tree has thousands of words. */
function treeStyle(): TreeStyle {
  const isColoured = styleText('red', 'x', { stream: process.stdout }) !== 'x'
  return isColoured ? (format, text) => styleText(format, text, { validateStream: false }) : plainTree
}

function jsonForm(): Form {
  return {
    begin: () => '',
    frame: (decoded) => `${frameJsonText(decoded)}\n`,
    captureFault: (fault) => `${JSON.stringify(captureFaultJson(fault))}\n`,
    end: (_open, flows) => flows.map((flow) => `${JSON.stringify(espFlowJson(flow))}\n`).join(''),
  }
}

/** A page with more frames than this is of no use in a browser. */
const mostSections = 2000
/** What follows so many frames is closed, unless it is IKE or wrong: thousands of packets in ESP are a list then. */
const alwaysOpen = 20

function htmlForm(name: string): Form {
  let start: bigint | undefined
  let sections = 0
  const remarks: string[] = []
  return {
    begin: () => htmlStart(`ikebana decode ${escapeText(name)}`),
    frame(decoded) {
      start ??= decoded.frame.at
      if (++sections > mostSections) return ''
      return htmlSection({
        heading: frameHeading(decoded, start),
        remarks: frameRemarks(decoded),
        faults: decoded.faults.flatMap(frameFaultLines),
        region: decoded.annotation?.region,
        shown: sections <= alwaysOpen || decoded.annotation?.summary.ike !== undefined || decoded.faults.length > 0 ? 'open' : 'closed',
      })
    },
    captureFault(fault) {
      remarks.push(`${escapeText(name)}: ${formatCaptureFault(fault)}`)
      return ''
    },
    end(_open, flows) {
      remarks.push(...flowLines(flows))
      if (sections > mostSections)
        remarks.push(`${sections - mostSections} more frames are not on this page: narrow it down with --spi, --exchange or --address`)
      return htmlEnd(remarks)
    },
  }
}

function ladderForm(name: string): Form {
  const ladder = new CaptureLadder()
  const faults: string[] = []
  return {
    begin: () => '',
    frame(decoded) {
      const { frame, annotation, place, octets } = decoded
      if (annotation !== undefined) ladder.note({ number: frame.number, at: frame.at, summary: annotation.summary, octets, place })
      return ''
    },
    captureFault(fault) {
      faults.push(`${escapeText(name)}: ${formatCaptureFault(fault)}`)
      return ''
    },
    end: (open, flows) =>
      `${[...ladder.finish(Math.min(process.stdout.columns ?? 100, 120), open), ...(flows.length === 0 ? [] : [flowLines(flows).join('\n')]), ...faults].join('\n\n')}\n`,
  }
}

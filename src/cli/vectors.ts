// `ikebana vectors list|run|show|schema`
/* oxlint-disable consistent-return -- TypeScript sees that the switches are exhaustive */
import { kinds } from '../conformance/kinds/table.ts'
import { formatVectorFault } from '../conformance/read.ts'
import { jsonSchema } from '../conformance/schema.ts'
import { select } from '../conformance/select.ts'
import type { VectorCase, VectorFile } from '../conformance/vector.ts'
import { nearestWord } from '../policy/words.ts'
import { print, printJson, talk } from './console.ts'
import { type ExitCode, exitCodes, usageFailure } from './exit-codes.ts'
import { readFolder } from './vectors-files.ts'
import type { VectorsRequest } from './vectors-options.ts'

export async function vectors(request: VectorsRequest): Promise<ExitCode> {
  switch (request.what) {
    case 'run':
      return (await import('./vectors-run.ts')).runVectors(request.options)
    case 'list':
      return list(request)
    case 'show':
      return show(request)
    case 'schema':
      return schema(request.kind)
  }
}

function list({ folder, selection, output }: Extract<VectorsRequest, { what: 'list' }>): ExitCode {
  const { files, faults } = readFolder(folder)
  for (const fault of faults) talk(formatVectorFault(fault), 'bad')
  const chosen = select(files, selection)
  if (output === 'json')
    for (const { suite, name, title, kind, cases } of chosen)
      printJson({ suite, file: name, kind, title, cases: cases.map(({ id, result }) => ({ id, result })) })
  else {
    const width = Math.max(0, ...chosen.map(({ name }) => name.length))
    for (const { name, kind, title, cases } of chosen) print(`${`${cases.length}`.padStart(5)}  ${name.padEnd(width)}  ${title} (${kind})`)
    print(`${`${chosen.reduce((sum, { cases }) => sum + cases.length, 0)}`.padStart(5)}  cases`)
  }
  return faults.length > 0 ? exitCodes.vectorsFailed : exitCodes.done
}

function show({ id, folder, output }: Extract<VectorsRequest, { what: 'show' }>): ExitCode {
  const { files } = readFolder(folder)
  for (const file of files) {
    const vector = file.cases.find((each) => each.id === id)
    if (vector === undefined) continue
    if (output === 'json') printJson(described(file, vector))
    else print(JSON.stringify(described(file, vector), undefined, 2))
    return exitCodes.done
  }
  const ids = files.flatMap(({ cases }) => cases.map((each) => each.id))
  const nearest = nearestWord(id, ids) ?? ids.find((each) => each.includes(id))
  throw usageFailure(`there is no vector ${id}${nearest === undefined ? '' : `; did you mean ${nearest}?`}`)
}

function described(file: VectorFile, { id, title, source, result, flags, inputs, expected }: VectorCase) {
  return {
    id,
    file: file.name,
    kind: file.kind,
    ...(title === undefined ? {} : { title }),
    source: { ...source },
    result,
    flags: Object.fromEntries(flags.map((flag) => [flag, file.flags[flag] ?? ''])),
    inputs,
    expected: expected.kind === 'invalid' ? { ...expected.at } : expected.outputs,
    ...(expected.kind === 'outputs' && expected.erratum !== undefined ? { erratum: { ...expected.erratum } } : {}),
  }
}

function schema(name: string | undefined): ExitCode {
  if (name === undefined) {
    const width = Math.max(...kinds.map((kind) => kind.name.length))
    for (const kind of kinds) print(`${kind.name.padEnd(width)}  ${kind.title} (${kind.rfc})`)
    return exitCodes.done
  }
  const kind = kinds.find((each) => each.name === name)
  if (kind !== undefined) {
    print(JSON.stringify(jsonSchema(kind), undefined, 2))
    return exitCodes.done
  }
  const names = kinds.map((each) => each.name)
  const nearest = nearestWord(name, names)
  throw usageFailure(`there is no kind ${name}; ${nearest === undefined ? `there are ${names.join(', ')}` : `did you mean ${nearest}?`}`)
}

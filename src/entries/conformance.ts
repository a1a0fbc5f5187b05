// `ikebana/conformance`: vectors as data, the judge that grades answers, other people's formats, forms of a run. What `ikebana vectors` is made of.
export { runHtml } from '../conformance/forms/html.ts'
export { runJson } from '../conformance/forms/json.ts'
export { runJunit } from '../conformance/forms/junit.ts'
export { runTap } from '../conformance/forms/tap.ts'
export { runText } from '../conformance/forms/text.ts'
export { type CavpOptions, readCavp } from '../conformance/import/cavp.ts'
export type { Imported, Outside } from '../conformance/import/imported.ts'
export { readWycheproof } from '../conformance/import/wycheproof.ts'
export { type Failure, judge, type Strictness, type Verdict } from '../conformance/judge.ts'
export type { Kind } from '../conformance/kind.ts'
export { kindOf, kinds } from '../conformance/kinds/table.ts'
export { duplicateIds, formatVectorFault, type ReadFile, readVectors, type VectorFault } from '../conformance/read.ts'
export { jsonSchema } from '../conformance/schema.ts'
export { type Selection, select } from '../conformance/select.ts'
export { caseLine, helloLine, parseAnswer, parseHello, type ShimHello, shimProtocol } from '../conformance/shim-protocol.ts'
export { ourselves, type Subject } from '../conformance/subject.ts'
export { type Counts, type LeftOut, type Omission, type Row, type SuiteCounts, Tally } from '../conformance/tally.ts'
export {
  type Answer,
  documentOf,
  type Expected,
  type Layer,
  layers,
  type Place,
  type Source,
  type VectorCase,
  type VectorFile,
} from '../conformance/vector.ts'

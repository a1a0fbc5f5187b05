// `npm run bench [-- --json] [-- --smoke]`: what the packet path costs beside its primitives, every transform, and figures for the rest.
// Tables on stdout, or one JSON object: {"machine":{…},"rows":[{"suite","provider","size","op","ns","rawNs","ratio"}],"transforms":[{"transform","provider","op","size","ns"}],
// "figures":[{"name","value","unit"}]}
import { cpus, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import { benchAh } from './ah.ts'
import { benchCodec } from './codec.ts'
import { benchDecode } from './decode.ts'
import { benchEsp } from './esp.ts'
import { benchFragments } from './fragments.ts'
import { briefEffort, fullEffort, smokeEffort } from './measure.ts'
import { benchNegotiation, benchRekey } from './negotiation.ts'
import { formatFigures, formatRows, formatTransformRows } from './report.ts'
import { benchPolicy } from './policy.ts'
import { benchTransforms } from './transforms.ts'

const values = options(process.argv.slice(2))
const effort = values.smoke ? smokeEffort : fullEffort
const say = (line: string): void => {
  if (!values.json) console.log(line)
}

const machine = {
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memory: totalmem(),
  platform: `${process.platform} ${process.arch}`,
  node: process.versions.node,
  openssl: process.versions.openssl,
}
say(`${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, OpenSSL ${machine.openssl}`)
const rows = [...benchEsp(effort, (some) => say(formatRows(some))), ...benchAh(effort, (some) => say(formatRows(some)))]
const figures = [
  ...benchCodec(effort),
  ...benchDecode(effort),
  ...benchNegotiation(effort),
  ...benchRekey(effort),
  ...benchPolicy(effort),
  ...benchFragments(effort),
]
say(formatFigures(figures))
// Last: what it leaves the compiler with is not for the others.
say('\ntransforms')
const transforms = benchTransforms(values.smoke ? smokeEffort : briefEffort, (some) => say(formatTransformRows(some)))
if (values.json) console.log(JSON.stringify({ machine, rows, transforms, figures }))

function options(words: readonly string[]): { readonly json: boolean; readonly smoke: boolean } {
  const flag = { type: 'boolean', default: false } as const
  try {
    return parseArgs({ args: [...words], options: { json: flag, smoke: flag } }).values
  } catch (error) {
    console.error(`bench: ${error instanceof Error ? error.message : String(error)}; there are --json and --smoke`)
    return process.exit(2)
  }
}

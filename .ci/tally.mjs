// Adds up what vitest's JSON reports say, names every skipped test, and prints the closing line. Usage: node tally.mjs REPORT.json…
// Exit code 1 when a test failed, when none ran, or when a test was skipped that could have run here: one that reads the shared
// data although it is there, one that wants tshark, or one of the interoperability tests.
import { existsSync, readFileSync } from 'node:fs'
import { relative } from 'node:path'

const shared = existsSync('../shared/data')
const count = { passed: 0, failed: 0, skipped: 0 }
const avoidable = []

for (const path of process.argv.slice(2)) {
  const report = JSON.parse(readFileSync(path, 'utf8'))
  for (const file of report.testResults) {
    const name = relative(process.cwd(), file.name)
    // A file that does not even load has no tests in the report.
    if (file.status === 'failed' && file.assertionResults.length === 0) count.failed++
    for (const test of file.assertionResults) {
      if (test.status === 'passed') count.passed++
      else if (test.status === 'failed') count.failed++
      else {
        count.skipped++
        console.log(`skipped: ${name}: ${test.fullName}`)
        if ((shared && /shared/i.test(test.fullName)) || /tshark/i.test(test.fullName) || name.startsWith('test/interop/')) avoidable.push(test.fullName)
      }
    }
  }
}

for (const name of avoidable) console.log(`this test was skipped although it can run here: ${name}`)
console.log(`${count.passed} passed, ${count.failed + avoidable.length} failed, ${count.skipped} skipped`)
process.exitCode = count.failed + avoidable.length > 0 || count.passed === 0 ? 1 : 0

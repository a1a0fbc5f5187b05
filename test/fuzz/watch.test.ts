// A machine that hangs is found, too: by another thread.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { bundled } from '../programs/bundled.ts'

const folder = mkdtempSync(join(tmpdir(), 'watch-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('what a host never comes back from is told, and the process ended', { timeout: 30_000 }, () => {
  const { stdout, signal } = spawnSync(process.execPath, bundled(folder, 'test/fuzz/planted/endless.ts'), {
    encoding: 'utf8',
    timeout: 25_000,
    killSignal: 'SIGTERM',
  })
  expect(signal).toBe('SIGKILL')
  expect(stdout).toContain('FINDING hangs')
  expect(stdout).toContain('{"world":"gcm-udp","state":"own-signing","seed":5}\n{"form":"sealed"')
})

import { defineConfig, type ViteUserConfig } from 'vitest/config'

const labSeeds = process.env['IKEBANA_LAB_SEEDS'] ?? '1000'

/** These replace modules: each has its own set of them. */
const mocking = [
  'test/ike/transitions.test.ts',
  'test/ike/message-ids.test.ts',
  'test/ike/out-of-step.test.ts',
  'test/ike/strangers-fragments.test.ts',
  'test/fuzz/trusting-decoder.test.ts',
  'test/fuzz/second-auth.test.ts',
  'test/lab/explore/*.test.ts',
]

/** Vectors of others, by the thousand, and all that the wrong shims get wrong. */
const lengthyFiles = ['test/conformance/imports-*.test.ts', 'test/conformance/shims/*-all.test.ts']

const config: ViteUserConfig = defineConfig({
  test: {
    // Left to itself, a run keeps one core idle.
    maxWorkers: '100%',
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/interop/**', ...lengthyFiles, ...mocking],
          // One set of modules for each worker: no test changes what another one imports.
          pool: 'threads',
          isolate: false,
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'unit-apart',
          include: mocking,
          pool: 'threads',
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'lab',
          include: [
            'test/lab/seeds.test.ts',
            'test/lab/single-loss.test.ts',
            'test/lab/repeats.test.ts',
            'test/lab/fragments.test.ts',
            'test/lab/rotation.test.ts',
            'test/lab/nat-matrix.test.ts',
            'test/lab/narrow.test.ts',
            'test/lab/corrupted.test.ts',
            'test/lab/soak.test.ts',
            'test/lab/explore/*.test.ts',
            'test/ike/rekey.test.ts',
            'test/fuzz/fuzz.test.ts',
            'test/crypto/agreement.test.ts',
            'test/conformance/total.test.ts',
          ],
          testTimeout: Math.max(120_000, Number(labSeeds) * 100),
          env: { IKEBANA_LAB_SEEDS: labSeeds },
        },
      },
      {
        test: {
          name: 'vectors',
          include: ['test/conformance/own.test.ts', ...lengthyFiles],
          testTimeout: 240_000,
        },
      },
      {
        test: {
          name: 'interop',
          // Other people's daemons and an emulated kernel on two cores: once more before it counts.
          retry: 1,
          include: ['test/interop/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
})

export default config

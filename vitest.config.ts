import { defineConfig } from 'vitest/config';

// Files run in forked processes: natives (SQLite, ONNX Runtime) and killed workers must not share one.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});

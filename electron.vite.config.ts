import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'electron-vite';
import { rendererConfig } from './build/renderer.config.ts';

const root = import.meta.dirname;
const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  dependencies: Record<string, string>;
};

/** Packages stay packages: natives and models are found where npm has put them. */
const external = [
  'electron',
  /^node:/,
  '@tensorflow/tfjs-node-gpu',
  ...Object.keys(dependencies).flatMap((name) => [name, new RegExp(`^${name}/`)]),
];

/** Workers are started by the address of their file, so each is an entry of its own, in the folder of its source. */
const workers = globSync('src-main/**/*-worker.ts', { cwd: root });

export default defineConfig({
  main: {
    build: {
      outDir: 'out/main',
      target: 'node24',
      rollupOptions: {
        input: ['src-main/shell/electron/main.ts', ...workers].map((path) => join(root, path)),
        external,
        output: {
          format: 'es',
          preserveModules: true,
          preserveModulesRoot: join(root, 'src-main'),
          entryFileNames: '[name].js',
        },
      },
    },
  },
  preload: {
    build: {
      outDir: 'out/preload',
      rollupOptions: {
        input: join(root, 'src-main/shell/electron/preload.ts'),
        external: ['electron'],
        // A sandboxed preload script is CommonJS.
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    ...rendererConfig,
    build: {
      ...rendererConfig.build,
      rolldownOptions: {
        ...rendererConfig.build?.rolldownOptions,
        input: join(root, 'src-renderer/index.html'),
      },
    },
  },
});

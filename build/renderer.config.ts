import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import tailwindcss from '@tailwindcss/vite';
import type { InlineConfig } from 'vite';

const at = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** How the page is built, for Electron and for the host alike: one set of files, addressed relatively. */
export const rendererConfig: InlineConfig = {
  configFile: false,
  root: at('src-renderer'),
  base: './',
  plugins: [svelte({ configFile: false }), tailwindcss()],
  resolve: {
    // vtk.js can read VTK's XML files with it; images come decoded here, and it needs Node's modules.
    alias: { xmlbuilder2: at('src-renderer/viewer/no-xml.ts') },
  },
  build: {
    outDir: process.env.GRAFT_RENDERER ?? at('out/renderer'),
    emptyOutDir: true,
    target: 'es2024',
    // The viewer is one large chunk, loaded with the first image.
    chunkSizeWarningLimit: 6_000,
    // Whoever starts the application builds this once: how long the plugins took is nothing to them.
    rolldownOptions: { checks: { bundlerTimings: false } },
  },
  worker: { format: 'es' },
  logLevel: 'warn',
};

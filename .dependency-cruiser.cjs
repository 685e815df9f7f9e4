/**
 * The layer map as data (docs/design.md): each folder of src-main lists what it may import. A folder that is not
 * listed here may import nothing, and nothing may import it: a new one has to be placed on the map first.
 */
const layers = {
  contract: [],
  // Drawings as data: the page draws them too, so they know nothing of ours.
  charts: [],
  platform: ['contract'],
  dicom: ['platform', 'contract'],
  store: ['platform', 'contract'],
  cohort: ['dicom', 'store', 'platform', 'contract'],
  engine: ['platform', 'contract'],
  models: ['engine', 'platform', 'contract'],
  training: ['models', 'engine', 'cohort', 'platform', 'contract'],
  adaptation: ['training', 'models', 'engine', 'cohort', 'platform', 'contract'],
  evaluation: ['models', 'engine', 'cohort', 'platform', 'contract'],
  checks: ['evaluation', 'training', 'models', 'engine', 'cohort', 'platform', 'contract'],
  explanation: ['evaluation', 'training', 'models', 'engine', 'cohort', 'platform', 'contract'],
  reports: ['evaluation', 'charts', 'platform', 'contract'],
  samples: ['dicom', 'platform', 'contract'],
  jobs: [
    'training',
    'adaptation',
    'evaluation',
    'checks',
    'explanation',
    'reports',
    'models',
    'engine',
    'cohort',
    'dicom',
    'samples',
    'store',
    'platform',
    'contract',
  ],
  app: [
    'jobs',
    'samples',
    'training',
    'adaptation',
    'evaluation',
    'checks',
    'explanation',
    'reports',
    'models',
    'engine',
    'cohort',
    'dicom',
    'store',
    'platform',
    'contract',
  ],
  shell: ['app', 'jobs', 'platform', 'contract'],
};

const names = Object.keys(layers);
const forbidden = names.map((name) => ({
  name: `layer-${name}`,
  comment: `src-main/${name} may import only: ${layers[name].join(', ') || 'nothing of ours'}`,
  severity: 'error',
  from: { path: `^src-main/${name}/` },
  to: { path: '^src-(main|renderer)/', pathNot: `^src-main/(${[name, ...layers[name]].join('|')})/` },
}));

module.exports = {
  forbidden: [
    ...forbidden,
    {
      name: 'unplaced-folder',
      comment: 'A folder of src-main that the layer map does not know',
      severity: 'error',
      from: { path: '^src-main/', pathNot: `^src-main/(${names.join('|')})/` },
      to: {},
    },
    {
      name: 'only-the-electron-shell-imports-electron',
      severity: 'error',
      from: { pathNot: '^src-main/shell/electron/' },
      to: { path: '(^|/)electron(/|$)', dependencyTypes: ['npm', 'npm-dev', 'npm-optional'] },
    },
    {
      name: 'renderer-knows-only-the-contract-and-the-charts',
      severity: 'error',
      from: { path: '^src-renderer/' },
      to: { path: '^src-main/', pathNot: '^src-main/(contract|charts)/' },
    },
    {
      name: 'tests-and-benches-stay-outside',
      severity: 'error',
      from: { path: '^src-(main|renderer)/' },
      to: { path: '^(test|bench)/' },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: 'tfjs-node' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'types'],
    },
  },
};

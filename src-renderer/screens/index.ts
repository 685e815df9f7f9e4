import ArrowRightLeft from '@lucide/svelte/icons/arrow-right-left';
import ChartNoAxesCombined from '@lucide/svelte/icons/chart-no-axes-combined';
import Database from '@lucide/svelte/icons/database';
import FileText from '@lucide/svelte/icons/file-text';
import FolderOpen from '@lucide/svelte/icons/folder-open';
import Layers from '@lucide/svelte/icons/layers';
import Library from '@lucide/svelte/icons/library';
import Play from '@lucide/svelte/icons/play';
import Tags from '@lucide/svelte/icons/tags';
import type { Component } from 'svelte';

export interface Screen {
  id: string;
  title: string;
  icon: Component<{ size?: number; class?: string }>;
  load: () => Promise<{ default: Component }>;
}

/** The way through the job, in order. Each is loaded when it is first shown. */
export const screens: readonly Screen[] = [
  { id: 'data', title: 'Data', icon: Database, load: () => import('./data/DataScreen.svelte') },
  { id: 'label', title: 'Label', icon: Tags, load: () => import('./label/LabelScreen.svelte') },
  { id: 'model', title: 'Model', icon: Library, load: () => import('./model/ModelScreen.svelte') },
  { id: 'plan', title: 'Plan', icon: Layers, load: () => import('./plan/PlanScreen.svelte') },
  { id: 'run', title: 'Run', icon: Play, load: () => import('./run/RunScreen.svelte') },
  { id: 'adapt', title: 'Adapt', icon: ArrowRightLeft, load: () => import('./adapt/AdaptScreen.svelte') },
  {
    id: 'evaluate',
    title: 'Evaluate',
    icon: ChartNoAxesCombined,
    load: () => import('./evaluate/EvaluateScreen.svelte'),
  },
  { id: 'report', title: 'Report', icon: FileText, load: () => import('./report/ReportScreen.svelte') },
];

export const projectsScreen: Screen = {
  id: 'projects',
  title: 'Projects',
  icon: FolderOpen,
  load: () => import('./projects/ProjectsScreen.svelte'),
};

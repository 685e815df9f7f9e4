import { z } from 'zod';
import { call, type CallTable } from '../call.ts';
import type { Job } from '../job.ts';

/** The project that is open, with what every screen wants to know of it. */
export interface OpenProject {
  id: string;
  name: string;
  /** Absolute path. */
  folder: string;
  images: number;
  patients: number;
  /** Images that carry a label of the current label set. */
  labelled: number;
  runs: number;
}

export interface RecentProject {
  name: string;
  folder: string;
  /** ISO 8601, UTC. */
  openedAt: string;
  /** Whether a project still lies there. */
  there: boolean;
}

/** What the shell can do by itself. */
export interface Capabilities {
  /** The shell shows the system's own dialogs (`shell.choose`); where it does not, the page shows a folder browser. */
  nativeDialogs: boolean;
  /** `shell.reveal` shows a file in the system's file manager. */
  reveal: boolean;
  version: string;
  platform: string;
  cores: number;
  /** Bytes. */
  memory: number;
  /** "CPU (AMD EPYC, 2 cores)" */
  device: string;
}

/** One folder of the folder browser. */
export interface FolderListing {
  folder: string;
  /** Null at the top. */
  parent: string | null;
  folders: { name: string; path: string; isProject: boolean }[];
  files: { name: string; path: string; bytes: number }[];
  /** Where a person often looks: home, desktop, drives. */
  places: { name: string; path: string }[];
}

const folder = z.string().min(1).max(4096);

/** Projects, and what the shell does for every screen. */
export const projectCalls = {
  'projects.current': call(z.null()).returns<OpenProject | null>(),
  'projects.recent': call(z.null()).returns<RecentProject[]>(),
  /** Makes a project in a folder that holds none, and opens it. */
  'projects.create': call(
    z.object({ folder, name: z.string().trim().min(1).max(120) }),
  ).returns<OpenProject>(),
  'projects.open': call(z.object({ folder })).returns<OpenProject>(),
  'projects.close': call(z.null()).returns<null>(),
  'projects.forget': call(z.object({ folder })).returns<null>(),
  /** Draws two sample hospitals into a new folder, makes a project of them, and opens it; a job imports and labels. */
  'projects.sample': call(z.object({ folder: folder.optional() })).returns<{
    project: OpenProject;
    job: Job;
  }>(),
  'shell.capabilities': call(z.null()).returns<Capabilities>(),
  /** Paths chosen in the system's dialog; empty when it was closed without a choice. */
  'shell.choose': call(
    z.object({
      what: z.enum(['folder', 'folders', 'file', 'save']),
      title: z.string().max(200),
      /** Without the dot: `csv`. */
      extensions: z.array(z.string().regex(/^\w+$/)).max(20).default([]),
      suggestion: z.string().max(255).optional(),
    }),
  ).returns<string[]>(),
  'shell.reveal': call(z.object({ path: folder })).returns<null>(),
  'shell.folders': call(
    z.object({
      folder: folder.optional(),
      /** Also lists files with one of these endings. */
      extensions: z.array(z.string().regex(/^\w+$/)).max(20).default([]),
    }),
  ).returns<FolderListing>(),
} satisfies CallTable;

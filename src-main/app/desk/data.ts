import type { dataCalls } from '../../contract/calls/data.ts';
import { writeFileAtomic } from '../../platform/files.ts';
import { importFolder, labelImages } from '../import-folder.ts';
import { inspectDuplicates } from '../inspect-duplicates.ts';
import { overviewOf, valuesOf } from './browse/overview.ts';
import { browseTree } from './browse/tree.ts';
import type { Desk, Handlers } from './desk.ts';
import { detailsOf } from './image-details.ts';
import { problemsOf } from './problem-list.ts';
import { problemsAsCsv } from './problem-table.ts';
import { describeProject } from './projects.ts';
import { removeSource, sourceSummaries } from './sources.ts';

/** As many as a person looks through; the rest is found by searching, or in the CSV table. */
const SHOWN = { files: 200, groups: 60 };

export const dataHandlers: Handlers<typeof dataCalls> = {
  'data.sources': (_, { session }) => sourceSummaries(session.project.db),
  'data.import': ({ folder, name, labels, labelsFromFolders }, desk) =>
    desk.startJob({ kind: 'import', title: `Import of ${folder}` }, async (session, reporting) => {
      const options = { ...(name ? { name } : {}), ...(labels ? { labels } : {}), labelsFromFolders };
      try {
        return await importFolder(session, folder, options, reporting);
      } finally {
        // What was stored before it was cancelled, or failed, is there.
        imagesChanged(desk);
      }
    }),
  'data.importLabels': async ({ path, source }, desk) => {
    const report = await labelImages(desk.session, path, source);
    imagesChanged(desk);
    return report;
  },
  'data.removeSource': ({ id }, desk) => {
    removeSource(desk.session, id);
    imagesChanged(desk);
    return null;
  },
  'data.browse': ({ query, expanded, ...options }, desk) => {
    const browser = desk.browser();
    return browseTree(browser, browser.select(query), { ...options, expanded: new Set(expanded) });
  },
  'data.overview': ({ query }, desk) => overviewOf(desk.browser(), query),
  'data.values': (request, desk) => valuesOf(desk.browser(), request),
  'data.image': ({ instanceId }, desk) => detailsOf(desk, instanceId),
  'data.problems': ({ text }, desk) => problemsOf(desk, text, SHOWN),
  'data.exportProblems': ({ path }, desk) => {
    writeFileAtomic(path, problemsAsCsv(desk));
    return null;
  },
  'data.findDuplicates': (_, desk) =>
    desk.startJob(
      { kind: 'inspect', title: 'Looking for images with the same pixels' },
      async (session, reporting) => {
        try {
          return await inspectDuplicates(session.project, reporting);
        } finally {
          desk.tell({ kind: 'changed', what: 'images' });
        }
      },
    ),
};

/** Images and labels are not what they were: everybody looks again. */
function imagesChanged(desk: Desk): void {
  desk.forgetBrowser();
  desk.tell({ kind: 'changed', what: 'images' });
  desk.tell({ kind: 'changed', what: 'labels' });
  desk.tell({ kind: 'project', project: describeProject(desk) });
}

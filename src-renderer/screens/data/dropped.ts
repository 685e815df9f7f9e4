import { pathOf } from '../../lib/ask.ts';

/** Whether files or folders are dragged, and not a piece of text or one of the page's own pictures. */
export const holdsFiles = ({ dataTransfer }: DragEvent): boolean =>
  dataTransfer?.types.includes('Files') ?? false;

/** Where dropped folders lie; none where the shell cannot know. */
export function droppedPaths({ dataTransfer }: DragEvent): string[] {
  return [...(dataTransfer?.files ?? [])].flatMap((file) => pathOf(file) ?? []);
}

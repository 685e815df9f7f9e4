interface OwnProcess {
  version: string;
  execPath: string;
  platform: string;
  arch: string;
}
export function isNewEnough(version: string): boolean;
export function findNode(root: string, own?: OwnProcess): string | null;
export function noNodeSentence(own?: OwnProcess): string;

export function reasonToInstall(root: string): string | null;
export function install(root: string, run?: (args: string[], root: string) => boolean): boolean;
export function lockHash(root: string): string;

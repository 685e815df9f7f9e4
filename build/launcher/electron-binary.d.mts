export function electronBinary(
  root: string,
  environment?: NodeJS.ProcessEnv,
): { path: string; reason: null } | { path: null; reason: string };

export function buildRenderer(options?: { force?: boolean }): Promise<string>;
